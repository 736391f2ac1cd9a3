/// A public key that every server of the project accepts.
struct SSHKey: Sendable, Codable {
    var id: String
    var name: String
    var publicKey: String
    var project: String
    var isDisabled = false
    var createdAt: Instant
    var updatedAt: Instant
}
