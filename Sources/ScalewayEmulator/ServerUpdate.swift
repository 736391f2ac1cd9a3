extension World {
    mutating func updateServer(_ call: Call) throws(Refusal) -> APIResponse {
        var server = try server(call)
        try checkLock(server.id, "instance_server")
        let body = try call.body()
        if body.has("placement_group") { throw .invalid("placement_group", "constraint", "not a valid value") }
        let wanted = try wantedVolumes(body, server: server)
        if let name = try body.text("name") { server.name = name }
        if let tags = try body.strings("tags") { server.tags = tags }
        if let bootType = try body.text("boot_type") { server.bootType = bootType }
        if let isProtected = try body.flag("protected") { server.isProtected = isProtected }
        if let dynamic = try body.flag("dynamic_ip_required") { server.dynamicAddressRequired = dynamic }
        if let enableIPv6 = try body.flag("enable_ipv6") { server.enableIPv6 = enableIPv6 }
        if let group = try body.object("security_group") {
            let id = try group.required("id")
            guard securityGroups[id]?.zone == call.zone else { throw .notFound("instance_security_group", id) }
            server.securityGroup = id
        }
        if let type = try body.text("commercial_type") {
            guard server.state == .stopped else {
                throw .precondition(400, "resource_not_usable", "server should be stopped")
            }
            guard Catalogue.type(type)?.arch == server.arch else {
                throw .invalid("commercial_type", "constraint", "not a valid value")
            }
            server.commercialType = type
        }
        let addresses = try body.strings("public_ips")
        for id in addresses ?? [] where self.addresses[id]?.zone != call.zone { throw .notFound("instance_ip", id) }

        server.updatedAt = call.now
        let updated = server
        servers.update(server.id) { $0 = updated }
        if let addresses {
            for id in server.addresses where !addresses.contains(id) { detach(address: id) }
            for id in addresses where !server.addresses.contains(id) { attach(address: id, to: server.id) }
        }
        if let wanted { replaceVolumes(of: server, with: wanted, at: call.now) }
        return answer(try stored(server.id))
    }

    /// The volumes of the body in the order of their keys.
    private func wantedVolumes(_ body: Fields, server: Server) throws(Refusal) -> [(id: String, boot: Bool)]? {
        guard let members = try body.object("volumes")?.json.members else { return nil }
        var wanted: [(key: Int, id: String, boot: Bool)] = []
        for member in members {
            guard let key = Int(member.name) else { throw .invalid("volumes", "format", "keys are numbers") }
            let fields = Fields(json: member.value, path: "volumes.\(key).")
            let id = try fields.required("id")
            if server.slot(of: id) == nil { try checkAttachable(id, zone: server.zone) }
            wanted.append((key, id, try fields.flag("boot") ?? false))
        }
        return wanted.sorted { $0.key < $1.key }.map { ($0.id, $0.boot) }
    }

    /// Replaces the whole map: what is left out is detached, and the keys are counted anew.
    private mutating func replaceVolumes(of server: Server, with wanted: [(id: String, boot: Bool)], at now: Instant) {
        for slot in server.slots where !wanted.contains(where: { $0.id == slot.volume }) {
            detach(volume: slot.volume, from: server, at: now)
        }
        for (key, volume) in wanted.enumerated() {
            if server.slot(of: volume.id) == nil {
                attach(volume: volume.id, key: key, boot: volume.boot, to: server.id, status: .attaching, at: now)
            } else {
                servers.update(server.id) { server in
                    guard let index = server.slots.firstIndex(where: { $0.volume == volume.id }) else { return }
                    server.slots[index].key = key
                    server.slots[index].boot = volume.boot
                    server.slots.sort { $0.key < $1.key }
                }
            }
        }
    }
}
