extension Routes {
    static let images: [Route] = [
        Route("GET", "/instance/v1/zones/{zone}/images") { try $0.listImages($1) },
        Route("POST", "/instance/v1/zones/{zone}/images") { try $0.createImage($1) },
        Route("GET", "/instance/v1/zones/{zone}/images/{id}") { APIResponse(200, ["image": try $0.image($1).json]) },
        Route("DELETE", "/instance/v1/zones/{zone}/images/{id}") { try $0.deleteImage($1) },
    ]
}

extension World {
    /// The project's own, and the marketplace's.
    fileprivate func image(_ call: Call) throws(Refusal) -> Image {
        let found = images[call.id] ?? Marketplace.localImage(call.id)?.image
        guard let found, found.zone == call.zone else { throw .notFound("instance_image", call.id) }
        return found
    }

    fileprivate func listImages(_ call: Call) throws(Refusal) -> APIResponse {
        let tags = call.values("tags")
        let rows = images.all.reversed().filter { image in
            image.zone == call.zone && call.matches("project", image.project)
                && call.matches("organization", image.organization) && call.contains("name", image.name)
                && call.matches("arch", image.arch) && tags.allSatisfy(image.tags.contains)
                && (call.flag("public").map { $0 == image.isPublic } ?? true)
        }
        return try call.instancePage("images", rows) { $0.json }
    }

    fileprivate mutating func createImage(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let root = try body.required("root_volume")
        let project = try project(body.text("project"), "image")
        let snapshot = try usableSnapshot(root, zone: call.zone)
        let id = addImage(
            name: try body.text("name") ?? "img-\(nextNumber())", snapshot: root, size: snapshot.size,
            arch: try body.text("arch") ?? "x86_64", project: project, zone: call.zone,
            tags: try body.strings("tags") ?? [], isPublic: try body.flag("public") ?? false, at: call.now)
        guard let image = images[id] else { throw .notFound("instance_image", id) }
        let location = "https://api.scaleway.com/instance/v1/zones/\(call.zone)/images/\(id)"
        return APIResponse(201, ["image": image.json], headers: [APIResponse.Header("Location", location)])
    }

    fileprivate mutating func deleteImage(_ call: Call) throws(Refusal) -> APIResponse {
        guard let image = images[call.id], image.zone == call.zone else { throw .notFound("instance_image", call.id) }
        images.remove(image.id)
        if let snapshot = image.rootSnapshot {
            snapshots.update(snapshot) { $0.references.removeAll { $0.productID == image.id } }
        }
        return .noContent
    }
}
