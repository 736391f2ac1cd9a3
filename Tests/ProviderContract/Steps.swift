import Instances
import Reconciler

/// The steps that clauses are made of. Each returns when its effect can be read.
extension ProviderContract {
    func tags(_ role: Tags.Role, condemned: Bool = false) -> Tags {
        Tags(owner: owner, instance: uid, name: name, role: role, operation: operation, condemned: condemned)
    }

    // MARK: Making

    func makeServer(from disk: DiskID? = nil) async throws -> Server {
        let boot = disk.map { ServerSpecification.Boot.disk($0) } ?? .image(harness.image, rootBytes: harness.rootBytes)
        let server = try await provider.createServer(
            ServerSpecification(
                name: "\(name)-server", tags: tags(.server), type: harness.type, boot: boot,
                configuration: ServerConfiguration()))
        return try await state(of: server.id, .stopped)
    }

    func makeDisk(from snapshot: SnapshotID? = nil, bytes: Int64? = nil, _ role: Tags.Role = .data) async throws -> Disk
    {
        let size = bytes ?? (snapshot == nil ? harness.dataBytes : nil)
        let disk = try await provider.createDisk(
            DiskSpecification(name: "\(name)-\(role.rawValue)", tags: tags(role), sizeBytes: size, source: snapshot))
        return try await state(of: disk.id, .available)
    }

    func makeSnapshot(of disk: DiskID, _ role: Tags.Role = .data) async throws -> Snapshot {
        let snapshot = try await provider.createSnapshot(
            SnapshotSpecification(name: "\(name)-\(role.rawValue)", tags: tags(role), disk: disk))
        return try await wait(for: "available snapshot", { try await provider.snapshot(snapshot.id) }) {
            $0.state == .available
        }
    }

    // MARK: Moving

    func state(of server: ServerID, _ state: Server.State) async throws -> Server {
        try await wait(for: "\(state) server", { try await provider.server(server) }) { $0.state == state }
    }

    func state(of disk: DiskID, _ state: Disk.State) async throws -> Disk {
        try await wait(for: "\(state) disk", { try await provider.disk(disk) }) { $0.state == state }
    }

    @discardableResult
    func boot(_ server: ServerID) async throws -> Server {
        try await provider.powerOn(server)
        return try await wait(for: "running server", { try await provider.server(server) }) {
            $0.state == .running && $0.guestReady != false
        }
    }

    func stop(_ server: ServerID) async throws {
        try await provider.powerOff(server)
        _ = try await state(of: server, .stopped)
    }

    func attach(_ disk: DiskID, to server: ServerID) async throws {
        try await provider.attachDisk(disk, to: server)
        _ = try await wait(for: "attached disk", { try await provider.disk(disk) }) {
            $0.attachment == Disk.Attachment(server: server, phase: .attached)
        }
    }

    func detach(_ disk: DiskID, from server: ServerID) async throws -> Disk {
        try await provider.detachDisk(disk, from: server)
        return try await state(of: disk, .available)
    }

    // MARK: Deleting, with proof

    func delete(_ server: ServerID) async throws {
        try await provider.tag(.server(server), with: tags(.server, condemned: true))
        let record = record(condemning: .server(server), .unwantedServer)
        let proof = try ServerDeletionProof(record: record, fresh: try await provider.server(server), data: nil)
        try await provider.deleteServer(proof)
        try await gone("server") { () throws(ProviderError) in _ = try await provider.server(server) }
    }

    /// Deletes a disk whose content does not matter.
    func delete(_ disk: DiskID, _ role: Tags.Role = .data) async throws {
        try await provider.deleteDisk(try await proof(disk, role))
        try await gone("disk") { () throws(ProviderError) in _ = try await provider.disk(disk) }
    }

    func proof(_ disk: DiskID, _ role: Tags.Role = .data) async throws -> DiskDeletionProof {
        try await provider.tag(.disk(disk), with: tags(role, condemned: true))
        let record = record(condemning: .disk(disk), role == .root ? .unneededRoot : .approved(commit: "contract"))
        // A disk whose server was deleted may take its time to come free.
        let fresh = try await wait(for: "free disk", { try await provider.disk(disk) }) {
            $0.attachment == nil && ($0.state == .available || $0.state == .error)
        }
        return try DiskDeletionProof(record: record, fresh: fresh, copy: nil)
    }

    /// Deletes a disk whose content is in a snapshot.
    func delete(_ disk: DiskID, savedIn snapshot: SnapshotID) async throws {
        try await provider.tag(.disk(disk), with: tags(.data, condemned: true))
        let fresh = try await provider.disk(disk)
        var record = record(condemning: .disk(disk), .savedIn(snapshot))
        record.data = .deleting(disk, snapshot: snapshot, operation, detachedAt: fresh.lastDetachedAt)
        let proof = try DiskDeletionProof(
            record: record, fresh: fresh, copy: .snapshot(try await provider.snapshot(snapshot)))
        try await provider.deleteDisk(proof)
        try await gone("disk") { () throws(ProviderError) in _ = try await provider.disk(disk) }
    }

    func delete(_ snapshot: SnapshotID, _ role: Tags.Role = .data) async throws {
        try await provider.tag(.snapshot(snapshot), with: tags(role, condemned: true))
        let record = record(condemning: .snapshot(snapshot), .approved(commit: "contract"))
        let proof = try SnapshotDeletionProof(
            record: record, fresh: try await provider.snapshot(snapshot), copy: nil)
        try await provider.deleteSnapshot(proof)
        try await gone("snapshot") { () throws(ProviderError) in _ = try await provider.snapshot(snapshot) }
    }

    /// Deletes a server, its root disk and its data disks.
    func clear(_ server: Server, _ data: DiskID...) async throws {
        try await delete(server.id)
        for disk in data { try await delete(disk) }
        if let root = server.bootDisk { try await delete(root, .root) }
    }

    func record(condemning resource: ResourceID, _ ground: Condemned.Ground) -> Record {
        var record = Record(
            uid: uid, name: name, provider: "contract", account: "contract", zone: "contract", operations: [operation])
        record.condemn(resource, as: operation, because: ground)
        return record
    }

    func gone(_ what: String, _ read: () async throws(ProviderError) -> Void) async throws {
        for _ in 0..<harness.looks {
            do throws(ProviderError) { try await read() } catch {
                if error.reason == .notFound { return }
                throw error
            }
            try await harness.pause()
        }
        throw ContractViolation("a deleted \(what) never goes")
    }

    func inventory() async throws -> Inventory {
        switch await provider.list() {
        case .complete(let inventory): return inventory
        case .unknown(let reason): throw ContractViolation("there is no listing: \(reason)")
        }
    }
}
