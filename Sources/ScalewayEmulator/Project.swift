/// A project of the organization.
struct Project: Sendable, Codable {
    var id: String
    var name: String
    var description: String
    var createdAt: Instant
    var updatedAt: Instant
}
