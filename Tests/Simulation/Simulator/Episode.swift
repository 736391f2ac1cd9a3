import Instances
import Reconciler

/// One world from its seed: a time of trouble, then calm in which everything has to come to rest.
///
/// Everything in it runs on one thread, which the scheduler asserts.
final class Episode: @unchecked Sendable {
    static let zones = ["zone-1", "zone-2"]

    let seed: UInt64
    let options: WorldOptions
    let scheduler: Scheduler
    var random: SplitMix64
    var hardships: Hardships
    private(set) var trace: Trace
    private(set) var clouds: [Cloud] = []
    private(set) var remote: Remote!
    private(set) var hosts: [Host] = []
    private(set) var people: People!
    var ghosts: [Ghost] = []
    private(set) var violation: String?

    /// No faults and no people any more.
    private(set) var isCalm = false
    /// Guests write nothing more, so that nothing changes by itself.
    private(set) var isQuiet = false
    /// Everything unwinds.
    private(set) var isEnding = false
    private var isArrived = false
    var calm = Calm()

    /// Calls that may change something, and pushes, that were sent.
    var calls = 0
    /// Calls, reads and pushes that failed, whose answer was lost, or that were carried out late.
    var faultsMet = 0
    private var lives = LifeCounts()
    private var lastTime: Int64 = 0

    init(seed: UInt64, options: WorldOptions, inWords: Bool) {
        self.seed = seed
        self.options = options
        random = SplitMix64(seed: seed ^ 0x5eed)
        hardships = options.hardships
        scheduler = Scheduler(random: random.split())
        trace = Trace(isInWords: inWords)
        clouds = Self.zones.map { Cloud(ProviderPlace(provider: "cloud", zone: $0), in: self) }
        remote = Remote(in: self)
        people = People(in: self)
        hosts = (0..<options.operators).map { Host(number: $0) }
    }

    /// Whether something is in the way for good, so that this instance need not arrive; every other has to.
    func isCutOff(_ name: InstanceName) -> Bool {
        isDisputed(name) || hasLatecomer(name)
            || remote.wishes.contains { $0.name == name && clouds[1].isDown && clouds[1].place.zone == $0.zone }
    }

    /// What a provider denied, and people then gave up, is there again beside what was made in its place.
    private func isDisputed(_ name: InstanceName) -> Bool {
        let record = remote.record(of: name)
        guard let index = ghosts.firstIndex(where: { $0.name == name }) else { return false }
        return clouds.contains { cloud in
            func isStray(_ id: ResourceID) -> Bool { cloud.disowned.contains(id) && !(record?.names(id) ?? false) }
            return cloud.machines.contains { $0.instance == index && isStray(.server($0.seen.id)) }
                || cloud.volumes.contains { $0.instance == index && isStray(.disk($0.seen.id)) }
                || cloud.copies.contains { $0.instance == index && isStray(.snapshot($0.seen.id)) }
        }
    }

    /// A request has landed after its instance had begun so many other operations that nobody remembers its own.
    private func hasLatecomer(_ name: InstanceName) -> Bool {
        guard let record = remote.record(of: name) else { return false }
        func isForgotten(_ id: ResourceID, _ tags: Tags?) -> Bool {
            guard let tags, tags.instance == record.uid, !record.names(id) else { return false }
            return tags.operation.epoch + Record.operationsRemembered <= record.epoch
                && !record.operations.contains(tags.operation)
        }
        return clouds.contains { cloud in
            cloud.machines.contains { isForgotten(.server($0.seen.id), $0.seen.tags) }
                || cloud.volumes.contains { isForgotten(.disk($0.seen.id), $0.seen.tags) }
                || cloud.copies.contains { isForgotten(.snapshot($0.seen.id), $0.seen.tags) }
        }
    }

    /// Whether everything has to arrive: not where records were lost and nobody has brought them back.
    var isLivenessOwed: Bool { !ghosts.contains(where: \.isRolledBack) }

    var faults: Faults { isCalm ? Faults() : options.faults }

    func run() -> EpisodeResult {
        people.begin()
        beginHardships()
        hosts.forEach(start)
        scheduler.after(options.trouble) { self.beginCalm() }
        scheduler.run { violation != nil || isArrived }
        if violation == nil, !isArrived { violate("I3", "nothing is left to do, and nothing has arrived") }
        isEnding = true
        for host in hosts {
            host.life?.abandon()
            // Each holds the other.
            host.life = nil
        }
        scheduler.run { false }
        return EpisodeResult(
            seed: seed, violation: violation, hash: trace.hash, lives: lives, calls: calls, faults: faultsMet,
            events: trace.events, virtualTime: Moment.start.duration(to: scheduler.now),
            lines: trace.lines)
    }

    // MARK: Processes

    func start(_ host: Host) {
        guard !isEnding, host.life == nil else { return }
        host.lives += 1
        lives.begun += 1
        let life = Life(of: host, number: host.lives, in: self)
        host.life = life
        note(life.actor, key: 6, "starts")
        limitLife(of: life)
        Task(executorPreference: scheduler) { [interval = options.interval] in
            var reconciler = self.reconciler(of: life)
            _ = await reconciler.run(every: interval) { self.passed($0, life) }
            life.end()
        }
    }

    private func reconciler(of life: Life) -> Reconciler {
        Reconciler(
            repository: RepositoryPort(life: life, remote: remote), surroundings: surroundings(of: life),
            options: passOptions(of: life))
    }

    func surroundings(of life: Life) -> Surroundings {
        Surroundings(
            clock: LifeClock(life: life), now: { self.now(at: life.host) }, random: { life.draw },
            providerNames: ["cloud"],
            provider: { place in
                guard let cloud = self.clouds.first(where: { $0.place == place }) else {
                    return .missing("there is no \(place)")
                }
                return .found(CloudPort(life: life, cloud: cloud))
            },
            say: { life.hear($0) }, isStopping: { life.isOver || life.isTold })
    }

    func passOptions(of life: Life) -> PassOptions {
        let (host, process) = (life.host, life.number)
        let lock = Lock(
            holder: life.actor.text, host: "host-\(host.number)", process: process, started: now(at: host),
            nonce: String(life.draw, radix: 16), purpose: "")
        return PassOptions(
            pollInterval: options.pollInterval, settleTime: WorldOptions.settleTime,
            limits: options.fleet?.limits ?? GuardLimits(),
            lock: LockHolder(lock: lock) { other in
                // Of its own host a process can tell who runs; of others it cannot.
                other.host == lock.host && other.process != process
            })
    }

    /// A process has come to its end; another one is started in its place.
    func ended(_ life: Life) {
        lives.ended += 1
        guard life.host.life === life else { return }
        life.host.life = nil
        let host = life.host
        scheduler.after(random.duration(upTo: .seconds(isCalm ? 1 : 20))) { self.start(host) }
    }

    /// A process has sent something that may change something: its first such call or push.
    func acted(_ life: Life) {
        if !life.host.isPersons { lives.acting += 1 }
    }

    private func passed(_ report: PassReport, _ life: Life) {
        let isWhole = !life.isOver && !report.isInterrupted && report.unreachable == nil
        if isWhole, !life.hasPassed {
            life.hasPassed = true
            lives.passing += 1
        }
        note(life.actor, key: 7, "ends a pass: \(report.text)")
        if options.recovery != nil { people.read(report) }
        guard isCalm, !life.isOver else { return }
        isArrived = calm.passed(report, by: life, in: self)
        if !isArrived { people.help(report) }
        if !isArrived, options.recovery != nil, !isLivenessOwed { people.recover() }
    }

    private func beginCalm() {
        isCalm = true
        note(.world, key: 1, "calm begins")
        for host in hosts { host.life?.wake() }
        remote.unprotect()
        people.leave()
        if options.cloud.losesZone { clouds[1].isDown = true }
    }

    // MARK: Time

    private static let epoch: Int64 = 1_800_000_000

    /// What the clock on the wall of a host shows: whole seconds, and not the right ones.
    private func now(at host: Host) -> Timestamp {
        Timestamp(seconds: Self.epoch + scheduler.now.advanced(by: host.clockOffset).microseconds / 1_000_000)
    }

    /// What the provider writes down: microseconds.
    var wallClock: Timestamp {
        Timestamp(microseconds: Self.epoch * 1_000_000 + scheduler.now.microseconds)
    }

    /// Later than any that was given out.
    func uniqueTime() -> Timestamp {
        lastTime = max(lastTime + 1, wallClock.microseconds)
        return Timestamp(microseconds: lastTime)
    }

    // MARK: What happens

    func note(_ actor: Trace.Actor, key: UInt64, _ text: @autoclosure () -> String) {
        guard !isEnding else { return }
        trace.note(scheduler.now, actor, key: key, text())
    }

    func violate(_ invariant: String, _ what: String) {
        guard violation == nil, !isEnding else { return }
        violation = "\(invariant): \(what)"
        note(.world, key: 99, "VIOLATED \(invariant): \(what)")
    }

    func index(of name: InstanceName) -> Int? { ghosts.firstIndex { $0.name == name } }
}

/// Processes of operators, by how far they came.
public struct LifeCounts: Sendable {
    public var begun = 0
    /// Ended before the episode did.
    public var ended = 0
    /// Came to the end of a whole pass in which they could read the repository. The others died before.
    public var passing = 0
    /// Sent a call that may change something, or a push.
    public var acting = 0

    static func += (left: inout LifeCounts, right: LifeCounts) {
        left.begun += right.begun
        left.ended += right.ended
        left.passing += right.passing
        left.acting += right.acting
    }
}

/// What came of an episode.
public struct EpisodeResult: Sendable {
    public var seed: UInt64
    /// `nil`: all is well.
    public var violation: String?
    /// Of everything that happened, in order.
    public var hash: UInt64
    public var lives: LifeCounts
    public var calls: Int
    /// Calls, reads and pushes that failed, whose answer was lost, or that were carried out late.
    public var faults: Int
    public var events: Int
    public var virtualTime: Duration
    /// In words, where that was asked for.
    public var lines: [String]
}

/// Lives through the world of a seed.
public func simulate(seed: UInt64, inWords: Bool = false) -> EpisodeResult {
    Episode(seed: seed, options: WorldOptions(seed: seed), inWords: inWords).run()
}
