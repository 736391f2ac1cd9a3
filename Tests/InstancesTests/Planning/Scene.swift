import Instances

/// One instance in the middle of things: a record and a cloud that agree, for a test to bend.
///
/// Everything was made by the operation of epoch 1; what is under way belongs to epoch 2.
struct Scene {
    static let server = ServerID("server")
    static let root = DiskID("root")
    static let disk = DiskID("disk")
    static let snapshot = SnapshotID("snapshot")
    static let detachedAt = Timestamp(seconds: 900_000)
    static let made = Operation(epoch: 1, nonce: "made")
    static let current = Operation(epoch: 2, nonce: "current")
    static let stopped = Runtime(enableInstanceServer: false, dataDiskState: .snapshot)

    var situation: Situation

    /// - Parameter data: decides what there is: the data disk is on a running server, or detached and the server gone.
    init(_ data: DataRecord, wanting runtime: Runtime = Runtime()) {
        let manifest = InstancesTests.manifest(runtime)
        situation = firstSight(manifest)
        situation.record = Record(
            uid: InstanceUID("uid"), name: manifest.name, provider: "local", account: "account", zone: "local",
            operations: [Self.made, Self.current], data: data,
            activity: Activity(kind: .start, operation: Self.current, since: situation.now))
        switch data {
        case .none, .creating: addServer(manifest)
        case .live, .quiescing:
            addServer(manifest)
            addDisk(attached: true)
        case .snapshotting: addDisk(attached: false)
        case .deleting:
            addDisk(attached: false)
            addSnapshot()
            record { $0.condemn(.disk(Self.disk), as: Self.current, because: .savedIn(Self.snapshot)) }
        case .snapshot, .restoring: addSnapshot()
        }
    }

    /// A disk that is saved and condemned, by record and by tag: what only a proof may delete.
    static var condemned: Scene {
        var scene = Scene(
            .deleting(disk, snapshot: snapshot, current, detachedAt: detachedAt), wanting: stopped)
        scene.disk { $0.tags?.condemned = true }
        return scene
    }

    /// A record that holds nothing, in a cloud without anything.
    static var emptied: Scene {
        Scene(.none).bent { scene in
            scene.record { ($0.server, $0.root) = (.absent, .absent) }
            scene.situation.observation = Observation()
        }
    }

    static var live: Scene { Scene(.live(disk, made)) }
    static var stored: Scene { Scene(.snapshot(snapshot), wanting: stopped) }

    static func tags(_ role: Tags.Role, _ operation: Operation = made) -> Tags {
        Tags(
            owner: OwnerID("owner"), instance: InstanceUID("uid"), name: InstanceName("box")!, role: role,
            operation: operation)
    }

    private mutating func addServer(_ manifest: Manifest) {
        record {
            $0.server = .present(Self.server, Self.made)
            $0.root = .present(Self.root, Self.made, image: manifest.server.image)
        }
        situation.observation.servers[Self.server] = .seen(
            Server(
                id: Self.server, name: "box", tags: Self.tags(.server), state: .running, type: manifest.server.type,
                guestReady: true, bootDisk: Self.root,
                configurationDigest: manifest.server.configuration.digest))
        situation.observation.disks[Self.root] = .seen(
            Disk(
                id: Self.root, name: "box", tags: Self.tags(.root), state: .attached, sizeBytes: bytesInGigabyte,
                attachment: .init(server: Self.server, phase: .attached)))
    }

    private mutating func addDisk(attached: Bool) {
        situation.observation.disks[Self.disk] = .seen(
            Disk(
                id: Self.disk, name: "box-data", tags: Self.tags(.data), state: attached ? .attached : .available,
                sizeBytes: bytesInGigabyte,
                attachment: attached ? .init(server: Self.server, phase: .attached) : nil,
                lastDetachedAt: attached ? nil : Self.detachedAt))
    }

    private mutating func addSnapshot() {
        situation.observation.snapshots[Self.snapshot] = .seen(
            Snapshot(
                id: Self.snapshot, name: "box-data-2", tags: Self.tags(.data, Self.current), state: .available,
                sizeBytes: bytesInGigabyte, sourceDisk: Self.disk))
        record { $0.snapshots.append(Self.recorded(Self.snapshot, Self.current)) }
    }

    static func recorded(_ id: SnapshotID, _ operation: Operation) -> SnapshotRecord {
        SnapshotRecord(
            id: id, operation: operation, sourceDisk: disk, sizeBytes: bytesInGigabyte, createdAt: nil)
    }

    // MARK: Bending

    mutating func record(_ change: (inout Record) -> Void) {
        guard var record = situation.record else { return }
        change(&record)
        situation.record = record
    }

    mutating func desire(_ change: (inout Manifest) -> Void) {
        guard case .manifest(var manifest) = situation.desired else { return }
        change(&manifest)
        situation.desired = .manifest(manifest)
    }

    mutating func server(_ change: (inout Server) -> Void) {
        guard case .seen(var server)? = situation.observation.servers[Self.server] else { return }
        change(&server)
        situation.observation.servers[server.id] = .seen(server)
    }

    mutating func disk(_ id: DiskID = Self.disk, _ change: (inout Disk) -> Void) {
        guard case .seen(var disk)? = situation.observation.disks[id] else { return }
        change(&disk)
        situation.observation.disks[disk.id] = .seen(disk)
    }

    mutating func snapshot(_ id: SnapshotID = Self.snapshot, change: (inout Snapshot) -> Void) {
        guard case .seen(var snapshot)? = situation.observation.snapshots[id] else { return }
        change(&snapshot)
        situation.observation.snapshots[snapshot.id] = .seen(snapshot)
    }

    func bent(_ change: (inout Scene) -> Void) -> Scene {
        var scene = self
        change(&scene)
        return scene
    }

    // MARK: Asking

    var reason: String { decide(situation).explanation.reason }

    /// The action that is decided on; `nil` where it is something else.
    var action: Action? {
        guard case .act(let action, _) = decide(situation) else { return nil }
        return action
    }

    /// The record that is to be published; `nil` where it is something else.
    var published: Record? {
        guard case .publish(let record, _) = decide(situation) else { return nil }
        return record
    }

    /// Why the second check refuses an action; `nil`: it may be carried out.
    func refusal(of action: Action) -> String? { check(.act(action, Explanation("Test", "test")), in: situation) }

    /// Why the second check refuses a changed record; `nil`: it may be published.
    func refusal(ofRecord change: (inout Record) -> Void) -> String? {
        guard var record = situation.record else { return nil }
        change(&record)
        return check(.publish(record, Explanation("Test", "test")), in: situation)
    }
}

extension Scene {
    /// A detached data disk that an operation has made.
    mutating func addDisk(_ id: DiskID = Self.disk, of operation: Operation) {
        situation.observation.disks[id] = .seen(
            Disk(
                id: id, name: "box-data", tags: Self.tags(.data, operation), state: .available,
                sizeBytes: bytesInGigabyte))
    }

    mutating func see(_ snapshot: SnapshotRecord) {
        situation.observation.snapshots[snapshot.id] = .seen(
            Snapshot(
                id: snapshot.id, name: "box-data", tags: Self.tags(.data, snapshot.operation), state: .available,
                sizeBytes: snapshot.sizeBytes, sourceDisk: nil))
    }

    /// The data disk is detached.
    mutating func free() {
        disk { ($0.attachment, $0.state, $0.lastDetachedAt) = (nil, .available, Self.detachedAt) }
    }

    mutating func seeGone(_ id: ResourceID, times: Int = Observation.readsThatProveAbsence) {
        switch id {
        case .server(let id): situation.observation.servers[id] = .missing(times: times)
        case .disk(let id): situation.observation.disks[id] = .missing(times: times)
        case .snapshot(let id): situation.observation.snapshots[id] = .missing(times: times)
        case .companion: break
        }
    }
}
