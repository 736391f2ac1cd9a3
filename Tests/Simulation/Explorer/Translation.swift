import Instances

/// Between small numbers and the values that the planner works on.
enum Translation {
    static let owner = OwnerID("owner")
    static let uid = InstanceUID("uid")
    static let name = InstanceName("box") ?? { fatalError("the name is one") }()
    static let account = "account"
    static let bytes: Int64 = bytesInGigabyte

    static func server(_ id: UInt8) -> ServerID { ServerID(text(id)) }
    static func disk(_ id: UInt8) -> DiskID { DiskID(text(id)) }
    static func snapshot(_ id: UInt8) -> SnapshotID { SnapshotID(text(id)) }

    /// Two digits, so that ids sort like numbers.
    private static let texts = (0..<100).map { $0 < 10 ? "0\($0)" : "\($0)" }
    private static func text(_ id: UInt8) -> String { texts[Int(id)] }
    static func number<Kind>(_ id: Identifier<Kind>) -> UInt8 { UInt8(id.text) ?? 99 }

    static func resource(_ named: Named) -> ResourceID {
        switch named.kind {
        case .server: .server(server(named.id))
        case .disk: .disk(disk(named.id))
        case .snapshot: .snapshot(snapshot(named.id))
        }
    }

    static func named(_ resource: ResourceID) -> Named {
        switch resource {
        case .server(let id): Named(kind: .server, id: number(id))
        case .disk(let id): Named(kind: .disk, id: number(id))
        case .snapshot(let id): Named(kind: .snapshot, id: number(id))
        case .companion: fatalError("there are no companions in small worlds")
        }
    }

    static func operation(_ op: Op) -> Operation {
        Operation(epoch: Int(op.epoch), nonce: nonces[Int(op.nonce)])
    }

    static let nonces = (0..<8).map { "nonce\($0)" }

    static func op(_ operation: Operation) -> Op {
        Op.of(epoch: Op(operation.epoch), nonce: Op(operation.nonce.utf8.last.map { $0 - 48 } ?? 0))
    }

    static func moment(_ detached: UInt8) -> Timestamp? { detached == 0 ? nil : Timestamp(seconds: Int64(detached)) }

    static func tags(_ role: Tags.Role, _ op: Op, _ isCondemned: Bool) -> Tags {
        Tags(
            owner: owner, instance: uid, name: name, role: role, operation: operation(op), condemned: isCondemned)
    }

    static func seen(_ server: CloudServer, _ manifest: Manifest) -> Server {
        Server(
            id: self.server(server.id), name: "box", tags: tags(.server, server.op, server.isCondemned),
            state: server.isRunning ? .running : .stopped, type: manifest.server.type,
            guestReady: server.isRunning ? true : nil, bootDisk: server.bootDisk == 0 ? nil : disk(server.bootDisk),
            configurationDigest: server.isConfigured ? manifest.server.configuration.digest : nil)
    }

    static func seen(_ disk: CloudDisk) -> Disk {
        let state: Disk.State =
            switch disk.state {
            case .creating: .creating
            case .available: disk.server == 0 ? .available : .attached
            case .error: .error
            }
        return Disk(
            id: self.disk(disk.id), name: "disk",
            tags: disk.op == 0 ? nil : tags(disk.isRoot ? .root : .data, disk.op, disk.isCondemned), state: state,
            sizeBytes: bytes,
            attachment: disk.server == 0 ? nil : .init(server: server(disk.server), phase: .attached),
            source: disk.source == 0 ? nil : snapshot(disk.source), lastDetachedAt: moment(disk.detached))
    }

    static func seen(_ snapshot: CloudSnapshot) -> Snapshot {
        let state: Snapshot.State =
            switch snapshot.state {
            case .creating: .creating
            case .available: .available
            case .error: .error
            }
        return Snapshot(
            id: self.snapshot(snapshot.id), name: "snapshot",
            tags: tags(snapshot.isRoot ? .root : .data, snapshot.op, snapshot.isCondemned), state: state,
            sizeBytes: bytes, sourceDisk: snapshot.disk == 0 ? nil : disk(snapshot.disk))
    }

    static func call(_ action: Action) -> Call {
        switch action {
        case .createServer(let specification):
            var call = Call(kind: .createServer, op: op(specification.tags.operation))
            if case .disk(let id) = specification.boot { call.second = number(id) }
            return call
        case .createDisk(let specification):
            return Call(
                kind: .createDisk, on: .disk, id: specification.source.map(number) ?? 0,
                op: op(specification.tags.operation), isRoot: specification.tags.role == .root)
        case .createSnapshot(let specification):
            return Call(
                kind: .createSnapshot, on: .snapshot, id: number(specification.disk),
                op: op(specification.tags.operation), isRoot: specification.tags.role == .root)
        case .configureServer(let id, _, _): return Call(kind: .configure, id: number(id))
        case .powerOn(let id): return Call(kind: .powerOn, id: number(id))
        case .powerOff(let id): return Call(kind: .powerOff, id: number(id))
        case .attachDisk(let disk, let server): return Call(kind: .attach, id: number(disk), second: number(server))
        case .detachDisk(let disk, let server): return Call(kind: .detach, id: number(disk), second: number(server))
        case .tag(let resource, let tags):
            let named = named(resource)
            return Call(
                kind: .tag, on: named.kind, id: named.id, op: op(tags.operation), isRoot: tags.role == .root,
                isCondemned: tags.condemned)
        case .delete(let condemned):
            let named = named(condemned.resource)
            return Call(kind: .delete, on: named.kind, id: named.id)
        case .changeType, .growDisk, .setIOPS, .deleteCompanion: fatalError("no such call in small worlds")
        }
    }
}
