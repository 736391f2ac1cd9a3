/// What is left to do once server and data are where they should be: cleaning up, growing, keeping few snapshots.
extension Planner {
    func upkeepStep() -> Decision? {
        for condemned in record.condemned {
            if let step = condemnedStep(condemned) { return step }
        }
        return condemnAbandoned() ?? forgetVanished() ?? prune() ?? grow() ?? setSpeed() ?? beginRootSnapshot()
            ?? awaitingBoot()
            ?? dropRootSnapshot() ?? dropCompanion()
    }

    // MARK: Abandoned

    /// Servers that an operation made which was given up: its answer was lost, or its goal was dropped. They go before
    /// anything is made, because one may hold the root disk that the next server is to boot from.
    func condemnAbandonedServers() -> Decision? {
        let servers = situation.observation.seenServers.filter { !record.names(.server($0.id)) && isAbandoned($0.tags) }
        guard holds(.abandonedServersGo), !servers.isEmpty else { return nil }
        if let root = servers.compactMap(\.bootDisk).first(where: isDoubtful) {
            return wait("CleaningUp", "root disk \(root) of a server that is not needed cannot be read yet")
        }
        // What the provider made together with such a server carries no tags, and nobody would know it afterwards.
        let roots = servers.compactMap(\.bootDisk).compactMap(seen).filter {
            holds(.abandonedRootsGo) && $0.tags == nil && isLeftOver(.disk($0.id))
        }
        return cleanUp { record, operation in
            for server in servers { record.condemn(.server(server.id), as: operation, because: .unwantedServer) }
            for disk in roots { record.condemn(.disk(disk.id), as: operation, because: .unneededRoot) }
        }
    }

    /// Whether it was looked for and neither seen nor proven to be gone.
    private func isDoubtful(_ disk: DiskID) -> Bool {
        switch situation.observation.disks[disk] {
        case nil, .seen?: false
        case .missing?: !sighting(disk).isGone
        case .unknown?: true
        }
    }

    private func condemnAbandoned() -> Decision? {
        let disks = situation.observation.seenDisks.filter {
            isLeftOver(.disk($0.id)) && isAbandoned($0.tags)
                && ($0.tags?.role == .root ? $0.isFreeSoon : $0.attachment == nil && isWorthless($0))
        }
        let snapshots = situation.observation.seenSnapshots.filter {
            isLeftOver(.snapshot($0.id)) && isAbandoned($0.tags)
                && ($0.tags?.role == .root ? newestIsSafe : isOlder($0.tags))
        }
        guard !disks.isEmpty || !snapshots.isEmpty else { return nil }
        return cleanUp { record, operation in
            for disk in disks {
                let ground: Condemned.Ground = disk.tags?.role == .root ? .unneededRoot : .abandoned
                record.condemn(.disk(disk.id), as: operation, because: ground)
            }
            for snapshot in snapshots { record.condemn(.snapshot(snapshot.id), as: operation, because: .abandoned) }
        }
    }

    func isAbandoned(_ id: ServerID) -> Bool {
        guard case .seen(let server) = sighting(id) else { return false }
        return isAbandoned(server.tags)
    }

    /// Whether the record never heard of it: what it knew, and what came back, somebody may want.
    private func isLeftOver(_ id: ResourceID) -> Bool {
        !record.names(id) && requires(.vanishedStays, !record.vanished.contains(id))
    }

    private func cleanUp(_ change: (inout Record, Operation) -> Void) -> Decision {
        begin(.cleanUp, "CleaningUp", "what given-up operations have made will be deleted", change)
    }

    private func isAbandoned(_ tags: Tags?) -> Bool {
        guard let tags, record.operations.contains(tags.operation) else { return false }
        return requires(.abandonedOnlyAfterwards, !record.operationsUnderWay.contains(tags.operation))
    }

    /// Never used, and made with nothing that is not elsewhere too.
    private func isWorthless(_ disk: Disk) -> Bool {
        requires(.abandonedNeverUsed, disk.lastDetachedAt == nil)
            && (record.holdsNothingOfItsOwn(disk, in: situation.observation) || isOlder(disk.tags))
    }

    private func isOlder(_ tags: Tags?) -> Bool {
        newestIsSafe
            && requires(.onlyOlderCopiesGo, tags.map { $0.operation.epoch < record.contentEpoch } ?? false)
    }

    /// Whether the newest content is somewhere that the record names and that was seen just now.
    private var newestIsSafe: Bool {
        guard holds(.newestIsSeen) else { return true }
        return switch record.data {
        case .live(let disk, _): seen(disk) != nil
        case .snapshot(let snapshot): seen(snapshot)?.state == .available
        case .none: true
        default: false
        }
    }

    // MARK: Snapshots

    private func forgetVanished() -> Decision? {
        guard case .live = record.data, let gone = record.snapshots.first(where: { sighting($0.id).isGone }) else {
            return nil
        }
        return publish("SnapshotVanished", "snapshot \(gone.id), an older one, was deleted by somebody") { record in
            record.noteVanished(.snapshot(gone.id))
            record.snapshots.removeAll { $0.id == gone.id }
        }
    }

    /// Older snapshots go once the newest is seen to be good.
    private func prune() -> Decision? {
        guard record.data.isAtRest, let newest = record.snapshots.last, goal.keep < record.snapshots.count - 1,
            seen(newest.id)?.state == .available, !isStored(besides: newest.id)
        else { return nil }
        let surplus = record.snapshots.dropLast(goal.keep + 1)
        return begin(.cleanUp, "CleaningUp", "snapshot \(newest.id) replaces \(surplus.count) older") {
            record, operation in
            for snapshot in surplus {
                record.condemn(.snapshot(snapshot.id), as: operation, because: .supersededBy(newest.id))
            }
            record.snapshots.removeFirst(surplus.count)
        }
    }

    /// Whether an older snapshot holds the data: a person went on from it while the newest was damaged.
    private func isStored(besides newest: SnapshotID) -> Bool {
        guard case .snapshot(let holder) = record.data else { return false }
        return holder != newest
    }

    /// A root snapshot goes only with everything else.
    private func dropRootSnapshot() -> Decision? {
        guard goal.destroysEverything, case .ready(let snapshot) = record.rootSnapshot else { return nil }
        let commit = situation.approval ?? "removed"
        return begin(.destroy, "DestroyingRootSnapshot", "root snapshot \(snapshot.id) is destroyed") {
            record, operation in
            record.condemn(.snapshot(snapshot.id), as: operation, because: .approved(commit: commit))
            record.rootSnapshot = .none
        }
    }

    // MARK: Growing, companions

    private func grow() -> Decision? {
        guard let manifest = goal.manifest else { return nil }
        if case .live(let id, _) = record.data, let disk = seen(id), let wanted = wantedDataBytes {
            if let step = grow(disk, to: wanted) { return step }
        }
        guard let id = record.root.id, let disk = seen(id), let sizeGB = manifest.rootDisk.sizeGB else { return nil }
        return grow(disk, to: Int64(sizeGB) * bytesInGigabyte)
    }

    private func grow(_ disk: Disk, to bytes: Int64) -> Decision? {
        guard disk.sizeBytes < bytes else { return nil }
        guard disk.state == .available || disk.state == .attached else {
            return wait("Growing", "disk \(disk.id) is busy")
        }
        return act(
            .grow, .growDisk(disk.id, bytes: bytes), "Growing",
            "growing disk \(disk.id) to \(bytes / bytesInGigabyte) GB")
    }

    /// A manifest that names no speed takes the disk as it is.
    private func setSpeed() -> Decision? {
        guard case .live(let id, _) = record.data, let disk = seen(id), let wanted = goal.manifest?.dataDisk?.iops,
            let iops = disk.iops, iops != wanted
        else { return nil }
        guard disk.state == .available || disk.state == .attached else {
            return wait("ChangingSpeed", "disk \(id) is busy")
        }
        return act(.change, .setIOPS(id, wanted), "ChangingSpeed", "giving data disk \(id) \(wanted) iops")
    }

    /// Addresses and firewalls of the instance's own that its manifest does not ask for any more. They hold no data and
    /// are in no record; but an address may be known to others, and what was condemned by its tag is never used again:
    /// a deletion that lands late finds nothing that is in use.
    private func dropCompanion() -> Decision? {
        let all = situation.observation.companions.values.sorted { $0.id < $1.id }
        let companions = all.filter { $0.tags?.condemned != true }
        let condemned = all.first { $0.tags?.condemned == true && $0.kind != .privateNetwork }
        let unwanted = companions.first { companion in
            switch companion.kind {
            case .address: goal.manifest?.server.publicIP != .reserved || isSurplus(companion, among: companions)
            case .firewall:
                goal.manifest?.server.firewall == nil || goal.manifest?.server.firewall?.name != nil
                    || isSurplus(companion, among: companions)
            case .privateNetwork: false
            }
        }
        guard let leaving = condemned ?? unwanted, var tags = leaving.tags else { return nil }
        guard requires(.companionsAreCondemned, tags.condemned) else {
            tags.condemned = true
            return act(
                .cleanUp, .tag(.companion(leaving.id), tags), "Condemning",
                "marking \(leaving.kind.rawValue) \(leaving.id) as condemned")
        }
        return act(
            .cleanUp, .deleteCompanion(leaving.id), "CleaningUp",
            "deleting \(leaving.kind.rawValue) \(leaving.id), which is not needed any more")
    }
}

extension Planner {
    /// Whether a lost answer has left this one beside another of its kind: the one that is in use, or else the oldest,
    /// is what people know.
    private func isSurplus(_ companion: Companion, among companions: [Companion]) -> Bool {
        guard companion.usedBy == nil else { return false }
        let unknown = Operation(epoch: .max, nonce: "")
        func rank(_ companion: Companion) -> (Int, Operation, CompanionID) {
            (companion.usedBy == nil ? 1 : 0, companion.tags?.operation ?? unknown, companion.id)
        }
        return companions.contains { $0.kind == companion.kind && rank($0) < rank(companion) }
    }
}

extension Disk {
    /// Whether nothing holds it, or only for the moment, as after its server was deleted.
    fileprivate var isFreeSoon: Bool { attachment.map { $0.phase == .detaching } ?? true }
}

extension DataRecord {
    /// Whether the newest content is in one place, with nothing going on.
    var isAtRest: Bool {
        switch self {
        case .live, .snapshot: true
        default: false
        }
    }
}

extension Record {
    /// Operations whose resources may still appear and be adopted.
    var operationsUnderWay: Set<Operation> {
        var operations: Set<Operation> = []
        if case .creating(let operation) = server { operations.insert(operation) }
        if case .creating(let operation, _) = root { operations.insert(operation) }
        switch data {
        case .creating(let operation), .restoring(_, let operation), .snapshotting(_, let operation, _):
            operations.insert(operation)
        default: break
        }
        if case .cutting(let operation, _) = rootSnapshot { operations.insert(operation) }
        return operations
    }

    /// The operation whose create call comes next, if any: where ``Situation/attempt`` belongs to.
    public var creating: Operation? {
        switch data {
        case .creating(let operation), .restoring(_, let operation), .snapshotting(_, let operation, _):
            return operation
        default: break
        }
        if case .cutting(let operation, _) = rootSnapshot { return operation }
        if case .creating(let operation) = server { return operation }
        if case .creating(let operation, _) = root { return operation }
        return nil
    }
}
