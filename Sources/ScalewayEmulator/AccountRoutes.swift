extension Routes {
    private static let iam = "/iam/v1alpha1"

    static let account: [Route] = [
        Route("GET", "/account/v3/projects") { try $0.listProjects($1) },
        Route("POST", "/account/v3/projects") { try $0.createProject($1) },
        Route("GET", "/account/v3/projects/{id}") { APIResponse(200, $0.json(of: try $0.project($1))) },
        Route("GET", "\(iam)/api-keys") { world, call in
            try call.page("api_keys", [world.apiKey]) { $0 }
        },
        Route("GET", "\(iam)/api-keys/{id}") { world, call in
            guard call.id == world.configuration.accessKey else { throw Refusal.notFound("api_key", call.id) }
            return APIResponse(200, world.apiKey)
        },
        Route("GET", "\(iam)/quota") { world, call in try call.page("quota", world.quota) { $0 } },
        Route("GET", "\(iam)/quota/{id}") { world, call in
            guard let quotum = world.quota.first(where: { $0["name"]?.text == call.id }) else {
                throw Refusal.notFound("quotum", call.id)
            }
            return APIResponse(200, quotum)
        },
        Route("GET", "\(iam)/permission-sets") { _, call in
            try call.page("permission_sets", PermissionSet.all, \.json)
        },
        Route("GET", "\(iam)/groups") { _, call in try call.page("groups", [JSON]()) { $0 } },
        Route("GET", "\(iam)/policies") { world, call in
            try call.page("policies", world.isAbout(call) ? [world.policy] : []) { $0 }
        },
        Route("GET", "\(iam)/rules") { world, call in try call.page("rules", [world.rule]) { $0 } },
        Route("GET", "\(iam)/ssh-keys") { try $0.listKeys($1) },
        Route("POST", "\(iam)/ssh-keys") { try $0.createKey($1) },
        Route("GET", "\(iam)/ssh-keys/{id}") { APIResponse(200, $0.json(of: try $0.key($1))) },
        Route("PATCH", "\(iam)/ssh-keys/{id}") { try $0.updateKey($1) },
        Route("DELETE", "\(iam)/ssh-keys/{id}") { try $0.deleteKey($1) },
    ]
}

/// The permission sets that a key for this API can have.
struct PermissionSet: Sendable {
    let name: String

    static let all = [
        "InstancesFullAccess", "InstancesReadOnly", "BlockStorageFullAccess", "BlockStorageReadOnly", "VPCFullAccess",
        "VPCReadOnly", "IPAMFullAccess", "IPAMReadOnly", "SSHKeysReadOnly", "SSHKeysFullAccess", "IAMReadOnly",
        "ProjectReadOnly",
    ].map(PermissionSet.init)

    var json: JSON {
        [
            "id": .string(Randomness.identifier(for: "permission set \(name)")), "name": .string(name),
            "scope_type": name.hasPrefix("IAM") ? "organization" : "projects", "description": "", "categories": [],
        ]
    }
}

extension World {
    private static let user = Randomness.identifier(for: "the owner of the key")
    private static let policyID = Randomness.identifier(for: "the policy of the key")

    private var start: String { projects[defaultProject]?.createdAt.zuluStamp ?? "" }

    /// Without the secret, which is shown at its creation only.
    fileprivate var apiKey: JSON {
        [
            "access_key": .string(configuration.accessKey), "secret_key": .null, "user_id": .string(Self.user),
            "description": "emulated", "created_at": .string(start), "updated_at": .string(start), "expires_at": .null,
            "default_project_id": .string(defaultProject), "editable": true, "deletable": true, "managed": false,
            "creation_ip": "127.0.0.1",
        ]
    }

    /// Whether a query asks for what its owner has, or for everybody's.
    fileprivate func isAbout(_ call: Call) -> Bool {
        let users = call.values("user_ids")
        return call.values("application_ids").isEmpty && call.values("group_ids").isEmpty
            && (users.isEmpty || users.contains(Self.user))
    }

    fileprivate var policy: JSON {
        [
            "id": .string(Self.policyID), "name": "everything", "description": "",
            "organization_id": .string(configuration.organization), "created_at": .string(start),
            "updated_at": .string(start), "editable": true, "deletable": true, "managed": false, "nb_rules": 1,
            "nb_scopes": 1, "nb_permission_sets": .integer(PermissionSet.all.count), "tags": [],
            "user_id": .string(Self.user),
        ]
    }

    fileprivate var rule: JSON {
        [
            "id": .string(Randomness.identifier(for: "the rule of the key")),
            "permission_set_names": .strings(PermissionSet.all.map(\.name)),
            "permission_sets_scope_type": "projects", "condition": "",
            "organization_id": .string(configuration.organization),
        ]
    }

    /// The kinds that this emulator counts. Their names on the real API are recorded nowhere.
    fileprivate var quota: [JSON] {
        ["servers", "volumes", "snapshots", "ips", "security_groups", "private_networks"].map { name in
            let limit = configuration.quotas[name]
            var members: [JSON.Member] = [JSON.Member("name", .string(name))]
            members.append(limit.map { JSON.Member("limit", .integer($0)) } ?? JSON.Member("unlimited", true))
            members += [
                JSON.Member("pretty_name", .string(name)), JSON.Member("unit", "count"),
                JSON.Member("description", ""), JSON.Member("locality_type", "global"),
                JSON.Member(
                    "limits",
                    limit.map { [["global": true, "limit": .integer($0)]] } ?? [["global": true, "unlimited": true]]),
            ]
            return .object(members)
        }
    }

    fileprivate func json(of project: Project) -> JSON {
        [
            "created_at": .string(project.createdAt.zuluStamp), "description": .string(project.description),
            "id": .string(project.id), "name": .string(project.name),
            "organization_id": .string(configuration.organization),
            "qualification": ["architecture_type": "unknown_architecture_type"],
            "updated_at": .string(project.updatedAt.zuluStamp),
        ]
    }

    fileprivate func project(_ call: Call) throws(Refusal) -> Project {
        guard let project = projects[call.id] else { throw .notFound("project", call.id) }
        return project
    }

    fileprivate func listProjects(_ call: Call) throws(Refusal) -> APIResponse {
        let ids = call.values("project_ids")
        var rows = projects.all.filter { project in
            call.contains("name", project.name) && call.matches("organization_id", configuration.organization)
                && (ids.isEmpty || ids.contains(project.id))
        }
        try call.sort(&rows, created: \.createdAt, name: \.name)
        return try call.page("projects", rows) { json(of: $0) }
    }

    fileprivate mutating func createProject(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let project = Project(
            id: randomness.identifier(), name: try body.required("name"),
            description: try body.text("description") ?? "", createdAt: call.now, updatedAt: call.now)
        projects.insert(project, id: project.id)
        return APIResponse(200, json(of: project))
    }

    fileprivate func key(_ call: Call) throws(Refusal) -> SSHKey {
        guard let key = keys[call.id] else { throw .notFound("ssh_key", call.id) }
        return key
    }

    fileprivate func json(of key: SSHKey) -> JSON {
        [
            "id": .string(key.id), "name": .string(key.name), "public_key": .string(key.publicKey),
            "fingerprint": .string("256 MD5:\(key.id) \(key.name) (ssh-ed25519)"),
            "created_at": .string(key.createdAt.zuluStamp), "updated_at": .string(key.updatedAt.zuluStamp),
            "organization_id": .string(configuration.organization), "project_id": .string(key.project),
            "disabled": .bool(key.isDisabled),
        ]
    }

    fileprivate func listKeys(_ call: Call) throws(Refusal) -> APIResponse {
        var rows = keys.all.filter { key in
            call.contains("name", key.name) && call.matches("project_id", key.project)
                && call.matches("organization_id", configuration.organization)
                && (call.flag("disabled").map { $0 == key.isDisabled } ?? true)
        }
        try call.sort(&rows, created: \.createdAt, name: \.name)
        return try call.page("ssh_keys", rows) { json(of: $0) }
    }

    fileprivate mutating func createKey(_ call: Call) throws(Refusal) -> APIResponse {
        let body = try call.body()
        let publicKey = try body.required("public_key")
        guard publicKey.hasPrefix("ssh-") || publicKey.hasPrefix("ecdsa-") else {
            throw .invalid("public_key", "constraint", "not a valid SSH public key")
        }
        let project = try visibleProject(body.text("project_id"))
        let name = try body.text("name") ?? "key-\(nextNumber())"
        let key = SSHKey(
            id: randomness.identifier(), name: name, publicKey: publicKey, project: project, createdAt: call.now,
            updatedAt: call.now)
        keys.insert(key, id: key.id)
        return APIResponse(200, json(of: key))
    }

    fileprivate mutating func updateKey(_ call: Call) throws(Refusal) -> APIResponse {
        let key = try key(call)
        let body = try call.body()
        let (name, isDisabled) = (try body.text("name"), try body.flag("disabled"))
        keys.update(key.id) {
            if let name { $0.name = name }
            if let isDisabled { $0.isDisabled = isDisabled }
            $0.updatedAt = call.now
        }
        return APIResponse(200, json(of: try self.key(call)))
    }

    fileprivate mutating func deleteKey(_ call: Call) throws(Refusal) -> APIResponse {
        keys.remove(try key(call).id)
        return .noContent
    }
}
