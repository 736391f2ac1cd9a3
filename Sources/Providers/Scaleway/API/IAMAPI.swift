import HTTP
import Instances
import Reconciler

/// The IAM API: quotas and the key itself.
struct IAMAPI: Sendable {
    let client: Client

    func quotas(of organization: ResourceUUID) async throws(ProviderError) -> [Quotum] {
        let call = Call.get(
            "/iam/v1alpha1/quota", query: [("organization_id", organization.text)],
            to: "read the quotas of organization \(organization)")
        return try await client.everything(call)
    }
}

/// How much of something an organization may have.
struct Quotum: Listed {
    static let listing = ListingStyle.usual("quota")

    var id: String { name }
    var name: String
    /// `nil` where there is none.
    var limit: Int?
    var unlimited: Bool?
    /// Where the limit differs from place to place.
    var limits: [Place]?

    struct Place: Decodable, Hashable, Sendable {
        var zone: String?
        var region: String?
        var limit: Int?
        var unlimited: Bool?
    }
}
