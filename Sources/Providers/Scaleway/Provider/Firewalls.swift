import Instances
import Reconciler

/// Security groups.
extension ScalewayProvider {
    /// The group that the server is to be in, with the rules of the manifest.
    ///
    /// - Returns: `nil` where the one that it is in is nobody's business.
    func securityGroup(
        for firewall: Firewall?, of server: InstanceServer, tags: Tags
    ) async throws(ProviderError) -> Named? {
        guard let firewall else { return try await groupWithoutFirewall(server, tags: tags) }
        let shared = SharedTags(owner: tags.owner)
        let group: SecurityGroup
        if let name = firewall.name {
            group = try await sharedGroup(named: name, shared)
        } else {
            group = try await ownGroup(tags)
        }
        guard let id = ResourceUUID(group.id) else {
            throw ProviderError(.unavailable, "'\(printable(group.id, limit: 60))' is not an id of a security group")
        }
        try await apply(FirewallRules(firewall), to: group, id)
        return Named(id: group.id, name: group.name)
    }

    private func apply(
        _ rules: FirewallRules, to group: SecurityGroup, _ id: ResourceUUID
    ) async throws(ProviderError) {
        var change = SecurityGroupChange()
        if group.inboundPolicy != SecurityGroup.drop { change.inboundPolicy = SecurityGroup.drop }
        if group.outboundPolicy != SecurityGroup.accept { change.outboundPolicy = SecurityGroup.accept }
        if !group.stateful { change.stateful = true }
        if change != SecurityGroupChange() { try await instance.update(securityGroup: id, change) }
        guard !rules.match(try await instance.rules(of: id)) else { return }
        try await instance.set(rules: rules.rules, of: id)
    }

    /// The group of one instance; it outlives the server, as the address does.
    private func ownGroup(_ tags: Tags) async throws(ProviderError) -> SecurityGroup {
        let own = try await instance.securityGroups(tagged: tags.instanceWords)
            .compactMap { group in Tags(words: group.tags).map { (group, $0) } }
            .filter { _, found in
                found.owner == tags.owner && found.instance == tags.instance && found.role == .companion
            }
            .filter { _, found in !found.condemned }
        let oldest = own.min { ($0.1.operation, $0.0.id) < ($1.1.operation, $1.0.id) }?.0
        return try await made.one(
            "the security group of \(tags.name)", listed: oldest,
            read: { id async throws(ProviderError) in
                let group = try await instance.securityGroup(id)
                return try unlessCondemned(group, group.tags)
            },
            make: { () async throws(ProviderError) in
                try await instance.createSecurityGroup(
                    CreateSecurityGroup(name: "\(tags.name)-firewall", project: project.text, tags: tags.words))
            })
    }

    /// A group that several instances name. One that somebody else made is not rewritten.
    private func sharedGroup(named name: String, _ shared: SharedTags) async throws(ProviderError) -> SecurityGroup {
        let found = try await namesakes(
            name, among: try await instance.securityGroups(), shared, read: instance.securityGroup,
            make: { () async throws(ProviderError) in
                try await instance.createSecurityGroup(
                    CreateSecurityGroup(name: name, project: project.text, tags: shared.words))
            }, list: { () async throws(ProviderError) in try await instance.securityGroups() },
            delete: instance.deleteSecurityGroup)
        guard found.foreign.isEmpty, let group = found.own.first else {
            throw ProviderError(
                .invalid,
                "security group '\(printable(name, limit: 60))' in \(zone) was not made by this operator, so its rules "
                    + "are left alone: choose another spec.server.firewall.name")
        }
        return group
    }

    /// Out of our own group, into the project's default; out of a group of somebody else's, never.
    private func groupWithoutFirewall(_ server: InstanceServer, tags: Tags) async throws(ProviderError) -> Named? {
        guard let current = server.securityGroup else { return nil }
        let groups = try await instance.securityGroups()
        guard let group = groups.first(where: { $0.id == current.id }) else { return nil }
        let made = Tags(words: group.tags)?.owner == tags.owner || SharedTags(owner: tags.owner).marks(group.tags)
        guard made else { return nil }
        return try defaultGroup(among: groups)
    }

    func defaultGroup(among groups: [SecurityGroup]) throws(ProviderError) -> Named {
        guard let group = groups.first(where: { $0.projectDefault == true }) else {
            throw ProviderError(.conflict, "project \(project) has no default security group in \(zone)")
        }
        return Named(id: group.id, name: group.name)
    }
}
