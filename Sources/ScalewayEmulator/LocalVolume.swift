/// A volume on the disk of the hypervisor (`l_ssd`, `scratch`); the instance API keeps it.
struct LocalVolume: Sendable, Codable {
    var id: String
    var zone: String
    var name: String
    var project: String
    var organization: String
    var type: String
    /// Bytes.
    var size: Int
    var tags: [String] = []
    var server: String?
    var createdAt: Instant
    var updatedAt: Instant
    var content: Content

    /// - Parameter boot: given where the volume stands in a server's map.
    func json(boot: Bool?, server: (id: String, name: String)?) -> JSON {
        let holder: JSON = server.map { ["id": .string($0.id), "name": .string($0.name)] } ?? .null
        var members: [JSON.Member] = boot.map { [JSON.Member("boot", .bool($0))] } ?? []
        members += [
            JSON.Member("id", .string(id)), JSON.Member("name", .string(name)),
            JSON.Member("volume_type", .string(type)), JSON.Member("export_uri", .null),
            JSON.Member("organization", .string(organization)), JSON.Member("project", .string(project)),
            JSON.Member("server", holder), JSON.Member("size", .integer(size)), JSON.Member("state", "available"),
            JSON.Member("creation_date", .string(createdAt.instanceStamp)),
            JSON.Member("modification_date", .string(updatedAt.instanceStamp)), JSON.Member("tags", .strings(tags)),
            JSON.Member("zone", .string(zone)),
        ]
        return .object(members)
    }
}
