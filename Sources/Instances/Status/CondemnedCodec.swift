import YAML

extension Condemned {
    var node: Node {
        .mapping(
            [("resource", resource.node), ("operation", operation.node), ("ground", .text(ground.word))]
                + ground.details)
    }

    init(node: Node) throws(RecordError) {
        let fields = try RecordFields(node, path: "record.condemned")
        self.init(
            resource: try ResourceID(node: try fields.node("resource"), path: "record.condemned.resource"),
            operation: try fields.operation(), ground: try Ground(fields: fields))
    }
}

extension Condemned.Ground {
    fileprivate var word: String {
        switch self {
        case .savedIn: "savedIn"
        case .supersededBy: "supersededBy"
        case .unwantedServer: "unwantedServer"
        case .unneededRoot: "unneededRoot"
        case .abandoned: "abandoned"
        case .approved: "approved"
        }
    }

    fileprivate var details: [(String, Node)] {
        switch self {
        case .savedIn(let snapshot), .supersededBy(let snapshot): [("snapshot", .text(snapshot.text))]
        case .unwantedServer, .unneededRoot, .abandoned: []
        case .approved(let commit): [("commit", .text(commit))]
        }
    }

    fileprivate init(fields: RecordFields) throws(RecordError) {
        switch try fields.text("ground") {
        case "savedIn":
            try fields.allowOnly("resource", "operation", "ground", "snapshot")
            self = .savedIn(try fields.identifier("snapshot"))
        case "supersededBy":
            try fields.allowOnly("resource", "operation", "ground", "snapshot")
            self = .supersededBy(try fields.identifier("snapshot"))
        case "approved":
            try fields.allowOnly("resource", "operation", "ground", "commit")
            self = .approved(commit: try fields.text("commit"))
        case "unwantedServer":
            try fields.allowOnly("resource", "operation", "ground")
            self = .unwantedServer
        case "unneededRoot":
            try fields.allowOnly("resource", "operation", "ground")
            self = .unneededRoot
        case "abandoned":
            try fields.allowOnly("resource", "operation", "ground")
            self = .abandoned
        case let other:
            throw fields.unknownWord(other, at: fields.mark, "ground")
        }
    }
}

extension ResourceID {
    /// `{disk: d-1}`.
    var node: Node { .mapping([(kind, .text(text))]) }

    init(node: Node, path: String) throws(RecordError) {
        let fields = try RecordFields(node, path: path)
        try fields.allowOnly("server", "disk", "snapshot", "companion")
        guard case .mapping(let pairs) = node.content, let pair = pairs.first, pairs.count == 1 else {
            throw .broken(node.mark, "\(path) must name one server, disk, snapshot or companion")
        }
        switch pair.key {
        case "server": self = .server(try fields.identifier(pair.key))
        case "disk": self = .disk(try fields.identifier(pair.key))
        case "snapshot": self = .snapshot(try fields.identifier(pair.key))
        default: self = .companion(try fields.identifier(pair.key))
        }
    }
}
