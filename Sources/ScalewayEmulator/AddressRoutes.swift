extension Routes {
    private static let ips = "/instance/v1/zones/{zone}/ips"

    static let addresses: [Route] = [
        Route("GET", ips) { try $0.listAddresses($1) },
        Route("POST", ips) { try $0.createAddress($1) },
        Route("GET", "\(ips)/{id}") { $0.answer(try $0.address($1)) },
        Route("PATCH", "\(ips)/{id}") { try $0.updateAddress($1) },
        Route("DELETE", "\(ips)/{id}") { try $0.deleteAddress($1) },
    ]
}

extension World {
    fileprivate func address(_ call: Call) throws(Refusal) -> Address {
        guard let address = addresses[call.id], address.zone == call.zone else {
            throw .notFound("instance_ip", call.id)
        }
        return address
    }

    private func json(of address: Address) -> JSON {
        address.json(serverName: address.server.flatMap { servers[$0]?.name })
    }

    fileprivate func answer(_ address: Address, status: Int = 200) -> APIResponse {
        APIResponse(status, ["ip": json(of: address)])
    }

    fileprivate func listAddresses(_ call: Call) throws(Refusal) -> APIResponse {
        let tags = call.values("tags")
        let rows = addresses.all.reversed().filter { address in
            address.zone == call.zone && call.matches("project", address.project)
                && call.matches("organization", address.organization) && call.matches("type", address.type)
                && tags.allSatisfy(address.tags.contains)
                && (call.query("name").map { address.address.contains($0) || address.reverse?.contains($0) == true }
                    ?? true)
        }
        return try call.instancePage("ips", rows) { json(of: $0) }
    }

    fileprivate mutating func createAddress(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let project = try project(body.text("project"), "ip")
        let type = try body.text("type") ?? "routed_ipv4"
        guard type == "routed_ipv4" || type == "routed_ipv6" else {
            throw .invalid("type", "constraint", "not a valid value")
        }
        let tags = try body.strings("tags") ?? []
        let server = try body.text("server")
        if let server, servers[server]?.zone != call.zone { throw .notFound("instance_server", server) }
        try checkQuota("ips", current: { addresses.all.count { $0.project == project } }, project: project)
        let id = randomness.identifier()
        addresses.insert(
            Address(
                id: id, zone: call.zone, project: project, organization: configuration.organization, type: type,
                address: newPublicAddress(isIPv6: type == "routed_ipv6"), tags: tags),
            id: id)
        if let server { attach(address: id, to: server) }
        guard let address = addresses[id] else { throw .notFound("instance_ip", id) }
        var answer = answer(address, status: 201)
        let location = "https://api.scaleway.com/instance/v1/zones/\(call.zone)/ips/\(id)"
        answer.headers.append(APIResponse.Header("Location", location))
        return answer
    }

    fileprivate mutating func updateAddress(_ call: Call) throws(Refusal) -> APIResponse {
        let address = try address(call)
        let body = try call.body()
        if let reverse = try body.text("reverse"), !resolves(reverse) {
            throw .invalid(
                "reverse", "constraint",
                "Your reverse must resolve. Ensure the command 'dig +short \(reverse)' matches your IP address "
                    + "'\(address.address)'. If it does, please contact our support.")
        }
        let (reverse, tags, server) = (try body.text("reverse"), try body.strings("tags"), try body.text("server"))
        if let server, servers[server]?.zone != call.zone { throw .notFound("instance_server", server) }
        addresses.update(address.id) {
            if body.mentions("reverse") { $0.reverse = reverse }
            if let tags { $0.tags = tags }
        }
        if let server {
            attach(address: address.id, to: server)
        } else if body.mentions("server") {
            detach(address: address.id)
        }
        return answer(try self.address(call))
    }

    /// The names that the provider gives to addresses, and those that a test announced.
    private func resolves(_ name: String) -> Bool { name.hasSuffix(".scw.cloud") || resolvableNames.contains(name) }

    /// Works while the address is attached, as recorded.
    fileprivate mutating func deleteAddress(_ call: Call) throws(Refusal) -> APIResponse {
        let address = try address(call)
        detach(address: address.id)
        addresses.remove(address.id)
        return .noContent
    }
}
