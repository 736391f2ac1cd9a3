/// An inventory sorted by whom its resources belong to, so that each instance's share is found without a search.
public struct InventoryIndex: Sendable {
    private var servers: [ServerID: Server] = [:]
    private var disks: [DiskID: Disk] = [:]
    private var snapshots: [SnapshotID: Snapshot] = [:]
    private var companions: [InstanceUID: [Companion]] = [:]
    private var byInstance: [InstanceUID: [ResourceID]] = [:]
    private var byName: [InstanceName: [(InstanceUID, ResourceID)]] = [:]
    private var disksByServer: [ServerID: [DiskID]] = [:]

    public init(_ inventory: Inventory) {
        servers.reserveCapacity(inventory.servers.count)
        disks.reserveCapacity(inventory.disks.count)
        snapshots.reserveCapacity(inventory.snapshots.count)
        for server in inventory.servers {
            servers[server.id] = server
            note(.server(server.id), server.tags)
        }
        for disk in inventory.disks {
            disks[disk.id] = disk
            note(.disk(disk.id), disk.tags)
            if let server = disk.attachment?.server { disksByServer[server, default: []].append(disk.id) }
        }
        for snapshot in inventory.snapshots {
            snapshots[snapshot.id] = snapshot
            note(.snapshot(snapshot.id), snapshot.tags)
        }
        for companion in inventory.companions {
            guard let tags = companion.tags else { continue }
            companions[tags.instance, default: []].append(companion)
        }
    }

    private mutating func note(_ id: ResourceID, _ tags: Tags?) {
        guard let tags else { return }
        byInstance[tags.instance, default: []].append(id)
        byName[tags.name, default: []].append((tags.instance, id))
    }

    /// Everything listed that concerns one instance.
    ///
    /// - Parameters:
    ///   - record: `nil` for an instance seen for the first time: then only its namesakes are found.
    ///   - answered: what create calls of this process answered; listings may lag behind them.
    /// - Returns: the observation, and the ids that have to be read one by one because the listing lacks them.
    public func share(
        of name: InstanceName, record: Record?, answered: [ResourceID]
    ) -> (observation: Observation, unlisted: [ResourceID]) {
        var observation = Observation()
        observation.namesakes = (byName[name] ?? []).filter { $0.0 != record?.uid }.map(\.1).sorted()
        guard let record else { return (observation, []) }
        var unlisted: [ResourceID] = []
        func note(_ id: ResourceID) {
            if !add(id, to: &observation), !unlisted.contains(id) { unlisted.append(id) }
        }
        byInstance[record.uid]?.forEach(note)
        record.namedResources.forEach(note)
        answered.forEach(note)
        // What the provider made together with the server carries no tags yet.
        for bootDisk in observation.seenServers.compactMap(\.bootDisk) { note(.disk(bootDisk)) }
        addForeignDisks(of: record, to: &observation)
        observation.companions = Dictionary(
            uniqueKeysWithValues: (companions[record.uid] ?? []).map { ($0.id, $0) })
        return (observation, unlisted.sorted())
    }

    /// - Returns: whether it is listed.
    private func add(_ id: ResourceID, to observation: inout Observation) -> Bool {
        switch id {
        case .server(let id):
            guard let server = servers[id] else { return false }
            observation.servers[id] = .seen(server)
        case .disk(let id):
            guard let disk = disks[id] else { return false }
            observation.disks[id] = .seen(disk)
        case .snapshot(let id):
            guard let snapshot = snapshots[id] else { return false }
            observation.snapshots[id] = .seen(snapshot)
        case .companion: break
        }
        return true
    }

    private func addForeignDisks(of record: Record, to observation: inout Observation) {
        guard let server = record.server.id else { return }
        observation.foreignDisks = (disksByServer[server] ?? []).sorted().filter { observation.disks[$0] == nil }
            .compactMap { disks[$0] }
    }

    /// Resources that carry the operator's tags but belong to none of these instances.
    public func strangers(knowing uids: Set<InstanceUID>) -> [(ResourceID, Tags)] {
        byInstance.filter { !uids.contains($0.key) }.flatMap(\.value).sorted().compactMap { id in
            tags(of: id).map { (id, $0) }
        }
    }

    private func tags(of id: ResourceID) -> Tags? {
        switch id {
        case .server(let id): servers[id]?.tags
        case .disk(let id): disks[id]?.tags
        case .snapshot(let id): snapshots[id]?.tags
        case .companion: nil
        }
    }
}
