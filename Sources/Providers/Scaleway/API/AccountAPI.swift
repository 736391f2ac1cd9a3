import HTTP
import Reconciler

/// The Account API: projects.
struct AccountAPI: Sendable {
    let client: Client

    func project(_ id: ResourceUUID) async throws(ProviderError) -> AccountProject {
        try await client.answer(.get("/account/v3/projects/\(id)", to: "read project \(id)", about: id))
    }
}

struct AccountProject: Decodable, Hashable, Sendable {
    var id: String
    var name: String
    var organization: String

    private enum CodingKeys: String, CodingKey {
        case id, name
        case organization = "organization_id"
    }
}
