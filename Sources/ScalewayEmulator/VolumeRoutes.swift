extension Routes {
    static let volumes: [Route] = [
        Route("GET", "/block/v1/zones/{zone}/volume-types") { _, call in
            try call.page("volume_types", VolumeType.all) { $0 }
        },
        Route("GET", "/block/v1/zones/{zone}/volumes") { try $0.listVolumes($1) },
        Route("POST", "/block/v1/zones/{zone}/volumes") { try $0.createVolume($1) },
        Route("GET", "/block/v1/zones/{zone}/volumes/{id}") { APIResponse(200, try $0.volume($1).json) },
        Route("PATCH", "/block/v1/zones/{zone}/volumes/{id}") { try $0.updateVolume($1) },
        Route("DELETE", "/block/v1/zones/{zone}/volumes/{id}") { try $0.deleteVolume($1) },
    ]
}

/// What a kind of volume costs, by the gigabyte and hour.
enum VolumeType {
    static let all = [json("sbs_5k", iops: 5000, nanos: 117_000), json("sbs_15k", iops: 15_000, nanos: 176_500)]

    private static func json(_ type: String, iops: Int, nanos: Int) -> JSON {
        [
            "type": .string(type), "pricing": price(nanos), "snapshot_pricing": price(43_800),
            "specs": ["perf_iops": .integer(iops), "class": "sbs"],
        ]
    }

    private static func price(_ nanos: Int) -> JSON {
        ["currency_code": "EUR", "units": 0, "nanos": .integer(nanos)]
    }
}

extension World {
    fileprivate func volume(_ call: Call) throws(Refusal) -> Volume {
        guard let volume = volumes[call.id], volume.zone == call.zone else { throw .notFound("volume", call.id) }
        return volume
    }

    fileprivate func listVolumes(_ call: Call) throws(Refusal) -> APIResponse {
        let tags = call.values("tags")
        let ids = call.values("volume_ids")
        let deleted = call.flag("include_deleted") == true ? deletedVolumes.all : []
        var rows = (volumes.all + deleted).filter { volume in
            volume.zone == call.zone
                && call.matches("project_id", volume.project)
                && call.query("organization_id").map { $0 == configuration.organization } ?? true
                && call.contains("name", volume.name)
                && call.matches("volume_type", volume.type)
                && (tags.isEmpty || volume.tags.contains { tags.contains($0) })
                && (ids.isEmpty || ids.contains(volume.id))
                && call.query("product_resource_id").map { id in volume.references.contains { $0.productID == id } }
                    ?? true
        }
        try call.sort(&rows, created: \.createdAt, name: \.name)
        return try call.page("volumes", rows, \.json)
    }

    fileprivate mutating func createVolume(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let name = try body.text("name") ?? "vol-\(nextNumber())"
        let project = try project(body.text("project_id"), "volume")
        let iops = try Self.performance(body) ?? 5000
        let (empty, source) = (try body.object("from_empty"), try body.object("from_snapshot"))
        guard (empty == nil) != (source == nil) else {
            throw .invalid("from", "required", "one of from_empty and from_snapshot is needed")
        }
        var snapshot: Snapshot?
        var size = 0
        if let source {
            let found = try usableSnapshot(source.required("snapshot_id"), zone: call.zone)
            size = try Self.size(source) ?? found.size
            guard size >= found.size else {
                throw .invalid("from_snapshot.size", "constraint", "smaller than the snapshot")
            }
            snapshot = found
        } else if let empty {
            guard let asked = try Self.size(empty) else {
                throw .invalid("from_empty.size", "required", "required key not provided")
            }
            size = asked
        }
        try checkQuota("volumes", current: { volumes.all.count { $0.project == project } }, project: project)
        let id = addVolume(
            name: name, project: project, zone: call.zone, size: size, iops: iops, from: snapshot,
            tags: try body.strings("tags") ?? [], at: call.now)
        plan(.volumeIsReady(id), after: .volumeCreation, from: call.now)
        return APIResponse(200, try stored(id).json)
    }

    /// Makes a volume that is being created; the caller says when it is ready.
    mutating func addVolume(
        name: String, project: String, zone: String, size: Int, iops: Int, from snapshot: Snapshot?,
        tags: [String] = [], at now: Instant
    ) -> String {
        let id = randomness.identifier()
        let content = snapshot?.content ?? startLineage(id)
        volumes.insert(
            Volume(
                id: id, zone: zone, name: name, project: project, size: size, iops: iops,
                parentSnapshot: snapshot?.id, tags: tags, createdAt: now, updatedAt: now, content: content),
            id: id)
        return id
    }

    private func stored(_ id: String) throws(Refusal) -> Volume {
        guard let volume = volumes[id] else { throw .notFound("volume", id) }
        return volume
    }

    func usableSnapshot(_ id: String, zone: String) throws(Refusal) -> Snapshot {
        guard let snapshot = snapshots[id], snapshot.zone == zone else { throw .notFound("snapshot", id) }
        guard snapshot.status.isUsable else { throw .transient("snapshot", id, snapshot.status.rawValue) }
        return snapshot
    }

    private static func performance(_ body: Fields) throws(Refusal) -> Int? {
        guard let iops = try body.integer("perf_iops") else { return nil }
        guard Volume.performances.contains(iops) else {
            throw .invalid("perf_iops", "constraint", "must be 5000 or 15000")
        }
        return iops
    }

    /// A size in bytes that a volume can have; 0 is none, which is how the Python SDK says it.
    static func size(_ fields: Fields) throws(Refusal) -> Int? {
        guard let size = try fields.integer("size"), size != 0 else { return nil }
        guard Volume.sizes.contains(size), size % Volume.gigabyte == 0 else {
            throw .invalid(fields.path + "size", "constraint", "must be 1 GB to 10 TB in steps of 1 GB")
        }
        return size
    }

    fileprivate mutating func updateVolume(_ call: Call) throws(Refusal) -> APIResponse {
        let volume = try volume(call)
        try checkLock(volume.id, "volume")
        let body = try call.body()
        let size = try Self.size(body)
        if let size, size < volume.size { throw .invalid("size", "constraint", "volumes can only grow") }
        let iops = try Self.performance(body)
        let (name, tags) = (try body.text("name"), try body.strings("tags"))
        let grows = size.map { $0 != volume.size } ?? false
        let quickens = iops.map { $0 != volume.iops } ?? false
        if grows || quickens, volume.base != .available {
            throw .transient("volume", volume.id, volume.base.rawValue)
        }
        volumes.update(volume.id) {
            if let name { $0.name = name }
            if let tags { $0.tags = tags }
            if name != nil || tags != nil { $0.updatedAt = call.now }
            if grows || quickens { $0.base = .updating }
        }
        if grows || quickens {
            plan(.volumeIsUpdated(volume.id, size: size, iops: iops), after: .volumeUpdate, from: call.now)
        }
        return APIResponse(200, try stored(volume.id).json)
    }

    fileprivate mutating func deleteVolume(_ call: Call) throws(Refusal) -> APIResponse {
        let volume = try volume(call)
        try checkLock(volume.id, "volume")
        guard volume.references.isEmpty else {
            throw .precondition(412, "protected_resource", "Volume is currently in use, deletion is not permitted.")
        }
        removeVolume(volume.id, at: call.now)
        return .noContent
    }

    /// What happens to a snapshot that is still being cut is established nowhere; the worst is assumed.
    private mutating func removeVolume(_ id: String, at now: Instant) {
        guard var volume = volumes.remove(id) else { return }
        for snapshot in snapshots.all where snapshot.parent == id && snapshot.base == .creating {
            snapshots.update(snapshot.id) {
                $0.base = .error
                $0.references = []
                $0.updatedAt = now
            }
        }
        volume.base = .deleted
        volume.updatedAt = now
        deletedVolumes.insert(volume, id: id)
        checkLineage(volume.content.lineage, at: now, because: "volume \(id) was deleted")
    }

    func checkLock(_ id: String, _ resource: String) throws(Refusal) {
        if locked.contains(id) { throw .locked(resource, id) }
    }
}

extension Call {
    /// True where the parameter is absent or equal.
    func matches(_ name: String, _ value: String) -> Bool { query(name).map { $0 == value } ?? true }

    /// True where the parameter is absent or part of the value.
    func contains(_ name: String, _ value: String) -> Bool { query(name).map { value.contains($0) } ?? true }

    /// Sorts rows, which come oldest first, as `order_by` says.
    func sort<Row>(
        _ rows: inout [Row], created: (Row) -> Instant, name: (Row) -> String, default order: String = "created_at_asc"
    ) throws(Refusal) {
        switch query("order_by") ?? order {
        case "created_at_asc": break
        case "created_at_desc": rows.reverse()
        case "updated_at_asc", "attached_at_asc": break
        case "updated_at_desc", "attached_at_desc": rows.reverse()
        case "name_asc": rows.sort { name($0) < name($1) }
        case "name_desc": rows.sort { name($0) > name($1) }
        default: throw .invalid("order_by", "constraint", "not a valid value")
        }
    }
}
