public import Instances

/// What came of a pass.
public struct PassReport: Sendable {
    /// What came of one instance.
    public enum Outcome: Hashable, Sendable {
        /// In the desired state.
        case settled
        /// Its manifest says to leave it alone.
        case suspended
        /// Its manifest was removed; what it made is kept.
        case retained
        /// A dry run found something to do.
        case pending
        /// Something was still under way when the pass ended.
        case converging
        /// A person has to look.
        case failed
        case blocked
        /// Its manifest is invalid.
        case invalid
        /// Its provider could not be read.
        case unknown
    }

    public struct Instance: Sendable {
        public var name: InstanceName
        public var outcome: Outcome
        public var explanation: Explanation
    }

    /// Sorted by name.
    public var instances: [Instance] = []
    public var diagnostics: [Diagnostic] = []
    /// Why git could not be read; then nothing was looked at.
    public var unreachable: String?
    /// What was asked for and does not exist; then nothing was looked at.
    public var misuse: String?
    /// Who holds the lock that was waited for in vain.
    public var lockedBy: String?
    /// Why the status could not be published although there was something to publish.
    public var unpublished: String?
    /// A signal ended the pass.
    public var isInterrupted = false
    /// The configuration commit that this speaks about; `nil` where it could not be read.
    public var commit: String?

    public init() {}

    /// All exit codes that apply, the most pressing first; `[0]` where all is well.
    public var exitCodes: [ExitCode] {
        var codes: Set<ExitCode> = []
        if !diagnostics.filter({ $0.severity == .error }).isEmpty { codes.insert(.invalidManifest) }
        if misuse != nil { codes.insert(.failure) }
        if unreachable != nil { codes.insert(.unreachable) }
        if lockedBy != nil { codes.insert(.locked) }
        if unpublished != nil { codes.insert(.unpublished) }
        for instance in instances {
            switch instance.outcome {
            case .settled, .suspended, .retained: break
            case .pending: codes.insert(.changesPending)
            case .converging: codes.insert(.timedOut)
            case .failed: codes.insert(.someFailed)
            case .blocked: codes.insert(.blocked)
            case .invalid: codes.insert(.invalidManifest)
            case .unknown: codes.insert(.unreachable)
            }
        }
        // Waiting for somebody else's lock is why nothing converged.
        if codes.contains(.locked) { codes.remove(.timedOut) }
        return codes.isEmpty ? [.success] : ExitCode.byUrgency.filter(codes.contains)
    }
}

/// The program's exit codes: a contract with scripts.
public enum ExitCode: Int32, Sendable, CaseIterable {
    case success = 0
    case failure = 1
    case changesPending = 2
    case someFailed = 3
    case blocked = 4
    case invalidManifest = 5
    case unverified = 6
    case locked = 7
    case unreachable = 8
    case timedOut = 9
    case unpublished = 10

    /// Where several apply, the first of these is returned.
    public static let byUrgency: [ExitCode] = [
        .failure, .unverified, .invalidManifest, .blocked, .locked, .unreachable, .someFailed, .unpublished,
        .timedOut, .changesPending,
    ]
}
