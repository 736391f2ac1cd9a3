import Instances
import Reconciler

/// The cloud as one process of an operator reaches it: over a line that delays, refuses and loses.
struct CloudPort: Provider, @unchecked Sendable {
    let life: Life
    let cloud: Cloud

    var capabilities: Capabilities {
        Capabilities(
            dataDiskSnapshots: true, rootDiskSnapshots: true, growsDisks: true, changesType: true, cloudInit: true,
            publicIP: true, privateNetworks: false, firewall: false, protection: false, iops: false,
            zones: Episode.zones)
    }

    // MARK: Lines

    private static let latency = Duration.milliseconds(300)
    private static let dead = ProviderError(.unavailable, "the process is over")

    private func read<Value: Sendable>(
        _ carryOut: @escaping () throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        guard !life.isOver else { throw Self.dead }
        let random = life.episode.random.chance(life.faults.refused)
        var fate = Fate<ProviderError>.answered
        if random || cloud.isDown {
            fate = .refused(refusal(of: [.unavailable, .rateLimited(retryAfter: nil), .forbidden]))
        }
        return try await send(fate, carryOut).get()
    }

    private func read<Resource: Sendable>(
        _ id: ResourceID, _ carryOut: @escaping () throws(ProviderError) -> Resource
    ) async throws(ProviderError) -> Resource {
        do {
            let resource = try await read(carryOut)
            life.knowledge.found(resource, in: cloud.place)
            return resource
        } catch {
            if error.reason == .notFound { life.knowledge.missed(id, in: cloud.place) }
            throw error
        }
    }

    /// - Parameters:
    ///   - resources: that it changes or uses.
    ///   - tags: of what it makes, or that it gives.
    ///   - instance: whose data a deletion may take, so that people are known to have kept their hands off.
    private func write<Value: Sendable>(
        _ resources: [ResourceID], as tags: Tags? = nil, deletingOf instance: Int? = nil,
        _ carryOut: @escaping () throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        guard !life.isOver else { throw Self.dead }
        life.sends()
        life.requireOwned(resources, as: tags, in: cloud)
        let faults = life.faults
        var fate = Fate<ProviderError>.answered
        if cloud.isDown || life.episode.random.chance(faults.refused) {
            fate = .refused(
                refusal(of: [
                    .unavailable, .conflict, .quota, .capacity, .rateLimited(retryAfter: .seconds(5)), .forbidden,
                ]))
        } else if life.episode.random.chance(faults.lostAnswer) {
            fate = .answerLost
        } else if life.episode.random.chance(faults.late) {
            fate = .late(life.episode.random.duration(upTo: faults.latest))
        }
        if let instance { life.episode.deletion(of: instance, mayLandIn: fate, Self.latency) }
        return try await send(fate, carryOut).get()
    }

    private func send<Value: Sendable>(
        _ fate: Fate<ProviderError>, _ carryOut: @escaping () throws(ProviderError) -> Value
    ) async -> Result<Value, ProviderError> {
        await life.exchange(
            fate, latency: Self.latency, dead: Self.dead, lost: ProviderError(.unknownOutcome, "no answer")
        ) {
            Result { () throws(ProviderError) in try carryOut() }
        }
    }

    private func refusal(of reasons: [ProviderError.Reason]) -> ProviderError {
        let reason = cloud.isDown ? .unavailable : life.episode.random.pick(reasons)
        return ProviderError(reason, "refused")
    }

    // MARK: Reading

    func account() async throws(ProviderError) -> String { "account" }

    func list() async -> Listing {
        life.looksAnew()
        life.knowledge.begins(cloud.place, at: cloud.now)
        do throws(ProviderError) {
            let inventory = try await read { () throws(ProviderError) in cloud.list() }
            life.knowledge.listed(cloud.place, inventory)
            return .complete(inventory)
        } catch { return .unknown(error.message) }
    }

    func server(_ id: ServerID) async throws(ProviderError) -> Server {
        try await read(.server(id)) { () throws(ProviderError) in try cloud.read(id) }
    }

    func disk(_ id: DiskID) async throws(ProviderError) -> Disk {
        try await read(.disk(id)) { () throws(ProviderError) in try cloud.read(id) }
    }

    func snapshot(_ id: SnapshotID) async throws(ProviderError) -> Snapshot {
        try await read(.snapshot(id)) { () throws(ProviderError) in try cloud.read(id) }
    }

    func validate(
        _ manifest: Manifest, for undertaking: Undertaking
    ) async throws(ProviderError) -> [ManifestProblem] { [] }

    // MARK: Changing

    func createServer(_ specification: ServerSpecification) async throws(ProviderError) -> Server {
        let made = try await write(specification.bootDisks, as: specification.tags) { () throws(ProviderError) in
            try cloud.createServer(specification)
        }
        life.knowledge.makes(.server(made.id))
        return made
    }

    func configureServer(
        _ id: ServerID, tags: Tags, as configuration: ServerConfiguration
    ) async throws(ProviderError) {
        try await write([.server(id)], as: tags) { () throws(ProviderError) in
            try cloud.configureServer(id, tags: tags, as: configuration)
        }
    }

    func changeType(of id: ServerID, to type: String) async throws(ProviderError) {
        try await write([.server(id)]) { () throws(ProviderError) in try cloud.changeType(of: id, to: type) }
    }

    func powerOn(_ id: ServerID) async throws(ProviderError) {
        try await write([.server(id)]) { () throws(ProviderError) in try cloud.powerOn(id) }
    }

    func powerOff(_ id: ServerID) async throws(ProviderError) {
        try await write([.server(id)]) { () throws(ProviderError) in try cloud.powerOff(id) }
    }

    func deleteServer(_ proof: ServerDeletionProof) async throws(ProviderError) {
        let id = proof.server
        try await write([.server(id)]) { () throws(ProviderError) in try cloud.deleteServer(id) }
    }

    func attachDisk(_ disk: DiskID, to server: ServerID) async throws(ProviderError) {
        try await write([.disk(disk), .server(server)]) { () throws(ProviderError) in
            try cloud.attachDisk(disk, to: server)
        }
    }

    func detachDisk(_ disk: DiskID, from server: ServerID) async throws(ProviderError) {
        try await write([.disk(disk), .server(server)]) { () throws(ProviderError) in
            try cloud.detachDisk(disk, from: server)
        }
    }

    func createDisk(_ specification: DiskSpecification) async throws(ProviderError) -> Disk {
        let made = try await write(specification.source.map { [.snapshot($0)] } ?? [], as: specification.tags) {
            () throws(ProviderError) in try cloud.createDisk(specification)
        }
        life.knowledge.makes(.disk(made.id))
        return made
    }

    func growDisk(_ id: DiskID, toBytes bytes: Int64) async throws(ProviderError) {
        try await write([.disk(id)]) { () throws(ProviderError) in try cloud.growDisk(id, toBytes: bytes) }
    }

    /// No manifest of a simulated world names a speed.
    func setIOPS(_ id: DiskID, to iops: Int) async throws(ProviderError) {
        throw ProviderError(.invalid, "every disk here has the same speed")
    }

    func deleteDisk(_ proof: DiskDeletionProof) async throws(ProviderError) {
        let id = proof.disk
        let instance = cloud.volume(id).flatMap { cloud.volumes[$0].instance }
        try await write([.disk(id)], deletingOf: instance) { () throws(ProviderError) in try cloud.deleteDisk(id) }
    }

    func createSnapshot(_ specification: SnapshotSpecification) async throws(ProviderError) -> Snapshot {
        let made = try await write([.disk(specification.disk)], as: specification.tags) { () throws(ProviderError) in
            try cloud.createSnapshot(specification)
        }
        life.knowledge.makes(.snapshot(made.id))
        return made
    }

    func deleteSnapshot(_ proof: SnapshotDeletionProof) async throws(ProviderError) {
        let id = proof.snapshot
        let instance = cloud.copy(id).flatMap { cloud.copies[$0].instance }
        try await write([.snapshot(id)], deletingOf: instance) { () throws(ProviderError) in
            try cloud.deleteSnapshot(id)
        }
    }

    func deleteCompanion(_ id: CompanionID) async throws(ProviderError) {
        try await write([.companion(id)]) { () throws(ProviderError) in try cloud.deleteCompanion(id) }
    }

    func tag(_ resource: ResourceID, with tags: Tags) async throws(ProviderError) {
        // An address keeps the operation that it was made under, which may be older than all that a record remembers.
        let given: Tags? = if case .companion = resource { nil } else { tags }
        try await write([resource], as: given) { () throws(ProviderError) in try cloud.tag(resource, with: tags) }
    }
}

extension ServerSpecification {
    fileprivate var bootDisks: [ResourceID] {
        guard case .disk(let id) = boot else { return [] }
        return [.disk(id)]
    }
}
