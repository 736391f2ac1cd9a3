extension Routes {
    private static let path = "/instance/v1/zones/{zone}/servers"

    static let servers: [Route] = [
        Route("GET", path) { try $0.listServers($1) },
        Route("POST", path) { try $0.createServer($1) },
        Route("GET", "\(path)/{id}") { try $0.answer($0.server($1)) },
        Route("PATCH", "\(path)/{id}") { try $0.updateServer($1) },
        Route("DELETE", "\(path)/{id}") { try $0.deleteServer($1) },
        Route("GET", "\(path)/{server}/action") { try $0.listActions($1) },
        Route("POST", "\(path)/{server}/action") { try $0.performAction($1) },
        Route("POST", "\(path)/{server}/attach-volume") { try $0.attachVolume($1) },
        Route("POST", "\(path)/{server}/detach-volume") { try $0.detachVolume($1) },
        Route("GET", "\(path)/{server}/compatible-types") { try $0.listCompatibleTypes($1) },
        Route("GET", "\(path)/{server}/user_data") { try $0.listUserData($1) },
        Route("GET", "\(path)/{server}/user_data/{key}") { try $0.readUserData($1) },
        Route("PATCH", "\(path)/{server}/user_data/{key}") { try $0.writeUserData($1) },
        Route("DELETE", "\(path)/{server}/user_data/{key}") { try $0.deleteUserData($1) },
    ]
}

extension World {
    /// The server of the path.
    func server(_ call: Call) throws(Refusal) -> Server {
        let id = call.parameters["server"] ?? call.id
        guard let server = servers[id], server.zone == call.zone else { throw .notFound("instance_server", id) }
        return server
    }

    func stored(_ server: String) throws(Refusal) -> Server {
        guard let server = servers[server] else { throw .notFound("instance_server", server) }
        return server
    }

    func answer(_ server: Server, status: Int = 200) -> APIResponse {
        APIResponse(status, ["server": json(of: server)])
    }

    fileprivate func listServers(_ call: Call) throws(Refusal) -> APIResponse {
        let (tags, ids) = (call.values("tags"), call.values("servers"))
        let networks = call.values("private_networks", "private_network")
        let hasAddress = call.flag("with_ip") ?? call.flag("without_ip").map { !$0 }
        var rows = servers.all.filter { server in
            let nics = server.interfaces.compactMap { interfaces[$0] }
            return server.zone == call.zone
                && call.matches("project", server.project)
                && call.matches("organization", configuration.organization)
                && call.contains("name", server.name)
                && call.matches("commercial_type", server.commercialType)
                && call.matches("state", server.state.rawValue)
                && tags.allSatisfy(server.tags.contains)
                && (ids.isEmpty || ids.contains(server.id))
                && (networks.isEmpty || nics.contains { networks.contains($0.network) })
                && call.query("private_nic_mac_address").map { mac in nics.contains { $0.macAddress == mac } } ?? true
                && hasAddress.map { $0 == (!server.addresses.isEmpty || server.dynamicAddress != nil) } ?? true
        }
        switch call.query("order") ?? "creation_date_desc" {
        case "creation_date_desc": rows.reverse()
        case "creation_date_asc": break
        case "modification_date_desc": rows.sort { $0.updatedAt > $1.updatedAt }
        case "modification_date_asc": rows.sort { $0.updatedAt < $1.updatedAt }
        default: throw .invalid("order", "constraint", "not a valid value")
        }
        return try call.instancePage("servers", rows) { json(of: $0) }
    }

    /// Deletes the server object only: volumes and flexible addresses stay, whatever their kind.
    ///
    /// Ignores `protected`, as measured. That a server which runs is refused is claimed but recorded nowhere.
    fileprivate mutating func deleteServer(_ call: Call) throws(Refusal) -> APIResponse {
        let server = try server(call)
        try checkLock(server.id, "instance_server")
        guard server.state == .stopped else {
            throw .precondition(400, "resource_not_usable", "server should be stopped")
        }
        removeServer(server.id, at: call.now)
        return .noContent
    }

    /// Takes the server away from everything that refers to it.
    mutating func removeServer(_ id: String, at now: Instant) {
        guard let server = servers[id] else { return }
        for slot in server.slots { detach(volume: slot.volume, from: server, at: now) }
        for address in server.addresses { detach(address: address) }
        for interface in server.interfaces { removeInterface(interface) }
        servers.remove(id)
    }

    fileprivate func listActions(_ call: Call) throws(Refusal) -> APIResponse {
        let json = json(of: try server(call))
        return APIResponse(200, ["actions": json["allowed_actions"] ?? []])
    }

    fileprivate func listCompatibleTypes(_ call: Call) throws(Refusal) -> APIResponse {
        let server = try server(call)
        let types = Catalogue.types.filter { $0.arch == server.arch }.map(\.name)
        return APIResponse(200, ["compatible_types": .strings(types)])
    }
}
