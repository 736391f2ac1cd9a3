public import Instances
public import Reconciler

/// Making, powering and deleting servers.
extension ScalewayProvider {
    public func createServer(_ specification: ServerSpecification) async throws(ProviderError) -> Server {
        var request = CreateServer(
            name: specification.name, type: specification.type, project: project.text, tags: specification.tags.words,
            dynamicIPRequired: specification.configuration.publicIP == .dynamic)
        switch specification.boot {
        case .image(let name, let bytes):
            let image = try await catalogue.image(name, for: specification.type)
            request.image = image.text
            // Labels move on to newer images: this one is what the disk was made from.
            request.tags.append("operator-image=\(image)")
            if let bytes { request.volumes = ["0": CreateServer.Template(size: bytes)] }
        case .disk(let disk):
            request.volumes = ["0": CreateServer.Template(id: try ResourceUUID(disk).text)]
        }
        try await catalogue.requireStock(of: specification.type)
        let server = try await instance.createServer(request)
        guard server.project == project.text, server.zone == zone.text else {
            throw ProviderError(
                .unknownOutcome,
                "server \(printable(server.id, limit: 60)) was made in project \(printable(server.project, limit: 60)) "
                    + "and zone \(printable(server.zone, limit: 60)) instead of \(project) and \(zone)")
        }
        return Server(server, in: nil)
    }

    public func changeType(of id: ServerID, to type: String) async throws(ProviderError) {
        let id = try ResourceUUID(id)
        let server = try await ours(id)
        guard server.commercialType != type else { return }
        guard server.state == "stopped" else { throw notYet("change the type of", server) }
        try await instance.update(id, ServerChange(type: type))
    }

    public func powerOn(_ id: ServerID) async throws(ProviderError) {
        let id = try ResourceUUID(id)
        let server = try await ours(id)
        switch server.state {
        case "running", "starting": return
        case "stopped", "stopped in place": try await instance.act(.powerOn, on: id)
        default: throw notYet("power on", server)
        }
    }

    /// `poweroff` tells the guest, waits, cuts the power and gives the machine back. A guest that shut itself down
    /// holds its machine, and is billed, until the same is done to it.
    public func powerOff(_ id: ServerID) async throws(ProviderError) {
        let id = try ResourceUUID(id)
        let server = try await ours(id)
        switch server.state {
        case "stopped", "stopping": return
        case "running", "stopped in place": break
        default: throw notYet("power off", server)
        }
        // Protection is against people's hands; Scaleway refuses any power action while it is on, or may be.
        if server.protected != false { try await instance.update(id, ServerChange(protected: false)) }
        try await instance.act(.powerOff, on: id)
    }

    /// Never `terminate`, which deletes local disks too. Its interfaces go with it, its disks and addresses stay.
    ///
    /// Whether Scaleway would refuse to delete a running server nobody has established, so it is read once more.
    public func deleteServer(_ proof: ServerDeletionProof) async throws(ProviderError) {
        let id = try ResourceUUID(proof.server)
        let server: InstanceServer
        do throws(ProviderError) { server = try await ours(id) } catch {
            if error.reason == .notFound { return }
            throw error
        }
        guard server.state == "stopped" else { throw notYet("delete", server) }
        try await instance.deleteServer(id)
    }

    func notYet(_ action: String, _ server: InstanceServer) -> ProviderError {
        let detail = server.stateDetail.flatMap { $0.isEmpty || $0 == server.state ? nil : " (\($0))" } ?? ""
        return ProviderError(
            .conflict, "cannot \(action) server \(server.id): it is \(printable(server.state + detail, limit: 120))")
    }
}
