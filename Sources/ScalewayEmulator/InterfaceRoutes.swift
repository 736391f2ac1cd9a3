extension Routes {
    private static let path = "/instance/v1/zones/{zone}/servers/{server}/private_nics"

    static let interfaces: [Route] = [
        Route("GET", path) { try $0.listInterfaces($1) },
        Route("POST", path) { try $0.createInterface($1) },
        Route("GET", "\(path)/{id}") { APIResponse(200, ["private_nic": try $0.interface($1).json]) },
        Route("PATCH", "\(path)/{id}") { try $0.updateInterface($1) },
        Route("DELETE", "\(path)/{id}") { try $0.deleteInterface($1) },
    ]
}

extension World {
    fileprivate func interface(_ call: Call) throws(Refusal) -> PrivateInterface {
        let server = try server(call)
        guard let interface = interfaces[call.id], interface.server == server.id else {
            throw .notFound("instance_private_nic", call.id)
        }
        return interface
    }

    fileprivate func listInterfaces(_ call: Call) throws(Refusal) -> APIResponse {
        let tags = call.values("tags")
        let rows = try server(call).interfaces.compactMap { interfaces[$0] }
            .filter { tags.allSatisfy($0.tags.contains) }
        return try call.instancePage("private_nics", rows, \.json)
    }

    fileprivate mutating func createInterface(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let id = try addInterface(
            to: server(call), network: body.required("private_network_id"),
            addresses: body.strings("ipam_ip_ids") ?? [], tags: body.strings("tags") ?? [], at: call.now)
        guard let interface = interfaces[id] else { throw .notFound("instance_private_nic", id) }
        return APIResponse(201, ["private_nic": interface.json])
    }

    /// Attaches a server to a private network of its region.
    ///
    /// - Parameter addresses: bookings that the interface is to have; it gets a new one for each version that is missing.
    /// - Returns: the identifier of the interface.
    mutating func addInterface(
        to server: Server, network networkID: String, addresses given: [String], tags: [String], at now: Instant
    ) throws(Refusal) -> String {
        guard let network = networks[networkID], network.region == Place.region(of: server.zone) else {
            throw .notFound("private_network", networkID)
        }
        guard server.interfaces.count < Catalogue.interfacesPerServer else {
            throw .invalid("private_network_id", "constraint", "at most \(Catalogue.interfacesPerServer) private NICs")
        }
        guard !server.interfaces.contains(where: { interfaces[$0]?.network == networkID }) else {
            throw .invalid("private_network_id", "constraint", "server is already attached to this private network")
        }
        for id in given {
            guard let booking = bookings[id], booking.network == networkID, booking.interface == nil else {
                throw .notFound("ip", id)
            }
        }
        let isBusy = server.state == .running || server.state == .starting
        var interface = PrivateInterface(
            id: randomness.identifier(), zone: server.zone, server: server.id, network: networkID,
            macAddress: Self.macAddress("02:00", nextNumber()), state: isBusy ? "syncing" : "available", tags: tags,
            addresses: given, ownAddresses: [], createdAt: now, updatedAt: now)
        for subnet in network.subnets where !given.contains(where: { bookings[$0]?.isIPv6 == subnet.isIPv6 }) {
            let booking = book(in: subnet.id, of: network, address: nil, tags: [], at: now)
            interface.addresses.append(booking)
            interface.ownAddresses.append(booking)
        }
        for address in interface.addresses { bookings.update(address) { [id = interface.id] in $0.interface = id } }
        interfaces.insert(interface, id: interface.id)
        servers.update(server.id) { [id = interface.id] in $0.interfaces.append(id) }
        if isBusy {
            let delay = isBooting(server, at: now) ? Delay.interfaceOfBootingGuest : .interface
            plan(.interfaceIsReady(interface.id), after: delay, from: now)
        }
        return interface.id
    }

    /// Answers without a wrapper, unlike everything else in this API.
    fileprivate mutating func updateInterface(_ call: Call) throws(Refusal) -> APIResponse {
        let interface = try interface(call)
        if let tags = try call.body().strings("tags") {
            interfaces.update(interface.id) {
                $0.tags = tags
                $0.updatedAt = call.now
            }
        }
        return APIResponse(200, try self.interface(call).json)
    }

    fileprivate mutating func deleteInterface(_ call: Call) throws(Refusal) -> APIResponse {
        removeInterface(try interface(call).id)
        return .noContent
    }
}
