import YAML

// Each sum type is a mapping whose `state` says which fields it has besides.

extension ServerRecord {
    var node: Node {
        switch self {
        case .absent: state("absent")
        case .creating(let operation): state("creating", ("operation", operation.node))
        case .present(let id, let operation):
            state("present", ("id", .text(id.text)), ("operation", operation.node))
        }
    }

    init(node: Node) throws(RecordError) {
        let fields = try RecordFields(node, path: "record.server")
        switch try fields.text("state") {
        case "absent":
            try fields.allowOnly("state")
            self = .absent
        case "creating":
            try fields.allowOnly("state", "operation")
            self = .creating(try fields.operation())
        case "present":
            try fields.allowOnly("state", "id", "operation")
            self = .present(try fields.identifier("id"), try fields.operation())
        case let other:
            throw fields.unknownState(other)
        }
    }
}

extension RootRecord {
    var node: Node {
        switch self {
        case .absent: state("absent")
        case .creating(let operation, let snapshot):
            state("creating", ("operation", operation.node), ("from", .text(snapshot.text)))
        case .present(let id, let operation, let image):
            state("present", ("id", .text(id.text)), ("operation", operation.node), ("image", .text(image)))
        }
    }

    init(node: Node) throws(RecordError) {
        let fields = try RecordFields(node, path: "record.root")
        switch try fields.text("state") {
        case "absent":
            try fields.allowOnly("state")
            self = .absent
        case "creating":
            try fields.allowOnly("state", "operation", "from")
            self = .creating(try fields.operation(), from: try fields.identifier("from"))
        case "present":
            try fields.allowOnly("state", "id", "operation", "image")
            self = .present(
                try fields.identifier("id"), try fields.operation(), image: try fields.text("image"))
        case let other:
            throw fields.unknownState(other)
        }
    }
}

extension DataRecord {
    var node: Node {
        switch self {
        case .none: state("none")
        case .creating(let operation): state("creating", ("operation", operation.node))
        case .live(let disk, let operation):
            state("live", ("disk", .text(disk.text)), ("operation", operation.node))
        case .quiescing(let disk, let operation):
            state("quiescing", ("disk", .text(disk.text)), ("operation", operation.node))
        case .snapshotting(let disk, let operation, let detachedAt):
            state(
                "snapshotting", ("disk", .text(disk.text)), ("operation", operation.node),
                ("detachedAt", detachedAt.map { .text($0.description) } ?? .plain("null")))
        case .deleting(let disk, let snapshot, let operation, let detachedAt):
            state(
                "deleting", ("disk", .text(disk.text)), ("snapshot", .text(snapshot.text)),
                ("operation", operation.node),
                ("detachedAt", detachedAt.map { .text($0.description) } ?? .plain("null")))
        case .snapshot(let snapshot): state("snapshot", ("snapshot", .text(snapshot.text)))
        case .restoring(let snapshot, let operation):
            state("restoring", ("snapshot", .text(snapshot.text)), ("operation", operation.node))
        }
    }

    init(node: Node) throws(RecordError) {
        let fields = try RecordFields(node, path: "record.data")
        switch try fields.text("state") {
        case "none":
            try fields.allowOnly("state")
            self = .none
        case "creating":
            try fields.allowOnly("state", "operation")
            self = .creating(try fields.operation())
        case "live":
            try fields.allowOnly("state", "disk", "operation")
            self = .live(try fields.identifier("disk"), try fields.operation())
        case "quiescing":
            try fields.allowOnly("state", "disk", "operation")
            self = .quiescing(try fields.identifier("disk"), try fields.operation())
        case "snapshotting":
            try fields.allowOnly("state", "disk", "operation", "detachedAt")
            self = .snapshotting(
                try fields.identifier("disk"), try fields.operation(),
                detachedAt: try fields.optionalTimestamp("detachedAt"))
        case "deleting":
            try fields.allowOnly("state", "disk", "snapshot", "operation", "detachedAt")
            self = .deleting(
                try fields.identifier("disk"), snapshot: try fields.identifier("snapshot"), try fields.operation(),
                detachedAt: try fields.optionalTimestamp("detachedAt"))
        case "snapshot":
            try fields.allowOnly("state", "snapshot")
            self = .snapshot(try fields.identifier("snapshot"))
        case "restoring":
            try fields.allowOnly("state", "snapshot", "operation")
            self = .restoring(try fields.identifier("snapshot"), try fields.operation())
        case let other:
            throw fields.unknownState(other)
        }
    }
}

extension RootSnapshotRecord {
    var node: Node {
        switch self {
        case .none: state("none")
        case .cutting(let operation, let replacing):
            state("cutting", ("operation", operation.node), ("replacing", replacing?.node ?? .plain("null")))
        case .ready(let snapshot): state("ready", ("snapshot", snapshot.node))
        }
    }

    init(node: Node) throws(RecordError) {
        let fields = try RecordFields(node, path: "record.rootSnapshot")
        switch try fields.text("state") {
        case "none":
            try fields.allowOnly("state")
            self = .none
        case "cutting":
            try fields.allowOnly("state", "operation", "replacing")
            let replacing = try fields.optional("replacing").map { (node) throws(RecordError) in
                try SnapshotRecord(node: node, path: "record.rootSnapshot.replacing")
            }
            self = .cutting(try fields.operation(), replacing: replacing)
        case "ready":
            try fields.allowOnly("state", "snapshot")
            self = .ready(
                try SnapshotRecord(node: try fields.node("snapshot"), path: "record.rootSnapshot.snapshot"))
        case let other:
            throw fields.unknownState(other)
        }
    }
}

extension RecordFields {
    fileprivate func unknownState(_ text: String) -> RecordError { unknownWord(text, at: mark, "state") }
}

private func state(_ state: String, _ fields: (String, Node)...) -> Node {
    .mapping([("state", .text(state))] + fields)
}
