extension Routes {
    private static let path = "/instance/v1/zones/{zone}/volumes"

    static let localVolumes: [Route] = [
        Route("GET", path) { try $0.listLocalVolumes($1) },
        Route("POST", path) { try $0.createLocalVolume($1) },
        Route("GET", "\(path)/{id}") { APIResponse(200, ["volume": $0.json(of: try $0.localVolume($1))]) },
        Route("DELETE", "\(path)/{id}") { try $0.deleteLocalVolume($1) },
        Route("GET", "/instance/v1/zones/{zone}/snapshots") { _, call in
            try call.instancePage("snapshots", [JSON]()) { $0 }
        },
        Route("GET", "/instance/v1/zones/{zone}/snapshots/{id}") { _, call in
            throw Refusal.notFound("instance_snapshot", call.id)
        },
    ]
}

extension World {
    /// A block volume is not found here, as recorded.
    fileprivate func localVolume(_ call: Call) throws(Refusal) -> LocalVolume {
        guard let volume = localVolumes[call.id], volume.zone == call.zone else {
            throw .notFound("instance_volume", call.id)
        }
        return volume
    }

    fileprivate func json(of volume: LocalVolume) -> JSON {
        volume.json(boot: nil, server: volume.server.map { ($0, servers[$0]?.name ?? "") })
    }

    fileprivate func listLocalVolumes(_ call: Call) throws(Refusal) -> APIResponse {
        let tags = call.values("tags")
        let rows = localVolumes.all.reversed().filter { volume in
            volume.zone == call.zone && call.matches("project", volume.project)
                && call.matches("organization", volume.organization) && call.matches("volume_type", volume.type)
                && call.contains("name", volume.name) && tags.allSatisfy(volume.tags.contains)
        }
        return try call.instancePage("volumes", rows) { json(of: $0) }
    }

    fileprivate mutating func createLocalVolume(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let project = try project(body.text("project"), "volume")
        let type = try body.text("volume_type") ?? "l_ssd"
        guard type == "l_ssd" || type == "scratch" else {
            throw .invalid("volume_type", "constraint", "not a valid value")
        }
        guard let size = try Self.size(body) else { throw .validation(["size"]) }
        let name = try body.text("name") ?? "vol-\(nextNumber())"
        let tags = try body.strings("tags") ?? []
        let id = addLocalVolume(name: name, type: type, size: size, project: project, zone: call.zone, at: call.now)
        localVolumes.update(id) { $0.tags = tags }
        guard let volume = localVolumes[id] else { throw .notFound("instance_volume", id) }
        let location = "https://api.scaleway.com/instance/v1/zones/\(call.zone)/volumes/\(id)"
        return APIResponse(201, ["volume": json(of: volume)], headers: [APIResponse.Header("Location", location)])
    }

    fileprivate mutating func deleteLocalVolume(_ call: Call) throws(Refusal) -> APIResponse {
        let volume = try localVolume(call)
        guard volume.server == nil else {
            throw .precondition(400, "resource_still_in_use", "a server is attached to this volume")
        }
        localVolumes.remove(volume.id)
        checkLineage(volume.content.lineage, at: call.now, because: "volume \(volume.id) was deleted")
        return .noContent
    }
}
