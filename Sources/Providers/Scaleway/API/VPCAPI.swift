import HTTP
import Instances
import Reconciler

/// The VPC API of one region and project.
struct VPCAPI: Sendable {
    let client: Client
    let region: String
    let project: ResourceUUID

    private var path: String { "/vpc/v2/regions/\(region)/private-networks" }

    func privateNetworks() async throws(ProviderError) -> [PrivateNetwork] {
        let call = Call.get(
            path, query: [("project_id", project.text), ("order_by", "created_at_asc")],
            to: "list the private networks of \(region)")
        return try await client.everything(call)
            .filter { $0.project == project.text && $0.region == region }
    }

    func privateNetwork(_ id: ResourceUUID) async throws(ProviderError) -> PrivateNetwork {
        try await client.answer(.get("\(path)/\(id)", to: "read private network \(id)", about: id))
    }

    /// Makes it in the project's default VPC, with subnets that Scaleway chooses.
    func createPrivateNetwork(name: String, tags: [String]) async throws(ProviderError) -> PrivateNetwork {
        struct Body: Encodable {
            let name: String
            let project_id: String
            let tags: [String]
        }
        return try await client.answer(
            .sending(
                Body(name: name, project_id: project.text, tags: tags), by: .post, path,
                to: "create private network \(printable(name))"))
    }

    /// Refused while something is in it.
    func deletePrivateNetwork(_ id: ResourceUUID) async throws(ProviderError) {
        try await client.delete(.delete("\(path)/\(id)", to: "delete private network \(id)", about: id))
    }
}

/// A private network, as far as the operator reads it.
struct PrivateNetwork: Shared {
    static let kind = "private network"
    static let listing = ListingStyle.usual("private_networks")

    var id: String
    var name: String
    var project: String
    var region: String
    var tags: [String]
    var createdAt: Timestamp?
}

extension PrivateNetwork {
    private enum CodingKeys: String, CodingKey {
        case id, name, region, tags
        case project = "project_id"
        case createdAt = "created_at"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        project = try fields.decode(String.self, forKey: .project)
        region = try fields.decode(String.self, forKey: .region)
        tags = try fields.decodeIfPresent([String].self, forKey: .tags) ?? []
        createdAt = fields.unimportantTime(.createdAt)
    }
}
