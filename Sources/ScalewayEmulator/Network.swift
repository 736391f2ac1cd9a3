/// A VPC.
struct PrivateCloud: Sendable, Codable {
    var id: String
    var region: String
    var name: String
    var project: String
    var organization: String
    var tags: [String]
    var isDefault: Bool
    var isTransitive = false
    var createdAt: Instant
    var updatedAt: Instant

    func json(networks: Int) -> JSON {
        [
            "id": .string(id), "name": .string(name), "tags": .strings(tags),
            "organization_id": .string(organization), "created_at": .string(createdAt.zuluStamp),
            "updated_at": .string(updatedAt.zuluStamp), "project_id": .string(project),
            "is_default": .bool(isDefault), "private_network_count": .integer(networks), "routing_enabled": true,
            "custom_routes_propagation_enabled": true, "transitivity_enabled": .bool(isTransitive),
            "s3_integration_enabled": false,
            "region": .string(region),
        ]
    }
}

/// A private network: one subnet of each version of the internet protocol.
struct Network: Sendable, Codable {
    var id: String
    var region: String
    var name: String
    var project: String
    var organization: String
    var tags: [String]
    var cloud: String
    var subnets: [Subnet]
    var propagatesDefaultRoute: Bool
    var createdAt: Instant
    var updatedAt: Instant

    struct Subnet: Sendable, Codable {
        var id: String
        /// With the length of the prefix.
        var range: String
        var isIPv6: Bool
        /// Counts the addresses given out.
        var used = 1
    }

    func json(of subnet: Subnet) -> JSON {
        [
            "id": .string(subnet.id), "created_at": .string(createdAt.zuluStamp),
            "updated_at": .string(createdAt.zuluStamp), "subnet": .string(subnet.range),
            "project_id": .string(project), "private_network_id": .string(id), "vpc_id": .string(cloud),
            "region": .string(region),
        ]
    }

    var json: JSON {
        [
            "id": .string(id), "name": .string(name), "tags": .strings(tags),
            "organization_id": .string(organization), "created_at": .string(createdAt.zuluStamp),
            "updated_at": .string(updatedAt.zuluStamp), "project_id": .string(project),
            "subnets": .array(subnets.map { json(of: $0) }), "vpc_id": .string(cloud), "dhcp_enabled": true,
            "default_route_propagation_enabled": .bool(propagatesDefaultRoute), "has_s3_integration": false,
            "region": .string(region),
        ]
    }
}

/// A server's interface in a private network.
struct PrivateInterface: Sendable, Codable {
    var id: String
    var zone: String
    var server: String
    var network: String
    var macAddress: String
    var state: String
    var tags: [String]
    var addresses: [String]
    /// Addresses that were booked for it and go with it.
    var ownAddresses: [String]
    var createdAt: Instant
    var updatedAt: Instant

    var json: JSON {
        [
            "id": .string(id), "private_network_id": .string(network), "server_id": .string(server),
            "mac_address": .string(macAddress), "state": .string(state),
            "creation_date": .string(createdAt.instanceStamp), "modification_date": .string(updatedAt.instanceStamp),
            "zone": .string(zone), "tags": .strings(tags), "ipam_ip_ids": .strings(addresses),
        ]
    }
}

/// An address in the IPAM.
struct Booking: Sendable, Codable {
    var id: String
    var region: String
    var project: String
    /// With the length of the prefix.
    var address: String
    var isIPv6: Bool
    var subnet: String
    var network: String
    var tags: [String]
    var interface: String?
    var createdAt: Instant
    var updatedAt: Instant
}

extension World {
    /// Takes an interface away, and the addresses that were booked for it.
    mutating func removeInterface(_ id: String) {
        guard let interface = interfaces.remove(id) else { return }
        servers.update(interface.server) { $0.interfaces.removeAll { $0 == id } }
        for address in interface.addresses {
            if interface.ownAddresses.contains(address) {
                bookings.remove(address)
            } else {
                bookings.update(address) { $0.interface = nil }
            }
        }
    }
}
