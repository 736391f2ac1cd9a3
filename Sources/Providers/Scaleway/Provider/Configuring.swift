public import Instances
public import Reconciler

/// Everything that a server needs besides its type, image and disks.
extension ScalewayProvider {
    public func configureServer(
        _ id: ServerID, tags: Tags, as configuration: ServerConfiguration
    ) async throws(ProviderError) {
        let id = try ResourceUUID(id)
        let server = try await ours(id)
        try await setCloudInit(configuration.cloudInit, of: id)
        let address = try await reserve(configuration.publicIP, for: id, tags: tags.companion)
        let networks = try await networks(named: configuration.privateNetworks, owner: tags.owner)
        try await connect(server, id, to: networks)
        let group = try await securityGroup(for: configuration.firewall, of: server, tags: tags.companion)

        var change = ServerChange()
        let dynamic = configuration.publicIP == .dynamic
        if server.dynamicIPRequired != dynamic { change.dynamicIPRequired = dynamic }
        if let group, group.id != server.securityGroup?.id { change.securityGroup = group }
        if (server.protected ?? false) != configuration.protected { change.protected = configuration.protected }
        if change != ServerChange() { try await instance.update(id, change) }
        let wanted = Place(
            address: address?.text, networks: networks.map(\.text), group: group?.id, dynamic: dynamic,
            protected: configuration.protected)
        try await note(configuration, on: id, inPlace: wanted)
    }

    /// What a fresh read of the server has to show before it may be noted as done.
    private struct Place {
        var address: String?
        var networks: [String]
        var group: String?
        var dynamic: Bool
        var protected: Bool

        func missing(on server: InstanceServer) -> String? {
            if let address, !server.publicIPs.contains(where: { $0.id == address }) { return "its public address" }
            if Set(server.privateNICs.map(\.network)) != Set(networks) { return "its private networks" }
            if server.privateNICs.contains(where: { ($0.state ?? "available") != "available" }) {
                return "all its interfaces as available"
            }
            if let group, server.securityGroup?.id != group { return "its security group" }
            if let shown = server.dynamicIPRequired, shown != dynamic { return "its kind of public address" }
            if let shown = server.protected, shown != protected { return "its protection" }
            return nil
        }
    }

    private func note(
        _ configuration: ServerConfiguration, on id: ResourceUUID, inPlace wanted: Place
    ) async throws(ProviderError) {
        let server = try await ours(id)
        if let missing = wanted.missing(on: server) {
            throw ProviderError(.conflict, "server \(id) does not show \(missing) yet")
        }
        var firewall: SecurityGroup?
        if configuration.firewall != nil, let group = wanted.group.flatMap(ResourceUUID.init) {
            firewall = try await instance.securityGroup(group)
        }
        // While they spread, or failed to, they are not in force everywhere.
        if let state = firewall?.state, state != "available" {
            throw ProviderError(
                .conflict, "the rules of the firewall of server \(id) are in state \(printable(state, limit: 60))")
        }
        let applied = AppliedConfiguration(digest: configuration.digest, on: server, firewall: firewall)
        guard AppliedConfiguration(words: server.tags) != applied else { return }
        try await instance.update(id, ServerChange(tags: applied.noted(in: server.tags)))
    }

    /// Read by the guest at its first boot.
    private func setCloudInit(_ text: String?, of id: ResourceUUID) async throws(ProviderError) {
        if let text { return try await instance.setCloudInit(text, of: id) }
        guard try await instance.userDataKeys(of: id).contains("cloud-init") else { return }
        try await instance.removeCloudInit(of: id)
    }
}

/// Addresses and interfaces.
extension ScalewayProvider {
    /// Gives the server the instance's own address, or takes it away.
    ///
    /// - Returns: the address that the server is to have.
    private func reserve(
        _ kind: PublicIP, for server: ResourceUUID, tags: Tags
    ) async throws(ProviderError) -> ResourceUUID? {
        let own = try await instance.addresses(tagged: tags.instanceWords)
            .compactMap { address in Tags(words: address.tags).map { (address, $0) } }
            .filter { _, found in
                found.owner == tags.owner && found.instance == tags.instance && found.role == .companion
            }
            .filter { _, found in !found.condemned }
        guard kind == .reserved else {
            for (address, _) in own where address.server?.id == server.text {
                if let id = ResourceUUID(address.id) { try await instance.move(address: id, to: nil) }
            }
            return nil
        }
        // A second one is left from a call whose answer was lost; the older one is what people know.
        let oldest = own.min { ($0.1.operation, $0.0.id) < ($1.1.operation, $1.0.id) }?.0
        let address = try await made.one(
            "the address of \(tags.name)", listed: oldest,
            read: { id async throws(ProviderError) in
                let address = try await instance.address(id)
                return try unlessCondemned(address, address.tags)
            },
            make: { () async throws(ProviderError) in try await instance.createAddress(tags: tags.words) })
        guard let id = ResourceUUID(address.id) else {
            throw ProviderError(.unavailable, "'\(printable(address.id, limit: 60))' is not an id of an address")
        }
        if address.server?.id == server.text { return id }
        if address.server != nil { try await instance.move(address: id, to: nil) }
        try await instance.move(address: id, to: server)
        return id
    }

    /// The networks of these names, made where there are none. They are places that instances share, so they belong to
    /// none of them and stay when the last one leaves.
    private func networks(named names: [String], owner: OwnerID) async throws(ProviderError) -> [ResourceUUID] {
        guard !names.isEmpty else { return [] }
        let existing = try await vpc.privateNetworks()
        var networks: [ResourceUUID] = []
        for name in names { networks.append(try await network(named: name, among: existing, SharedTags(owner: owner))) }
        return networks
    }

    private func network(
        named name: String, among existing: [PrivateNetwork], _ shared: SharedTags
    ) async throws(ProviderError) -> ResourceUUID {
        let found = try await namesakes(
            name, among: existing, shared,
            read: vpc.privateNetwork,
            make: { () async throws(ProviderError) in
                try await vpc.createPrivateNetwork(name: name, tags: shared.words)
            }, list: vpc.privateNetworks, delete: vpc.deletePrivateNetwork)
        guard found.foreign.count + (found.own.isEmpty ? 0 : 1) == 1,
            let network = found.foreign.first ?? found.own.first
        else {
            throw ProviderError(
                .invalid,
                "there are \(found.foreign.count + found.own.count) private networks called "
                    + "'\(printable(name, limit: 60))' in \(zone.region): rename all but one")
        }
        guard let id = ResourceUUID(network.id) else {
            throw ProviderError(.unavailable, "'\(printable(network.id, limit: 60))' is not an id of a network")
        }
        return id
    }

    private func connect(
        _ server: InstanceServer, _ id: ResourceUUID, to networks: [ResourceUUID]
    ) async throws(ProviderError) {
        let wanted = Set(networks.map(\.text))
        var connected: Set<String> = []
        for interface in server.privateNICs {
            // Two interfaces in one network: one too many.
            if wanted.contains(interface.network), connected.insert(interface.network).inserted { continue }
            guard let interface = ResourceUUID(interface.id) else { continue }
            try await instance.removeInterface(interface, from: id)
        }
        for network in networks where connected.insert(network.text).inserted {
            try await instance.addInterface(to: id, in: network)
        }
    }
}
