import Instances

/// Random values of the status branch, the same for the same seed.
struct StatusGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &self) == 0 }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements.randomElement(using: &self)! }

    mutating func list<Element>(
        upTo most: Int, of element: (inout StatusGenerator) -> Element
    ) -> [Element] {
        let count = Int.random(in: 0...most, using: &self)
        return (0..<count).map { _ in element(&self) }
    }

    mutating func maybe<Element>(_ element: (inout StatusGenerator) -> Element) -> Element? {
        chance(3) ? nil : element(&self)
    }

    /// What YAML, Markdown, JSON and terminals give a meaning of their own, and some that is harmless.
    static let fragments = [
        "a", "web", "0", "1e3", "null", "~", "true", "no", "-", "- ", ": ", " #", "#", "|", "`", "``", "<script>",
        "&lt;",
        "&", ">", "[x](y)", "![", "*", "**", "_", "__", "!", "@org/team", "@everyone", "~~", "$$", "\\", "\"", "'", "{",
        "}",
        "[", "]", ",", "%", "?", "https://evil.example/", "www.evil.example", "\n", "\r\n", "\t", "\u{7}", "\u{1b}[31m",
        "\u{1b}]0;title\u{7}", "\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "\u{85}", "\u{2028}", "\u{ad}", "\u{7f}",
        "\u{9b}31m", "é", "e\u{301}", "日本", "🙂", "\u{e0041}", " ", "  ", "\n---\n", "\n...\n", "Config-Commit: x",
        "|---|",
        "\n# heading", "\n| a | b |\n", "<!--", "-->", "</td>", "1. ", "+ ", "=", "\u{fffd}",
    ]

    mutating func text() -> String { list(upTo: 6) { $0.pick(Self.fragments) }.joined() }
    mutating func word() -> String { String(next() % 1_000_000, radix: 36) }
    mutating func id<Kind>(of kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        Identifier(chance(4) ? word() + text() : word())
    }

    mutating func name() -> InstanceName { InstanceName("n" + word())! }

    mutating func timestamp() -> Timestamp {
        let second = Int64.random(in: -2_000_000_000...4_000_000_000, using: &self)
        return chance(2)
            ? Timestamp(seconds: second)
            : Timestamp(microseconds: second * 1_000_000 + Int64.random(in: 0..<1_000_000, using: &self))
    }

    mutating func bytes() -> Int64 {
        chance(2)
            ? Int64.random(in: 0...2_000, using: &self) * bytesInGigabyte : Int64.random(in: 0...(.max), using: &self)
    }

    mutating func operation(epoch: Int? = nil) -> Operation {
        let nonce = String(next(), radix: 16)
        return Operation(
            epoch: epoch ?? Int.random(in: 1...1_000, using: &self),
            nonce: String(repeating: "0", count: 16 - nonce.count) + nonce)
    }
}

extension StatusGenerator {
    mutating func record(name: InstanceName? = nil) -> Record {
        var record = Record(
            uid: id(), name: name ?? self.name(), provider: pick(["local", "scaleway", text()]), account: text(),
            zone: pick(["local", "fr-par-2", text()]))
        record.operations = (1..<Int.random(in: 1...5, using: &self)).map { operation(epoch: $0) }
        record.server = server()
        record.root = root()
        record.data = data()
        record.snapshots = list(upTo: 3) { $0.snapshotRecord() }
        record.rootSnapshot = rootSnapshot()
        record.condemned = list(upTo: 4) { $0.condemned() }
        record.vanished = list(upTo: 2) { $0.resource() }
        record.activity = maybe {
            Activity(kind: $0.pick(Activity.Kind.allCases), operation: $0.operation(), since: $0.timestamp())
        }
        record.deletionPolicy = pick(DeletionPolicy.allCases)
        return record
    }

    mutating func server() -> ServerRecord {
        switch Int.random(in: 0..<3, using: &self) {
        case 0: .absent
        case 1: .creating(operation())
        default: .present(id(), operation())
        }
    }

    mutating func root() -> RootRecord {
        switch Int.random(in: 0..<3, using: &self) {
        case 0: .absent
        case 1: .creating(operation(), from: id())
        default: .present(id(), operation(), image: text())
        }
    }

    mutating func data() -> DataRecord {
        switch Int.random(in: 0..<8, using: &self) {
        case 0: .none
        case 1: .creating(operation())
        case 2: .live(id(), operation())
        case 3: .quiescing(id(), operation())
        case 4: .snapshotting(id(), operation(), detachedAt: maybe { $0.timestamp() })
        case 5: .deleting(id(), snapshot: id(), operation(), detachedAt: maybe { $0.timestamp() })
        case 6: .snapshot(id())
        default: .restoring(id(), operation())
        }
    }

    mutating func rootSnapshot() -> RootSnapshotRecord {
        switch Int.random(in: 0..<3, using: &self) {
        case 0: .none
        case 1: .cutting(operation(), replacing: maybe { $0.snapshotRecord() })
        default: .ready(snapshotRecord())
        }
    }

    mutating func snapshotRecord() -> SnapshotRecord {
        SnapshotRecord(
            id: id(), operation: operation(), sourceDisk: id(), sizeBytes: bytes(), createdAt: maybe { $0.timestamp() },
            image: maybe { $0.text() })
    }

    mutating func resource() -> ResourceID {
        switch Int.random(in: 0..<4, using: &self) {
        case 0: .server(id())
        case 1: .disk(id())
        case 2: .snapshot(id())
        default: .companion(id())
        }
    }

    mutating func condemned() -> Condemned {
        let ground: Condemned.Ground =
            switch Int.random(in: 0..<6, using: &self) {
            case 0: .savedIn(id())
            case 1: .supersededBy(id())
            case 2: .unwantedServer
            case 3: .unneededRoot
            case 4: .abandoned
            default: .approved(commit: text())
            }
        return Condemned(resource: resource(), operation: operation(), ground: ground)
    }
}

extension StatusGenerator {
    mutating func status(name: InstanceName? = nil) -> InstanceStatus {
        InstanceStatus(
            name: name ?? self.name(), observedCommit: word(), manifestFile: maybe { $0.text() },
            labels: Dictionary(list(upTo: 3) { ($0.text(), $0.text()) }) { first, _ in first }, provider: text(),
            zone: text(),
            desired: maybe { $0.desired() },
            conditions: Conditions(ready: condition(), reconciling: condition(), stalled: condition()),
            server: maybe { $0.serverStatus() }, otherServers: list(upTo: 2) { $0.serverStatus() },
            storages: list(upTo: 4) { $0.storage() }, snapshots: list(upTo: 4) { $0.snapshot() },
            intents: list(upTo: 3) {
                Intent(
                    kind: $0.text(), operation: $0.operation(), since: $0.maybe { $0.timestamp() },
                    resource: $0.maybe { $0.resource() })
            }, waiting: maybe { Explanation($0.text(), $0.text()) }, foreign: list(upTo: 2) { $0.resource() },
            history: list(upTo: InstanceStatus.historyLength) {
                Transition(at: $0.timestamp(), reason: $0.text(), message: $0.text(), commit: $0.text())
            })
    }

    mutating func condition() -> Condition {
        Condition(
            status: pick(Condition.Status.allCases), reason: pick(["Converged", "NeedsApproval", "Suspended", text()]),
            message: text(), lastTransitionTime: timestamp())
    }

    mutating func desired() -> DesiredSummary {
        DesiredSummary(
            enableInstanceServer: chance(2), dataDiskState: maybe { $0.pick(Runtime.DataDiskState.allCases) },
            type: text(),
            image: text(), rootDiskSizeGB: maybe { Int.random(in: 1...100, using: &$0) },
            dataDiskSizeGB: maybe { Int.random(in: 1...100, using: &$0) }, whenDisabled: pick(WhenDisabled.allCases),
            deletionPolicy: pick(DeletionPolicy.allCases), configuration: text())
    }

    mutating func serverStatus() -> ServerStatus {
        ServerStatus(id: id(), state: text(), type: text(), publicIPv4: maybe { $0.text() })
    }

    mutating func storage() -> StorageStatus {
        StorageStatus(
            id: id(), role: pick(StorageStatus.Role.allCases), size: DiskSize(bytes: bytes()), state: text(),
            isBoot: chance(2),
            deleteOnTerminate: chance(2), attachedTo: maybe { $0.id() })
    }

    mutating func snapshot() -> SnapshotStatus {
        SnapshotStatus(
            id: id(), role: pick(StorageStatus.Role.allCases), sourceVolume: maybe { $0.id() },
            size: DiskSize(bytes: bytes()),
            createdAt: maybe { $0.timestamp() }, state: text())
    }
}

extension StatusGenerator {
    mutating func observation(of record: Record?, name: InstanceName) -> Observation {
        func sighting<Resource>(_ resource: Resource, _ generator: inout StatusGenerator) -> Sighting<Resource> {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: .unknown("timeout")
            case 1: .missing(times: Int.random(in: 1...3, using: &generator))
            default: .seen(resource)
            }
        }
        var observation = Observation()
        for id in list(upTo: 2, of: { $0.id(of: Server.self) }) + [record?.server.id].compactMap({ $0 }) {
            let server = Server(
                id: id, name: text(), tags: nil, state: pick([.running, .stopped, .unknown(text())]), type: text(),
                bootDisk: maybe { $0.id() }, publicIPv4: maybe { $0.text() })
            observation.servers[id] = sighting(server, &self)
        }
        for id in list(upTo: 3, of: { $0.id(of: Disk.self) }) + [record?.data.disk, record?.root.id].compactMap({ $0 })
        {
            let disk = Disk(
                id: id, name: text(), tags: nil, state: pick([.available, .attached, .unknown(text())]),
                sizeBytes: bytes())
            observation.disks[id] = sighting(disk, &self)
        }
        for id in list(upTo: 3, of: { $0.id(of: Snapshot.self) }) + (record?.snapshots.map(\.id) ?? []) {
            let snapshot = Snapshot(
                id: id, name: text(), tags: nil, state: pick([.available, .unknown(text())]), sizeBytes: bytes(),
                sourceDisk: maybe { $0.id() }, createdAt: maybe { $0.timestamp() })
            observation.snapshots[id] = sighting(snapshot, &self)
        }
        observation.namesakes = list(upTo: 2) { $0.resource() }
        return observation
    }

    mutating func decision(record: Record) -> Decision {
        let why = Explanation("Because", text())
        return pick([
            .rest(.converged(why)), .rest(.suspended(Suspension(reason: text()))), .rest(.frozen), .rest(.retained),
            .publish(record, why), .act(.powerOn(id()), why), .wait(why), .halt(why),
            .blocked(Block(.lastCopy, text())),
        ])
    }
}
