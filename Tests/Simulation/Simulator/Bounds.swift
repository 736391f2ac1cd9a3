import Instances
import Reconciler

/// What many instances have in common: nothing happens to those that a limit holds back, unless the very commit that the
/// operator goes by approves it; and data is given up by such a commit alone.
///
/// All of it is counted anew here, from what the process has read, and never more than the process must have counted.
extension Episode {
    /// A process is about to publish a record for an instance or to call its provider.
    func requireUnlocked(_ name: InstanceName, _ explanation: Explanation, by life: Life) {
        guard let fleet = options.fleet, let commit = life.knowledge.look.commit,
            let configuration = try? remote.configuration(at: commit)
        else { return }
        var sight = Sight(look: life.knowledge.look, wishes: configuration.wishes, remote: remote)
        sight.halted.formUnion(ghosts.indices.filter(isUsedElsewhere).map { ghosts[$0].name })
        let assent = configuration.assent
        for (limit, names) in sight.exceeded(fleet, instances: ghosts.count, by: name)
        where !assent.names.contains(name) && assent.count < names.count {
            violate("I9", "\(name): \(explanation.reason) although \(limit), which nobody has approved")
        }
        guard explanation.reason == "DestroyingData", !assent.names.contains(name) else { return }
        let waiting = sight.lastCopies.count
        if assent.count < max(1, waiting) {
            violate("I9", "the data of \(name) is destroyed as one of \(assent.count), while \(waiting) wait for that")
        }
    }

    /// Whether somebody's own machine has the data disk, which halts the instance before its status tells of it.
    private func isUsedElsewhere(_ index: Int) -> Bool {
        clouds.contains { cloud in
            cloud.volumes.contains { volume in
                guard volume.instance == index, let server = volume.seen.attachment?.server else { return false }
                return cloud.machine(server).map { cloud.machines[$0].isForeign } ?? false
            }
        }
    }

    /// A record takes the place of another one, or nothing does.
    func requireAssent(to record: Record?, after old: Record, by commit: Remote.StatusCommit) {
        guard let index = index(of: old.name) else { return }
        let configuration = commit.configuration.flatMap { try? remote.configuration(at: $0) }
        let assent = configuration?.assent ?? .none
        if old.holdsData, !(record?.holdsData ?? false) {
            let isAsked = configuration?.wishes[index].asksForDestruction(of: old) ?? false
            guard isAsked, assent.count > 0 || assent.names.contains(old.name) else {
                return violate("I9", "the data of \(old.name) is given up by a commit that does not approve it")
            }
            ghosts[index].isReleased = true
        } else if let record, record.goesBack(behind: old) {
            guard assent.names.contains(old.name), remote.hasToldOfLoss(old.name, before: commit.configuration) else {
                return violate("I9", "\(old.name) goes on from older data by a commit that does not answer its loss")
            }
            ghosts[index].isReleased = true
        }
    }
}

extension Wish {
    /// Whether the data may go, once that is approved.
    func asksForDestruction(of record: Record) -> Bool {
        isPresent ? !hasDataDisk && !isMistaken && !isSuspended : record.deletionPolicy == .delete
    }
}

extension Record {
    /// Whether something else is restored than what held the newest content until now.
    fileprivate func goesBack(behind old: Record) -> Bool {
        guard let source else { return false }
        return source != (old.source ?? old.saved)
    }

    /// What the data disk is made from when it is next.
    private var source: SnapshotID? {
        switch data {
        case .snapshot(let id), .restoring(let id, _): id
        case .none, .creating, .live, .quiescing, .snapshotting, .deleting: nil
        }
    }

    /// What the data is saved in while its disk still exists.
    private var saved: SnapshotID? {
        guard case .deleting(_, let id, _, _) = data else { return nil }
        return id
    }

    /// Whether something is left to do after the manifest was removed, whatever the cloud is like.
    fileprivate var hasToGo: Bool {
        switch deletionPolicy {
        case .retain: return false
        case .delete: return !isEmpty
        case .snapshot:
            if server != .absent { return true }
            switch data {
            case .live, .quiescing, .snapshotting, .deleting: return true
            case .none, .creating, .snapshot, .restoring: return false
            }
        }
    }

    /// What counts as lost where it is not there.
    fileprivate var counted: [ResourceID] {
        let disk = data.disk.map { [ResourceID.disk($0)] } ?? []
        let server = server.id.map { [ResourceID.server($0)] } ?? []
        let copies = Set(snapshots.map(\.id)).union(rootSnapshot.verified.map { [$0.id] } ?? [])
        return (disk + server + copies.map(ResourceID.snapshot)).filter { !condemns($0) }
    }
}

/// What one look of a process makes of all instances.
private struct Sight {
    let look: Knowledge.Look
    let wishes: [Wish]
    let records: [InstanceName: Record]
    var halted: Set<InstanceName>

    init(look: Knowledge.Look, wishes: [Wish], remote: Remote) {
        self.look = look
        self.wishes = wishes
        let files = look.status.flatMap { try? remote.status(at: $0) }?.tree.files ?? [:]
        records = files.compactMapValues { try? $0.record.get() }
        halted = Set(files.values.filter { $0.status?.conditions.stalled.status == .isTrue }.map(\.name))
    }

    /// The limits that are exceeded where this instance is one of those that count, and the instances that each holds
    /// back: not those that do nothing because they have, or may have, a question of their own.
    func exceeded(_ fleet: FleetOptions, instances: Int, by name: InstanceName) -> [(String, [InstanceName])] {
        var exceeded: [(String, [InstanceName])] = []
        let busy = { (names: [InstanceName]) in
            names.filter { $0 == name || !doesNothing($0) && !lastCopies.contains($0) }
        }
        if removed.count > fleet.mostRemovals(of: instances) {
            exceeded.append(("\(removed.count) manifests were removed", busy(removed)))
        }
        let (vanished, recorded) = vanished
        if vanished.count > fleet.mostVanished(of: recorded) {
            exceeded.append(("\(vanished.count) of \(recorded) resources have vanished", busy(Set(vanished).sorted())))
        }
        let stopping = busy(stopping)
        if let limit = fleet.mostStops, stopping.count > limit {
            exceeded.append(("\(stopping.count) machines would be stopped", stopping))
        }
        return exceeded.filter { $0.1.contains(name) }
    }

    /// Those whose last copy is asked for.
    var lastCopies: [InstanceName] {
        wishes.filter { wish in
            records[wish.name].map { $0.holdsData && wish.asksForDestruction(of: $0) } ?? false
        }.map(\.name)
    }

    private func inventory(of record: Record) -> Inventory? { look.inventories[record.place] }

    private var removed: [InstanceName] {
        wishes.filter { wish in
            guard !wish.isPresent, let record = records[wish.name], inventory(of: record) != nil else { return false }
            return record.hasToGo
        }.map(\.name)
    }

    private var stopping: [InstanceName] {
        wishes.filter { wish in
            guard wish.isPresent, !wish.isMistaken, !wish.isSuspended, !wish.isUp, let record = records[wish.name],
                let server = inventory(of: record)?.servers.first(where: { $0.id == record.server.id })
            else { return false }
            // While its root disk is cut a server is read by its id, and that can fail where the listing did not.
            if case .cutting = record.rootSnapshot { return false }
            return server.state == .running || server.state == .starting
        }.map(\.name)
    }

    /// What was removed and is to stay: nobody counts it, whatever becomes of it.
    private func isOnlyKept(_ name: InstanceName, _ record: Record) -> Bool {
        record.deletionPolicy == .retain && wishes.contains { $0.name == name && !$0.isPresent }
    }

    /// Whether what held the data is missed, nothing is to be done, or the status has told of a halt: who halts asks a
    /// question of its own.
    private func doesNothing(_ name: InstanceName) -> Bool {
        if halted.contains(name) { return true }
        let wish = wishes.first { $0.name == name }
        if let wish, wish.isPresent, wish.isSuspended || wish.isMistaken { return true }
        guard let record = records[name], let missed = look.missed[record.place] else { return false }
        let holder: ResourceID? =
            if case .snapshot(let id) = record.data { .snapshot(id) } else { record.data.disk.map { .disk($0) } }
        return holder.map(missed.contains) ?? false
    }

    private var vanished: (names: [InstanceName], recorded: Int) {
        var names: [InstanceName] = []
        var recorded = 0
        for (name, record) in records.sorted(by: { $0.key < $1.key }) where !isOnlyKept(name, record) {
            recorded += record.counted.count
            guard inventory(of: record) != nil, let missed = look.missed[record.place] else { continue }
            names += record.counted.filter(missed.contains).map { _ in name }
        }
        return (names, recorded)
    }
}

extension Record {
    fileprivate var place: ProviderPlace { ProviderPlace(provider: provider, zone: zone) }
}
