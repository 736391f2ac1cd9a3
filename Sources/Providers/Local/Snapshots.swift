public import Instances
public import Reconciler

extension LocalProvider {
    /// Cuts a snapshot and proves it: its structure is checked, and its content compared with the disk's.
    public func createSnapshot(_ specification: SnapshotSpecification) async throws(ProviderError) -> Snapshot {
        try await change([specification.disk.text]) { (cancellation) throws(ProviderError) in
            let tool = try self.imageTool(cancellation)
            let disk = try self.require(specification.disk)
            let bytes = try self.requireQuiet(disk)
            let workspace = try Workspace(self.state)
            let (source, target) = (self.state.content(ofDisk: disk.id), workspace.file("snapshot.qcow2"))
            try tool.convert(source, .raw, to: target, .qcow2, bytes: bytes)
            try tool.check(target, bytes: bytes)
            try tool.compare(raw: source, qcow2: target, bytes: bytes)
            let information = try tool.information(target, .qcow2)
            guard information.standsAlone, information.virtualSize == bytes,
                let length = try FileSystem.size(of: target)
            else { throw ProviderError(.host, "the snapshot of \(disk.id) came out wrong; nothing was changed") }
            let snapshot = SnapshotMetadata(
                id: StateDirectory.newID(.snapshot), name: specification.name, tags: specification.tags.words,
                sizeBytes: bytes, fileBytes: length, disk: disk.id, image: disk.image,
                createdAt: StoredTime(self.now()))
            var changes = Changes()
            changes.arrivals.append(("snapshot.qcow2", "snapshots/\(snapshot.id).qcow2"))
            try changes.put(snapshot, .snapshot)
            try workspace.commit(changes)
            return try self.state.present(snapshot)
        }
    }

    public func deleteSnapshot(_ proof: SnapshotDeletionProof) async throws(ProviderError) {
        let id = proof.snapshot
        try await change([id.text]) { (_) throws(ProviderError) in
            _ = try self.require(id)
            try self.remove(.snapshot, id.text, content: "snapshots/\(id).qcow2")
        }
    }

    /// Whole, and not attached to a machine that runs.
    ///
    /// - Returns: its size.
    private func requireQuiet(_ disk: DiskMetadata) throws(ProviderError) -> Int64 {
        let present = try state.present(disk)
        guard present.state != .error else {
            throw ProviderError(.host, "\(disk.id) is damaged: its file is missing or too short")
        }
        if let server = disk.server, let metadata = try state.load(ServerMetadata.self, .server, server),
            try machine(of: metadata).process() != nil
        {
            throw ProviderError(.conflict, "\(disk.id) is attached to \(server), which is not stopped")
        }
        return present.sizeBytes
    }
}
