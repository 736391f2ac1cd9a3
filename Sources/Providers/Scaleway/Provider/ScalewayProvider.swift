public import Instances
public import Reconciler

/// One project of Scaleway in one zone.
///
/// Servers come from the Instance API, disks and snapshots from the Block API; attachment is what the disk says, not
/// what the server says, because a disk leaves the server's list a minute before it is free.
public struct ScalewayProvider: Provider {
    let instance: InstanceAPI
    let block: BlockAPI
    let vpc: VPCAPI
    let catalogue: Catalogue
    let made: RecentlyMade

    var zone: Zone { instance.zone }
    var project: ResourceUUID { instance.project }

    /// Input and output operations a second that a disk can be bought with.
    static let iopsClasses = [5_000, 15_000]
    /// Gigabytes that a disk of the Block API can have.
    static let diskSizes = 1...10_000
    /// Interfaces in private networks that a server can have, where its type does not say.
    static let mostPrivateNetworks = 8

    public var capabilities: Capabilities {
        Capabilities(
            dataDiskSnapshots: true, rootDiskSnapshots: true, growsDisks: true, changesType: true, cloudInit: true,
            publicIP: true, privateNetworks: true, firewall: true, protection: true, iops: true,
            zones: Zone.known.map(\.text))
    }

    /// The project: everything is listed and billed by it.
    ///
    /// A key that works elsewhere is no proof: the servers of this project and zone are asked for.
    public func account() async throws(ProviderError) -> String {
        try await instance.probe()
        return project.text
    }

    public func list() async -> Listing {
        async let servers = outcome(try await instance.servers())
        async let volumes = outcome(try await block.volumes())
        async let snapshots = outcome(try await block.snapshots())
        async let addresses = outcome(try await instance.addresses())
        async let groups = outcome(try await instance.securityGroups())
        let (listed, blocks, cuts, ips, firewalls) = await (servers, volumes, snapshots, addresses, groups)
        do throws(ProviderError) {
            return .complete(
                inventory(
                    servers: try listed.get(), volumes: try blocks.get(), snapshots: try cuts.get(),
                    addresses: try ips.get(), groups: try firewalls.get()))
        } catch {
            return .unknown(error.message)
        }
    }

    private func inventory(
        servers: [InstanceServer], volumes: [BlockVolume], snapshots: [BlockSnapshot], addresses: [InstanceIP],
        groups: [SecurityGroup]
    ) -> Inventory {
        let local = servers.flatMap { server in
            server.volumes.sorted { $0.key < $1.key }.map(\.value).filter { $0.kind != "sbs_volume" }
                .map { Disk($0, of: server) }
        }
        let groupsByID = Dictionary(groups.map { ($0.id, $0) }) { first, _ in first }
        return Inventory(
            servers: servers.map { server in Server(server, in: server.securityGroup.flatMap { groupsByID[$0.id] }) },
            disks: volumes.map(Disk.init) + local,
            snapshots: snapshots.map(Snapshot.init),
            companions: addresses.map(Companion.init) + groups.map(Companion.init))
    }

    public func server(_ id: ServerID) async throws(ProviderError) -> Server {
        let server = try await ours(try ResourceUUID(id))
        guard AppliedConfiguration(words: server.tags)?.firewall != nil,
            let group = server.securityGroup.flatMap({ ResourceUUID($0.id) })
        else { return Server(server, in: nil) }
        // Only whether its rules are still in place depends on it.
        return Server(server, in: try? await outcome(try await instance.securityGroup(group)).get())
    }

    public func disk(_ id: DiskID) async throws(ProviderError) -> Disk {
        Disk(try await volume(try ResourceUUID(id)))
    }

    public func snapshot(_ id: SnapshotID) async throws(ProviderError) -> Snapshot {
        Snapshot(try await cut(try ResourceUUID(id)))
    }
}

/// Reads of one resource, each made sure to be the one that was asked for.
extension ScalewayProvider {
    func ours(_ id: ResourceUUID) async throws(ProviderError) -> InstanceServer {
        let server = try await instance.server(id)
        try check("server", id, answered: server.id, project: server.project, zone: server.zone)
        return server
    }

    func volume(_ id: ResourceUUID) async throws(ProviderError) -> BlockVolume {
        let volume = try await block.volume(id)
        try check("disk", id, answered: volume.id, project: volume.project, zone: volume.zone)
        return volume
    }

    func cut(_ id: ResourceUUID) async throws(ProviderError) -> BlockSnapshot {
        let snapshot = try await block.snapshot(id)
        try check("snapshot", id, answered: snapshot.id, project: snapshot.project, zone: snapshot.zone)
        return snapshot
    }

    /// An answer about something else is no answer; something of another project is not ours, and not absent either.
    func check(
        _ kind: String, _ id: ResourceUUID, answered: String, project owner: String, zone place: String
    ) throws(ProviderError) {
        guard answered.lowercased() == id.text, place == zone.text else {
            throw ProviderError(
                .unavailable,
                "cannot read \(kind) \(id): the answer is about \(printable(answered, limit: 60)) in "
                    + printable(place, limit: 60))
        }
        guard owner == project.text else {
            throw ProviderError(
                .forbidden, "\(kind) \(id) belongs to project \(printable(owner, limit: 60)), not to \(project)")
        }
    }
}
