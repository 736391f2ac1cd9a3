import Instances
import Reconciler

/// One account and zone, as it really is, whatever anybody sees of it.
final class Cloud {
    struct Machine {
        var seen: Server
        /// Of which instance; `nil`: of others.
        var instance: Int?
        var isForeign = false
        var created: Moment
        /// One read says that it is not there.
        var isMissedOnce = false
        /// Counts power cycles, so that what was set off in one does not end another.
        var cycle = 0
    }

    struct Volume {
        var seen: Disk
        var content = Content.empty
        var instance: Int?
        var isRoot = false
        var isForeign = false
        var isMissedOnce = false
        var hasForeignTag = false
    }

    struct Copy {
        var seen: Snapshot
        var content: Content
        var instance: Int?
        var isRoot = false
        var isForeign = false
        var isMissedOnce = false
    }

    unowned let episode: Episode
    let place: ProviderPlace
    var machines: [Machine] = []
    var volumes: [Volume] = []
    var copies: [Copy] = []
    var companions: [Companion] = []
    var nextID = 1
    /// What it was like until when, for listings that are behind.
    private var past: [(until: Moment, inventory: Inventory)] = []
    /// Creations by operation: none is ever carried out twice.
    var made: Set<String> = []
    /// Its interface answers nothing but errors.
    var isDown = false
    /// What somebody has taken the tags from, those tags, and when that was last.
    var stripped: [ResourceID: (tags: Tags, at: Moment)] = [:]
    /// What it denies although it is there.
    var hidden: Set<ResourceID> = []
    /// What it has ever denied: whoever believed it knows nothing of that any more.
    var disowned: Set<ResourceID> = []

    init(_ place: ProviderPlace, in episode: Episode) {
        self.place = place
        self.episode = episode
    }

    var options: CloudOptions { episode.options.cloud }
    var now: Moment { episode.scheduler.now }

    // MARK: Finding

    func machine(_ id: ServerID) -> Int? { machines.firstIndex { $0.seen.id == id } }
    func volume(_ id: DiskID) -> Int? { volumes.firstIndex { $0.seen.id == id } }
    func copy(_ id: SnapshotID) -> Int? { copies.firstIndex { $0.seen.id == id } }

    func require(_ id: ServerID) throws(ProviderError) -> Int {
        guard let index = machine(id), !hidden.contains(.server(id)) else {
            throw ProviderError(.notFound, "server \(id) does not exist")
        }
        return index
    }

    func require(_ id: DiskID) throws(ProviderError) -> Int {
        guard let index = volume(id), !hidden.contains(.disk(id)) else {
            throw ProviderError(.notFound, "disk \(id) does not exist")
        }
        return index
    }

    func require(_ id: SnapshotID) throws(ProviderError) -> Int {
        guard let index = copy(id), !hidden.contains(.snapshot(id)) else {
            throw ProviderError(.notFound, "snapshot \(id) does not exist")
        }
        return index
    }

    func mint(_ kind: String) -> String {
        defer { nextID += 1 }
        return "\(kind)-\(nextID)"
    }

    // MARK: Changing

    /// Everything that changes anything goes through here: what was before is kept for listings that are behind, and
    /// every invariant is looked at afterwards.
    func change(_ actor: Trace.Actor, _ key: UInt64, _ text: @autoclosure () -> String, _ change: () -> Void) {
        if options.listLag > .zero {
            past.append((now, inventory))
            let oldest = now.microseconds - options.listLag.microseconds
            if let keep = past.firstIndex(where: { $0.until.microseconds >= oldest }), keep > 16 {
                past.removeFirst(keep)
            }
        }
        change()
        episode.note(actor, key: key, text())
        episode.check()
    }

    /// Does something once a transition has taken its time.
    func later(atMost longest: Duration? = nil, _ action: @escaping () -> Void) {
        episode.scheduler.after(episode.random.duration(upTo: longest ?? options.longestTransition), action)
    }

    // MARK: Reading

    var inventory: Inventory {
        Inventory(
            servers: machines.map(\.seen), disks: volumes.map(\.seen), snapshots: copies.map(\.seen),
            companions: companions)
    }

    /// Each part may be from another moment of the last seconds.
    func list() -> Inventory {
        let present = inventory
        guard options.listLag > .zero, !episode.isCalm else { return visible(present) }
        return visible(
            Inventory(
                servers: behind(present).servers, disks: behind(present).disks, snapshots: behind(present).snapshots,
                companions: present.companions))
    }

    private func behind(_ present: Inventory) -> Inventory {
        let moment = now.microseconds - episode.random.duration(upTo: options.listLag).microseconds
        return past.first { $0.until.microseconds > moment }?.inventory ?? present
    }

    func read(_ id: ServerID) throws(ProviderError) -> Server {
        let index = try require(id)
        try miss(&machines[index].isMissedOnce)
        return machines[index].seen
    }

    func read(_ id: DiskID) throws(ProviderError) -> Disk {
        let index = try require(id)
        try miss(&volumes[index].isMissedOnce)
        return volumes[index].seen
    }

    func read(_ id: SnapshotID) throws(ProviderError) -> Snapshot {
        let index = try require(id)
        try miss(&copies[index].isMissedOnce)
        return copies[index].seen
    }

    private func miss(_ isMissedOnce: inout Bool) throws(ProviderError) {
        guard isMissedOnce, !episode.isCalm else { return }
        isMissedOnce = false
        throw ProviderError(.notFound, "not found yet")
    }
}

/// What is on a disk or in a snapshot.
enum Content: Hashable {
    case empty
    /// As many writes of the guest as this.
    case writes(Int)
    /// Cut while a guest was writing: of no use.
    case torn
    /// Of a root disk: what it boots.
    case system
}

extension Identifier {
    /// For traces.
    var key: UInt64 { text.utf8.reduce(7) { ($0 &* 31) &+ UInt64($1) } }
}
