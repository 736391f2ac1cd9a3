import Instances
import Reconciler

extension Episode {
    /// A status claims only what its author has read in its last look, and only what was told before where it could read
    /// nothing. Looked at when it is sent: whatever becomes of the push, this is what it would tell.
    func requireSeen(_ changes: [String: StatusFile?], on base: String?, by life: Life) {
        let before = base.flatMap { try? remote.status(at: $0) }?.tree
        let look = life.knowledge.look.status.flatMap { try? remote.status(at: $0) }?.tree
        for (_, file) in changes.sorted(by: { $0.key < $1.key }) {
            guard case .instance(let name, _, let status?, _)? = file else { continue }
            let previous = before?.files[name]?.status
            // What is recovered is told with the status that was there.
            if life.host.isPersons, status == previous { continue }
            let record = try? look?.files[name]?.record.get()
            if let claim = life.knowledge.unseen(in: status, of: record, after: previous) {
                violate("I5", "\(life.actor.text) tells of \(name) what it has not seen: \(claim)")
            }
        }
    }
}

extension Knowledge {
    /// What a status claims without grounds; `nil`: nothing.
    ///
    /// - Parameter record: by which the process looked.
    fileprivate func unseen(in status: InstanceStatus, of record: Record?, after previous: InstanceStatus?) -> String? {
        let place = ProviderPlace(provider: status.provider, zone: status.zone)
        guard let listed = look.inventories[place] else { return unkept(in: status, after: previous) }
        let seen = [listed, look.found[place] ?? Inventory()]
        let heardOf = made.union(seen.flatMap(\.resources)).union(record?.namedResources ?? [])
        /// Something that could not be read this time.
        func isUnread(_ id: ResourceID, _ state: String) -> Bool { state == "unknown" && heardOf.contains(id) }
        for server in status.servers where !isUnread(.server(server.id), server.state) {
            if !seen.contains(where: { $0.servers.contains(where: server.tells) }) { return "\(server)" }
        }
        for disk in status.storages where !isUnread(.disk(disk.id), disk.state) {
            if !seen.contains(where: { $0.disks.contains(where: disk.tells) }) { return "\(disk)" }
        }
        for snapshot in status.snapshots where !isUnread(.snapshot(snapshot.id), snapshot.state) {
            if !seen.contains(where: { $0.snapshots.contains(where: snapshot.tells) }) { return "\(snapshot)" }
        }
        guard status.isReady, let desired = status.desired else { return nil }
        return desired.enableInstanceServer == (status.server?.state == "running")
            ? nil : "that it is ready, \(status.conditions.ready.reason)"
    }

    /// Where nothing could be read, whatever is told was told before.
    private func unkept(in status: InstanceStatus, after previous: InstanceStatus?) -> String? {
        if status.isReady { return "that it is ready, \(status.conditions.ready.reason), without a look" }
        if let server = status.servers.first(where: { !(previous?.servers.contains($0) ?? false) }) {
            return "\(server)"
        }
        if let disk = status.storages.first(where: { !(previous?.storages.contains($0) ?? false) }) { return "\(disk)" }
        return status.snapshots.first { !(previous?.snapshots.contains($0) ?? false) }.map { "\($0)" }
    }
}

extension InstanceStatus {
    fileprivate var servers: [ServerStatus] { [server].compactMap(\.self) + otherServers }
}

extension Inventory {
    /// Also what a server says that it boots from.
    fileprivate var resources: [ResourceID] {
        servers.map { .server($0.id) } + disks.map { .disk($0.id) } + snapshots.map { .snapshot($0.id) }
            + servers.compactMap(\.bootDisk).map { .disk($0) }
    }
}

extension ServerStatus {
    fileprivate func tells(_ server: Server) -> Bool {
        (id, state, type) == (server.id, server.state.told, server.type)
    }
}

extension Server.State {
    fileprivate var told: String { if case .unknown(let word) = self { word } else { "\(self)" } }
}

extension StorageStatus {
    fileprivate func tells(_ disk: Disk) -> Bool {
        (id, state, size.bytes, attachedTo) == (disk.id, "\(disk.state)", disk.sizeBytes, disk.attachment?.server)
    }
}

extension SnapshotStatus {
    fileprivate func tells(_ snapshot: Snapshot) -> Bool {
        (id, state, size.bytes) == (snapshot.id, "\(snapshot.state)", snapshot.sizeBytes)
    }
}
