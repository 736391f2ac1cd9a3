import FoundationEssentials
import HTTP
import Instances
import Reconciler

/// The Block API of one zone and project: disks and snapshots.
struct BlockAPI: Sendable {
    let client: Client
    let zone: Zone
    let project: ResourceUUID

    private func path(_ rest: String) -> String { "/block/v1/zones/\(zone)/\(rest)" }

    /// What is deleted stays out; the order puts what is made meanwhile at the end.
    private var listed: [(name: String, value: String)] {
        [("project_id", project.text), ("include_deleted", "false"), ("order_by", "created_at_asc")]
    }

    func volumes() async throws(ProviderError) -> [BlockVolume] {
        let call = Call.get(path("volumes"), query: listed, to: "list the disks of \(zone)")
        return try await client.everything(call)
            .filter { $0.project == project.text && $0.zone == zone.text }
    }

    func volume(_ id: ResourceUUID) async throws(ProviderError) -> BlockVolume {
        try await client.answer(.get(path("volumes/\(id)"), to: "read disk \(id)", about: id))
    }

    func createVolume(_ request: CreateVolume) async throws(ProviderError) -> BlockVolume {
        try await client.answer(
            .sending(request, by: .post, path("volumes"), to: "create disk \(printable(request.name))"))
    }

    func grow(_ id: ResourceUUID, to bytes: Int64) async throws(ProviderError) {
        try await client.perform(
            .sending(["size": bytes], by: .patch, path("volumes/\(id)"), to: "grow disk \(id)", about: id))
    }

    func setIOPS(of id: ResourceUUID, to iops: Int) async throws(ProviderError) {
        try await client.perform(
            .sending(
                ["perf_iops": iops], by: .patch, path("volumes/\(id)"), to: "set the speed of disk \(id)", about: id))
    }

    func tag(volume id: ResourceUUID, _ tags: [String]) async throws(ProviderError) {
        try await client.perform(
            .sending(["tags": tags], by: .patch, path("volumes/\(id)"), to: "tag disk \(id)", about: id))
    }

    func deleteVolume(_ id: ResourceUUID) async throws(ProviderError) {
        try await client.delete(.delete(path("volumes/\(id)"), to: "delete disk \(id)", about: id))
    }

    func snapshots() async throws(ProviderError) -> [BlockSnapshot] {
        let call = Call.get(path("snapshots"), query: listed, to: "list the snapshots of \(zone)")
        // Snapshots that others made public would be listed too.
        return try await client.everything(call)
            .filter { $0.project == project.text && $0.zone == zone.text }
    }

    func snapshot(_ id: ResourceUUID) async throws(ProviderError) -> BlockSnapshot {
        try await client.answer(.get(path("snapshots/\(id)"), to: "read snapshot \(id)", about: id))
    }

    func createSnapshot(
        of volume: ResourceUUID, name: String, tags: [String]
    ) async throws(ProviderError) -> BlockSnapshot {
        struct Body: Encodable {
            let name: String
            let project_id: String
            let volume_id: String
            let tags: [String]
        }
        let body = Body(name: name, project_id: project.text, volume_id: volume.text, tags: tags)
        return try await client.answer(
            .sending(body, by: .post, path("snapshots"), to: "take snapshot \(printable(name)) of disk \(volume)"))
    }

    /// An update of a snapshot without its name has been refused.
    func tag(snapshot: BlockSnapshot, _ tags: [String]) async throws(ProviderError) {
        struct Body: Encodable {
            let name: String
            let tags: [String]
        }
        guard let id = ResourceUUID(snapshot.id) else { return }
        try await client.perform(
            .sending(
                Body(name: snapshot.name, tags: tags), by: .patch, path("snapshots/\(id)"), to: "tag snapshot \(id)",
                about: id))
    }

    func deleteSnapshot(_ id: ResourceUUID) async throws(ProviderError) {
        try await client.delete(.delete(path("snapshots/\(id)"), to: "delete snapshot \(id)", about: id))
    }
}

/// A disk of the Block API, as far as the operator reads it.
struct BlockVolume: Listed {
    static let listing = ListingStyle.usual("volumes")

    var id: String
    var name: String
    var project: String
    var zone: String
    var tags: [String]
    var status: String
    /// Bytes.
    var size: Int64
    /// Who uses it: the only truth about attachment.
    var references: [BlockReference]
    var parentSnapshot: String?
    var iops: Int?
    var lastDetachedAt: Timestamp?
    var createdAt: Timestamp?
}

/// What uses a disk or a snapshot.
struct BlockReference: Decodable, Hashable, Sendable {
    /// `instance_server`, `instance_image`, `internal`, …
    var productType: String
    var productID: String
    var status: String

    private enum CodingKeys: String, CodingKey {
        case productType = "product_resource_type"
        case productID = "product_resource_id"
        case status
    }
}

extension BlockVolume {
    private enum CodingKeys: String, CodingKey {
        case id, name, zone, tags, status, size, references, specs
        case project = "project_id"
        case parentSnapshot = "parent_snapshot_id"
        case lastDetachedAt = "last_detached_at"
        case createdAt = "created_at"
    }

    private struct Specifications: Decodable {
        let iops: Int?
        enum CodingKeys: String, CodingKey { case iops = "perf_iops" }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        project = try fields.decode(String.self, forKey: .project)
        zone = try fields.decode(String.self, forKey: .zone)
        tags = try fields.list(.tags)
        status = try fields.decode(String.self, forKey: .status)
        size = try fields.decode(Int64.self, forKey: .size)
        references = try fields.list(.references)
        parentSnapshot = try fields.decodeIfPresent(String.self, forKey: .parentSnapshot)
        iops = try fields.decodeIfPresent(Specifications.self, forKey: .specs)?.iops
        lastDetachedAt = try fields.decodeIfPresent(Timestamp.self, forKey: .lastDetachedAt)
        createdAt = fields.unimportantTime(.createdAt)
    }
}

/// A snapshot of the Block API, as far as the operator reads it.
struct BlockSnapshot: Listed {
    static let listing = ListingStyle.usual("snapshots")

    var id: String
    var name: String
    var project: String
    var zone: String
    var tags: [String]
    var status: String
    /// Bytes.
    var size: Int64
    /// `nil` once the disk is deleted.
    var parent: Parent?
    var createdAt: Timestamp?
    var references: [BlockReference]

    struct Parent: Decodable, Hashable, Sendable { var id: String }
}

extension BlockSnapshot {
    private enum CodingKeys: String, CodingKey {
        case id, name, zone, tags, status, size, references
        case project = "project_id"
        case parent = "parent_volume"
        case createdAt = "created_at"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        project = try fields.decode(String.self, forKey: .project)
        zone = try fields.decode(String.self, forKey: .zone)
        tags = try fields.list(.tags)
        status = try fields.decode(String.self, forKey: .status)
        size = try fields.decode(Int64.self, forKey: .size)
        references = try fields.decodeIfPresent([BlockReference].self, forKey: .references) ?? []
        parent = try fields.decodeIfPresent(Parent.self, forKey: .parent)
        createdAt = fields.unimportantTime(.createdAt)
    }
}

/// A disk to be made: empty, or from a snapshot.
struct CreateVolume: Encodable, Sendable {
    var name: String
    var project: String
    var tags: [String]
    var iops: Int
    /// Bytes; `nil`: as large as the snapshot.
    var size: Int64?
    var snapshot: String?

    private enum CodingKeys: String, CodingKey {
        case name, tags
        case project = "project_id"
        case iops = "perf_iops"
        case fromEmpty = "from_empty"
        case fromSnapshot = "from_snapshot"
    }

    private struct Empty: Encodable { let size: Int64? }

    private struct Restored: Encodable {
        let snapshot: String
        let size: Int64?
        enum CodingKeys: String, CodingKey {
            case snapshot = "snapshot_id"
            case size
        }
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(project, forKey: .project)
        try fields.encode(tags, forKey: .tags)
        try fields.encode(iops, forKey: .iops)
        if let snapshot {
            try fields.encode(Restored(snapshot: snapshot, size: size), forKey: .fromSnapshot)
        } else {
            try fields.encode(Empty(size: size), forKey: .fromEmpty)
        }
    }
}
