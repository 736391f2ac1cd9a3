import HTTP
import Reconciler

/// The VPC API of one region and project.
struct VPCAPI: Sendable {
    let client: Client
    let region: String
    let project: ResourceUUID

    private var path: String { "/vpc/v2/regions/\(region)/private-networks" }

    func privateNetworks() async throws(ProviderError) -> [PrivateNetwork] {
        struct Page: TotalledPage {
            let items: [PrivateNetwork]
            let total: Int?
            enum CodingKeys: String, CodingKey {
                case items = "private_networks"
                case total = "total_count"
            }
        }
        let call = Call.get(
            path, query: [("project_id", project.text), ("order_by", "created_at_asc")],
            to: "list the private networks of \(region)")
        return try await client.everything(call, as: Page.self)
            .filter { $0.project == project.text && $0.region == region }
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
}

/// A private network, as far as the operator reads it.
struct PrivateNetwork: Listed {
    var id: String
    var name: String
    var project: String
    var region: String
    var tags: [String]

    private enum CodingKeys: String, CodingKey {
        case id, name, region, tags
        case project = "project_id"
    }
}
