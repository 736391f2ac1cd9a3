/// A server of the instance API.
struct Server: Sendable, Codable {
    enum State: String, Sendable, Codable {
        case stopped, starting, running, stopping
        case stoppedInPlace = "stopped in place"
        case locked
    }

    /// One entry of the volume map.
    struct Slot: Sendable, Codable {
        var key: Int
        var volume: String
        var boot: Bool
    }

    /// Where the server runs.
    struct Node: Sendable, Codable {
        var cluster: Int
        var hypervisor: Int
        var node: Int
    }

    var id: String
    var zone: String
    var name: String
    var project: String
    var commercialType: String
    var arch: String
    var bootType = "local"
    var image: Image?
    var slots: [Slot] = []
    var tags: [String] = []
    var state = State.stopped
    var stateDetail = ""
    var isProtected = false
    var macAddress: String
    var dynamicAddressRequired = true
    var dynamicAddress: DynamicAddress?
    /// Flexible addresses in the order in which they were attached.
    var addresses: [String] = []
    var interfaces: [String] = []
    var enableIPv6 = false
    var securityGroup: String
    var createdAt: Instant
    var updatedAt: Instant
    var node: Node?
    /// In the order in which the keys were set.
    var userData: [UserData] = []
    /// Counts power actions; what an earlier one planned is void.
    var action = 0
    /// When the guest last started to boot.
    var bootedAt: Instant?
    /// Counts the times at which the server reached `running` from a full start.
    var boots = 0

    struct UserData: Sendable, Codable {
        var key: String
        var bytes: [UInt8]
    }

    /// A public address that comes at power on and goes when the server stops.
    struct DynamicAddress: Sendable, Codable {
        var id: String
        var address: String
        var state: String
    }

    func slot(of volume: String) -> Slot? { slots.first { $0.volume == volume } }

    /// The volume that the guest boots from.
    var bootVolume: String? {
        (slots.first { $0.boot } ?? slots.first { $0.key == 0 })?.volume
    }

    /// - Parameter isAttaching: a volume is on its way to the server.
    func allowedActions(isAttaching: Bool) -> [String] {
        if isAttaching || state == .locked { return [] }
        return switch state {
        case .stopped: ["poweron", "backup"]
        case .starting, .stopping: ["stop_in_place", "backup"]
        case .running where isProtected: ["backup"]
        case .running: ["poweroff", "terminate", "reboot", "stop_in_place", "backup"]
        case .stoppedInPlace where isProtected: ["poweron", "backup"]
        case .stoppedInPlace: ["poweron", "poweroff", "terminate", "reboot", "backup"]
        case .locked: []
        }
    }
}

extension World {
    func json(of server: Server) -> JSON {
        let addresses = publicAddresses(of: server)
        return [
            "id": .string(server.id), "name": .string(server.name), "arch": .string(server.arch),
            "commercial_type": .string(server.commercialType), "boot_type": .string(server.bootType),
            "organization": .string(configuration.organization), "project": .string(server.project),
            "hostname": .string(server.name), "image": server.image?.json ?? .null,
            "volumes": .object(server.slots.map { JSON.Member(String($0.key), json(of: $0, on: server)) }),
            "tags": .strings(server.tags), "state": .string(server.state.rawValue),
            "protected": .bool(server.isProtected), "state_detail": .string(server.stateDetail),
            "public_ip": addresses.first ?? .null, "public_ips": .array(addresses),
            "mac_address": .string(server.macAddress), "routed_ip_enabled": true, "ipv6": .null, "extra_networks": [],
            "dynamic_ip_required": .bool(server.dynamicAddressRequired), "enable_ipv6": .bool(server.enableIPv6),
            "private_ip": .null, "creation_date": .string(server.createdAt.instanceStamp),
            "modification_date": .string(server.updatedAt.instanceStamp), "bootscript": .null,
            "security_group": json(ofGroup: server.securityGroup), "location": json(of: server.node, in: server.zone),
            "maintenances": [],
            "allowed_actions": .strings(server.allowedActions(isAttaching: isAttaching(server))),
            "placement_group": .null,
            "private_nics": .array(server.interfaces.reversed().compactMap { interfaces[$0]?.json }),
            "zone": .string(server.zone), "filesystems": [], "end_of_service": false,
            "dns": .string("\(server.id).pub.instances.scw.cloud"),
        ]
    }

    private func isAttaching(_ server: Server) -> Bool {
        server.slots.contains { volumes[$0.volume]?.references.contains { $0.status == .attaching } ?? false }
    }

    private func json(of slot: Server.Slot, on server: Server) -> JSON {
        if let local = localVolumes[slot.volume] {
            return local.json(boot: slot.boot, server: (server.id, server.name))
        }
        let isAttaching = volumes[slot.volume]?.references.contains { $0.status == .attaching } ?? false
        return [
            "boot": .bool(slot.boot), "volume_type": "sbs_volume", "id": .string(slot.volume),
            "state": isAttaching ? "attaching" : "available", "zone": .string(server.zone),
        ]
    }

    private func json(ofGroup id: String) -> JSON {
        ["id": .string(id), "name": .string(securityGroups[id]?.name ?? "")]
    }

    private func json(of node: Server.Node?, in zone: String) -> JSON {
        node.map {
            [
                "zone_id": .string(zone), "platform_id": "14", "cluster_id": .string(String($0.cluster)),
                "hypervisor_id": .string(String($0.hypervisor)), "node_id": .string(String($0.node)),
            ]
        } ?? .null
    }

    /// Flexible addresses, then the dynamic one.
    private func publicAddresses(of server: Server) -> [JSON] {
        var list = server.addresses.compactMap { addresses[$0]?.serverJSON }
        if let dynamic = server.dynamicAddress {
            list.append(
                Address.serverJSON(
                    id: dynamic.id, address: dynamic.address, isDynamic: true, isIPv6: false, tags: [],
                    state: dynamic.state))
        }
        return list
    }
}
