/// A firewall of the instance API.
struct SecurityGroup: Sendable, Codable {
    var id: String
    var zone: String
    var name: String
    var description: String?
    var project: String
    var organization: String
    var isStateful = true
    var inboundPolicy = "accept"
    var outboundPolicy = "accept"
    var isProjectDefault = false
    /// Drops outgoing mail by rules that nobody can edit.
    var enableDefaultSecurity = true
    var tags: [String] = []
    var rules: [Rule] = []
    var state = "available"
    var createdAt: Instant
    var updatedAt: Instant

    struct Rule: Sendable, Codable {
        var id: String
        var proto: String
        var direction: String
        var action: String
        var range: String
        var portFrom: Int?
        var portTo: Int?
        var position: Int
        var isEditable = true

        func json(zone: String) -> JSON {
            [
                "id": .string(id), "protocol": .string(proto), "direction": .string(direction),
                "ip_range": .string(range), "dest_ip_range": .null, "dest_port_from": .optional(portFrom),
                "dest_port_to": .optional(portTo), "position": .integer(position), "editable": .bool(isEditable),
                "action": .string(action), "zone": .string(zone),
            ]
        }
    }

    /// The rules that nobody made: outgoing mail is dropped.
    static let defaultRules: [Rule] = ["0.0.0.0/0", "::/0"].enumerated().flatMap { family, range in
        [25, 465, 587].enumerated().map { index, port in
            let position = family * 3 + index + 1
            return Rule(
                id: "11111111-2222-4333-8444-00000000000\(position)", proto: "TCP", direction: "outbound",
                action: "drop", range: range, portFrom: port, position: position, isEditable: false)
        }
    }

    /// Whether an update changed nothing that has to reach the hypervisors.
    func isConfigured(like other: SecurityGroup) -> Bool {
        name == other.name && tags == other.tags && isStateful == other.isStateful
            && inboundPolicy == other.inboundPolicy && outboundPolicy == other.outboundPolicy
            && enableDefaultSecurity == other.enableDefaultSecurity
    }

    var allRules: [Rule] { (enableDefaultSecurity ? Self.defaultRules : []) + rules }

    func json(servers: [Server]) -> JSON {
        [
            "id": .string(id), "creation_date": .string(createdAt.instanceStamp),
            "modification_date": .string(updatedAt.instanceStamp), "name": .string(name),
            "description": .optional(description), "organization": .string(organization),
            "project": .string(project),
            "servers": .array(servers.map { ["id": .string($0.id), "name": .string($0.name)] }),
            "stateful": .bool(isStateful), "inbound_default_policy": .string(inboundPolicy),
            "outbound_default_policy": .string(outboundPolicy), "organization_default": false,
            "project_default": .bool(isProjectDefault), "enable_default_security": .bool(enableDefaultSecurity),
            "state": .string(state), "tags": .strings(tags), "zone": .string(zone),
        ]
    }
}

extension World {
    /// The project's default group in the zone, made when first needed.
    mutating func defaultSecurityGroup(zone: String, project: String, at now: Instant) -> String {
        let existing = securityGroups.all.first { $0.zone == zone && $0.project == project && $0.isProjectDefault }
        if let existing { return existing.id }
        let id = randomness.identifier()
        var group = SecurityGroup(
            id: id, zone: zone, name: "Default security group", description: "Auto generated security group.",
            project: project, organization: configuration.organization, createdAt: now, updatedAt: now)
        group.isProjectDefault = true
        securityGroups.insert(group, id: id)
        return id
    }
}
