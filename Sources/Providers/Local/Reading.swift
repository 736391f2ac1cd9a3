import Dispatch
public import Instances
public import Reconciler

extension LocalProvider {
    public func list() async -> Listing {
        do {
            let contents = try await run { (_) throws(ProviderError) in
                // A read-only directory can still be read.
                try? self.state.removeLeftovers()
                return try self.settledContents()
            }
            let servers = await withTaskGroup { group in
                for server in contents.servers {
                    // A machine that does not answer costs seconds; all of them are asked at once.
                    group.addTask { await self.present(server) }
                }
                var servers: [Server] = []
                for await server in group { servers.append(server) }
                return servers.sorted { $0.id < $1.id }
            }
            return .complete(Inventory(servers: servers, disks: contents.disks, snapshots: contents.snapshots))
        } catch {
            return .unknown("local provider: \(error)")
        }
    }

    public func server(_ id: ServerID) async throws(ProviderError) -> Server {
        let metadata = try await run { (_) throws(ProviderError) in
            try self.state.reading { () throws(ProviderError) in try self.require(id) }
        }
        return await present(metadata)
    }

    public func disk(_ id: DiskID) async throws(ProviderError) -> Disk {
        try await run { (_) throws(ProviderError) in
            try self.state.reading { () throws(ProviderError) in try self.state.present(try self.require(id)) }
        }
    }

    public func snapshot(_ id: SnapshotID) async throws(ProviderError) -> Snapshot {
        try await run { (cancellation) throws(ProviderError) in
            var snapshot = try self.state.reading { () throws(ProviderError) in
                try self.state.present(try self.require(id))
            }
            // Read on its own, it is about to be relied on: look inside. Without the tool nothing is deleted anyway.
            if snapshot.state == .available, let tool = try? self.imageTool(cancellation) {
                do throws(ProviderError) {
                    try tool.check(self.state.content(ofSnapshot: id.text), bytes: snapshot.sizeBytes)
                } catch {
                    if error.reason == .host { snapshot.state = .error } else { throw error }
                }
            }
            return snapshot
        }
    }

    // MARK: Documents

    func require(_ id: ServerID) throws(ProviderError) -> ServerMetadata {
        guard let server = try state.load(ServerMetadata.self, .server, id.text) else { throw absent(.server(id)) }
        return server
    }

    func require(_ id: DiskID) throws(ProviderError) -> DiskMetadata {
        guard let disk = try state.load(DiskMetadata.self, .disk, id.text) else { throw absent(.disk(id)) }
        return disk
    }

    func require(_ id: SnapshotID) throws(ProviderError) -> SnapshotMetadata {
        guard let snapshot = try state.load(SnapshotMetadata.self, .snapshot, id.text) else {
            throw absent(.snapshot(id))
        }
        return snapshot
    }

    private func absent(_ resource: ResourceID) -> ProviderError {
        ProviderError(.notFound, "there is no \(quoted(resource.description)) in \(state.path)")
    }

    private struct Contents {
        var servers: [ServerMetadata] = []
        var disks: [Disk] = []
        var snapshots: [Snapshot] = []
        /// Attached to a server that is not there: somebody removed its folder by hand.
        var orphans: [DiskMetadata] = []
    }

    private func settledContents() throws(ProviderError) -> Contents {
        let contents = try contents()
        if contents.orphans.isEmpty { return contents }
        for orphan in contents.orphans { try settle(orphan) }
        return try self.contents()
    }

    /// Everything, as it is between two commits.
    private func contents() throws(ProviderError) -> Contents {
        try state.reading { () throws(ProviderError) in
            var contents = Contents()
            contents.servers = try state.loadAll(ServerMetadata.self, .server)
            let known = Set(contents.servers.map(\.id))
            for disk in try state.loadAll(DiskMetadata.self, .disk) {
                contents.disks.append(try state.present(disk))
                if let server = disk.server, !known.contains(server) { contents.orphans.append(disk) }
            }
            for snapshot in try state.loadAll(SnapshotMetadata.self, .snapshot) {
                contents.snapshots.append(try state.present(snapshot))
            }
            return contents
        }
    }

    /// Detaches a disk from a server that is not there, unless a machine still writes to it or somebody works on it.
    private func settle(_ orphan: DiskMetadata) throws(ProviderError) {
        guard try !RangeLock.isHeld(state.content(ofDisk: orphan.id), byte: Machine.writerLockByte),
            let lease = try state.leaseIfFree([orphan.id])
        else { return }
        defer { withExtendedLifetime(lease) {} }
        var disk = try require(DiskID(orphan.id))
        guard let server = disk.server, try state.load(ServerMetadata.self, .server, server) == nil else { return }
        disk.detach(at: now())
        try replace(disk, .disk)
    }
}

extension StateDirectory {
    func present(_ disk: DiskMetadata) throws(ProviderError) -> Disk {
        let size = try FileSystem.size(of: content(ofDisk: disk.id)) ?? 0
        let attachment = disk.server.map { Disk.Attachment(server: ServerID($0), phase: .attached) }
        // Gone or shorter than it was: somebody damaged it. It is there, and it is not what it should be.
        let isWhole = size >= disk.sizeBytes
        return Disk(
            id: DiskID(disk.id), name: disk.name, tags: Tags(words: disk.tags),
            state: isWhole ? (attachment == nil ? .available : .attached) : .error,
            sizeBytes: max(size, disk.sizeBytes),
            attachment: attachment, source: disk.snapshot.map { SnapshotID($0) },
            lastDetachedAt: disk.lastDetachedAt?.timestamp, createdAt: disk.createdAt.timestamp)
    }

    func present(_ snapshot: SnapshotMetadata) throws(ProviderError) -> Snapshot {
        let size = try FileSystem.size(of: content(ofSnapshot: snapshot.id))
        return Snapshot(
            id: SnapshotID(snapshot.id), name: snapshot.name, tags: Tags(words: snapshot.tags),
            state: size == snapshot.fileBytes ? .available : .error, sizeBytes: snapshot.sizeBytes,
            sourceDisk: DiskID(snapshot.disk), createdAt: snapshot.createdAt.timestamp)
    }
}
