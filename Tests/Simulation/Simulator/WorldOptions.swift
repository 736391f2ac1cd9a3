/// What one episode is like: drawn from its seed, so that a thousand seeds are a thousand different worlds. Much is
/// absent in many of them, because what happens all the time hides what happens rarely.
struct WorldOptions: Sendable {
    var instances = 1
    var operators = 1
    /// How long the time of faults and people is.
    var trouble = Duration.seconds(0)
    var faults = Faults()
    var cloud = CloudOptions()
    var people = PeopleOptions()
    /// `nil`: there are few instances, and nothing counts them.
    var fleet: FleetOptions?
    /// `nil`: nothing is odd.
    var quirks: QuirkOptions?
    /// `nil`: where the status branch is lost, nobody recovers it.
    var recovery: RecoveryOptions?
    var hardships: Hardships
    var pollInterval = Duration.seconds(3)
    var interval = Duration.seconds(30)

    static let settleTime = Duration.seconds(30)

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        hardships = Hardships(seed: seed)
        instances = random.pick([1, 1, 1, 2, 3, 4])
        operators = random.pick([1, 2])
        trouble = .seconds(random.within(200...1200))
        pollInterval = .seconds(random.pick([2, 3, 10]))
        interval = .seconds(random.pick([10, 30, 60]))
        faults = Faults(&random)
        cloud = CloudOptions(&random)
        people = PeopleOptions(&random)
        fleet = FleetOptions(seed: seed)
        quirks = QuirkOptions(seed: seed)
        recovery = RecoveryOptions(seed: seed)
        // Where both the records and the provider deny what there is, nobody can know of it.
        if recovery != nil { fleet?.vanishings = 0 }
        // A person has to come through with it.
        if recovery != nil { faults.limitDeaths(to: 100) }
        if let recovery { people.rollback = recovery.isNoticed ? .noticed : .unnoticed }
        if fleet != nil {
            instances = random.within(3...8)
            people.longestPause = .seconds(random.pick([10, 30, 60]))
        }
    }
}

/// What goes wrong between an operator and what it talks to. For each exchange.
struct Faults: Sendable {
    /// The operator's process ends before it sends.
    var crashBefore: PerMille = 0
    /// The operator's process ends once what it sent was carried out, before the answer.
    var crashAfter: PerMille = 0
    /// Nothing was carried out, and the caller is told so.
    var refused: PerMille = 0
    /// It was carried out, and the caller hears nothing.
    var lostAnswer: PerMille = 0
    /// It is carried out later, and the caller hears nothing.
    var late: PerMille = 0
    var latest = Duration.seconds(1)
    var gitUnreachable: PerMille = 0
    var gitLostAnswer: PerMille = 0
    var gitLate: PerMille = 0
    /// Of each look at time: the process stands still and goes on much later.
    var pause: PerMille = 0
    var longestPause = Duration.seconds(1)
    /// A process is told to end, and does so in good order.
    var told: PerMille = 0

    init() {}

    mutating func limitDeaths(to most: Int) {
        crashBefore = PerMille(min(crashBefore.value, most))
        crashAfter = PerMille(min(crashAfter.value, most))
    }

    init(_ random: inout SplitMix64) {
        // Where a process lives for a handful of exchanges, everything is finished by others than began it.
        let deadliest = random.pick([100, 200, 400])
        crashBefore = random.rate(upTo: deadliest)
        crashAfter = random.rate(upTo: deadliest)
        refused = random.rate(upTo: 100)
        lostAnswer = random.rate(upTo: 100)
        late = random.rate(upTo: 100)
        latest = .seconds(random.pick([5, 60, 600]))
        gitUnreachable = random.rate(upTo: 60)
        gitLostAnswer = random.rate(upTo: 100)
        gitLate = random.rate(upTo: 60)
        pause = random.rate(upTo: 5)
        longestPause = .seconds(random.pick([30, 400, 3000]))
        told = random.rate(upTo: 5)
    }
}

/// What kind of cloud it is, and how unsteady.
struct CloudOptions: Sendable {
    var longestTransition = Duration.seconds(10)
    /// How old each part of a listing may be.
    var listLag = Duration.zero
    /// One read by id right after a creation says that there is nothing.
    var staleReads: PerMille = 0
    var failedSnapshots: PerMille = 0
    var failedDisks: PerMille = 0
    /// Root disks that come with a server carry no tags.
    var untaggedRoots: PerMille = 0
    /// A snapshot forgets its disk once that is gone.
    var forgetsParents = true
    /// A disk is busy while a snapshot of it is cut.
    var isBusyWhileCut = false
    /// The second zone answers nothing any more once there is calm elsewhere.
    var losesZone = false
    /// Guests say when they are ready.
    var hasGuestAgent = false
    /// Of each second that a guest runs.
    var guestShutsDown: PerMille = 0
    var longestPauseOfGuests = Duration.seconds(60)

    init() {}

    init(_ random: inout SplitMix64) {
        longestTransition = .seconds(random.pick([1, 10, 60]))
        listLag = random.pick([.zero, .zero, .seconds(2), .seconds(15)])
        staleReads = random.rate(upTo: 300)
        failedSnapshots = random.rate(upTo: 200)
        failedDisks = random.rate(upTo: 100)
        untaggedRoots = random.pick([0, 500, 1000])
        forgetsParents = random.chance(700)
        isBusyWhileCut = random.chance(300)
        losesZone = random.chance(100)
        hasGuestAgent = random.chance(500)
        guestShutsDown = random.rate(upTo: 50)
        longestPauseOfGuests = .seconds(random.pick([5, 60, 300]))
    }
}

/// What people do: how often each kind of act is chosen.
struct PeopleOptions: Sendable {
    var longestPause = Duration.seconds(120)
    var flips = 1
    var edits = 0
    var removals = 0
    var powers = 0
    var touches = 0
    var deletions = 0
    var rollback = Rollback.none

    init() {}

    init(_ random: inout SplitMix64) {
        longestPause = .seconds(random.pick([15, 60, 200]))
        flips = random.within(1...10)
        edits = random.pick([0, 0, 2])
        removals = random.pick([0, 0, 2])
        powers = random.pick([0, 0, 3])
        touches = random.pick([0, 0, 2])
        deletions = random.pick([0, 0, 2])
        rollback = random.pick([.none, .none, .none, .none, .noticed, .unnoticed])
    }
}

/// Whether somebody moves the status branch back by force.
enum Rollback {
    case none
    /// The operators remember where it was, and do nothing until it is back.
    case noticed
    /// Their state directories are lost too.
    case unnoticed
}

extension SplitMix64 {
    /// None at all in half of all worlds.
    fileprivate mutating func rate(upTo most: Int) -> PerMille {
        below(2) == 0 ? 0 : PerMille(1 + below(most))
    }
}
