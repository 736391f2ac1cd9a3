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

/// All that is known at one moment about the resources of one instance.
public struct Observation: Hashable, Sendable {
    /// A resource counts as absent after this many reads by id in a row said "not found". A single one may be a
    /// replica that lags behind the create.
    public static let readsThatProveAbsence = 2

    /// Servers, disks and snapshots that carry the instance's uid, and those that its record names.
    public var servers: Sightings<Server>
    public var disks: Sightings<Disk>
    public var snapshots: Sightings<Snapshot>
    public var companions: [CompanionID: Companion]
    /// Tagged with the instance's name but another uid or owner.
    public var namesakes: [ResourceID]
    /// Attached to the instance's server without being the instance's.
    public var foreignDisks: [Disk]

    public init(
        servers: Sightings<Server> = Sightings(), disks: Sightings<Disk> = Sightings(),
        snapshots: Sightings<Snapshot> = Sightings(), companions: [CompanionID: Companion] = [:],
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
    public var seenServers: [Server] { servers.seen }
    public var seenDisks: [Disk] { disks.seen }
    public var seenSnapshots: [Snapshot] { snapshots.seen }
}

extension Observation {
    /// Whether it was read by its id and not found: once, which proves nothing yet, or more often.
    func misses(_ id: ResourceID) -> Bool {
        switch id {
        case .server(let id): if case .missing? = servers[id] { true } else { false }
        case .disk(let id): if case .missing? = disks[id] { true } else { false }
        case .snapshot(let id): if case .missing? = snapshots[id] { true } else { false }
        case .companion: false
        }
    }
}
