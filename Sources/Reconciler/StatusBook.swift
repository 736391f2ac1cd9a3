import Instances

/// The status branch as this process knows it, and where its head was then.
struct StatusBook: Sendable {
    /// `nil`: the branch does not exist.
    private(set) var head: String?
    private(set) var tree = StatusTree()
    private(set) var records: [InstanceName: Record] = [:]
    private(set) var unreadable: [InstanceName: Explanation] = [:]
    private(set) var lineage = Lineage.none

    init() {}

    init(_ status: StatusHead) {
        head = status.commit
        tree = status.tree
        records = tree.records
        unreadable = tree.unreadable
        lineage = tree.lineage
    }

    /// Every instance that the branch speaks of.
    var names: Set<InstanceName> { Set(tree.files.keys) }

    /// Why nothing may be done at all.
    var conflict: String? {
        guard holds(.lineageIsOne), case .conflict(let why) = lineage else { return nil }
        return why
    }

    /// The configuration commit that the branch spoke of last.
    var configurationCommit: String? { tree.index?.configCommit }

    func status(of name: InstanceName) -> InstanceStatus? { tree.files[name]?.status }

    /// Whether the branch has told that the instance's data is missing, in these words, under another commit than this one.
    func toldOfLoss(_ name: InstanceName, _ question: Explanation, before commit: String) -> Bool {
        guard let status = status(of: name) else { return false }
        return status.tellsOfLoss && status.asks(question) && status.observedCommit != commit
    }

    /// Whether an instance's file is in both books the same: the unit of compare-and-swap.
    func agrees(with other: StatusBook, about name: InstanceName) -> Bool { tree.files[name] == other.tree.files[name] }
}
