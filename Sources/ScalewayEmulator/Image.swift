/// An image of the instance API: the marketplace's, or one made from a snapshot.
struct Image: Sendable, Codable {
    var id: String
    var zone: String
    var name: String
    var organization: String
    var project: String
    var arch: String
    var isPublic: Bool
    /// The block snapshot behind it; nil for images on local storage.
    var rootSnapshot: String?
    /// Local storage: the volume that the image is a copy of.
    var rootVolume: String
    /// Bytes.
    var size: Int
    var state = "available"
    var tags: [String]
    var fromServer = ""
    var createdAt: Instant
    var updatedAt: Instant

    var json: JSON {
        let root: JSON =
            if let rootSnapshot {
                ["volume_type": "sbs_snapshot", "id": .string(rootSnapshot), "size": 0, "name": ""]
            } else {
                ["volume_type": "l_ssd", "id": .string(rootVolume), "size": .integer(size), "name": .string(name)]
            }
        return [
            "id": .string(id), "name": .string(name), "organization": .string(organization),
            "project": .string(project), "root_volume": root, "extra_volumes": [:], "public": .bool(isPublic),
            "arch": .string(arch), "creation_date": .string(createdAt.instanceStamp),
            "modification_date": .string(updatedAt.instanceStamp), "default_bootscript": .null,
            "from_server": .string(fromServer), "state": .string(state), "tags": .strings(tags),
            "zone": .string(zone),
        ]
    }
}
