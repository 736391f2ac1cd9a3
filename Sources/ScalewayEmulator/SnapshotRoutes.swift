extension Routes {
    static let snapshots: [Route] = [
        Route("GET", "/block/v1/zones/{zone}/snapshots") { try $0.listSnapshots($1) },
        Route("POST", "/block/v1/zones/{zone}/snapshots") { try $0.createSnapshot($1) },
        Route("GET", "/block/v1/zones/{zone}/snapshots/{id}") { APIResponse(200, $0.json(of: try $0.snapshot($1))) },
        Route("PATCH", "/block/v1/zones/{zone}/snapshots/{id}") { try $0.updateSnapshot($1) },
        Route("DELETE", "/block/v1/zones/{zone}/snapshots/{id}") { try $0.deleteSnapshot($1) },
    ]
}

extension World {
    fileprivate func snapshot(_ call: Call) throws(Refusal) -> Snapshot {
        guard let snapshot = snapshots[call.id], snapshot.zone == call.zone else {
            // The snapshots behind the marketplace's images exist, in a project of somebody else's.
            if Marketplace.rootSnapshots.contains(call.id) { throw .forbidden("snapshot", "read") }
            throw .notFound("snapshot", call.id)
        }
        return snapshot
    }

    /// The parent is `null` once it is deleted.
    fileprivate func json(of snapshot: Snapshot) -> JSON { snapshot.json(parent: volumes[snapshot.parent]) }

    fileprivate func listSnapshots(_ call: Call) throws(Refusal) -> APIResponse {
        let tags = call.values("tags")
        let deleted = call.flag("include_deleted") == true ? deletedSnapshots.all : []
        var rows = (snapshots.all + deleted).filter { snapshot in
            snapshot.zone == call.zone
                && call.matches("project_id", snapshot.project)
                && call.matches("organization_id", configuration.organization)
                && call.matches("volume_id", snapshot.parent)
                && call.contains("name", snapshot.name)
                && (tags.isEmpty || snapshot.tags.contains { tags.contains($0) })
        }
        try call.sort(&rows, created: \.createdAt, name: \.name)
        return try call.page("snapshots", rows) { json(of: $0) }
    }

    fileprivate mutating func createSnapshot(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let volumeID = try body.required("volume_id")
        let project = try project(body.text("project_id"), "snapshot")
        guard let volume = volumes[volumeID], volume.zone == call.zone else { throw .notFound("volume", volumeID) }
        try checkLock(volume.id, "volume")
        guard volume.base == .available else { throw .transient("volume", volumeID, volume.base.rawValue) }
        try checkQuota("snapshots", current: { snapshots.all.count { $0.project == project } }, project: project)
        let (name, tags) = (try body.text("name") ?? "snp-\(nextNumber())", try body.strings("tags") ?? [])
        let isPublic = try body.flag("public") ?? false
        let id = cutSnapshot(
            of: volume, name: name, project: project, tags: tags, isPublic: isPublic, delay: .snapshot, at: call.now)
        guard let snapshot = snapshots[id] else { throw .notFound("snapshot", id) }
        // The answer to the creation was recorded without the reference that the next read shows.
        var answer = snapshot
        answer.references = []
        return APIResponse(200, json(of: answer))
    }

    /// The content is that of the moment of the cut; it can be read once the snapshot is available.
    mutating func cutSnapshot(
        of volume: Volume, name: String, project: String, tags: [String], isPublic: Bool, delay: Delay, at now: Instant
    ) -> String {
        let id = randomness.identifier()
        var snapshot = Snapshot(
            id: id, zone: volume.zone, name: name, project: project, size: volume.size, parent: volume.id, tags: tags,
            isPublic: isPublic, createdAt: now, updatedAt: now, content: volume.content)
        // Recorded for volumes of servers that ran, and not for those of servers that were off.
        if volume.references.contains(where: { servers[$0.productID]?.state == .running }) {
            snapshot.references = [
                Reference(
                    id: randomness.identifier(), product: .intern, productID: "00000000-0000-0000-0000-000000000000",
                    createdAt: now, status: .attached)
            ]
        }
        snapshots.insert(snapshot, id: id)
        plan(.snapshotIsReady(id), after: delay, from: now)
        return id
    }

    fileprivate mutating func updateSnapshot(_ call: Call) throws(Refusal) -> APIResponse {
        let snapshot = try snapshot(call)
        let body = try call.body()
        let (name, tags, isPublic) = (try body.text("name"), try body.strings("tags"), try body.flag("public"))
        snapshots.update(snapshot.id) {
            if let name { $0.name = name }
            if let tags { $0.tags = tags }
            if let isPublic { $0.isPublic = isPublic }
            $0.updatedAt = call.now
        }
        return APIResponse(200, json(of: try self.snapshot(call)))
    }

    fileprivate mutating func deleteSnapshot(_ call: Call) throws(Refusal) -> APIResponse {
        var snapshot = try snapshot(call)
        try checkLock(snapshot.id, "snapshot")
        guard snapshot.references.isEmpty, snapshot.base != .creating else {
            throw .precondition(412, "protected_resource", "Snapshot is currently in use, deletion is not permitted.")
        }
        snapshots.remove(snapshot.id)
        snapshot.base = .deleted
        snapshot.updatedAt = call.now
        deletedSnapshots.insert(snapshot, id: snapshot.id)
        checkLineage(snapshot.content.lineage, at: call.now, because: "snapshot \(snapshot.id) was deleted")
        return .noContent
    }
}
