import Glibc
import Instances
import LocalProvider
import Reconciler

/// Everything that one instance can go through.
final class Life {
    typealias Step = (Life) async throws -> Void

    private let directory: String
    private let provider: LocalProvider
    private let uid = InstanceUID("00000000000000aa")
    private let operation = Operation(epoch: 1, nonce: "00000000000000bb")
    private var data = DiskID("")
    private var server = ServerID("")
    private var snapshot = SnapshotID("")

    init(directory: String) {
        self.directory = directory
        provider = LocalProvider(
            directory: directory, programs: LocalProvider.Programs(searchPath: "/usr/bin:/usr/local/bin"),
            now: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
            })
    }

    static func story(_ name: String) -> [Step] {
        switch name {
        case "storage":
            [
                { try await $0.begin() }, { try await $0.makeDisk() }, { $0.write() }, { try await $0.makeSnapshot() },
                { try await $0.condemnDisk() }, { try await $0.deleteSavedDisk() }, { try await $0.restore() },
                { try await $0.grow() }, { try await $0.condemnSnapshot() }, { try await $0.deleteSnapshot() },
            ]
        case "server":
            [
                { try await $0.begin() }, { try await $0.makeDisk() }, { try await $0.makeServer() },
                { try await $0.configure() }, { try await $0.attach() }, { try await $0.detach() },
                { try await $0.changeType() }, { try await $0.attach() }, { try await $0.condemnServer() },
                { try await $0.deleteServer() },
            ]
        case "power":
            [
                { try await $0.begin() }, { try await $0.makeServer() },
                { try await $0.provider.powerOn($0.server) }, { try await $0.stop() },
            ]
        case "full":
            [
                { try await $0.begin() }, { try await $0.makeDisk() }, { $0.write() }, { $0.write(random: 600_000) },
                { try await $0.makeSnapshot() }, { $0.fill(leaving: 400_000) },
                { life in try await life.refused { try await life.makeSnapshot() } },
                { life in try await life.refused { try await life.restore() } },
                { $0.fill(leaving: 0) }, { life in try await life.refused { try await life.condemnDisk() } },
                { $0.unfill() }, { try await $0.restore() }, { try await $0.condemnDisk() },
            ]
        case "again": [{ try await $0.begin() }, { try await $0.makeDisk() }]
        default: []
        }
    }

    private func begin() async throws { _ = try await provider.account() }

    // MARK: Storage

    private func makeDisk() async throws {
        data = try await provider.createDisk(
            DiskSpecification(name: "data", tags: tags(.data), sizeBytes: 1 << 20, source: nil)
        ).id
    }

    /// As a guest does.
    private func write() {
        let content: [UInt8] = Array("what must not be lost".utf8)
        let file = open("\(directory)/disks/\(data).raw", O_WRONLY)
        pwrite(file, content, content.count, 4096)
        close(file)
    }

    // MARK: A full disk

    private func write(random count: Int) {
        let content = (0..<count).map { _ in UInt8.random(in: 1...255) }
        let file = open("\(directory)/disks/\(data).raw", O_WRONLY)
        pwrite(file, content, content.count, 8192)
        close(file)
    }

    /// Fills the file system with a file of zeros, but for so many bytes.
    private func fill(leaving bytes: Int) {
        let zeros = [UInt8](repeating: 0, count: 4096)
        let file = open(directory + "/ballast", O_WRONLY | O_CREAT, 0o600)
        var length = lseek(file, 0, SEEK_END)
        while Glibc.write(file, zeros, zeros.count) == zeros.count { length += zeros.count }
        ftruncate(file, max(0, length - bytes))
        close(file)
    }

    private func unfill() { unlink(directory + "/ballast") }

    /// Requires a step to be refused, and everything to be as it was.
    private func refused(_ step: () async throws -> Void) async throws {
        let before = await shape()
        do { try await step() } catch let error as ProviderError {
            print("refused", error.reason, error)
            guard await shape() == before else { throw ProviderError(.host, "something is not as it was") }
            return
        }
        throw ProviderError(.host, "not refused")
    }

    private func makeSnapshot() async throws {
        snapshot = try await provider.createSnapshot(
            SnapshotSpecification(name: "copy", tags: tags(.data), disk: data)
        ).id
    }

    private func condemnDisk() async throws { try await provider.tag(.disk(data), with: tags(.data, condemned: true)) }

    private func deleteSavedDisk() async throws {
        let fresh = try await provider.disk(data)
        var record = record(.disk(data), .savedIn(snapshot))
        record.data = .deleting(data, snapshot: snapshot, operation, detachedAt: fresh.lastDetachedAt)
        try await provider.deleteDisk(
            DiskDeletionProof(record: record, fresh: fresh, copy: .snapshot(try await provider.snapshot(snapshot))))
    }

    private func restore() async throws {
        data = try await provider.createDisk(
            DiskSpecification(name: "data", tags: tags(.data), sizeBytes: 2 << 20, source: snapshot)
        ).id
    }

    private func grow() async throws { try await provider.growDisk(data, toBytes: 3 << 20) }

    private func condemnSnapshot() async throws {
        try await provider.tag(.snapshot(snapshot), with: tags(.data, condemned: true))
    }

    private func deleteSnapshot() async throws {
        try await provider.deleteSnapshot(
            SnapshotDeletionProof(
                record: record(.snapshot(snapshot), .approved(commit: "c")),
                fresh: try await provider.snapshot(snapshot), copy: nil))
    }

    // MARK: Server

    private func makeServer() async throws {
        server = try await provider.createServer(
            ServerSpecification(
                name: "box", tags: tags(.server), type: "c1-m16", boot: .image("counter", rootBytes: nil),
                configuration: ServerConfiguration())
        ).id
    }

    private func configure() async throws {
        try await provider.configureServer(server, tags: tags(.companion), as: ServerConfiguration(publicIP: .none))
    }

    private func attach() async throws { try await provider.attachDisk(data, to: server) }
    private func detach() async throws { try await provider.detachDisk(data, from: server) }
    private func changeType() async throws { try await provider.changeType(of: server, to: "c2-m32") }

    private func stop() async throws {
        try await provider.powerOff(server)
        while try await provider.server(server).state != .stopped { try await Task.sleep(for: .milliseconds(10)) }
    }

    private func condemnServer() async throws {
        try await provider.tag(.server(server), with: tags(.server, condemned: true))
    }

    private func deleteServer() async throws {
        try await provider.deleteServer(
            ServerDeletionProof(
                record: record(.server(server), .unwantedServer), fresh: try await provider.server(server), data: nil))
    }

    private func tags(_ role: Tags.Role, condemned: Bool = false) -> Tags {
        guard let name = InstanceName("box") else { preconditionFailure("a name is well formed") }
        return Tags(
            owner: OwnerID("o"), instance: uid, name: name, role: role, operation: operation, condemned: condemned)
    }

    private func record(_ resource: ResourceID, _ ground: Condemned.Ground) -> Record {
        guard let name = InstanceName("box") else { preconditionFailure("a name is well formed") }
        var record = Record(
            uid: uid, name: name, provider: "local", account: "a", zone: "local", operations: [operation])
        record.condemn(resource, as: operation, because: ground)
        return record
    }
}

extension Life {
    /// What is there, on one line, without ids and times: equal for equal situations.
    func shape() async -> String {
        var listing = await provider.list()
        // A stop that was asked for goes on while somebody looks.
        while case .complete(let inventory) = listing, inventory.servers.contains(where: { $0.state == .stopping }) {
            try? await Task.sleep(for: .milliseconds(20))
            listing = await provider.list()
        }
        guard case .complete(let inventory) = listing else { return "unknown" }
        let servers = inventory.servers.map { server in
            let disks = inventory.disks.filter { $0.attachment?.server == server.id }.map(\.name).sorted()
            return "server \(server.name) \(server.type) \(server.state) \(mark(server.tags)) \(disks) "
                + "\(server.configurationDigest ?? "-")"
        }
        let disks = inventory.disks.map { disk in
            "disk \(disk.name) \(disk.sizeBytes) \(disk.state) \(mark(disk.tags)) "
                + "\(disk.lastDetachedAt == nil ? "new" : "used") \(digest("disks/\(disk.id).raw"))"
        }
        let snapshots = inventory.snapshots.map { snapshot in
            "snapshot \(snapshot.name) \(snapshot.sizeBytes) \(snapshot.state) \(mark(snapshot.tags)) "
                + digest("snapshots/\(snapshot.id).qcow2")
        }
        return (servers + disks + snapshots).sorted().joined(separator: "; ")
    }

    private func mark(_ tags: Tags?) -> String { tags.map { $0.condemned ? "condemned" : "ours" } ?? "foreign" }

    /// FNV-1a of the start of a file.
    private func digest(_ path: String) -> String {
        let file = open("\(directory)/\(path)", O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = max(0, pread(file, &bytes, bytes.count, 0))
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes[..<count] where byte != 0 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
