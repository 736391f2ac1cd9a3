public import Instances
public import Reconciler

/// Tags, and the companions that only an id tells apart.
extension ScalewayProvider {
    /// Scaleway replaces whole lists of tags, so the ones of others are read and sent again.
    public func tag(_ resource: ResourceID, with tags: Tags) async throws(ProviderError) {
        switch resource {
        case .server(let id):
            let id = try ResourceUUID(id)
            let old = try await ours(id).tags
            try await instance.update(id, ServerChange(tags: tags.replacing(in: old)))
        case .disk(let id):
            let id = try ResourceUUID(id)
            try await block.tag(volume: id, tags.replacing(in: try await volume(id).tags))
        case .snapshot(let id):
            let snapshot = try await cut(try ResourceUUID(id))
            try await block.tag(snapshot: snapshot, tags.replacing(in: snapshot.tags))
        case .companion(let id):
            switch try await found(try ResourceUUID(id)) {
            case .address(let address):
                try await instance.tag(address: try ResourceUUID(id), tags.replacing(in: address.tags))
            case .firewall(let group):
                let change = SecurityGroupChange(tags: tags.replacing(in: group.tags))
                try await instance.update(securityGroup: try ResourceUUID(id), change)
            }
        }
    }

    /// What is in use stays: an address would be taken from under a server. From a server of the same instance that is
    /// off it is taken first.
    public func deleteCompanion(_ id: CompanionID) async throws(ProviderError) {
        let id = try ResourceUUID(id)
        let companion: FoundCompanion
        do throws(ProviderError) { companion = try await found(id) } catch {
            if error.reason == .notFound { return }
            throw error
        }
        guard let tags = Tags(words: companion.tags), tags.role == .companion else {
            throw ProviderError(.invalid, "\(companion.words) \(id) does not carry the operator's tags: it stays")
        }
        if let user = companion.server {
            let server = try await ours(try ResourceUUID(ServerID(user)))
            guard server.state == "stopped", Tags(words: server.tags)?.instance == tags.instance else {
                throw ProviderError(.inUse, "\(companion.words) \(id) is in use by server \(server.id)")
            }
            try await release(companion, id, from: server)
        }
        switch companion {
        case .address: try await instance.deleteAddress(id)
        case .firewall: try await instance.deleteSecurityGroup(id)
        }
    }

    private func release(
        _ companion: FoundCompanion, _ id: ResourceUUID, from server: InstanceServer
    ) async throws(ProviderError) {
        switch companion {
        case .address:
            try await instance.move(address: id, to: nil)
        case .firewall:
            let usual = try defaultGroup(among: try await instance.securityGroups())
            try await instance.update(try ResourceUUID(ServerID(server.id)), ServerChange(securityGroup: usual))
        }
    }

    private func found(_ id: ResourceUUID) async throws(ProviderError) -> FoundCompanion {
        do throws(ProviderError) {
            let address = try await instance.address(id)
            try check("address", id, answered: address.id, project: address.project, zone: address.zone)
            return .address(address)
        } catch {
            guard error.reason == .notFound else { throw error }
        }
        let group = try await instance.securityGroup(id)
        try check("security group", id, answered: group.id, project: group.project, zone: group.zone)
        return .firewall(group)
    }
}

private enum FoundCompanion {
    case address(InstanceIP)
    case firewall(SecurityGroup)

    var tags: [String] {
        switch self {
        case .address(let address): address.tags
        case .firewall(let group): group.tags
        }
    }

    var server: String? {
        switch self {
        case .address(let address): address.server?.id
        case .firewall(let group): group.servers.first?.id
        }
    }

    var words: String {
        switch self {
        case .address: "public address"
        case .firewall: "security group"
        }
    }
}
