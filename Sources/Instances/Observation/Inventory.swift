/// Everything that one scope of a provider holds, ours and others'.
public struct Inventory: Hashable, Sendable {
    public var servers: [Server]
    public var disks: [Disk]
    public var snapshots: [Snapshot]
    public var companions: [Companion]

    public init(
        servers: [Server] = [], disks: [Disk] = [], snapshots: [Snapshot] = [], companions: [Companion] = []
    ) {
        self.servers = servers
        self.disks = disks
        self.snapshots = snapshots
        self.companions = companions
    }
}

/// The answer to "list everything": all of it, or nothing that could be relied on.
///
/// There is no third case and no empty default, so an error can never be taken for absence.
public enum Listing: Hashable, Sendable {
    /// Every page was read.
    case complete(Inventory)
    /// Says why, for people.
    case unknown(String)
}

/// What reading one resource by its id has told.
public enum Sighting<Resource: Hashable & Sendable>: Hashable, Sendable {
    case seen(Resource)
    /// Not in a complete listing, and this often in a row "not found" when read by id.
    case missing(times: Int)
    /// Neither seen nor proven absent.
    case unknown(String)
}

/// All that is known at one moment about the resources of one instance.
public struct Observation: Hashable, Sendable {
    /// A resource counts as absent after this many reads by id in a row said "not found". A single one may be a
    /// replica that lags behind the create.
    public static let readsThatProveAbsence = 2

    /// Servers, disks and snapshots that carry the instance's uid, and those that its record names.
    public var servers: [ServerID: Sighting<Server>]
    public var disks: [DiskID: Sighting<Disk>]
    public var snapshots: [SnapshotID: Sighting<Snapshot>]
    public var companions: [CompanionID: Companion]
    /// Tagged with the instance's name but another uid or owner.
    public var namesakes: [ResourceID]
    /// Attached to the instance's server without being the instance's.
    public var foreignDisks: [Disk]

    public init(
        servers: [ServerID: Sighting<Server>] = [:], disks: [DiskID: Sighting<Disk>] = [:],
        snapshots: [SnapshotID: Sighting<Snapshot>] = [:], companions: [CompanionID: Companion] = [:],
        namesakes: [ResourceID] = [], foreignDisks: [Disk] = []
    ) {
        self.servers = servers
        self.disks = disks
        self.snapshots = snapshots
        self.companions = companions
        self.namesakes = namesakes
        self.foreignDisks = foreignDisks
    }

    /// In the order of their ids.
    public var seenServers: [Server] { seen(servers) }
    public var seenDisks: [Disk] { seen(disks) }
    public var seenSnapshots: [Snapshot] { seen(snapshots) }

    private func seen<Resource>(_ sightings: [Identifier<Resource>: Sighting<Resource>]) -> [Resource] {
        func resource(_ sighting: Sighting<Resource>) -> Resource? {
            guard case .seen(let resource) = sighting else { return nil }
            return resource
        }
        // Usually there is one at most, and nothing to put in order.
        guard sightings.count > 1 else { return sightings.values.compactMap(resource) }
        return sightings.keys.sorted().compactMap { sightings[$0].flatMap(resource) }
    }
}
