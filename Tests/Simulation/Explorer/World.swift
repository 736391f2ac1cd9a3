public import Instances

/// A small world: everything that may happen in it, however it is interleaved.
public struct World: Sendable {
    /// Named in tables and on the command line.
    public var name: String
    public var operators = 1
    public var budget = Budget()
    /// What the manifest may ask for, the first at the beginning.
    public var runtimes: [Runtime]
    public var whenDisabled = WhenDisabled.delete
    public var snapshotsRoot = false
    public var keep = 0
    /// The status and the cloud are read at different moments.
    public var readsApart = false
    /// Servers come with a root disk that the provider makes.
    public var hasRootDisks = false
    /// That root disk carries the server's tags.
    public var tagsRootDisks = false
    /// A server has to be configured after it was made.
    public var configures = false
    /// A read by id of something that lists do not show yet may say that it is not there, once.
    public var staleReads = false
    /// Any one resource may be unreadable at any look.
    public var unreadable = false
    /// A person may take the data out of the record.
    public var editsRecord = false
    /// States beyond which the run fails.
    public var limit = 30_000_000

    public init(_ name: String, runtimes: [Runtime] = World.startAndStop, _ change: (inout World) -> Void = { _ in }) {
        self.name = name
        self.runtimes = runtimes
        change(&self)
    }

    public static let startAndStop = [
        Runtime(enableInstanceServer: true, dataDiskState: .live),
        Runtime(enableInstanceServer: false, dataDiskState: .snapshot),
    ]

    public static let allRuntimes = [
        Runtime(enableInstanceServer: true, dataDiskState: .live),
        Runtime(enableInstanceServer: false, dataDiskState: .snapshot),
        Runtime(enableInstanceServer: false, dataDiskState: .live),
        Runtime(enableInstanceServer: true, dataDiskState: .snapshot),
    ]

    func manifest(_ desired: UInt8) -> Manifest {
        Manifest(
            name: Translation.name, provider: "cloud", zone: "zone",
            server: ServerManifest(type: "type", image: "image", whenDisabled: whenDisabled),
            rootDisk: RootDiskManifest(snapshotEnabled: snapshotsRoot),
            dataDisk: DataDiskManifest(sizeGB: 1, keep: keep), runtime: runtimes[Int(desired)])
    }

    var start: WorldState {
        var state = WorldState()
        state.budget = budget
        state.workers = Row(repeatElement(Worker(), count: operators))
        return state
    }
}
