extension Routes {
    private static let region = "/vpc/v2/regions/{region}"

    static let networks: [Route] = [
        Route("GET", "\(region)/vpcs") { try $0.listClouds($1) },
        Route("POST", "\(region)/vpcs") { try $0.createCloud($1) },
        Route("GET", "\(region)/vpcs/{id}") { APIResponse(200, $0.json(of: try $0.cloud($1))) },
        Route("PATCH", "\(region)/vpcs/{id}") { try $0.updateCloud($1) },
        Route("DELETE", "\(region)/vpcs/{id}") { try $0.deleteCloud($1) },
        Route("GET", "\(region)/private-networks") { try $0.listNetworks($1) },
        Route("POST", "\(region)/private-networks") { try $0.createNetwork($1) },
        Route("GET", "\(region)/private-networks/{id}") { APIResponse(200, try $0.network($1).json) },
        Route("PATCH", "\(region)/private-networks/{id}") { try $0.updateNetwork($1) },
        Route("DELETE", "\(region)/private-networks/{id}") { try $0.deleteNetwork($1) },
        Route("GET", "\(region)/subnets") { try $0.listSubnets($1) },
    ]
}

extension World {
    fileprivate func cloud(_ call: Call) throws(Refusal) -> PrivateCloud {
        guard let cloud = clouds[call.id], cloud.region == call.region else { throw .notFound("vpc", call.id) }
        return cloud
    }

    fileprivate func json(of cloud: PrivateCloud) -> JSON {
        cloud.json(networks: networks.all.count { $0.cloud == cloud.id })
    }

    /// Every project has a default VPC in every region, made when first needed.
    private mutating func defaultCloud(region: String, project: String, at now: Instant) -> String {
        let existing = clouds.all.first { $0.region == region && $0.project == project && $0.isDefault }
        if let existing { return existing.id }
        return addCloud(name: "default", region: region, project: project, tags: [], isDefault: true, at: now).id
    }

    private mutating func addCloud(
        name: String, region: String, project: String, tags: [String], isDefault: Bool, at now: Instant
    ) -> PrivateCloud {
        let cloud = PrivateCloud(
            id: randomness.identifier(), region: region, name: name, project: project,
            organization: configuration.organization, tags: tags, isDefault: isDefault, createdAt: now, updatedAt: now)
        clouds.insert(cloud, id: cloud.id)
        return cloud
    }

    fileprivate mutating func listClouds(_ call: Call) throws(Refusal) -> APIResponse {
        let project = call.query("project_id") ?? defaultProject
        if projects[project] != nil { _ = defaultCloud(region: call.region, project: project, at: call.now) }
        let tags = call.values("tags")
        var rows = clouds.all.filter { cloud in
            cloud.region == call.region && call.matches("project_id", cloud.project)
                && call.matches("organization_id", cloud.organization) && call.contains("name", cloud.name)
                && tags.allSatisfy(cloud.tags.contains)
                && (call.flag("is_default").map { $0 == cloud.isDefault } ?? true)
        }
        try call.sort(&rows, created: \.createdAt, name: \.name)
        return try call.page("vpcs", rows) { json(of: $0) }
    }

    fileprivate mutating func createCloud(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let project = try visibleProject(body.text("project_id"))
        let (name, tags) = (try body.text("name") ?? "vpc-\(nextNumber())", try body.strings("tags") ?? [])
        let isTransitive = try body.flag("enable_transitivity") ?? false
        var cloud = addCloud(
            name: name, region: call.region, project: project, tags: tags, isDefault: false, at: call.now)
        cloud.isTransitive = isTransitive
        clouds.insert(cloud, id: cloud.id)
        return APIResponse(200, json(of: cloud))
    }

    fileprivate mutating func updateCloud(_ call: Call) throws(Refusal) -> APIResponse {
        let cloud = try cloud(call)
        let body = try call.body()
        let (name, tags) = (try body.text("name"), try body.strings("tags"))
        clouds.update(cloud.id) {
            if let name { $0.name = name }
            if let tags { $0.tags = tags }
            $0.updatedAt = call.now
        }
        return APIResponse(200, json(of: try self.cloud(call)))
    }

    fileprivate mutating func deleteCloud(_ call: Call) throws(Refusal) -> APIResponse {
        let cloud = try cloud(call)
        guard !networks.all.contains(where: { $0.cloud == cloud.id }) else {
            throw .precondition(412, "resource_still_in_use", "VPC must be empty to be deleted")
        }
        clouds.remove(cloud.id)
        return .noContent
    }

    fileprivate func network(_ call: Call) throws(Refusal) -> Network {
        guard let network = networks[call.id], network.region == call.region else {
            throw .notFound("private_network", call.id)
        }
        return network
    }

    fileprivate func listNetworks(_ call: Call) throws(Refusal) -> APIResponse {
        let (tags, ids) = (call.values("tags"), call.values("private_network_ids"))
        var rows = networks.all.filter { network in
            network.region == call.region && call.matches("project_id", network.project)
                && call.matches("organization_id", network.organization) && call.contains("name", network.name)
                && call.matches("vpc_id", network.cloud) && tags.allSatisfy(network.tags.contains)
                && (ids.isEmpty || ids.contains(network.id))
                && (call.flag("dhcp_enabled") ?? true)
        }
        try call.sort(&rows, created: \.createdAt, name: \.name)
        return try call.page("private_networks", rows, \.json)
    }

    fileprivate mutating func createNetwork(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let project = try visibleProject(body.text("project_id"))
        let cloud = try body.text("vpc_id")
        if let cloud, clouds[cloud]?.region != call.region { throw .notFound("vpc", cloud) }
        let (name, tags) = (try body.text("name"), try body.strings("tags") ?? [])
        let asked = try body.strings("subnets") ?? []
        let propagates = try body.flag("default_route_propagation_enabled") ?? false
        try checkQuota(
            "private_networks", current: { networks.all.count { $0.project == project } }, project: project)
        let number = nextNumber()
        let ranges = [
            asked.first { !$0.contains(":") } ?? "172.\(16 + number / 64 % 16).\(number % 64 * 4).0/22",
            asked.first { $0.contains(":") } ?? "fd46:78ab:30b8:\(String(number % 0x10000, radix: 16))::/64",
        ]
        let subnets = ranges.map {
            Network.Subnet(id: randomness.identifier(), range: $0, isIPv6: $0.contains(":"))
        }
        let network = Network(
            id: randomness.identifier(), region: call.region, name: name ?? "pn-\(number)", project: project,
            organization: configuration.organization, tags: tags,
            cloud: cloud ?? defaultCloud(region: call.region, project: project, at: call.now), subnets: subnets,
            propagatesDefaultRoute: propagates, createdAt: call.now, updatedAt: call.now)
        networks.insert(network, id: network.id)
        return APIResponse(200, network.json)
    }

    fileprivate mutating func updateNetwork(_ call: Call) throws(Refusal) -> APIResponse {
        let network = try network(call)
        let body = try call.body()
        let (name, tags) = (try body.text("name"), try body.strings("tags"))
        let propagates = try body.flag("default_route_propagation_enabled")
        networks.update(network.id) {
            if let name { $0.name = name }
            if let tags { $0.tags = tags }
            if let propagates { $0.propagatesDefaultRoute = propagates }
            $0.updatedAt = call.now
        }
        return APIResponse(200, try self.network(call).json)
    }

    /// Interfaces keep it, and so do addresses that were reserved in it.
    fileprivate mutating func deleteNetwork(_ call: Call) throws(Refusal) -> APIResponse {
        let network = try network(call)
        guard !interfaces.all.contains(where: { $0.network == network.id }),
            !bookings.all.contains(where: { $0.network == network.id })
        else {
            throw .precondition(412, "resource_still_in_use", "Private Network must be empty to be deleted")
        }
        networks.remove(network.id)
        return .noContent
    }

    fileprivate func listSubnets(_ call: Call) throws(Refusal) -> APIResponse {
        let ids = call.values("subnet_ids")
        var rows: [(network: Network, subnet: Network.Subnet)] = networks.all.flatMap { network in
            network.subnets.map { (network, $0) }
        }
        rows = rows.filter { row in
            row.network.region == call.region && call.matches("project_id", row.network.project)
                && call.matches("organization_id", row.network.organization)
                && call.matches("vpc_id", row.network.cloud) && (ids.isEmpty || ids.contains(row.subnet.id))
        }
        try call.sort(&rows, created: \.network.createdAt, name: \.subnet.range)
        return try call.page("subnets", rows) { $0.network.json(of: $0.subnet) }
    }
}
