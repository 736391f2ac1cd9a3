/// Limits on what one pass may do at once. The host sets them; a repository can only tighten them.
public struct GuardLimits: Hashable, Sendable {
    /// How many of all may be concerned.
    public struct Share: Hashable, Sendable {
        /// So many in any case.
        public var number: Int
        /// And so many hundredths of all, where that is more.
        public var percent: Int
        /// But never more than this.
        public var most = Int.max

        public init(_ number: Int, percent: Int = 20) {
            self.number = number
            self.percent = percent
        }

        /// Rounded down.
        package func limit(of all: Int) -> Int { min(max(number, all * percent / 100), most) }
    }

    /// Of manifests that are removed.
    public var removals: Share
    /// Of recorded resources that vanish.
    public var vanished: Share
    /// Running servers that one pass may stop; `nil`: no limit, because a commit that says so a hundred times means it.
    public var stops: Int?

    public init(removals: Share = Share(3), vanished: Share = Share(1), stops: Int? = nil) {
        self.removals = removals
        self.vanished = vanished
        self.stops = stops
    }

    /// The stricter of both, limit by limit. What a repository says is meant as it is, however many instances there are.
    public func tightened(by guards: Settings.Guards) -> GuardLimits {
        guard holds(.repositoryOnlyTightens) else {
            return GuardLimits(
                removals: Share(guards.maxRemovals ?? .max), vanished: Share(guards.maxVanished ?? .max),
                stops: guards.maxStops)
        }
        var limits = self
        limits.removals.most = min(removals.most, guards.maxRemovals ?? .max)
        limits.vanished.most = min(vanished.most, guards.maxVanished ?? .max)
        limits.stops = [stops, guards.maxStops].compactMap { $0 }.min()
        return limits
    }
}

/// The guards that look at all instances together.
///
/// - Parameters:
///   - situations: of every instance that has a record or a manifest.
///   - unseen: of those whose provider does not say what there is.
///   - limits: host and repository together.
/// - Returns: the instances that are blocked, and by what; everything else goes on. Each of them would act.
public func guards(
    over situations: [Situation], unseen: [Situation] = [], limits: GuardLimits, approval: Approval?
) -> [InstanceName: Block] {
    let situations = situations.map(\.withPolicyRecorded)
    var blocks: [InstanceName: Block] = [:]
    for hit in [massVanish(situations, limits), massRemoval(situations, unseen, limits), stops(situations, limits)] {
        guard let hit else { continue }
        let decided = hit.instances.map { ($0.name, decide($0)) }
        // Who does nothing asks a question of its own, if any: its name here would answer that one too.
        let waiting = decided.filter { !$0.1.doesNothing }.map(\.0).sorted()
        // These may act at the next look: a number has to be large enough for them.
        let undecided = decided.count { $0.1.isUndecided }
        guard !waiting.isEmpty, !(approval?.covers(waiting, besides: undecided) ?? false) else { continue }
        let block = Block(hit.guard, hit.text + approveHint(waiting, besides: undecided))
        for name in waiting where blocks[name] == nil { blocks[name] = block }
    }
    return blocks
}

/// A limit that is exceeded, by whom.
private typealias GuardHit = (guard: Block.Guard, instances: [Situation], text: String)

private func massRemoval(_ situations: [Situation], _ unseen: [Situation], _ limits: GuardLimits) -> GuardHit? {
    let removed = situations.filter { $0.isToGo && !decide($0).isRest }
    // They go as soon as their provider answers again, each few of them too few to be noticed.
    let names = (removed + unseen.filter { $0.isToGo && !$0.isRecordedAsStopped }).map(\.name).sorted()
    let limit = limits.removals.limit(of: situations.count + unseen.count)
    guard holds(.removalsWait), names.count > limit else { return nil }
    let text = "the manifests of \(names.count) instances were removed at once (\(list(names))); the limit is \(limit)"
    return (.massRemoval, removed, text)
}

private func massVanish(_ situations: [Situation], _ limits: GuardLimits) -> GuardHit? {
    var recorded = 0
    var vanished: [(InstanceName, ResourceID)] = []
    for situation in situations {
        // Of what is only kept people may take away what they like.
        guard let record = situation.record, !situation.isOnlyKept else { continue }
        for id in record.countedResources {
            recorded += 1
            if situation.observation.misses(id) { vanished.append((situation.name, id)) }
        }
    }
    let limit = limits.vanished.limit(of: recorded)
    guard holds(.vanishingWaits), vanished.count > limit else { return nil }
    let names = Set(vanished.map(\.0)).sorted()
    let text =
        "\(vanished.count) of \(recorded) recorded resources have vanished at once (\(list(names))); the limit is \(limit). "
        + "Check the provider's account and zone first"
    return (.massVanish, situations.filter { names.contains($0.name) }, text)
}

extension Situation {
    /// What comes once the policy of its manifest is in the record: to write that down is nothing that a guard is about,
    /// and would hide that the instance waits for an answer of its own.
    fileprivate var withPolicyRecorded: Situation {
        guard case .manifest(let manifest) = desired, record?.deletionPolicy != manifest.deletionPolicy else {
            return self
        }
        var situation = self
        situation.record?.deletionPolicy = manifest.deletionPolicy
        return situation
    }

    /// Whether its manifest was removed and everything stays as it is.
    fileprivate var isOnlyKept: Bool {
        guard desired == .removed, let record else { return false }
        return Goal(removed: record) == nil
    }

    /// Whether its manifest was removed and something is not to stay as it is. What is at rest is so all the same.
    fileprivate var isToGo: Bool {
        guard desired == .removed, let record else { return false }
        return Goal(removed: record) != nil && !record.isEmpty
    }

    /// Whether everything has been done about its removal but for what may be destroyed.
    fileprivate var isRecordedAsStopped: Bool {
        guard let record else { return true }
        return record.activity == nil && record.server == .absent && record.data.disk == nil
    }
}

extension Decision {
    fileprivate var doesNothing: Bool { isOver || isUndecided }

    /// Whether nothing comes of it before somebody else does something.
    fileprivate var isOver: Bool {
        switch self {
        case .halt, .rest, .blocked: true
        case .wait, .publish, .act: false
        }
    }

    /// Whether it is not known at the moment whether its data is lost.
    fileprivate var isUndecided: Bool {
        guard case .wait(let why) = self else { return false }
        return Loss.isUndecided(why)
    }
}

private func stops(_ situations: [Situation], _ limits: GuardLimits) -> GuardHit? {
    guard let limit = limits.stops else { return nil }
    let stopping = situations.filter { situation in
        guard case .manifest(let manifest) = situation.desired, !manifest.runtime.enableInstanceServer,
            manifest.activeSuspension(at: situation.now) == nil, let id = situation.record?.server.id,
            case .seen(let server)? = situation.observation.servers[id]
        else { return false }
        return (server.state == .running || server.state == .starting) && !decide(situation).isOver
    }
    guard holds(.stopsWait), stopping.count > limit else { return nil }
    let names = list(stopping.map(\.name).sorted())
    let text = "\(stopping.count) instances would be stopped at once (\(names)); this host's limit is \(limit)"
    return (.maxStops, stopping, text)
}

extension Record {
    /// What a person would count as lost: the server, the data disk and snapshots; a root disk goes with its server.
    fileprivate var countedResources: [ResourceID] {
        namedResources.filter { id in
            if condemns(id) { return false }
            if case .disk(let disk) = id { return data.disk == disk }
            return true
        }
    }
}

private func list(_ names: [InstanceName]) -> String {
    let shown = names.prefix(10).map(\.text).joined(separator: ", ")
    return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
}

private func approveHint(_ names: [InstanceName], besides others: Int) -> String {
    let trailer = names.count > 10 ? "\(names.count + others)" : names.map(\.text).joined(separator: ", ")
    return ". If it is meant, commit with the trailer `Operator-Approve: \(trailer)`"
}
