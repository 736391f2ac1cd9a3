public import Instances

/// What a pass takes from outside besides the repository: providers, time, randomness, and a place to say what it does.
///
/// Everything that could differ between two runs comes in through here, so that a simulator can run the very same pass.
public struct Surroundings: Sendable {
    /// Waits and measures.
    let clock: Stopwatch
    /// What the status shows; no decision about data rests on it.
    public var now: @Sendable () -> Timestamp
    /// 64 random bits.
    public var random: @Sendable () -> UInt64
    /// Names that `spec.provider` may be, in the order in which people are told them.
    public var providerNames: [String]
    /// The account and zone that a manifest or record names; explains what is wrong where there is none.
    public var provider: @Sendable (ProviderPlace) -> ProviderLookup
    public var say: @Sendable (Event) -> Void
    /// Asked between steps; `true` ends the pass after the step at hand, with its status published.
    public var isStopping: @Sendable () -> Bool

    /// - Parameter clock: a sleep by it ends, in whatever way, as soon as the process is told to stop.
    public init<C: Clock>(
        clock: C, now: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable () -> UInt64,
        providerNames: [String], provider: @escaping @Sendable (ProviderPlace) -> ProviderLookup,
        say: @escaping @Sendable (Event) -> Void,
        isStopping: @escaping @Sendable () -> Bool
    ) where C.Duration == Duration {
        self.clock = Stopwatch(clock)
        self.now = now
        self.random = random
        self.providerNames = providerNames
        self.provider = provider
        self.say = say
        self.isStopping = isStopping
    }

    /// 16 hexadecimal digits.
    func nonce() -> String {
        let digits = String(random(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// What is listed together.
public struct ProviderPlace: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var provider: String
    public var zone: String

    public init(provider: String, zone: String) {
        self.provider = provider
        self.zone = zone
    }

    public var description: String { "\(provider)/\(zone)" }
    public static func < (left: Self, right: Self) -> Bool { (left.provider, left.zone) < (right.provider, right.zone) }
}

public enum ProviderLookup: Sendable {
    case found(any Provider)
    /// For people: an unknown name, missing credentials.
    case missing(String)
}

/// What happens while it happens, for progress and logs.
public enum Event: Sendable {
    /// The next thing for an instance.
    case step(InstanceName, Explanation)
    /// A call to a provider failed.
    case failed(InstanceName, Explanation)
    /// An instance came to rest.
    case settled(InstanceName, Explanation)
    /// Records or status were pushed.
    case published(commit: String)
    /// Something about the pass itself.
    case note(String)
}

/// How one pass behaves.
public struct PassOptions: Sendable {
    /// Instances to look at; empty: all.
    public var only: Set<InstanceName>
    /// When to give up waiting.
    public var timeout: Duration
    /// The longest pause between two looks at something that is under way.
    public var pollInterval: Duration
    /// How long a provider's listing may take to show something that a lost call has made.
    public var settleTime: Duration
    public static let usualSettleTime: Duration = .seconds(30)
    /// A guest that cannot say that it is ready is taken as booted after four settle times: two minutes, unless told
    /// otherwise.
    var bootSeconds: Int64 { (settleTime * 4).components.seconds }
    public var limits: GuardLimits
    public var lock: LockHolder
    /// The configuration may be a rewritten history: a person said so.
    public var acceptsRewrite: Bool

    public init(
        only: Set<InstanceName> = [], timeout: Duration = .seconds(600), pollInterval: Duration = .seconds(3),
        settleTime: Duration = usualSettleTime, limits: GuardLimits = GuardLimits(),
        lock: LockHolder, acceptsRewrite: Bool = false
    ) {
        self.only = only
        self.timeout = timeout
        self.pollInterval = pollInterval
        self.settleTime = settleTime
        self.limits = limits
        self.lock = lock
        self.acceptsRewrite = acceptsRewrite
    }
}

/// Who this operator is to another one that finds its lock.
public struct LockHolder: Sendable {
    /// What is written into the lock.
    public var lock: Lock
    /// Whether the process that wrote a lock is surely gone: it ran on this machine and does not run any more.
    public var isDead: @Sendable (Lock) -> Bool

    public init(lock: Lock, isDead: @escaping @Sendable (Lock) -> Bool) {
        self.lock = lock
        self.isDead = isDead
    }
}
