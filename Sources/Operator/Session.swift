@preconcurrency import Dispatch
import Glibc
import Instances
import Reconciler

/// Everything that a command works with, put together from options and environment.
struct Session {
    let repository: GitRepository
    let providers: ProviderDirectory
    let progress: Progress
    let signals: Signals
    let settings: RepositorySettings
    private let state: StateDirectory

    /// - Parameter pass: its time limit is also how long to wait for another operator on this host.
    init(
        settings: RepositorySettings, environment: Environment, isQuiet: Bool, pass: PassArguments,
        acceptsStatusRewrite: Bool = false
    ) async throws {
        let progress = Progress(isQuiet: isQuiet)
        let repository = GitRepository(
            settings: settings, environment: environment, acceptsStatusRewrite: acceptsStatusRewrite, now: wallClock)
        let providers = try ProviderDirectory(environment: environment, settleTime: try pass.settleTime(environment))
        signals = Signals(
            first: {
                progress.say(.note("stopping after the step at hand; once more to break off at once"))
                DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { providers.shutdown() }
            },
            second: {
                repository.abandon()
                _exit(130)
            })
        let signals = signals
        state = try await StateDirectory.take(
            settings.stateDirectory, timeout: try pass.timeLimit(environment), isStopping: { signals.isStopping },
            onWait: {
                let path = settings.stateDirectory
                progress.say(.note("waiting for another operator on this host, which uses the state directory \(path)"))
            })
        self.repository = repository
        self.progress = progress
        self.settings = settings
        self.providers = providers
    }

    /// How long the step at hand may take once the operator is asked to end. A request that hangs would use up the time
    /// that systemd or Kubernetes leaves for saying how far it came.
    private static let patience: DispatchTimeInterval = .seconds(5)

    func surroundings() -> Surroundings {
        let (providers, progress, signals) = (providers, progress, signals)
        return Surroundings(
            clock: signals.clock, now: wallClock, random: { UInt64.random(in: 0...UInt64.max) },
            providerNames: providers.names, provider: { providers.lookup($0) }, say: { progress.say($0) },
            isStopping: { signals.isStopping })
    }

    func lockHolder(environment: Environment) -> LockHolder {
        let identity = ProcessIdentity.current()
        let lock = Lock(
            holder: environment["OPERATOR_HOLDER"] ?? hostName(), host: "\(identity.host)/\(identity.started)",
            process: identity.process, started: wallClock(), nonce: randomNonce(), purpose: "")
        return LockHolder(lock: lock) { other in
            let parts = other.host.split(separator: "/")
            guard parts.count == 2 else { return false }
            return ProcessIdentity(host: String(parts[0]), process: other.process, started: String(parts[1])).isGone
        }
    }
}

@Sendable func wallClock() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    // Whole seconds: a status is for people and git.
    return Timestamp(seconds: Int64(time.tv_sec))
}

func randomNonce() -> String {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

private func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "a host without a name" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
