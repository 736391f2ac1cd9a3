extension Routes {
    private static let ips = "/ipam/v1/regions/{region}/ips"

    static let bookings: [Route] = [
        Route("GET", ips) { try $0.listBookings($1) },
        Route("POST", ips) { try $0.createBooking($1) },
        Route("GET", "\(ips)/{id}") { APIResponse(200, $0.json(of: try $0.booking($1))) },
        Route("PATCH", "\(ips)/{id}") { try $0.updateBooking($1) },
        Route("DELETE", "\(ips)/{id}") { try $0.releaseBooking($1) },
        Route("POST", "/ipam/v1/regions/{region}/ip-sets/release") { try $0.releaseBookings($1) },
    ]
}

extension World {
    fileprivate func booking(_ call: Call) throws(Refusal) -> Booking {
        guard let booking = bookings[call.id], booking.region == call.region else { throw .notFound("ip", call.id) }
        return booking
    }

    fileprivate func json(of booking: Booking) -> JSON {
        let interface = booking.interface.flatMap { interfaces[$0] }
        let resource: JSON =
            interface.map {
                [
                    "type": "instance_private_nic", "id": .string($0.id), "mac_address": .string($0.macAddress),
                    "name": .string(servers[$0.server]?.name ?? ""),
                ]
            } ?? .null
        return [
            "id": .string(booking.id), "address": .string(booking.address), "project_id": .string(booking.project),
            "is_ipv6": .bool(booking.isIPv6), "created_at": .string(booking.createdAt.zuluStamp),
            "updated_at": .string(booking.updatedAt.zuluStamp), "source": ["subnet_id": .string(booking.subnet)],
            "resource": resource, "tags": .strings(booking.tags), "reverses": [],
            "region": .string(booking.region), "zone": .null,
        ]
    }

    /// Takes an address of the subnet.
    ///
    /// - Parameter address: a certain one; without it the next that is free.
    /// - Returns: the identifier of the booking.
    mutating func book(
        in subnetID: String, of network: Network, address: String?, tags: [String], at now: Instant
    ) -> String {
        guard let current = networks[network.id], let index = current.subnets.firstIndex(where: { $0.id == subnetID })
        else { return "" }
        let subnet = current.subnets[index]
        let length = subnet.range.drop { $0 != "/" }
        let taken = Set(bookings.all.filter { $0.subnet == subnetID }.map(\.address))
        var number = subnet.used
        var next = ""
        repeat {
            number += 1
            next = Self.host(number, of: subnet) + length
        } while taken.contains(next)
        networks.update(network.id) { $0.subnets[index].used = number }
        let booking = Booking(
            id: randomness.identifier(), region: network.region, project: network.project,
            address: address.map { $0.contains("/") ? $0 : $0 + length } ?? next, isIPv6: subnet.isIPv6,
            subnet: subnetID, network: network.id, tags: tags, createdAt: now, updatedAt: now)
        bookings.insert(booking, id: booking.id)
        return booking.id
    }

    private static func host(_ number: Int, of subnet: Network.Subnet) -> String {
        let base = subnet.range.prefix { $0 != "/" }
        if subnet.isIPv6 { return base + String(number, radix: 16) }
        let octets = base.split(separator: ".").compactMap { Int($0) }
        guard octets.count == 4 else { return String(base) }
        let sum = octets[3] + number
        return "\(octets[0]).\(octets[1]).\(octets[2] + sum / 256).\(sum % 256)"
    }

    fileprivate func listBookings(_ call: Call) throws(Refusal) -> APIResponse {
        let tags = call.values("tags")
        let resources = call.values("resource_id", "resource_ids")
        let types = call.values("resource_type", "resource_types").filter { $0 != "unknown_type" }
        let ids = call.values("ip_ids")
        var rows = bookings.all.filter { booking in
            let interface = booking.interface.flatMap { interfaces[$0] }
            return booking.region == call.region && call.matches("project_id", booking.project)
                && call.matches("organization_id", configuration.organization)
                && call.matches("private_network_id", booking.network) && call.matches("subnet_id", booking.subnet)
                && (call.flag("attached").map { $0 == (interface != nil) } ?? true)
                && (call.flag("is_ipv6").map { $0 == booking.isIPv6 } ?? true)
                && (resources.isEmpty || interface.map { resources.contains($0.id) } ?? false)
                && (types.isEmpty || interface != nil && types.contains("instance_private_nic"))
                && (call.query("mac_address").map { $0 == interface?.macAddress } ?? true)
                && (ids.isEmpty || ids.contains(booking.id))
                && tags.allSatisfy(booking.tags.contains)
        }
        try call.sort(&rows, created: \.createdAt, name: \.address, default: "created_at_desc")
        return try call.page("ips", rows) { json(of: $0) }
    }

    fileprivate mutating func createBooking(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        _ = try visibleProject(body.text("project_id"))
        guard let source = try body.object("source") else {
            throw .invalid("source", "required", "required key not provided")
        }
        let wantsIPv6 = try body.flag("is_ipv6") ?? false
        let (networkID, subnetID) = (try source.text("private_network_id"), try source.text("subnet_id"))
        let network = networks.all.first { network in
            network.region == call.region
                && (network.id == networkID || network.subnets.contains { $0.id == subnetID })
        }
        guard let network else { throw .notFound("private_network", networkID ?? subnetID ?? "") }
        let subnet = network.subnets.first { subnet in
            subnetID.map { $0 == subnet.id } ?? (subnet.isIPv6 == wantsIPv6)
        }
        guard let subnet else { throw .notFound("subnet", subnetID ?? "") }
        let (address, tags) = (try body.text("address"), try body.strings("tags") ?? [])
        if let address,
            bookings.all.contains(where: { $0.subnet == subnet.id && $0.address.hasPrefix("\(address)/") })
        {
            throw .invalid("address", "constraint", "address is already in use")
        }
        let id = book(in: subnet.id, of: network, address: address, tags: tags, at: call.now)
        guard let booking = bookings[id] else { throw .notFound("ip", id) }
        return APIResponse(200, json(of: booking))
    }

    fileprivate mutating func updateBooking(_ call: Call) throws(Refusal) -> APIResponse {
        let booking = try booking(call)
        if let tags = try call.body().strings("tags") {
            bookings.update(booking.id) {
                $0.tags = tags
                $0.updatedAt = call.now
            }
        }
        return APIResponse(200, json(of: try self.booking(call)))
    }

    fileprivate mutating func releaseBooking(_ call: Call) throws(Refusal) -> APIResponse {
        let booking = try booking(call)
        guard booking.interface == nil else {
            throw .precondition(412, "resource_still_in_use", "IP must be detached to be released")
        }
        bookings.remove(booking.id)
        return .noContent
    }

    fileprivate mutating func releaseBookings(_ call: Call) throws(Refusal) -> APIResponse {
        for id in try call.body().strings("ip_ids") ?? [] where bookings[id]?.interface == nil { bookings.remove(id) }
        return .noContent
    }
}
