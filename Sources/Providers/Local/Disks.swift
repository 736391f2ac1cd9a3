public import Instances
public import Reconciler

extension LocalProvider {
    public func createDisk(_ specification: DiskSpecification) async throws(ProviderError) -> Disk {
        try await run { (cancellation) throws(ProviderError) in
            let workspace = try Workspace(self.state)
            var disk = DiskMetadata(
                id: StateDirectory.newID(.disk), name: specification.name, tags: specification.tags.words,
                sizeBytes: 0, snapshot: specification.source?.text, createdAt: StoredTime(self.now()))
            let content = workspace.file("disk.raw")
            if let source = specification.source {
                let snapshot = try self.restore(source, to: content, cancellation)
                (disk.sizeBytes, disk.image) = (snapshot.sizeBytes, snapshot.image)
            } else {
                try FileSystem.create(content, [])
            }
            let wanted = specification.sizeBytes ?? disk.sizeBytes
            guard wanted >= max(disk.sizeBytes, sectorBytes), wanted % sectorBytes == 0 else {
                throw ProviderError(
                    .invalid,
                    "a disk of \(wanted) bytes cannot be made; it is to have whole sectors of "
                        + "\(sectorBytes) bytes, and at least the \(disk.sizeBytes) bytes of its source")
            }
            disk.sizeBytes = wanted
            try FileSystem.resize(content, toBytes: wanted)
            var changes = Changes()
            changes.arrivals.append(("disk.raw", "disks/\(disk.id).raw"))
            try changes.put(disk, .disk)
            try workspace.commit(changes)
            return try self.state.present(disk)
        }
    }

    /// Writes the content of a snapshot to a new raw file, and reads it back.
    private func restore(
        _ id: SnapshotID, to content: String, _ cancellation: Cancellation
    ) throws(ProviderError) -> SnapshotMetadata {
        let tool = try imageTool(cancellation)
        let lease = try state.lease([id.text])
        defer { withExtendedLifetime(lease) {} }
        let snapshot = try require(id)
        let source = state.content(ofSnapshot: id.text)
        guard try state.present(snapshot).state == .available else {
            throw ProviderError(.host, "\(id) is damaged: \(source) is missing or has another length than it had")
        }
        try tool.check(source, bytes: snapshot.sizeBytes)
        try tool.convert(source, .qcow2, to: content, .raw, bytes: snapshot.sizeBytes)
        try tool.compare(raw: content, qcow2: source, bytes: snapshot.sizeBytes)
        guard try FileSystem.size(of: content) == snapshot.sizeBytes else {
            throw ProviderError(.host, "\(id) is damaged: it does not have the \(snapshot.sizeBytes) bytes that it had")
        }
        return snapshot
    }

    public func growDisk(_ id: DiskID, toBytes bytes: Int64) async throws(ProviderError) {
        let server = try await run { (_) throws(ProviderError) in try self.require(id).server }
        // The server too, so that it is not powered on or off meanwhile.
        try await change([id.text] + (server.map { [$0] } ?? [])) { (_) throws(ProviderError) in
            var disk = try self.require(id)
            guard disk.server == server else { throw ProviderError(.conflict, "\(id) is being attached or detached") }
            // The file may be ahead of what is remembered, and somebody may have written there.
            let present = try self.state.present(disk).sizeBytes
            guard bytes >= present, bytes % sectorBytes == 0 else {
                throw ProviderError(.invalid, "\(id) has \(present) bytes and cannot have \(bytes)")
            }
            if bytes == disk.sizeBytes { return }
            try self.resize(disk, toBytes: bytes)
            disk.sizeBytes = bytes
            try afterwards { () throws(ProviderError) in try self.replace(disk, .disk) }
        }
    }

    public func setIOPS(_ id: DiskID, to iops: Int) async throws(ProviderError) {
        throw ProviderError(.invalid, "\(id) is as fast as this machine's own disk: its speed cannot be chosen")
    }

    private func resize(_ disk: DiskMetadata, toBytes bytes: Int64) throws(ProviderError) {
        let content = state.content(ofDisk: disk.id)
        guard let id = disk.server.map({ ServerID($0) }), try machine(of: require(id)).process() != nil else {
            return try afterwards { () throws(ProviderError) in try FileSystem.resize(content, toBytes: bytes) }
        }
        guard var monitor = try MachineMonitor(folder: state.folder(ofServer: id.text)) else {
            throw conflict(id, "is starting")
        }
        try monitor.resize(node: disk.id, toBytes: bytes)
        try afterwards { () throws(ProviderError) in try FileSystem.synchronize(content) }
    }

    public func deleteDisk(_ proof: DiskDeletionProof) async throws(ProviderError) {
        let id = proof.disk
        try await change([id.text]) { (_) throws(ProviderError) in
            try self.requireFree(try self.require(id))
            try self.remove(.disk, id.text, content: "disks/\(id).raw")
        }
    }

    // MARK: Steps

    /// Removes a document and the file beside it, if that is still there.
    func remove(_ kind: StateDirectory.Kind, _ id: String, content: String) throws(ProviderError) {
        var changes = Changes()
        changes.removals = [StateDirectory.metadata(kind, id)]
        if FileSystem.exists(state.absolute(content)) { changes.removals.append(content) }
        try Workspace(state).commit(changes)
    }

    /// Attached to nothing, and nobody writes to it.
    func requireFree(_ disk: DiskMetadata) throws(ProviderError) {
        if let server = disk.server { throw ProviderError(.inUse, "\(disk.id) is attached to \(server)") }
        guard try !RangeLock.isHeld(state.content(ofDisk: disk.id), byte: Machine.writerLockByte) else {
            throw ProviderError(.inUse, "a process writes to \(state.content(ofDisk: disk.id))")
        }
    }
}

/// Disks have whole sectors.
let sectorBytes: Int64 = 512

func roundedToSectors(_ bytes: Int64) -> Int64 { (bytes + sectorBytes - 1) / sectorBytes * sectorBytes }
