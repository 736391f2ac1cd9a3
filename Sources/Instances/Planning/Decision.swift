/// The one next thing for an instance, or why there is none. Copied often, and large: a copy shares what it holds.
public indirect enum Decision: Hashable, Sendable {
    /// Nothing to do.
    case rest(Rest)
    /// Write this record to the status branch first; decide again once it is there.
    case publish(Record, Explanation)
    /// Call the provider; the record at the head of the branch covers it.
    case act(Action, Explanation)
    /// Something is under way; look again later.
    case wait(Explanation)
    /// Something that should be impossible was seen. Nothing is done, nothing is deleted; a person looks.
    case halt(Explanation)
    /// A guard wants an approval.
    case blocked(Block)

    public var isRest: Bool {
        if case .rest = self { true } else { false }
    }

    /// The reason and message that a status shows.
    public var explanation: Explanation {
        switch self {
        case .rest(let rest): rest.explanation
        case .publish(_, let explanation), .act(_, let explanation), .wait(let explanation), .halt(let explanation):
            explanation
        case .blocked(let block): block.explanation
        }
    }
}

/// Why something is, or is not, done.
public struct Explanation: Hashable, Sendable {
    /// One word in CamelCase, stable, for scripts: `PoweringOff`, `DataDiskMissing`.
    public var reason: String
    /// A sentence for people. Where a person has to act it says how.
    public var message: String
    /// Something that was made ended in an error at the provider: a pause is due before it is made again.
    public var isSpoiled: Bool

    public init(_ reason: String, _ message: String, isSpoiled: Bool = false) {
        self.reason = reason
        self.message = message
        self.isSpoiled = isSpoiled
    }
}

/// Why an instance is left as it is.
public enum Rest: Hashable, Sendable {
    case converged(Explanation)
    case suspended(Suspension)
    /// Its manifest is invalid; it is never taken for removed.
    case frozen
    /// Its manifest was removed; what it made is kept and no longer touched.
    case retained
    /// Its manifest was removed and nothing is left: its status can go.
    case forgotten

    public var explanation: Explanation {
        switch self {
        case .converged(let explanation): explanation
        case .suspended(let suspension):
            Explanation(
                "Suspended",
                (suspension.reason ?? "suspended by the manifest; nothing is changed")
                    + (suspension.until.map { " (until \($0))" } ?? ""))
        case .frozen: Explanation("InvalidManifest", "the manifest is invalid; nothing is changed until it is mended")
        case .retained:
            Explanation("Retained", "the manifest was removed; everything is kept and no longer touched")
        case .forgotten: Explanation("Removed", "the manifest was removed and nothing is left")
        }
    }
}

extension Explanation {
    /// Whether data is missing, or may be.
    package var isOfLoss: Bool { Loss.told.contains(reason) || Loss.isUndecided(self) }
}

/// Reasons of halts that tell of lost data. A commit that comes after one of them, and approves, is its answer.
enum Loss {
    static let disk = "DataDiskMissing"
    static let snapshot = "DataMissing"
    static let told = [disk, snapshot]
    /// Reasons of waits: whether it is lost is not known yet.
    static let undecided = (disk: "DataDiskUnknown", snapshot: "SnapshotUnknown")

    static func isUndecided(_ why: Explanation) -> Bool { [undecided.disk, undecided.snapshot].contains(why.reason) }
}

/// A guard that stands in the way, and the key to it.
public struct Block: Hashable, Sendable {
    public enum Guard: String, Hashable, Sendable, CaseIterable {
        /// Too many manifests were removed at once.
        case massRemoval
        /// Too many recorded resources have vanished at once.
        case massVanish
        /// The last copy of data would be destroyed.
        case lastCopy
        /// The host's limit on stops in one pass.
        case maxStops
    }

    public var kind: Guard
    /// Names the instances, the limit and the trailer to commit.
    public var message: String

    public init(_ kind: Guard, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var explanation: Explanation { Explanation("NeedsApproval", message) }
}

/// A call to a provider.
public enum Action: Hashable, Sendable {
    case createServer(ServerSpecification)
    case configureServer(ServerID, Tags, ServerConfiguration)
    case changeType(ServerID, String)
    case powerOn(ServerID)
    case powerOff(ServerID)
    case attachDisk(DiskID, ServerID)
    case detachDisk(DiskID, ServerID)
    case createDisk(DiskSpecification)
    case growDisk(DiskID, bytes: Int64)
    /// The speed of a disk, in use or not: input and output operations a second.
    case setIOPS(DiskID, Int)
    case createSnapshot(SnapshotSpecification)
    /// Replaces the operator's tags: to claim a root disk that the provider made, or to condemn.
    case tag(ResourceID, Tags)
    /// Carried out only with a proof made from fresh reads; see ``Condemned/Ground``.
    case delete(Condemned)
    case deleteCompanion(CompanionID)

    /// What it makes, if anything: the operation under which a lost answer is looked up.
    public var creates: Operation? {
        switch self {
        case .createServer(let specification): specification.tags.operation
        case .createDisk(let specification): specification.tags.operation
        case .createSnapshot(let specification): specification.tags.operation
        default: nil
        }
    }
}

/// What may be said of a create call that this process sent, or has not.
public enum Attempt: Hashable, Sendable {
    /// This process published the operation itself and has not sent its create call: it may be sent.
    case unsent
    /// The provider refused it and surely made nothing: it may be sent again.
    case refused
    /// It may have been carried out, or may be later. Nothing was found for as long as the settle time: it is given
    /// up, under a new operation.
    case givenUp
    /// It may have been carried out, or may be later: wait.
    case unsettled
}

/// Everything that a decision rests on.
public struct Situation: Hashable, Sendable {
    public enum Desired: Hashable, Sendable {
        indirect case manifest(Manifest)
        /// There is no manifest in a configuration that was read whole.
        case removed
        /// There is one that cannot be read, or might be.
        case frozen
    }

    public var name: InstanceName
    public var desired: Desired
    /// As it stands at the head of the status branch.
    public var record: Record?
    public var observation: Observation
    public var owner: OwnerID
    /// The provider's account that the observation was made in.
    public var account: String
    /// Of the current operation's create call, where one is under way.
    public var attempt: Attempt
    /// Seconds since the server was first seen running without a break, in this process; `nil` where it is not.
    public var secondsRunning: Int64?
    /// How many seconds a guest that cannot say that it is ready has to run before its root disk counts as booted.
    public var bootSeconds: Int64 = 120
    /// The head commit of the configuration, where it approves that this instance's data is destroyed.
    public var approval: String?
    /// The same commit, where it answers the loss that the status told of before: only then may older content take the
    /// place of what was lost. An approval of something else that happens to be there answers no later question.
    public var returnApproval: String?
    public var now: Timestamp
    /// 16 random hexadecimal digits each, for a new instance and a new operation.
    public var fresh: (uid: String, nonce: String) {
        get { (freshUID, freshNonce) }
        set { (freshUID, freshNonce) = newValue }
    }
    private var freshUID: String
    private var freshNonce: String

    public init(
        name: InstanceName, desired: Desired, record: Record?, observation: Observation, owner: OwnerID,
        account: String, attempt: Attempt = .unsettled, secondsRunning: Int64? = nil, approval: String? = nil,
        now: Timestamp, fresh: (uid: String, nonce: String)
    ) {
        self.name = name
        self.desired = desired
        self.record = record
        self.observation = observation
        self.owner = owner
        self.account = account
        self.attempt = attempt
        self.secondsRunning = secondsRunning
        self.approval = approval
        self.now = now
        (freshUID, freshNonce) = fresh
    }
}

extension Situation {
    /// The situation once a record that was decided in it is published, before anything else is looked at.
    ///
    /// Only an operation that this process has just minted is surely unsent; of one that was there before, whatever was
    /// known belongs to another create call.
    public func published(_ record: Record) -> Situation {
        var next = self
        next.record = record
        // It answered one question; the next was not asked yet.
        next.returnApproval = nil
        guard let creating = record.creating, creating != self.record?.creating else { return next }
        let isMinted = !(self.record?.operations.contains(creating) ?? false)
        next.attempt = requires(.onlyMintedIsUnsent, isMinted) ? .unsent : .unsettled
        return next
    }
}
