import Instances

/// What one process remembers between looks. Losing it is safe: it shortens waits and proves absence sooner, and
/// nothing else.
struct Memory: Sendable {
    typealias Moment = Stopwatch.Moment

    private enum Sending: Sendable {
        case unsent
        case refused
        case unsettled(since: Moment)
    }

    /// By the operation of a create call.
    private var sendings: [Operation: Sending] = [:]
    /// What create calls of this process answered, so that a listing that lags does not hide it.
    private(set) var created: [Operation: ResourceID] = [:]
    /// By place, because ids are unique only where they were given out.
    private var misses: [ProviderPlace: [ResourceID: Int]] = [:]
    private var runningSince: [ProviderPlace: [ServerID: Moment]] = [:]
    private var setbacks: [InstanceName: Setback] = [:]
    /// Creations that ended in an error at the provider since the instance last rested.
    private var spoils: [InstanceName: Int] = [:]
    /// Snapshots that the provider would not delete in this pass, because something else needs them.
    private var needed: [InstanceName: Set<SnapshotID>] = [:]
    private var pass = 0
    private var halts: [InstanceName: Int] = [:]
    private var failedLooks: [ProviderPlace: Int] = [:]
    /// Places that are not looked at again in this pass, and why.
    private(set) var unreachable: [ProviderPlace: String] = [:]

    // MARK: Create calls

    /// This process has published the operation, so nobody else sends its call.
    mutating func minted(_ operation: Operation) { sendings[operation] = .unsent }

    mutating func sent(_ operation: Operation, at moment: Moment) { sendings[operation] = .unsettled(since: moment) }

    mutating func answered(_ operation: Operation, with resource: ResourceID) { created[operation] = resource }

    /// Nothing was made, surely.
    mutating func refused(_ operation: Operation) { sendings[operation] = .refused }

    /// - Parameter settleTime: after which a listing shows whatever was made.
    mutating func attempt(_ operation: Operation?, at moment: Moment, settleTime: Duration) -> Attempt {
        guard let operation else { return .unsettled }
        switch sendings[operation] {
        case .unsent: return .unsent
        case .refused: return .refused
        case .unsettled(let since):
            return since.duration(to: moment) >= settleTime ? .givenUp : .unsettled
        case nil:
            // Another process, or this one before a restart, may have sent it just now.
            sendings[operation] = .unsettled(since: moment)
            return .unsettled
        }
    }

    // MARK: Reads

    mutating func missed(_ resource: ResourceID, in place: ProviderPlace) -> Int {
        let times = (misses[place]?[resource] ?? 0) + 1
        misses[place, default: [:]][resource] = times
        return times
    }

    /// Whether a read has missed anything so far; usually none has.
    var hasMisses: Bool { !misses.isEmpty }

    mutating func seen(_ resource: ResourceID, in place: ProviderPlace) { misses[place]?[resource] = nil }

    mutating func secondsRunning(_ server: Server, in place: ProviderPlace, at moment: Moment) -> Int64? {
        guard server.state == .running else {
            runningSince[place]?[server.id] = nil
            return nil
        }
        let since = runningSince[place]?[server.id] ?? moment
        runningSince[place, default: [:]][server.id] = since
        return since.duration(to: moment).components.seconds
    }

    // MARK: Looks in a row

    /// A halt, or a manifest that could not be checked, counts once it was seen this often in a row: the first may come
    /// from a status that another operator has just moved on from.
    private static let haltsThatCount = 3
    /// A place counts as unreachable after this many failed looks in a row; each look has retries of its own.
    private static let failedLooksThatCount = 4

    /// - Returns: whether the halt is final.
    mutating func halted(_ name: InstanceName, _ isHalted: Bool) -> Bool {
        halts[name] = isHalted ? (halts[name] ?? 0) + 1 : nil
        return (halts[name] ?? 0) >= Self.haltsThatCount
    }

    /// Others wait for every look: one that failed only after so long is not taken again in this pass.
    static let longLook = Duration.seconds(20)

    mutating func sawAll(of place: ProviderPlace) { failedLooks[place] = nil }

    /// - Parameters:
    ///   - time: that the look took.
    ///   - isFinal: whether looking again is no use.
    mutating func failedToSee(_ place: ProviderPlace, _ why: String, after time: Duration, isFinal: Bool) {
        failedLooks[place, default: 0] += 1
        guard isFinal || time >= Self.longLook || failedLooks[place, default: 0] >= Self.failedLooksThatCount else {
            return
        }
        unreachable[place] = why
    }

    // MARK: Setbacks

    /// So many refusals in a row are put up with before a snapshot counts as needed by something else: where that is only
    /// just being let go of, it is gone by then.
    private static let refusalsThatCount = 4

    /// They show no link to anything, but the provider says that there is one.
    func markNeeded(in observation: inout Observation, of name: InstanceName) {
        for id in needed[name] ?? [] {
            guard case .seen(var snapshot)? = observation.snapshots[id] else { continue }
            snapshot.isLinked = true
            observation.snapshots[id] = .seen(snapshot)
        }
    }

    func setback(_ name: InstanceName) -> Setback? { setbacks[name] }

    mutating func setBack(
        _ name: InstanceName, _ action: Action, _ error: ProviderError, at moment: Moment, jitter: Double
    ) {
        let count = (setbacks[name]?.count ?? 0) + 1
        if case .delete(let condemned) = action, case .snapshot(let id) = condemned.resource,
            error.reason == .inUse, count >= Self.refusalsThatCount
        {
            // The next pass asks again. What else there is to do goes on at once.
            needed[name, default: []].insert(id)
            setbacks[name] = nil
            return
        }
        let pause = Setback.pause(after: count, error: error, jitter: jitter)
        setbacks[name] = Setback(
            count: count, action: action, error: error, until: moment.advanced(by: pause), pass: pass)
    }

    /// Something was made and ended in an error. That its create call succeeded says nothing, so these are counted apart.
    mutating func spoiled(_ name: InstanceName, _ error: ProviderError, at moment: Moment, jitter: Double) {
        let count = spoils[name, default: 0] + 1
        spoils[name] = count
        let pause = Setback.pause(after: count, error: error, jitter: jitter)
        setbacks[name] = Setback(
            count: count, action: nil, error: error, until: moment.advanced(by: pause), pass: pass)
    }

    /// A new pass gives another try to what an earlier one has given up, once its pause is over.
    mutating func beginPass() {
        pass += 1
        halts = [:]
        failedLooks = [:]
        unreachable = [:]
        needed = [:]
    }

    /// Whether a pass leaves the instance alone: a person has to act, or a later pass tries again.
    func isGivenUp(_ name: InstanceName, at moment: Moment) -> Bool {
        guard let setback = setbacks[name], setback.isFinal else { return false }
        return setback.pass == pass || setback.until > moment
    }

    /// Whether nothing stands in the way of the instance's next step.
    func isReady(_ name: InstanceName, at moment: Moment) -> Bool {
        guard let setback = setbacks[name] else { return true }
        return !isGivenUp(name, at: moment) && setback.until <= moment
    }

    mutating func succeeded(_ name: InstanceName) { setbacks[name] = nil }

    mutating func rested(_ name: InstanceName) {
        setbacks[name] = nil
        spoils[name] = nil
    }
}

/// Failed calls of one instance, in a row.
struct Setback: Sendable {
    /// After this many a pass stops trying; the loop goes on with its next pass.
    static let mostInARow = 8

    var count: Int
    /// What failed last; `nil`: something that was made ended in an error, and whatever comes next waits.
    var action: Action?
    var error: ProviderError
    var until: Stopwatch.Moment
    /// In which pass the last one was.
    var pass: Int

    /// Whether a person has to act before another try makes sense in this pass.
    var isFinal: Bool {
        if error.isForPerson { return true }
        return error.reason == .capacity ? count >= 3 : count >= Self.mostInARow
    }

    /// Doubles from half a second up to five minutes; between half of that and all of it, so that many do not return
    /// at once.
    static func pause(after count: Int, error: ProviderError, jitter: Double) -> Duration {
        let full = min(300, 0.5 * Double(1 << min(count - 1, 10)))
        let pause = Duration.milliseconds(Int64(full * (0.5 + jitter / 2) * 1000))
        guard case .rateLimited(let retryAfter?) = error.reason else { return pause }
        // A provider that says "tomorrow" is asked again today.
        return max(pause, min(retryAfter, .seconds(300)))
    }
}
