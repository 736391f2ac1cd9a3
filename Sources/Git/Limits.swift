/// What a remote may cost. A hostile or broken one meets these before it hurts the program.
public struct Limits: Sendable, Hashable {
    /// For one conversation with the remote, from the first connection to the last byte.
    public var deadline: Duration
    /// Bytes per second. A conversation that moves fewer for ``slowFor`` is broken off. A server that prepares a large
    /// pack sends about one byte per second to keep the line open, and some thirty of progress reports.
    public var slowest: Int
    public var slowFor: Duration
    /// Bytes that one conversation may receive.
    public var receivedBytes: Int
    /// Objects in one received pack. A million of a status branch, some 160,000 commits in 110 MB, cost libgit2 250 MB of
    /// memory, half of what a container of `manifests/` has, and twenty seconds on a busy machine.
    public var objects: Int
    /// Entries visited while the files of one commit are listed.
    public var treeEntries: Int
    /// Folders inside folders.
    public var treeDepth: Int
    /// Length of a path.
    public var pathBytes: Int

    public init(
        deadline: Duration = .seconds(60), slowest: Int = 10, slowFor: Duration = .seconds(20),
        receivedBytes: Int = 256 << 20, objects: Int = 1_000_000, treeEntries: Int = 100_000, treeDepth: Int = 16,
        pathBytes: Int = 512
    ) {
        self.deadline = deadline
        self.slowest = slowest
        self.slowFor = slowFor
        self.receivedBytes = receivedBytes
        self.objects = objects
        self.treeEntries = treeEntries
        self.treeDepth = treeDepth
        self.pathBytes = pathBytes
    }

    /// What a person can do about a repository that exceeds ``objects`` or ``receivedBytes``.
    static let shorten =
        "if it is the history of the status branch that has grown so long, docs/recovery.md says how to shorten it"

    /// Bytes of the list of branches and tags: some 200,000 of them. libgit2 keeps several times as much in memory.
    static let announcedBytes = 16 << 20
    /// Bytes of one tree object: a folder of some 250,000 files. libgit2 reads a tree whole.
    static let treeBytes = 16 << 20
    /// Bytes of one commit message; what follows is cut off.
    static let messageBytes = 64 << 10
    /// Bytes that one call may load, so that many files below their own limit cannot fill the memory.
    static let loadedBytes = 512 << 20
    /// Bytes that applying one delta of a pack may produce. libgit2 holds base and result in memory.
    static let deltaResultBytes = 128 << 20
}
