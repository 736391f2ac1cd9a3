extension Routes {
    private static let groups = "/instance/v1/zones/{zone}/security_groups"

    static let securityGroups: [Route] = [
        Route("GET", groups) { try $0.listGroups($1) },
        Route("POST", groups) { try $0.createGroup($1) },
        Route("GET", "\(groups)/{id}") { $0.answer(try $0.group($1)) },
        Route("PATCH", "\(groups)/{id}") { try $0.updateGroup($1) },
        Route("DELETE", "\(groups)/{id}") { try $0.deleteGroup($1) },
        Route("GET", "\(groups)/{group}/rules") { try $0.listRules($1) },
        Route("POST", "\(groups)/{group}/rules") { try $0.createRule($1) },
        Route("PUT", "\(groups)/{group}/rules") { try $0.replaceRules($1) },
        Route("GET", "\(groups)/{group}/rules/{id}") { try $0.readRule($1) },
        Route("DELETE", "\(groups)/{group}/rules/{id}") { try $0.deleteRule($1) },
    ]
}

extension World {
    fileprivate func group(_ call: Call) throws(Refusal) -> SecurityGroup {
        let id = call.parameters["group"] ?? call.id
        guard let group = securityGroups[id], group.zone == call.zone else {
            throw .notFound("instance_security_group", id)
        }
        return group
    }

    private func json(of group: SecurityGroup) -> JSON {
        group.json(servers: servers.all.filter { $0.securityGroup == group.id })
    }

    fileprivate func answer(_ group: SecurityGroup, status: Int = 200) -> APIResponse {
        APIResponse(status, ["security_group": json(of: group)])
    }

    fileprivate mutating func listGroups(_ call: Call) throws(Refusal) -> APIResponse {
        let project = call.query("project") ?? defaultProject
        if projects[project] != nil { _ = defaultSecurityGroup(zone: call.zone, project: project, at: call.now) }
        let tags = call.values("tags")
        let rows = securityGroups.all.reversed().filter { group in
            group.zone == call.zone && call.matches("project", group.project)
                && call.matches("organization", group.organization) && call.contains("name", group.name)
                && tags.allSatisfy(group.tags.contains)
                && (call.flag("project_default").map { $0 == group.isProjectDefault } ?? true)
        }
        return try call.instancePage("security_groups", rows) { json(of: $0) }
    }

    fileprivate mutating func createGroup(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let project = try project(body.text("project"), "security_group")
        try checkQuota(
            "security_groups", current: { securityGroups.all.count { $0.project == project } }, project: project)
        var group = SecurityGroup(
            id: "", zone: call.zone, name: try body.required("name"), project: project,
            organization: configuration.organization, createdAt: call.now, updatedAt: call.now)
        try Self.apply(body, to: &group)
        group.isProjectDefault = try body.flag("project_default") ?? false
        group.id = randomness.identifier()
        securityGroups.insert(group, id: group.id)
        var answer = answer(group, status: 201)
        let location = "https://api.scaleway.com/instance/v1/zones/\(call.zone)/security_groups/\(group.id)"
        answer.headers.append(APIResponse.Header("Location", location))
        return answer
    }

    private static func apply(_ body: Fields, to group: inout SecurityGroup) throws(Refusal) {
        if let name = try body.text("name") { group.name = name }
        if let description = try body.text("description") { group.description = description }
        if let tags = try body.strings("tags") { group.tags = tags }
        if let stateful = try body.flag("stateful") { group.isStateful = stateful }
        if let policy = try choice(body, "inbound_default_policy", "accept", "drop") { group.inboundPolicy = policy }
        if let policy = try choice(body, "outbound_default_policy", "accept", "drop") { group.outboundPolicy = policy }
        if let enable = try body.flag("enable_default_security") { group.enableDefaultSecurity = enable }
    }

    private static func choice(_ body: Fields, _ name: String, _ values: String...) throws(Refusal) -> String? {
        guard let text = try body.text(name) else { return nil }
        guard values.contains(text) else { throw .invalid(body.path + name, "constraint", "not a valid value") }
        return text
    }

    fileprivate mutating func updateGroup(_ call: Call) throws(Refusal) -> APIResponse {
        let before = try group(call)
        var group = before
        try Self.apply(call.body(), to: &group)
        group.updatedAt = call.now
        securityGroups.update(group.id) { [group] in $0 = group }
        if !group.isConfigured(like: before) { spread(group.id, from: call.now) }
        return answer(try self.group(call))
    }

    /// What was changed has to reach the servers.
    private mutating func spread(_ group: String, from now: Instant) {
        securityGroups.update(group) { $0.state = "syncing" }
        plan(.securityGroupIsReady(group), after: .securityGroup, from: now)
    }

    fileprivate mutating func deleteGroup(_ call: Call) throws(Refusal) -> APIResponse {
        let group = try group(call)
        guard !servers.all.contains(where: { $0.securityGroup == group.id }) else {
            throw Refusal(
                status: 409, body: ["message": "Group is in use. You cannot delete it.", "type": "conflict"])
        }
        securityGroups.remove(group.id)
        return .noContent
    }

    /// Rules that nobody can edit come first.
    fileprivate func listRules(_ call: Call) throws(Refusal) -> APIResponse {
        let group = try group(call)
        return try call.instancePage("rules", group.allRules) { $0.json(zone: call.zone) }
    }

    private mutating func rule(_ fields: Fields, position: Int) throws(Refusal) -> SecurityGroup.Rule {
        let proto = try Self.choice(fields, "protocol", "TCP", "UDP", "ICMP", "ANY") ?? "TCP"
        guard let direction = try Self.choice(fields, "direction", "inbound", "outbound") else {
            throw .invalid(fields.path + "direction", "required", "required key not provided")
        }
        guard let action = try Self.choice(fields, "action", "accept", "drop") else {
            throw .invalid(fields.path + "action", "required", "required key not provided")
        }
        let asked = try fields.integer("position") ?? 0
        let range = try fields.text("ip_range") ?? "0.0.0.0/0"
        return SecurityGroup.Rule(
            id: randomness.identifier(), proto: proto, direction: direction, action: action,
            // A range of one address is answered as the address.
            range: range.hasSuffix("/32") ? String(range.dropLast(3)) : range,
            portFrom: try fields.integer("dest_port_from"), portTo: try fields.integer("dest_port_to"),
            position: asked > 0 ? asked : position)
    }

    fileprivate mutating func createRule(_ call: Call) throws(Refusal) -> APIResponse {
        let group = try group(call)
        let rule = try rule(call.body(), position: group.rules.count + 1)
        securityGroups.update(group.id) {
            $0.rules.append(rule)
            $0.updatedAt = call.now
        }
        spread(group.id, from: call.now)
        return APIResponse(201, ["rule": rule.json(zone: call.zone)])
    }

    /// Replaces every rule that can be edited; the answer has the others too.
    fileprivate mutating func replaceRules(_ call: Call) throws(Refusal) -> APIResponse {
        let group = try group(call)
        var rules: [SecurityGroup.Rule] = []
        for (index, item) in (try call.body().items("rules") ?? []).enumerated() {
            let fields = Fields(json: item, path: "rules.\(index).")
            if try fields.flag("editable") == false { continue }
            rules.append(try rule(fields, position: rules.count + 1))
        }
        securityGroups.update(group.id) { [rules] in
            $0.rules = rules
            $0.updatedAt = call.now
        }
        spread(group.id, from: call.now)
        let all = try self.group(call).allRules
        return APIResponse(200, ["rules": .array(all.map { $0.json(zone: call.zone) })])
    }

    fileprivate func readRule(_ call: Call) throws(Refusal) -> APIResponse {
        guard let rule = try group(call).allRules.first(where: { $0.id == call.id }) else {
            throw .notFound("instance_security_group_rule", call.id)
        }
        return APIResponse(200, ["rule": rule.json(zone: call.zone)])
    }

    fileprivate mutating func deleteRule(_ call: Call) throws(Refusal) -> APIResponse {
        let group = try group(call)
        guard group.rules.contains(where: { $0.id == call.id }) else {
            throw .notFound("instance_security_group_rule", call.id)
        }
        securityGroups.update(group.id) { $0.rules.removeAll { $0.id == call.id } }
        spread(group.id, from: call.now)
        return .noContent
    }
}
