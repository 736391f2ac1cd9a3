/// A block volume (SBS).
struct Volume: Sendable, Codable {
    enum Status: String, Sendable, Codable {
        case creating, available, inUse = "in_use", updating, error, deleted
    }

    var id: String
    var zone: String
    var name: String
    var project: String
    /// Bytes.
    var size: Int
    var iops: Int
    var parentSnapshot: String?
    var tags: [String]
    var createdAt: Instant
    var updatedAt: Instant
    var lastDetachedAt: Instant?
    var references: [Reference] = []
    /// Without regard to references: a volume that has one is in use.
    var base = Status.creating
    var content: Content

    var status: Status { references.isEmpty || base != .available ? base : .inUse }
    var type: String { "sbs_\(iops / 1000)k" }

    /// 1 GB to 10 TB, in whole gigabytes of 10^9 bytes.
    static let sizes = 1_000_000_000...10_000_000_000_000
    static let gigabyte = 1_000_000_000
    static let performances = [5000, 15_000]

    var json: JSON {
        [
            "id": .string(id), "name": .string(name), "type": .string(type), "size": .integer(size),
            "project_id": .string(project), "created_at": .string(createdAt.zuluStamp),
            "updated_at": .string(updatedAt.zuluStamp), "references": .array(references.map(\.json)),
            "parent_snapshot_id": .optional(parentSnapshot), "status": .string(status.rawValue),
            "tags": .strings(tags), "specs": ["perf_iops": .integer(iops), "class": "sbs"],
            "last_detached_at": .optional(lastDetachedAt?.zuluStamp), "kms_key_id": .null, "zone": .string(zone),
        ]
    }
}

/// Why a volume or snapshot is in use, and by what.
struct Reference: Sendable, Codable {
    enum Product: String, Sendable, Codable {
        case server = "instance_server"
        case image = "instance_image"
        case intern = "internal"
    }
    enum Status: String, Sendable, Codable { case attaching, attached, detaching, creating }

    var id: String
    var product: Product
    var productID: String
    var createdAt: Instant
    var status: Status

    var json: JSON {
        let type =
            switch product {
            case .server: "exclusive"
            case .image: "link"
            case .intern: "unknown_type"
            }
        return [
            "id": .string(id), "product_resource_type": .string(product.rawValue),
            "product_resource_id": .string(productID), "created_at": .string(createdAt.zuluStamp),
            "type": .string(type), "status": .string(status.rawValue),
        ]
    }
}

/// A block snapshot.
struct Snapshot: Sendable, Codable {
    enum Status: String, Sendable, Codable {
        case creating, available, inUse = "in_use", error, deleted

        /// Whether data can be got back from it.
        var isUsable: Bool { self == .available || self == .inUse }
    }

    var id: String
    var zone: String
    var name: String
    var project: String
    var size: Int
    /// Kept when the volume is deleted, for the control API; the answer then says `null`.
    var parent: String
    var tags: [String]
    var isPublic: Bool
    var createdAt: Instant
    var updatedAt: Instant
    var references: [Reference] = []
    var base = Status.creating
    var content: Content

    var status: Status { references.isEmpty || base != .available ? base : .inUse }

    func json(parent: Volume?) -> JSON {
        let parentJSON: JSON =
            parent.map {
                [
                    "id": .string($0.id), "name": .string($0.name), "type": .string($0.type),
                    "status": .string($0.status.rawValue),
                ]
            } ?? .null
        return [
            "id": .string(id), "name": .string(name), "parent_volume": parentJSON, "size": .integer(size),
            "project_id": .string(project), "created_at": .string(createdAt.zuluStamp),
            "updated_at": .string(updatedAt.zuluStamp), "references": .array(references.map(\.json)),
            "status": .string(status.rawValue), "tags": .strings(tags), "class": "sbs", "zone": .string(zone),
            "public": .bool(isPublic),
        ]
    }
}
