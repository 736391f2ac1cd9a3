import Instances

extension Translation {
    static func record(_ compact: CompactRecord) -> Record {
        var record = Record(
            uid: uid, name: name, provider: "cloud", account: account, zone: "zone",
            operations: compact.ops.map(operation))
        record.server =
            switch compact.server {
            case .absent: .absent
            case .creating: .creating(operation(compact.serverOp))
            case .present: .present(server(compact.serverID), operation(compact.serverOp))
            }
        record.root =
            switch compact.root {
            case .absent: .absent
            case .creating: .creating(operation(compact.rootOp), from: snapshot(compact.rootSource))
            case .present: .present(disk(compact.rootID), operation(compact.rootOp), image: "image")
            }
        record.data = data(compact)
        record.snapshots = compact.snapshots.map { kept($0.id, $0.disk, of: $0.op) }
        let root = compact.rootSnapshotID == 0 ? nil : kept(compact.rootSnapshotID, 0, image: "image")
        record.rootSnapshot =
            switch compact.rootSnapshot {
            case .absent: .none
            case .creating: .cutting(operation(compact.rootSnapshotOp), replacing: root)
            case .present: root.map(RootSnapshotRecord.ready) ?? .none
            }
        record.condemned = compact.condemned.map { sentence in
            Condemned(
                resource: resource(sentence.on), operation: operation(sentence.op),
                ground: ground(sentence.ground, sentence.reason))
        }
        if compact.isActive {
            record.activity = Activity(
                kind: .start, operation: compact.ops.last.map(operation) ?? operation(0), since: Timestamp(seconds: 0))
        }
        return record
    }

    private static func kept(_ id: UInt8, _ disk: UInt8, of op: Op = 0, image: String? = nil) -> SnapshotRecord {
        SnapshotRecord(
            id: snapshot(id), operation: operation(op), sourceDisk: self.disk(disk), sizeBytes: bytes, createdAt: nil,
            image: image)
    }

    private static func data(_ compact: CompactRecord) -> DataRecord {
        let disk = disk(compact.disk)
        let snapshot = snapshot(compact.snapshot)
        let operation = operation(compact.dataOp)
        let detached = moment(compact.detached)
        return switch compact.data {
        case .none: .none
        case .creating: .creating(operation)
        case .live: .live(disk, operation)
        case .quiescing: .quiescing(disk, operation)
        case .snapshotting: .snapshotting(disk, operation, detachedAt: detached)
        case .deleting: .deleting(disk, snapshot: snapshot, operation, detachedAt: detached)
        case .snapshot: .snapshot(snapshot)
        case .restoring: .restoring(snapshot, operation)
        }
    }

    private static func ground(_ ground: CompactRecord.Ground, _ reason: UInt8) -> Condemned.Ground {
        switch ground {
        case .savedIn: .savedIn(snapshot(reason))
        case .supersededBy: .supersededBy(snapshot(reason))
        case .unwantedServer: .unwantedServer
        case .unneededRoot: .unneededRoot
        case .abandoned: .abandoned
        case .approved: .approved(commit: "commit")
        }
    }

    static func compact(_ record: Record) -> CompactRecord {
        var compact = CompactRecord()
        compact.ops = Row(record.operations.map(op))
        switch record.server {
        case .absent: break
        case .creating(let operation): (compact.server, compact.serverOp) = (.creating, op(operation))
        case .present(let id, let operation):
            (compact.server, compact.serverID, compact.serverOp) = (.present, number(id), op(operation))
        }
        switch record.root {
        case .absent: break
        case .creating(let operation, let source):
            (compact.root, compact.rootOp, compact.rootSource) = (.creating, op(operation), number(source))
        case .present(let id, let operation, _):
            (compact.root, compact.rootID, compact.rootOp) = (.present, number(id), op(operation))
        }
        setData(of: &compact, to: record.data)
        compact.snapshots = Row(
            record.snapshots.map {
                CompactRecord.Kept(id: number($0.id), disk: number($0.sourceDisk), op: op($0.operation))
            })
        switch record.rootSnapshot {
        case .none: break
        case .cutting(let operation, let replacing):
            (compact.rootSnapshot, compact.rootSnapshotOp) = (.creating, op(operation))
            compact.rootSnapshotID = replacing.map { number($0.id) } ?? 0
        case .ready(let snapshot): (compact.rootSnapshot, compact.rootSnapshotID) = (.present, number(snapshot.id))
        }
        compact.condemned = Row(record.condemned.map(sentence))
        compact.isActive = record.activity != nil
        return compact
    }

    private static func setData(of compact: inout CompactRecord, to data: DataRecord) {
        switch data {
        case .none: break
        case .creating(let operation): (compact.data, compact.dataOp) = (.creating, op(operation))
        case .live(let disk, let operation):
            (compact.data, compact.disk, compact.dataOp) = (.live, number(disk), op(operation))
        case .quiescing(let disk, let operation):
            (compact.data, compact.disk, compact.dataOp) = (.quiescing, number(disk), op(operation))
        case .snapshotting(let disk, let operation, let detachedAt):
            (compact.data, compact.disk, compact.dataOp) = (.snapshotting, number(disk), op(operation))
            compact.detached = detachedAt.map { UInt8($0.seconds) } ?? 0
        case .deleting(let disk, let snapshot, let operation, let detachedAt):
            (compact.data, compact.disk, compact.snapshot) = (.deleting, number(disk), number(snapshot))
            compact.dataOp = op(operation)
            compact.detached = detachedAt.map { UInt8($0.seconds) } ?? 0
        case .snapshot(let snapshot): (compact.data, compact.snapshot) = (.snapshot, number(snapshot))
        case .restoring(let snapshot, let operation):
            (compact.data, compact.snapshot, compact.dataOp) = (.restoring, number(snapshot), op(operation))
        }
    }

    private static func sentence(_ condemned: Condemned) -> CompactRecord.Sentence {
        let on = named(condemned.resource)
        switch condemned.ground {
        case .savedIn(let id): return .init(on: on, ground: .savedIn, reason: number(id))
        case .supersededBy(let id): return .init(on: on, ground: .supersededBy, reason: number(id))
        case .unwantedServer: return .init(on: on, ground: .unwantedServer)
        case .unneededRoot: return .init(on: on, ground: .unneededRoot, op: op(condemned.operation))
        case .abandoned: return .init(on: on, ground: .abandoned)
        case .approved: return .init(on: on, ground: .approved)
        }
    }
}
