import YAML

/// `index.json`: the same as README.md for scripts, and where the branch says whose it is.
public struct StatusIndex: Hashable, Sendable {
    public static let path = "index.json"

    public var lineage: OwnerID?
    /// The commit of the configuration that the branch speaks of.
    public var configCommit: String?

    /// As it is read once it was written.
    init(_ fleet: FleetStatus) {
        lineage = fleet.lineage
        configCommit = terminalText(fleet.commit)
    }

    /// Reads what later passes rest on. JSON is YAML, as far as it is written here.
    ///
    /// - Returns: `nil` for what is not an index.
    public init?(_ bytes: [UInt8]) {
        guard let document = (try? parse(Self.head(bytes), limits: Self.limits))?.first,
            let fields = StatusFields(document)
        else { return nil }
        lineage = fields.lineage("lineage")
        configCommit = fields.text("configCommit")
    }

    /// All that is read: as it is written here it comes first, and there may be many instances after it. Of what was
    /// written otherwise, everything.
    private static func head(_ bytes: [UInt8]) -> [UInt8] {
        let next = Array("\n  \"counts\": ".utf8)
        let room = bytes.prefix(headRoom)
        guard let end = room.indices.first(where: { room[$0] == next[0] && room[$0...].starts(with: next) }) else {
            return bytes
        }
        return Array(bytes[..<end]) + "}".utf8
    }

    /// Bytes within which the head ends: it is four short lines.
    private static let headRoom = 1000
    /// Room for 100,000 instances.
    private static let limits = Limits(bytes: 128 << 20, depth: 16, events: 20_000_000, documents: 1)

    static func bytes(_ fleet: FleetStatus) -> [UInt8] {
        JSONValue.object([
            ("apiVersion", .text("operator/v1")),
            ("kind", .text("StatusIndex")),
            ("lineage", .text(fleet.lineage.text)),
            ("configCommit", shown(fleet.commit)),
            ("counts", fleet.counts.summary),
            ("instances", .list(fleet.instances.map(\.summary))),
            ("unreadable", .list(fleet.unreadable.map(\.summary))),
            ("diagnostics", .list(fleet.diagnostics.map(\.summary))),
            ("foreign", .list(fleet.foreign.map(\.summary))),
        ]).document
    }
}

extension FleetStatus.Counts {
    fileprivate var summary: JSONValue {
        .object([
            ("instances", .integer(wanted)), ("ready", .integer(ready)), ("needAttention", .integer(needAttention)),
            ("retained", .integer(retained)),
        ])
    }
}

extension InstanceStatus {
    /// One line of the index; also one entry of `operator status --output json`.
    public var summary: JSONValue {
        let why = why
        return .object([
            ("name", .text(name.text)),
            ("ready", .text(conditions.ready.status.rawValue)),
            ("reason", shown(why.reason)),
            ("message", shown(why.message)),
            ("state", .text(state.text)),
            ("since", .text(since.description)),
            ("desired", shown(desired?.text)),
            ("provider", shown(provider)),
            ("zone", shown(zone)),
            ("labels", .object(labels.sorted { $0.key < $1.key }.map { (terminalText($0.key), shown($0.value)) })),
            ("server", server?.summary ?? .null),
            ("disks", .list(storages.map(\.summary))),
            ("snapshots", .list(snapshots.map(\.summary))),
            ("waiting", shown(waiting?.message)),
            ("observedCommit", shown(observedCommit)),
            ("manifest", shown(manifestFile)),
            ("file", .text(InstanceFile.path(of: name))),
        ])
    }
}

extension UnreadableInstance {
    fileprivate var summary: JSONValue {
        .object([
            ("name", .text(name.text)), ("ready", .text(Condition.Status.isUnknown.rawValue)),
            ("reason", shown(why.reason)), ("message", shown(why.message)), ("state", .text(Self.state)),
            ("file", .text(InstanceFile.path(of: name))),
        ])
    }
}

extension ServerStatus {
    fileprivate var summary: JSONValue {
        .object([
            ("id", shown(id.text)), ("state", shown(state)), ("type", shown(type)), ("publicIPv4", shown(publicIPv4)),
        ])
    }
}

extension StorageStatus {
    fileprivate var summary: JSONValue {
        .object([
            ("id", shown(id.text)), ("role", .text(role.rawValue)), ("sizeGB", .number(size.description)),
            ("state", shown(state)),
        ])
    }
}

extension SnapshotStatus {
    fileprivate var summary: JSONValue {
        .object([
            ("id", shown(id.text)), ("role", .text(role.rawValue)), ("sizeGB", .number(size.description)),
            ("createdAt", .text(orNull: createdAt?.description)), ("state", shown(state)),
        ])
    }
}

extension Diagnostic {
    fileprivate var summary: JSONValue {
        .object([
            ("file", shown(file)), ("line", .integer(mark.line)), ("column", .integer(mark.column)),
            ("severity", .text(severity.rawValue)), ("text", shown(text)),
            ("instance", .text(orNull: instance?.text)),
        ])
    }
}

extension ForeignResource {
    fileprivate var summary: JSONValue {
        .object([
            ("kind", .text(kind.rawValue)), ("resource", .text(resource.kind)), ("id", shown(resource.text)),
            ("name", shown(name)), ("provider", shown(provider)), ("zone", shown(zone)), ("note", shown(note)),
        ])
    }
}

/// Text from outside; scripts print it.
private func shown(_ text: String?) -> JSONValue { text.map { .text(terminalText($0)) } ?? .null }
