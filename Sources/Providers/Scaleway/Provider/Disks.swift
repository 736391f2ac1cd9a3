public import Instances
public import Reconciler

/// Disks and snapshots.
extension ScalewayProvider {
    public func attachDisk(_ disk: DiskID, to server: ServerID) async throws(ProviderError) {
        let (disk, server) = (try ResourceUUID(disk), try ResourceUUID(server))
        let volume = Disk(try await volume(disk))
        if let attachment = volume.attachment {
            guard attachment.server.text == server.text else {
                throw ProviderError(.inUse, "disk \(disk) is attached to server \(attachment.server)")
            }
            guard attachment.phase == .detaching else { return }
        }
        guard volume.state == .available else {
            throw ProviderError(.conflict, "disk \(disk) cannot be attached yet: it is \(volume.state)")
        }
        let machine = try await ours(server)
        guard machine.state == "stopped" else { throw notYet("attach disk \(disk) to", machine) }
        guard machine.bootVolume != nil else {
            throw ProviderError(
                .conflict,
                "server \(server) has no root disk: it would boot from disk \(disk) if that was attached to it")
        }
        try await asConflict { () throws(ProviderError) in try await instance.attach(disk, to: server) }
    }

    /// Scaleway would take even the root disk from a running server; here that is refused.
    public func detachDisk(_ disk: DiskID, from server: ServerID) async throws(ProviderError) {
        let (disk, server) = (try ResourceUUID(disk), try ResourceUUID(server))
        let machine = try await ours(server)
        guard machine.bootVolume?.lowercased() != disk.text else {
            throw ProviderError(.invalid, "disk \(disk) is what server \(server) boots from: it is not detached")
        }
        guard machine.state == "stopped" else { throw notYet("detach disk \(disk) from", machine) }
        guard machine.volumes.values.contains(where: { $0.id.lowercased() == disk.text }) else {
            return try requireLeaving(Disk(try await volume(disk)), server)
        }
        try await asConflict { () throws(ProviderError) in try await instance.detach(disk, from: server) }
    }

    /// Both ids were read just now: arguments that are refused all the same have changed meanwhile, and no person could
    /// mend them.
    private func asConflict(_ call: () async throws(ProviderError) -> Void) async throws(ProviderError) {
        do throws(ProviderError) { try await call() } catch {
            guard error.reason == .invalid else { throw error }
            throw ProviderError(.conflict, error.message)
        }
    }

    /// A disk that is on its way out has left the server's own list already.
    private func requireLeaving(_ disk: Disk, _ server: ResourceUUID) throws(ProviderError) {
        guard let attachment = disk.attachment, attachment.server.text == server.text else { return }
        guard attachment.phase != .detaching else { return }
        throw ProviderError(
            .conflict, "disk \(disk.id) says that it is attached to server \(server), which does not know about it")
    }

    public func createDisk(_ specification: DiskSpecification) async throws(ProviderError) -> Disk {
        guard specification.sizeBytes != nil || specification.source != nil else {
            throw ProviderError(.invalid, "disk \(specification.name) needs a size")
        }
        var request = CreateVolume(
            name: specification.name, project: project.text, tags: specification.tags.words,
            iops: specification.iops ?? Self.iopsClasses[0], size: specification.sizeBytes)
        if let source = specification.source { request.snapshot = try ResourceUUID(source).text }
        return Disk(try await block.createVolume(request))
    }

    public func growDisk(_ id: DiskID, toBytes bytes: Int64) async throws(ProviderError) {
        let id = try ResourceUUID(id)
        let size = try await volume(id).size
        guard size != bytes else { return }
        guard size < bytes else {
            throw ProviderError(.invalid, "disk \(id) has \(size) bytes and is never made smaller (\(bytes) asked for)")
        }
        try await block.grow(id, to: bytes)
    }

    public func setIOPS(_ id: DiskID, to iops: Int) async throws(ProviderError) {
        let id = try ResourceUUID(id)
        guard try await volume(id).iops != iops else { return }
        try await block.setIOPS(of: id, to: iops)
    }

    public func deleteDisk(_ proof: DiskDeletionProof) async throws(ProviderError) {
        try await block.deleteVolume(try ResourceUUID(proof.disk))
    }

    public func createSnapshot(_ specification: SnapshotSpecification) async throws(ProviderError) -> Snapshot {
        Snapshot(
            try await block.createSnapshot(
                of: try ResourceUUID(specification.disk), name: specification.name, tags: specification.tags.words))
    }

    public func deleteSnapshot(_ proof: SnapshotDeletionProof) async throws(ProviderError) {
        try await block.deleteSnapshot(try ResourceUUID(proof.snapshot))
    }
}
