extension Routes {
    /// The same interfaces as `private_nics`, as the Terraform provider asks for them.
    private static let path = "/instance/v2alpha1/zones/{zone}/private-network-interfaces"

    static let networkInterfaces: [Route] = [
        Route("GET", path) { try $0.listNetworkInterfaces($1) },
        Route("POST", path) { try $0.createNetworkInterface($1) },
        Route("GET", "\(path)/{id}") { APIResponse(200, $0.json(of: try $0.networkInterface($1))) },
        Route("PATCH", "\(path)/{id}") { try $0.updateNetworkInterface($1) },
        Route("DELETE", "\(path)/{id}") { try $0.deleteNetworkInterface($1) },
    ]
}

extension World {
    fileprivate func networkInterface(_ call: Call) throws(Refusal) -> PrivateInterface {
        guard let interface = interfaces[call.id], interface.zone == call.zone else {
            throw .notFound("instance_private_nic", call.id)
        }
        return interface
    }

    fileprivate func json(of interface: PrivateInterface) -> JSON {
        [
            "id": .string(interface.id), "private_network_id": .string(interface.network),
            "project_id": .string(servers[interface.server]?.project ?? ""), "server_id": .string(interface.server),
            "security_group_id": "", "mac_address": .string(interface.macAddress),
            "status": interface.state == "available" ? "available" : "attaching",
            "ip_ids": .strings(interface.addresses), "tags": .strings(interface.tags),
            "created_at": .string(interface.createdAt.zuluStamp), "updated_at": .string(interface.updatedAt.zuluStamp),
        ]
    }

    fileprivate func listNetworkInterfaces(_ call: Call) throws(Refusal) -> APIResponse {
        let (ids, networks, tags) = (
            call.values("server_ids"), call.values("private_network_ids", "private_network_id"), call.values("tags")
        )
        var rows = interfaces.all.filter { interface in
            interface.zone == call.zone && (ids.isEmpty || ids.contains(interface.server))
                && (networks.isEmpty || networks.contains(interface.network))
                && tags.allSatisfy(interface.tags.contains)
                && call.matches("project_id", servers[interface.server]?.project ?? "")
        }
        try call.sort(&rows, created: \.createdAt, name: \.id, default: "created_at_desc")
        return try call.page("private_network_interfaces", rows) { json(of: $0) }
    }

    fileprivate mutating func createNetworkInterface(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let serverID = try body.required("server_id")
        guard let server = servers[serverID], server.zone == call.zone else {
            throw .notFound("instance_server", serverID)
        }
        let id = try addInterface(
            to: server, network: body.required("private_network_id"), addresses: body.strings("ip_ids") ?? [],
            tags: body.strings("tags") ?? [], at: call.now)
        guard let interface = interfaces[id] else { throw .notFound("instance_private_nic", id) }
        return APIResponse(200, json(of: interface))
    }

    fileprivate mutating func updateNetworkInterface(_ call: Call) throws(Refusal) -> APIResponse {
        let interface = try networkInterface(call)
        if let tags = try call.body().strings("tags") {
            interfaces.update(interface.id) {
                $0.tags = tags
                $0.updatedAt = call.now
            }
        }
        return APIResponse(200, json(of: try networkInterface(call)))
    }

    fileprivate mutating func deleteNetworkInterface(_ call: Call) throws(Refusal) -> APIResponse {
        removeInterface(try networkInterface(call).id)
        return .noContent
    }
}
