import HTTP
import Instances
import Reconciler

/// The IAM API: quotas, and what a key may do.
struct IAMAPI: Sendable {
    let client: Client

    func quotas(of organization: ResourceUUID) async throws(ProviderError) -> [Quotum] {
        let call = Call.get(
            "/iam/v1alpha1/quota", query: [("organization_id", organization.text)],
            to: "read the quotas of organization \(organization)")
        return try await client.everything(call)
    }

    /// - Parameter accessKey: checked to be one: it becomes part of a path.
    func apiKey(_ accessKey: String) async throws(ProviderError) -> APIKey {
        try await client.answer(.get("/iam/v1alpha1/api-keys/\(accessKey)", to: "read the API key \(accessKey)"))
    }

    /// - Parameter bearer: whose key it is.
    func policies(of bearer: APIKey.Bearer) async throws(ProviderError) -> [Policy] {
        let call = Call.get(
            "/iam/v1alpha1/policies", query: [(bearer.parameter, bearer.id.text)], to: "list the policies of the key")
        return try await client.everything(call)
    }

    func groups(of bearer: APIKey.Bearer) async throws(ProviderError) -> [Group] {
        let call = Call.get(
            "/iam/v1alpha1/groups", query: [(bearer.parameter, bearer.id.text)], to: "list the groups of the key")
        return try await client.everything(call)
    }

    func rules(of policy: ResourceUUID) async throws(ProviderError) -> [Rule] {
        let call = Call.get(
            "/iam/v1alpha1/rules", query: [("policy_id", policy.text)], to: "read the policy \(policy)")
        return try await client.everything(call)
    }
}

/// Half of a key, and whose it is.
struct APIKey: Decodable, Hashable, Sendable {
    var application: String?
    var user: String?
    /// `nil`: never.
    var expiresAt: String?

    /// Who can be given policies.
    enum Bearer: Hashable, Sendable {
        case application(ResourceUUID)
        case user(ResourceUUID)
        case group(ResourceUUID)

        var id: ResourceUUID {
            switch self {
            case .application(let id), .user(let id), .group(let id): id
            }
        }

        /// Of queries that ask for what belongs to it.
        var parameter: String {
            switch self {
            case .application: "application_ids"
            case .user: "user_ids"
            case .group: "group_ids"
            }
        }
    }

    var bearer: Bearer? {
        if let application = application.flatMap(ResourceUUID.init) { return .application(application) }
        return user.flatMap(ResourceUUID.init).map(Bearer.user)
    }

    private enum CodingKeys: String, CodingKey {
        case application = "application_id"
        case user = "user_id"
        case expiresAt = "expires_at"
    }
}

struct Policy: Listed {
    static let listing = ListingStyle.usual("policies")
    var id: String
}

struct Group: Listed {
    static let listing = ListingStyle.usual("groups")
    var id: String
}

/// Permission sets, and where they count.
struct Rule: Listed {
    static let listing = ListingStyle.usual("rules")
    var id: String
    var permissionSets: [String]?
    /// `nil` where it counts for a whole organization.
    var projects: [String]?

    private enum CodingKeys: String, CodingKey {
        case id
        case permissionSets = "permission_set_names"
        case projects = "project_ids"
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
        var global: Bool?
        var limit: Int?
        var unlimited: Bool?
    }
}
