import HTTP
import Reconciler

/// Addresses, interfaces and security groups.
extension InstanceAPI {
    private func path(_ rest: String) -> String { "/instance/v1/zones/\(zone)/\(rest)" }

    // MARK: Public addresses

    /// - Parameter tags: only those that carry all of them; empty: all of the project.
    func addresses(tagged tags: [String] = []) async throws(ProviderError) -> [InstanceIP] {
        let call = Call.get(path("ips"), query: filter(tags), to: "list the public addresses of \(zone)")
        return try await client.everything(call)
            .filter { $0.project == project.text && $0.zone == zone.text && Set($0.tags).isSuperset(of: tags) }
    }

    func address(_ id: ResourceUUID) async throws(ProviderError) -> InstanceIP {
        let call = Call.get(path("ips/\(id)"), to: "read public address \(id)", about: id)
        return try await client.content(call)
    }

    func createAddress(tags: [String]) async throws(ProviderError) -> InstanceIP {
        struct Body: Encodable {
            let project: String
            let tags: [String]
            let type = "routed_ipv4"
        }
        let call = Call.sending(
            Body(project: project.text, tags: tags), by: .post, path("ips"), to: "reserve a public address")
        return try await client.content(call)
    }

    /// - Parameter server: `nil` takes it from the server that has it.
    func move(address: ResourceUUID, to server: ResourceUUID?) async throws(ProviderError) {
        struct Body: Encodable {
            let server: String?
            /// "No server" has to be said.
            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: CodingKeys.self)
                try fields.encode(server, forKey: .server)
            }
            enum CodingKeys: String, CodingKey { case server }
        }
        let purpose =
            server.map { "give public address \(address) to server \($0)" } ?? "free public address \(address)"
        let call = Call.sending(
            Body(server: server?.text), by: .patch, path("ips/\(address)"), to: purpose, about: address)
        try await client.perform(call)
    }

    func tag(address id: ResourceUUID, _ tags: [String]) async throws(ProviderError) {
        let call = Call.sending(
            ["tags": tags], by: .patch, path("ips/\(id)"), to: "tag public address \(id)", about: id)
        try await client.perform(call)
    }

    func deleteAddress(_ id: ResourceUUID) async throws(ProviderError) {
        try await client.delete(.delete(path("ips/\(id)"), to: "delete public address \(id)", about: id))
    }

    // MARK: Interfaces in private networks

    func addInterface(to server: ResourceUUID, in network: ResourceUUID) async throws(ProviderError) {
        let call = Call.sending(
            ["private_network_id": network.text], by: .post, path("servers/\(server)/private_nics"),
            to: "connect server \(server) to private network \(network)", about: server)
        try await client.perform(call)
    }

    func removeInterface(_ id: ResourceUUID, from server: ResourceUUID) async throws(ProviderError) {
        let call = Call.delete(
            path("servers/\(server)/private_nics/\(id)"), to: "remove interface \(id) of server \(server)", about: id)
        try await client.delete(call)
    }

    // MARK: Security groups

    /// - Parameter tags: only those that carry all of them; empty: all of the project.
    func securityGroups(tagged tags: [String] = []) async throws(ProviderError) -> [SecurityGroup] {
        let call = Call.get(path("security_groups"), query: filter(tags), to: "list the security groups of \(zone)")
        return try await client.everything(call)
            .filter { $0.project == project.text && $0.zone == zone.text && Set($0.tags).isSuperset(of: tags) }
    }

    func securityGroup(_ id: ResourceUUID) async throws(ProviderError) -> SecurityGroup {
        let call = Call.get(path("security_groups/\(id)"), to: "read security group \(id)", about: id)
        return try await client.content(call)
    }

    func createSecurityGroup(_ request: CreateSecurityGroup) async throws(ProviderError) -> SecurityGroup {
        let call = Call.sending(
            request, by: .post, path("security_groups"), to: "create security group \(printable(request.name))")
        return try await client.content(call)
    }

    func update(securityGroup id: ResourceUUID, _ change: SecurityGroupChange) async throws(ProviderError) {
        let call = Call.sending(
            change, by: .patch, path("security_groups/\(id)"), to: "change security group \(id)", about: id)
        try await client.perform(call)
    }

    /// The first hundred rules, Scaleway's own among them.
    func rules(of id: ResourceUUID) async throws(ProviderError) -> [SecurityGroupRule] {
        struct Answer: Decodable { let rules: [SecurityGroupRule] }
        let call = Call.get(
            path("security_groups/\(id)/rules"), query: [("page", "1"), ("per_page", "100")],
            to: "read the rules of security group \(id)", about: id)
        return try await client.answer(call, as: Answer.self).rules
    }

    /// Replaces all rules that can be changed.
    func set(rules: [SecurityGroupRule], of id: ResourceUUID) async throws(ProviderError) {
        let call = Call.sending(
            ["rules": rules], by: .put, path("security_groups/\(id)/rules"),
            to: "set the rules of security group \(id)", about: id)
        try await client.perform(call)
    }

    func deleteSecurityGroup(_ id: ResourceUUID) async throws(ProviderError) {
        try await client.delete(
            .delete(path("security_groups/\(id)"), to: "delete security group \(id)", about: id))
    }

    /// The Instance API joins tags with commas and means "all of them"; the answer is checked again all the same.
    private func filter(_ tags: [String]) -> [(name: String, value: String)] {
        [("project", project.text)] + (tags.isEmpty ? [] : [("tags", tags.joined(separator: ","))])
    }
}

/// A security group to be made: what was not allowed does not come in, everything may go out.
struct CreateSecurityGroup: Encodable, Sendable {
    var name: String
    var project: String
    var tags: [String]
    let description = "made by operator; its rules come from a manifest"
    let stateful = true
    let inboundPolicy = SecurityGroup.drop
    let outboundPolicy = SecurityGroup.accept

    private enum CodingKeys: String, CodingKey {
        case name, project, tags, description, stateful
        case inboundPolicy = "inbound_default_policy"
        case outboundPolicy = "outbound_default_policy"
    }
}

extension SecurityGroup {
    static let drop = "drop"
    static let accept = "accept"
}

/// A change of a security group; `nil` leaves a field alone.
struct SecurityGroupChange: Encodable, Hashable, Sendable {
    var tags: [String]?
    var stateful: Bool?
    var inboundPolicy: String?
    var outboundPolicy: String?

    private enum CodingKeys: String, CodingKey {
        case tags, stateful
        case inboundPolicy = "inbound_default_policy"
        case outboundPolicy = "outbound_default_policy"
    }
}
