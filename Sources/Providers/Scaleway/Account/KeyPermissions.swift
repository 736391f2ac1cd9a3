import Reconciler

/// What the policies of a key allow, read from IAM: to find out by trying would change something.
struct KeyPermissions: Sendable {
    /// Names of permission sets that count for the project.
    let sets: Set<String>
    /// The owner of an organization may do everything, without any policy.
    let isOfUser: Bool
    /// As IAM writes it; `nil`: never.
    let expiresAt: String?

    static func read(
        _ iam: IAMAPI, accessKey: String, project: ResourceUUID
    ) async throws(ProviderError) -> KeyPermissions {
        let key = try await iam.apiKey(accessKey)
        guard let bearer = key.bearer else {
            throw ProviderError(.unavailable, "the API key \(accessKey) belongs to nobody that we know")
        }
        var policies = try await iam.policies(of: bearer)
        let groups = try await iam.groups(of: bearer).compactMap { ResourceUUID($0.id) }
        for group in groups { policies += try await iam.policies(of: .group(group)) }
        var sets: Set<String> = []
        for policy in policies.compactMap({ ResourceUUID($0.id) }) {
            for rule in try await iam.rules(of: policy) where rule.projects?.contains(project.text) ?? true {
                sets.formUnion(rule.permissionSets ?? [])
            }
        }
        return KeyPermissions(sets: sets, isOfUser: key.application == nil, expiresAt: key.expiresAt)
    }

    /// Those of the sets that are missing: each needs one of its alternatives.
    func missing(_ needed: [[String]]) -> [String] {
        guard !sets.contains("AllProductsFullAccess") else { return [] }
        return needed.filter(sets.isDisjoint).compactMap(\.first)
    }
}
