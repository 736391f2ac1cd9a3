public import Instances
public import Reconciler

extension LocalProvider {
    /// A machine has 30 free slots; this many leave room for what else it needs.
    private static let disksPerServer = 16

    public func validate(
        _ manifest: Manifest, for undertaking: Undertaking
    ) async throws(ProviderError) -> [ManifestProblem] {
        try await run { (cancellation) throws(ProviderError) in
            _ = try self.machineProgram()
            let tool = try self.imageTool(cancellation)
            var problems: [ManifestProblem] = []
            if manifest.zone != Self.zone {
                problems.append(
                    ManifestProblem(field: "spec.zone", text: "the local provider has one zone, \(Self.zone)"))
            }
            do throws(ProviderError) { _ = try self.machineType(manifest.server.type) } catch {
                problems.append(ManifestProblem(field: "spec.server.type", text: error.message))
            }
            guard undertaking == .making(fromImage: true) else { return problems }
            do throws(ProviderError) {
                let wanted = manifest.rootDisk.sizeGB.map { Int64($0) * bytesInGigabyte }
                _ = try self.rootBytes(image: manifest.server.image, wanted: wanted, tool)
            } catch {
                guard error.reason == .invalid else { throw error }
                problems.append(ManifestProblem(field: "spec.server.image", text: error.message))
            }
            return problems
        }
    }

    public func createServer(_ specification: ServerSpecification) async throws(ProviderError) -> Server {
        _ = try machineType(specification.type)
        switch specification.boot {
        case .image(let image, let bytes):
            return await present(
                try await run { (cancellation) throws(ProviderError) in
                    try self.createServer(specification, image: image, rootBytes: bytes, cancellation)
                })
        case .disk(let id):
            return await present(
                try await change([id.text]) { (_) throws(ProviderError) in
                    var disk = try self.require(id)
                    try self.requireFree(disk)
                    return try self.add(specification, with: &disk, Changes(), try Workspace(self.state))
                })
        }
    }

    private func createServer(
        _ specification: ServerSpecification, image: String, rootBytes wanted: Int64?, _ cancellation: Cancellation
    ) throws(ProviderError) -> ServerMetadata {
        let tool = try imageTool(cancellation)
        let bytes = try rootBytes(image: image, wanted: wanted, tool)
        let workspace = try Workspace(state)
        let content = workspace.file("root.raw")
        if image == CounterGuest.imageName {
            try FileSystem.create(content, CounterGuest.bootSector)
        } else {
            let source = try images.image(image)
            try tool.convert(source.path, source.format, to: content, .raw, bytes: bytes)
        }
        try FileSystem.resize(content, toBytes: bytes)
        var tags = specification.tags
        tags.role = .root
        var disk = DiskMetadata(
            id: StateDirectory.newID(.disk), name: specification.name + "-root", tags: tags.words, sizeBytes: bytes,
            image: image, createdAt: StoredTime(now()))
        var changes = Changes()
        changes.arrivals.append(("root.raw", "disks/\(disk.id).raw"))
        return try add(specification, with: &disk, changes, workspace)
    }

    /// Makes the server appear together with its disk, attached.
    private func add(
        _ specification: ServerSpecification, with disk: inout DiskMetadata, _ prepared: Changes,
        _ workspace: borrowing Workspace
    ) throws(ProviderError) -> ServerMetadata {
        let server = ServerMetadata(
            id: StateDirectory.newID(.server), name: specification.name, tags: specification.tags.words,
            type: specification.type, image: disk.image ?? "", bootDisk: disk.id, dataDisks: [],
            createdAt: StoredTime(now()))
        disk.server = server.id
        var changes = prepared
        try FileSystem.makeFolder(workspace.file("server"))
        try FileSystem.create(workspace.file("server/server.json"), try server.encoded)
        try FileSystem.synchronize(workspace.file("server"))
        changes.arrivals.append(("server", "servers/\(server.id)"))
        try changes.put(disk, .disk)
        try workspace.commit(changes)
        return server
    }

    public func configureServer(
        _ id: ServerID, tags: Tags, as configuration: ServerConfiguration
    ) async throws(ProviderError) {
        try await change([id.text]) { (_) throws(ProviderError) in
            var server = try self.require(id)
            server.configurationDigest = configuration.digest
            try self.replace(server, .server)
        }
    }

    public func changeType(of id: ServerID, to type: String) async throws(ProviderError) {
        _ = try machineType(type)
        try await change([id.text]) { (_) throws(ProviderError) in
            var server = try self.require(id)
            try self.requireStopped(server)
            server.type = type
            try self.replace(server, .server)
        }
    }

    public func deleteServer(_ proof: ServerDeletionProof) async throws(ProviderError) {
        let id = proof.server
        try await change(withDisksOf: id) { (server, _) throws(ProviderError) in
            try self.requireStopped(server)
            guard !server.poweredOn else { throw self.conflict(id, "was shut down from inside; power it off first") }
            var changes = Changes()
            for disk in server.disks {
                guard var disk = try self.state.load(DiskMetadata.self, .disk, disk), disk.server == id.text else {
                    continue
                }
                disk.detach(at: self.now())
                try changes.put(disk, .disk)
            }
            changes.removals.append("servers/\(id)")
            try Workspace(self.state).commit(changes)
        }
    }

    public func attachDisk(_ disk: DiskID, to id: ServerID) async throws(ProviderError) {
        try await changeAttachment(disk, id) { (server, disk) throws(ProviderError) in
            if disk.server == id.text { return }
            try self.requireFree(disk)
            guard server.disks.count < Self.disksPerServer else {
                throw ProviderError(.quota, "\(id) has \(server.disks.count) disks; more cannot be attached")
            }
            disk.server = id.text
            server.dataDisks.append(disk.id)
        }
    }

    public func detachDisk(_ disk: DiskID, from id: ServerID) async throws(ProviderError) {
        try await changeAttachment(disk, id) { (server, disk) throws(ProviderError) in
            guard disk.server == id.text else {
                throw ProviderError(.conflict, "\(disk.id) is not attached to \(id)")
            }
            guard server.bootDisk != disk.id else {
                throw ProviderError(.invalid, "\(disk.id) is what \(id) boots from; it is detached with the server")
            }
            server.dataDisks.removeAll { $0 == disk.id }
            disk.detach(at: self.now())
        }
    }

    // MARK: Steps

    /// Changes a stopped server and a disk in one step.
    private func changeAttachment(
        _ disk: DiskID, _ server: ServerID,
        _ body: @escaping @Sendable (inout ServerMetadata, inout DiskMetadata) throws(ProviderError) -> Void
    ) async throws(ProviderError) {
        try await change([server.text, disk.text]) { (_) throws(ProviderError) in
            var (server, disk) = (try self.require(server), try self.require(disk))
            try self.requireStopped(server)
            try body(&server, &disk)
            var changes = Changes()
            try changes.put(server, .server)
            try changes.put(disk, .disk)
            try Workspace(self.state).commit(changes)
        }
    }

    func machineType(_ text: String) throws(ProviderError) -> MachineType {
        guard let type = MachineType(text) else {
            throw ProviderError(.invalid, "there is no type \(quoted(text)) here; a type is \(MachineType.syntax)")
        }
        return type
    }

    func requireStopped(_ server: ServerMetadata) throws(ProviderError) {
        guard try machine(of: server).process() == nil else { throw conflict(ServerID(server.id), "is not stopped") }
    }

    /// Bytes of a root disk made from an image: as wanted, or as the image says.
    private func rootBytes(
        image: String, wanted: Int64?, _ tool: DiskImageTool
    ) throws(ProviderError) -> Int64 {
        var least = CounterGuest.diskBytes
        if image != CounterGuest.imageName {
            let source = try images.image(image)
            let information = try tool.information(source.path, source.format)
            guard information.standsAlone else {
                throw ProviderError(.invalid, "image \(image) rests on another file; flatten it with qemu-img convert")
            }
            least = roundedToSectors(information.virtualSize)
        }
        guard let wanted else { return least }
        guard wanted >= least else {
            throw ProviderError(.invalid, "image \(image) needs a root disk of \(least) bytes or more, not \(wanted)")
        }
        return roundedToSectors(wanted)
    }
}
