/// A flexible public address.
struct Address: Sendable, Codable {
    var id: String
    var zone: String
    var project: String
    var organization: String
    /// `routed_ipv4` or `routed_ipv6`.
    var type: String
    /// The address of version 4, the prefix of version 6.
    var address: String
    var reverse: String?
    var server: String?
    var tags: [String]

    var isIPv6: Bool { type == "routed_ipv6" }

    func json(serverName: String?) -> JSON {
        let holder: JSON =
            server.map { ["id": .string($0), "name": .string(serverName ?? "")] } ?? .null
        return [
            "id": .string(id), "address": isIPv6 ? .null : .string(address),
            "prefix": isIPv6 ? .string(address) : .null,
            "reverse": .optional(reverse), "server": holder, "organization": .string(organization),
            "project": .string(project), "zone": .string(zone), "type": .string(type),
            "state": server == nil ? "detached" : "attached", "tags": .strings(tags), "ipam_id": .string(id),
        ]
    }

    /// As it stands in the server it is attached to.
    var serverJSON: JSON {
        Self.serverJSON(id: id, address: address, isDynamic: false, isIPv6: isIPv6, tags: tags, state: "attached")
    }

    static func serverJSON(
        id: String, address: String, isDynamic: Bool, isIPv6: Bool, tags: [String], state: String
    ) -> JSON {
        let host = isIPv6 ? String(address.prefix { $0 != "/" }) + "1" : address
        return [
            "id": .string(id), "address": .string(host), "dynamic": .bool(isDynamic),
            "gateway": isIPv6 ? "fe80::dc00:ff:fe00:1" : "62.210.0.1", "netmask": isIPv6 ? "64" : "32",
            "family": isIPv6 ? "inet6" : "inet", "provisioning_mode": isIPv6 ? "slaac" : "dhcp",
            "tags": .strings(tags), "state": .string(state), "ipam_id": .string(id),
        ]
    }
}

extension World {
    mutating func attach(address id: String, to server: String) {
        detach(address: id)
        addresses.update(id) { $0.server = server }
        servers.update(server) { $0.addresses.append(id) }
    }

    mutating func detach(address id: String) {
        guard let server = addresses[id]?.server else { return }
        addresses.update(id) { $0.server = nil }
        servers.update(server) { $0.addresses.removeAll { $0 == id } }
    }

    /// In a range that the recordings use; unique as long as there are fewer than 65 024.
    mutating func newPublicAddress(isIPv6: Bool) -> String {
        let number = nextNumber()
        if isIPv6 { return "2001:bc8:1640:\(String(number % 0x10000, radix: 16))::/64" }
        return "163.172.\(number / 254 % 256).\(number % 254 + 1)"
    }
}
