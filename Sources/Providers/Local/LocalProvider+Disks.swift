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
        try await run { (_) throws(ProviderError) in
            let lease = try self.state.lease([id.text] + (try self.require(id).server.map { [$0] } ?? []))
            defer { withExtendedLifetime(lease) {} }
            var disk = try self.require(id)
            guard bytes >= disk.sizeBytes, bytes % sectorBytes == 0 else {
                throw ProviderError(.invalid, "\(id) has \(disk.sizeBytes) bytes and cannot have \(bytes)")
            }
            if bytes == disk.sizeBytes { return }
            if let server = try disk.server.map({ (id) throws(ProviderError) in try self.require(ServerID(id)) }),
                try self.machine(of: server).process() != nil
            {
                guard var monitor = try MachineMonitor(folder: self.state.folder(ofServer: server.id)) else {
                    throw self.conflict(ServerID(server.id), "is starting")
                }
                try monitor.resize(node: id.text, toBytes: bytes)
                try FileSystem.synchronize(self.state.content(ofDisk: id.text))
            } else {
                try FileSystem.resize(self.state.content(ofDisk: id.text), toBytes: bytes)
            }
            disk.sizeBytes = bytes
            try self.replace(disk)
        }
    }

    public func deleteDisk(_ proof: DiskDeletionProof) async throws(ProviderError) {
        try await run { (_) throws(ProviderError) in
            let id = proof.disk
            let lease = try self.state.lease([id.text])
            defer { withExtendedLifetime(lease) {} }
            try self.requireFree(try self.require(id))
            var changes = Changes()
            changes.removals = [StateDirectory.metadata(.disk, id.text)]
            if FileSystem.exists(self.state.content(ofDisk: id.text)) { changes.removals.append("disks/\(id).raw") }
            try Workspace(self.state).commit(changes)
        }
    }

    public func createSnapshot(_ specification: SnapshotSpecification) async throws(ProviderError) -> Snapshot {
        try await run { (cancellation) throws(ProviderError) in
            let tool = try self.imageTool(cancellation)
            let lease = try self.state.lease([specification.disk.text])
            defer { withExtendedLifetime(lease) {} }
            let disk = try self.require(specification.disk)
            try self.requireQuiet(disk)
            let workspace = try Workspace(self.state)
            let (source, target) = (self.state.content(ofDisk: disk.id), workspace.file("snapshot.qcow2"))
            try tool.convert(source, .raw, to: target, .qcow2, bytes: disk.sizeBytes)
            try tool.check(target, bytes: disk.sizeBytes)
            try tool.compare(raw: source, qcow2: target, bytes: disk.sizeBytes)
            let information = try tool.information(target, .qcow2)
            guard information.standsAlone, information.virtualSize == disk.sizeBytes,
                let length = try FileSystem.size(of: target)
            else { throw ProviderError(.host, "the snapshot of \(disk.id) came out wrong; nothing was changed") }
            let snapshot = SnapshotMetadata(
                id: StateDirectory.newID(.snapshot), name: specification.name, tags: specification.tags.words,
                sizeBytes: disk.sizeBytes, fileBytes: length, disk: disk.id, image: disk.image,
                createdAt: StoredTime(self.now()))
            var changes = Changes()
            changes.arrivals.append(("snapshot.qcow2", "snapshots/\(snapshot.id).qcow2"))
            try changes.put(snapshot, .snapshot)
            try workspace.commit(changes)
            return try self.state.present(snapshot)
        }
    }

    public func deleteSnapshot(_ proof: SnapshotDeletionProof) async throws(ProviderError) {
        try await run { (_) throws(ProviderError) in
            let id = proof.snapshot
            let lease = try self.state.lease([id.text])
            defer { withExtendedLifetime(lease) {} }
            _ = try self.require(id)
            var changes = Changes()
            changes.removals = [StateDirectory.metadata(.snapshot, id.text)]
            if FileSystem.exists(self.state.content(ofSnapshot: id.text)) {
                changes.removals.append("snapshots/\(id).qcow2")
            }
            try Workspace(self.state).commit(changes)
        }
    }

    public func deleteCompanion(_ id: CompanionID) async throws(ProviderError) {
        throw ProviderError(.notFound, "the local provider has no companions, so no \(quoted(id.text))")
    }

    public func tag(_ resource: ResourceID, with tags: Tags) async throws(ProviderError) {
        try await run { (_) throws(ProviderError) in
            let lease = try self.state.lease([resource.text])
            defer { withExtendedLifetime(lease) {} }
            var changes = Changes()
            switch resource {
            case .server(let id): try changes.put(try self.require(id).tagged(tags), .server)
            case .disk(let id): try changes.put(try self.require(id).tagged(tags), .disk)
            case .snapshot(let id): try changes.put(try self.require(id).tagged(tags), .snapshot)
            case .companion(let id):
                throw ProviderError(.notFound, "the local provider has no companions, so no \(quoted(id.text))")
            }
            try Workspace(self.state).commit(changes)
        }
    }

    // MARK: Steps

    /// Attached to nothing, and nobody writes to it.
    func requireFree(_ disk: DiskMetadata) throws(ProviderError) {
        if let server = disk.server { throw ProviderError(.inUse, "\(disk.id) is attached to \(server)") }
        guard try !RangeLock.isHeld(state.content(ofDisk: disk.id), byte: Machine.writerLockByte) else {
            throw ProviderError(.inUse, "a process writes to \(state.content(ofDisk: disk.id))")
        }
    }

    /// Whole, and not attached to a machine that runs.
    private func requireQuiet(_ disk: DiskMetadata) throws(ProviderError) {
        guard try state.present(disk).state != .error else {
            throw ProviderError(.host, "\(disk.id) is damaged: its file is missing or too short")
        }
        guard let server = disk.server else { return }
        guard try machine(of: try require(ServerID(server))).process() == nil else {
            throw ProviderError(.conflict, "\(disk.id) is attached to \(server), which is not stopped")
        }
    }

    private func replace(_ disk: DiskMetadata) throws(ProviderError) {
        var changes = Changes()
        try changes.put(disk, .disk)
        try Workspace(state).commit(changes)
    }
}

/// Disks have whole sectors.
let sectorBytes: Int64 = 512

func roundedToSectors(_ bytes: Int64) -> Int64 { (bytes + sectorBytes - 1) / sectorBytes * sectorBytes }
