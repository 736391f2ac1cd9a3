extension Routes {
    private static let products = "/instance/v1/zones/{zone}/products/servers"

    static let catalogue: [Route] = [
        Route("GET", products) { _, call in
            try call.instancePage("servers", members: Catalogue.types.map { JSON.Member($0.name, $0.json) })
        },
        Route("GET", "\(products)/availability") { world, call in
            try call.instancePage("servers", members: world.availability(zone: call.zone))
        },
        Route("GET", "/instance/v1/zones/{zone}/dashboard") { APIResponse(200, try $0.dashboard($1)) },
        Route("GET", "/marketplace/v2/images") { try $0.listMarketplaceImages($1) },
        Route("GET", "/marketplace/v2/local-images") { try $0.listLocalImages($1) },
        Route("GET", "/marketplace/v2/local-images/{id}") { _, call in
            guard let image = Marketplace.localImage(call.id) else {
                throw Refusal.notFound("marketplace_local_image", call.id)
            }
            return APIResponse(200, image.json)
        },
    ]
}

extension World {
    fileprivate func availability(zone: String) -> [JSON.Member] {
        Catalogue.types.map { type in
            let isShort =
                outOfStock.contains("\(zone)/\(type.name)") || outOfStock.contains("\(zone)/\(type.name)/create")
            return JSON.Member(type.name, ["availability": isShort ? "shortage" : "available"])
        }
    }

    /// Source: the document of the instance API; no recording shows an answer.
    fileprivate func dashboard(_ call: Call) throws(Refusal) -> JSON {
        let project = call.query("project")
        func isMeant(_ zone: String, _ owner: String) -> Bool {
            zone == call.zone && (project.map { $0 == owner } ?? true)
        }
        let servers = servers.all.filter { isMeant($0.zone, $0.project) }
        let locals = localVolumes.all.filter { isMeant($0.zone, $0.project) }
        let ips = addresses.all.filter { isMeant($0.zone, $0.project) }
        var byType: [String: Int] = [:]
        for server in servers { byType[server.commercialType, default: 0] += 1 }
        return [
            "dashboard": [
                "volumes_count": .integer(locals.count),
                "running_servers_count": .integer(servers.count { $0.state == .running }),
                "servers_by_types": .object(
                    byType.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .integer($0.value)) }),
                "images_count": .integer(images.all.count { isMeant($0.zone, $0.project) }), "snapshots_count": 0,
                "servers_count": .integer(servers.count), "ips_count": .integer(ips.count),
                "security_groups_count": .integer(securityGroups.all.count { isMeant($0.zone, $0.project) }),
                "ips_unused": .integer(ips.count { $0.server == nil }), "volumes_l_ssd_count": .integer(locals.count),
                "volumes_b_ssd_count": 0, "volumes_l_ssd_total_size": .integer(locals.reduce(0) { $0 + $1.size }),
                "volumes_b_ssd_total_size": 0,
                "private_nics_count": .integer(servers.reduce(0) { $0 + $1.interfaces.count }),
                "placement_groups_count": 0, "volumes_scratch_count": 0,
            ]
        ]
    }

    fileprivate func listMarketplaceImages(_ call: Call) throws(Refusal) -> APIResponse {
        let rows = Marketplace.listings.filter { listing in
            call.query("arch").map(listing.archs.contains) ?? true
        }
        return try call.page("images", rows) { listing in
            [
                "id": .string(listing.id), "name": .string(listing.name), "description": "", "logo": "",
                "categories": ["distribution"], "created_at": .string(Marketplace.released.zuluStamp),
                "updated_at": .string(Marketplace.released.zuluStamp), "valid_until": .null,
                "label": .string(listing.label),
            ]
        }
    }

    fileprivate func listLocalImages(_ call: Call) throws(Refusal) -> APIResponse {
        let label = call.query("image_label")
        if let label, !Marketplace.listings.contains(where: { $0.label == label }) {
            throw .notFound("MarketplaceImage", label)
        }
        let rows = Marketplace.localImages.filter { image in
            (label.map { $0 == image.listing.label } ?? true)
                && call.matches("zone", image.zone)
                && call.matches("arch", image.arch)
                && call.matches("type", image.type)
                && call.matches("image_id", image.listing.id)
                && call.matches("version_id", image.version)
        }
        return try call.page("local_images", rows, \.json)
    }
}
