import Instances
import Reconciler
import Synchronization

/// A cloud in memory in which every call has its effect at once. A test bends it, or makes calls fail.
final class SmallCloud: Provider {
    struct Contents: Sendable {
        var account = "account"
        var servers: [ServerID: Server] = [:]
        var disks: [DiskID: Disk] = [:]
        var snapshots: [SnapshotID: Snapshot] = [:]
        var companions: [CompanionID: Companion] = [:]
        /// Every call that changes something, as it arrived.
        var calls: [String] = []
        /// What calls throw, by their name; the first of each is thrown next.
        var failures: [String: [ProviderError]] = [:]
        /// Carried out although it throws.
        var landsAnyway = false
        /// Just before a call of this name is carried out, a person or another operator does this.
        var meanwhile: [String: @Sendable (inout Contents) -> Void] = [:]
        /// Left out of listings, as by a replica that lags.
        var unlisted: Set<ResourceID> = []
        /// Listed as they were, by the same replica.
        var listed: [ServerID: Server] = [:]
        var problems: [ManifestProblem] = []
        /// What manifests were checked for.
        var validated: [Undertaking] = []
        /// Snapshots are begun and end in an error.
        var snapshotsFail = false
        var detaches: Int64 = 0
        var made = 0
    }

    private let contents = Mutex(Contents())

    var capabilities: Capabilities {
        Capabilities(
            dataDiskSnapshots: true, rootDiskSnapshots: true, growsDisks: true, changesType: true, cloudInit: true,
            publicIP: true, privateNetworks: true, firewall: true, protection: true, iops: true, zones: [])
    }

    func bend<Result>(_ change: (inout sending Contents) -> sending Result) -> Result { contents.withLock(change) }

    var calls: [String] { contents.withLock { $0.calls } }

    /// Does what was asked for, after what a test wants to come in between.
    private func carry<Result: Sendable>(
        _ call: String, changes: Bool = true, _ effect: (inout Contents) throws(ProviderError) -> Result
    ) throws(ProviderError) -> Result {
        let outcome: Swift.Result<Result, ProviderError> = contents.withLock { contents in
            contents.meanwhile.removeValue(forKey: call)?(&contents)
            if changes { contents.calls.append(call) }
            var failure: ProviderError?
            if contents.failures[call]?.isEmpty == false { failure = contents.failures[call]?.removeFirst() }
            if let failure, !contents.landsAnyway { return .failure(failure) }
            do throws(ProviderError) {
                let result = try effect(&contents)
                return failure.map { .failure($0) } ?? .success(result)
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    // MARK: Reading

    func account() async throws(ProviderError) -> String {
        try carry("account", changes: false) { contents throws(ProviderError) in contents.account }
    }

    func list() async -> Listing {
        do throws(ProviderError) {
            let inventory = try carry("list", changes: false) { contents throws(ProviderError) in
                Inventory(
                    servers: contents.servers.values.filter { !contents.unlisted.contains(.server($0.id)) }
                        .map { contents.listed[$0.id] ?? $0 },
                    disks: contents.disks.values.filter { !contents.unlisted.contains(.disk($0.id)) },
                    snapshots: contents.snapshots.values.filter { !contents.unlisted.contains(.snapshot($0.id)) },
                    companions: Array(contents.companions.values))
            }
            return .complete(inventory)
        } catch { return .unknown(error.message) }
    }

    func server(_ id: ServerID) async throws(ProviderError) -> Server {
        try carry("server", changes: false) { contents throws(ProviderError) in try found(contents.servers[id], id) }
    }

    func disk(_ id: DiskID) async throws(ProviderError) -> Disk {
        try carry("disk", changes: false) { contents throws(ProviderError) in try found(contents.disks[id], id) }
    }

    func snapshot(_ id: SnapshotID) async throws(ProviderError) -> Snapshot {
        try carry("snapshot", changes: false) { contents throws(ProviderError) in try found(contents.snapshots[id], id)
        }
    }

    private func found<Kind, Resource>(
        _ resource: Resource?, _ id: Identifier<Kind>
    ) throws(ProviderError) -> Resource {
        guard let resource else { throw ProviderError(.notFound, "\(id) is not there") }
        return resource
    }

    func validate(
        _ manifest: Manifest, for undertaking: Undertaking
    ) async throws(ProviderError) -> [ManifestProblem] {
        try carry("validate", changes: false) { contents throws(ProviderError) in
            contents.validated.append(undertaking)
            return contents.problems
        }
    }

    // MARK: Servers

    func createServer(_ specification: ServerSpecification) async throws(ProviderError) -> Server {
        try carry("createServer") { contents throws(ProviderError) in
            contents.made += 1
            var server = Server(
                id: ServerID("server-\(contents.made)"), name: specification.name, tags: specification.tags,
                state: .stopped, type: specification.type, guestReady: true)
            var tags = specification.tags
            tags.role = .root
            switch specification.boot {
            case .disk(let disk): server.bootDisk = disk
            case .image:
                let root = Disk(
                    id: DiskID("root-\(contents.made)"), name: specification.name, tags: tags, state: .attached,
                    sizeBytes: bytesInGigabyte)
                contents.disks[root.id] = root
                server.bootDisk = root.id
            }
            if let root = server.bootDisk {
                contents.disks[root]?.attachment = .init(server: server.id, phase: .attached)
                contents.disks[root]?.state = .attached
            }
            contents.servers[server.id] = server
            return server
        }
    }

    func configureServer(_ id: ServerID, tags: Tags, as configuration: ServerConfiguration) async throws(ProviderError)
    {
        try carry("configureServer") { contents throws(ProviderError) in
            contents.servers[id]?.configurationDigest = configuration.digest
        }
    }

    func changeType(of id: ServerID, to type: String) async throws(ProviderError) {
        try carry("changeType") { contents throws(ProviderError) in contents.servers[id]?.type = type }
    }

    func powerOn(_ id: ServerID) async throws(ProviderError) {
        try carry("powerOn") { contents throws(ProviderError) in contents.servers[id]?.state = .running }
    }

    func powerOff(_ id: ServerID) async throws(ProviderError) {
        try carry("powerOff") { contents throws(ProviderError) in contents.servers[id]?.state = .stopped }
    }

    func deleteServer(_ proof: ServerDeletionProof) async throws(ProviderError) {
        try carry("deleteServer") { contents throws(ProviderError) in
            contents.lose(proof.server)
        }
    }

    // MARK: Disks

    func attachDisk(_ disk: DiskID, to server: ServerID) async throws(ProviderError) {
        try carry("attachDisk") { contents throws(ProviderError) in
            contents.disks[disk]?.attachment = .init(server: server, phase: .attached)
            contents.disks[disk]?.state = .attached
        }
    }

    func detachDisk(_ disk: DiskID, from server: ServerID) async throws(ProviderError) {
        try carry("detachDisk") { contents throws(ProviderError) in contents.free(disk) }
    }

    func createDisk(_ specification: DiskSpecification) async throws(ProviderError) -> Disk {
        try carry("createDisk") { contents throws(ProviderError) in
            contents.made += 1
            let source = specification.source.flatMap { contents.snapshots[$0] }
            let disk = Disk(
                id: DiskID("disk-\(contents.made)"), name: specification.name, tags: specification.tags,
                state: .available, sizeBytes: specification.sizeBytes ?? source?.sizeBytes ?? 0,
                source: specification.source)
            contents.disks[disk.id] = disk
            return disk
        }
    }

    func growDisk(_ id: DiskID, toBytes bytes: Int64) async throws(ProviderError) {
        try carry("growDisk") { contents throws(ProviderError) in contents.disks[id]?.sizeBytes = bytes }
    }

    func setIOPS(_ id: DiskID, to iops: Int) async throws(ProviderError) {
        try carry("setIOPS") { contents throws(ProviderError) in contents.disks[id]?.iops = iops }
    }

    func deleteDisk(_ proof: DiskDeletionProof) async throws(ProviderError) {
        try carry("deleteDisk") { contents throws(ProviderError) in contents.disks[proof.disk] = nil }
    }

    // MARK: Snapshots, companions, tags

    func createSnapshot(_ specification: SnapshotSpecification) async throws(ProviderError) -> Snapshot {
        try carry("createSnapshot") { contents throws(ProviderError) in
            contents.made += 1
            let snapshot = Snapshot(
                id: SnapshotID("snapshot-\(contents.made)"), name: specification.name, tags: specification.tags,
                state: contents.snapshotsFail ? .error : .available,
                sizeBytes: contents.disks[specification.disk]?.sizeBytes ?? 0,
                sourceDisk: specification.disk)
            contents.snapshots[snapshot.id] = snapshot
            return snapshot
        }
    }

    func deleteSnapshot(_ proof: SnapshotDeletionProof) async throws(ProviderError) {
        try carry("deleteSnapshot") { contents throws(ProviderError) in contents.snapshots[proof.snapshot] = nil }
    }

    func deleteCompanion(_ id: CompanionID) async throws(ProviderError) {
        try carry("deleteCompanion") { contents throws(ProviderError) in contents.companions[id] = nil }
    }

    func tag(_ resource: ResourceID, with tags: Tags) async throws(ProviderError) {
        try carry("tag") { contents throws(ProviderError) in
            switch resource {
            case .server(let id): contents.servers[id]?.tags = tags
            case .disk(let id): contents.disks[id]?.tags = tags
            case .snapshot(let id): contents.snapshots[id]?.tags = tags
            case .companion(let id): contents.companions[id]?.tags = tags
            }
        }
    }
}

extension SmallCloud.Contents {
    mutating func lose(_ server: ServerID) {
        servers[server] = nil
        for disk in disks.values where disk.attachment?.server == server { free(disk.id) }
    }

    mutating func free(_ disk: DiskID) {
        detaches += 1
        disks[disk]?.attachment = nil
        disks[disk]?.state = .available
        disks[disk]?.lastDetachedAt = Timestamp(seconds: detaches)
    }
}
