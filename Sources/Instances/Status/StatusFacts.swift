/// What a status tells of the resources of one instance: those that were seen, and those that could not be read this
/// time, with the state `unknown`. What is proven absent is not told.
struct StatusFacts: Hashable, Sendable {
    var server: ServerStatus?
    var otherServers: [ServerStatus] = []
    var storages: [StorageStatus] = []
    var snapshots: [SnapshotStatus] = []
    var foreign: [ResourceID] = []

    /// Entries of one list that are told. What is written has to stay far below what is read
    /// (``YAML/Limits/status``), or a flood of foreign snapshots would make the record beside it unreadable.
    private static let longestList = 500

    /// What was last seen, where nothing could be observed.
    init(keeping previous: InstanceStatus?) {
        guard let previous else { return }
        server = previous.server
        otherServers = previous.otherServers
        storages = previous.storages
        snapshots = previous.snapshots
        foreign = previous.foreign
    }

    init(_ observation: Observation, record: Record?, previous: InstanceStatus?) {
        let bootDisk = setServers(observation, record: record, previous: previous)
        setStorages(observation, record: record, previous: previous, bootDisk: bootDisk)
        setSnapshots(observation, record: record, previous: previous)
        foreign = Array(observation.namesakes.sorted().prefix(Self.longestList))
    }

    /// - Returns: the disk that the instance's server boots from.
    private mutating func setServers(_ observation: Observation, record: Record?, previous: InstanceStatus?) -> DiskID?
    {
        let last = previous.map { [$0.server].compactMap(\.self) + $0.otherServers } ?? []
        var servers = observation.servers.compactMap { id, sighting -> ServerStatus? in
            switch sighting.told {
            case .seen(let server)?: ServerStatus(server)
            case .lastKnown?: ServerStatus(id: id, state: "unknown", type: last.first { $0.id == id }?.type ?? "")
            case nil: nil
            }
        }
        let chosen = record?.server.id.flatMap { id in servers.firstIndex { $0.id == id } } ?? servers.indices.first
        server = chosen.map { servers.remove(at: $0) }
        otherServers = Array(servers.prefix(Self.longestList))
        guard let server, case .seen(let seen)? = observation.servers[server.id] else { return nil }
        return seen.bootDisk
    }

    private mutating func setStorages(
        _ observation: Observation, record: Record?, previous: InstanceStatus?, bootDisk: DiskID?
    ) {
        let own = observation.disks.compactMap { id, sighting -> StorageStatus? in
            switch sighting.told {
            case .seen(let disk)?:
                // What the provider made together with a server carries no tags.
                let role =
                    disk.tags.map { StorageStatus.Role($0.role) } ?? record?.role(of: id)
                    ?? (id == bootDisk ? .root : .other)
                return StorageStatus(disk, role: role, bootDisk: bootDisk)
            case .lastKnown?:
                let last = previous?.storages.first { $0.id == id }
                return StorageStatus(unread: id, role: record?.role(of: id) ?? last?.role ?? .other, last: last)
            case nil:
                return nil
            }
        }
        let others = observation.foreignDisks.filter { observation.disks[$0.id] == nil }.map {
            StorageStatus($0, role: .other, bootDisk: bootDisk)
        }
        storages = Array(
            (own + others).sorted { ($0.role, $0.id) < ($1.role, $1.id) }.prefix(Self.longestList))
    }

    private mutating func setSnapshots(_ observation: Observation, record: Record?, previous: InstanceStatus?) {
        let all = observation.snapshots.compactMap { id, sighting -> SnapshotStatus? in
            let recorded = record?.recorded(id)
            switch sighting.told {
            case .seen(let snapshot)?:
                return SnapshotStatus(snapshot, recorded: recorded)
            case .lastKnown?:
                if let last = previous?.snapshots.first(where: { $0.id == id }) { return last.with(state: "unknown") }
                return recorded.map { SnapshotStatus(unread: $0.snapshot, role: $0.role) }
            case nil:
                return nil
            }
        }
        // Oldest first; those of unknown age, which are being made, last.
        .sorted { left, right in
            let end = Timestamp(microseconds: .max)
            return (left.role, left.createdAt ?? end, left.id) < (right.role, right.createdAt ?? end, right.id)
        }
        snapshots = all.suffix(Self.longestList)
    }
}

extension Sighting {
    enum Told {
        case seen(Resource)
        case lastKnown
    }

    /// `nil`: proven absent. A single "not found" may be a replica that lags, and proves nothing.
    fileprivate var told: Told? {
        switch self {
        case .seen(let resource): .seen(resource)
        case .unknown: .lastKnown
        case .missing(let times): times < Observation.readsThatProveAbsence ? .lastKnown : nil
        }
    }
}

extension ServerStatus {
    fileprivate init(_ server: Server) {
        self.init(
            id: server.id, state: boundedWord(server.state.word), type: boundedWord(server.type),
            publicIPv4: server.publicIPv4.map(boundedWord))
    }
}

extension StorageStatus {
    fileprivate init(_ disk: Disk, role: Role, bootDisk: DiskID?) {
        self.init(
            id: disk.id, role: role, size: DiskSize(bytes: disk.sizeBytes), state: boundedWord(disk.state.word),
            isBoot: disk.id == bootDisk, deleteOnTerminate: role == .root, attachedTo: disk.attachment?.server)
    }

    fileprivate init(unread id: DiskID, role: Role, last: StorageStatus?) {
        self.init(
            id: id, role: role, size: last?.size ?? DiskSize(bytes: 0), state: "unknown",
            isBoot: last?.isBoot ?? false, deleteOnTerminate: role == .root, attachedTo: last?.attachedTo)
    }
}

extension SnapshotStatus {
    fileprivate init(_ snapshot: Snapshot, recorded: (snapshot: SnapshotRecord, role: StorageStatus.Role)?) {
        self.init(
            id: snapshot.id, role: snapshot.tags.map { .init($0.role) } ?? recorded?.role ?? .other,
            // Some providers forget it once that disk is deleted.
            sourceVolume: snapshot.sourceDisk ?? recorded?.snapshot.sourceDisk,
            size: DiskSize(bytes: snapshot.sizeBytes), createdAt: snapshot.createdAt,
            state: boundedWord(snapshot.state.word))
    }

    fileprivate init(unread snapshot: SnapshotRecord, role: StorageStatus.Role) {
        self.init(
            id: snapshot.id, role: role, sourceVolume: snapshot.sourceDisk,
            size: DiskSize(bytes: snapshot.sizeBytes), createdAt: snapshot.createdAt, state: "unknown")
    }

    fileprivate func with(state: String) -> SnapshotStatus {
        var copy = self
        copy.state = state
        return copy
    }
}

extension StorageStatus.Role {
    fileprivate init(_ role: Tags.Role) {
        switch role {
        case .root: self = .root
        case .data: self = .data
        case .server, .companion: self = .other
        }
    }
}

extension Record {
    fileprivate func role(of disk: DiskID) -> StorageStatus.Role? {
        if root.id == disk { return .root }
        return data.disk == disk ? .data : nil
    }

    fileprivate func recorded(_ id: SnapshotID) -> (snapshot: SnapshotRecord, role: StorageStatus.Role)? {
        if let snapshot = snapshots.first(where: { $0.id == id }) { return (snapshot, .data) }
        return rootSnapshot.verified.flatMap { $0.id == id ? ($0, .root) : nil }
    }
}

/// A provider's word for a state, a type or an address, bounded.
private func boundedWord(_ text: String) -> String { terminalText(text, limit: 60) }
