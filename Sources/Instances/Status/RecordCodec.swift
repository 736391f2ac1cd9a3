public import YAML

/// A record as it is written under `record:` in the file of its instance.
///
/// Reading is strict, because deletions rest on it: whatever this program would not itself have written is refused.
extension Record {
    /// Of the shape of `record:`. Changes when an older program would misread a record.
    public static let version = 1

    /// Fields in a fixed order, so that equal records are equal bytes.
    public var node: Node {
        let pairs: [(String, Node)] = [
            ("version", .plain("\(Self.version)")),
            ("uid", .text(uid.text)),
            ("name", .text(name.text)),
            ("provider", .text(provider)),
            ("account", .text(account)),
            ("zone", .text(zone)),
            ("deletionPolicy", .text(deletionPolicy.rawValue)),
            ("operations", .sequence(operations.map(\.node))),
            ("activity", activity?.node ?? .plain("null")),
            ("server", server.node),
            ("root", root.node),
            ("data", data.node),
            ("snapshots", .sequence(snapshots.map(\.node))),
            ("rootSnapshot", rootSnapshot.node),
            ("condemned", .sequence(condemned.map(\.node))),
        ]
        // Most records have none, and older operators read those.
        return .mapping(vanished.isEmpty ? pairs : pairs + [("vanished", .sequence(vanished.map(\.node)))])
    }

    /// - Throws: the first thing that is wrong, and where.
    public init(node: Node) throws(RecordError) {
        let fields = try RecordFields(node, path: "record")
        let version = try fields.integer("version")
        guard version == Self.version else {
            let mark = try fields.node("version").mark
            throw version > Self.version
                ? .newer(mark, "record.version is \(version), this operator knows \(Self.version)")
                : .broken(mark, "record.version \(version) was never written")
        }
        try fields.allowOnly(
            "version", "uid", "name", "provider", "account", "zone", "deletionPolicy", "operations", "activity",
            "server", "root", "data", "snapshots", "rootSnapshot", "condemned", "vanished")
        guard let name = InstanceName(try fields.text("name")) else {
            throw .broken(try fields.node("name").mark, "record.name is not the name of an instance")
        }
        self.init(
            uid: try fields.identifier("uid"), name: name, provider: try fields.text("provider"),
            account: try fields.text("account"), zone: try fields.text("zone"))
        deletionPolicy = try fields.word("deletionPolicy", as: DeletionPolicy.self)
        operations = try fields.list("operations").map { (node) throws(RecordError) in
            try Operation(node: node, path: "record.operations")
        }
        if let node = fields.optional("activity") { activity = try Activity(node: node) }
        server = try ServerRecord(node: try fields.node("server"))
        root = try RootRecord(node: try fields.node("root"))
        data = try DataRecord(node: try fields.node("data"))
        snapshots = try fields.list("snapshots").map { (node) throws(RecordError) in
            try SnapshotRecord(node: node, path: "record.snapshots")
        }
        rootSnapshot = try RootSnapshotRecord(node: try fields.node("rootSnapshot"))
        condemned = try fields.list("condemned").map { (node) throws(RecordError) in try Condemned(node: node) }
        if fields.optional("vanished") != nil {
            vanished = try fields.list("vanished").map { (node) throws(RecordError) in
                try ResourceID(node: node, path: "record.vanished")
            }
        }
        try requireOrder(of: operations, at: try fields.node("operations").mark)
    }

    /// The last operation is taken for the current one, so a list out of order would bring an old one back to life. Two of
    /// one epoch are there where a branch was moved back and recovered.
    private func requireOrder(of operations: [Operation], at mark: Mark) throws(RecordError) {
        guard zip(operations, operations.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .broken(mark, "record.operations must be in the order of their epochs")
        }
    }
}

extension Operation {
    var node: Node { .text(description) }
}

extension Activity {
    var node: Node {
        .mapping([
            ("kind", .text(kind.rawValue)), ("operation", operation.node), ("since", .text(since.description)),
        ])
    }

    init(node: Node) throws(RecordError) {
        let fields = try RecordFields(node, path: "record.activity")
        try fields.allowOnly("kind", "operation", "since")
        self.init(
            kind: try fields.word("kind", as: Kind.self), operation: try fields.operation(),
            since: try fields.timestamp("since"))
    }
}

extension SnapshotRecord {
    var node: Node {
        var pairs: [(String, Node)] = [
            ("id", .text(id.text)), ("operation", operation.node), ("sourceDisk", .text(sourceDisk.text)),
            ("sizeBytes", .plain("\(sizeBytes)")),
        ]
        if let createdAt { pairs.append(("createdAt", .text(createdAt.description))) }
        if let image { pairs.append(("image", .text(image))) }
        return .mapping(pairs)
    }

    init(node: Node, path: String) throws(RecordError) {
        let fields = try RecordFields(node, path: path)
        try fields.allowOnly("id", "operation", "sourceDisk", "sizeBytes", "createdAt", "image")
        self.init(
            id: try fields.identifier("id"), operation: try fields.operation(),
            sourceDisk: try fields.identifier("sourceDisk"), sizeBytes: try fields.integer("sizeBytes"),
            createdAt: try fields.optionalTimestamp("createdAt"), image: try fields.optionalText("image"))
    }
}
