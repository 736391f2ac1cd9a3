/// What would be done, step by step, if every call did what it should.
///
/// The planner itself is run on a model of each action's effect until nothing is left, so what is printed is what is
/// done.
public struct Projection: Hashable, Sendable {
    /// A chain longer than this is no plan but a loop.
    static let longestChain = 200

    public struct Step: Hashable, Sendable {
        public var explanation: Explanation
        /// `nil` where data is only struck out of the record: nothing is left that a call could delete, but a person
        /// who approves it wants to read it first.
        public var action: Action?
    }

    public var steps: [Step] = []
    /// What the chain ends in: rest, or why it cannot go on.
    public var end: Decision
    /// Where things stand at the end.
    public var situation: Situation

    public init(of situation: Situation) {
        var model = situation
        self.situation = situation
        model.observation.settle()
        end = decide(model)
        defer { self.situation = model }
        for _ in 0..<Self.longestChain {
            if let refusal = check(end, in: model) {
                end = .halt(Explanation("CheckRefused", refusal))
                return
            }
            switch end {
            case .publish(let record, let explanation):
                if model.record?.holdsData == true, !record.holdsData {
                    steps.append(Step(explanation: explanation))
                }
                model.record = record
                model.attempt = .unsent
                model.fresh.nonce = "planned-\(record.epoch + 1)"
            case .act(let action, let explanation):
                steps.append(Step(explanation: explanation, action: action))
                model.carryOut(action, number: steps.count)
            case .rest, .wait, .halt, .blocked:
                return
            }
            end = decide(model)
        }
        end = .halt(Explanation("NoEnd", "the chain has no end; this is a mistake in the operator"))
    }
}

extension Observation {
    /// Takes everything that is under way as done, so that a plan begins where things will stand.
    fileprivate mutating func settle() {
        for server in seenServers {
            var server = server
            switch server.state {
            case .starting: server.state = .running
            case .stopping: server.state = .stopped
            default: break
            }
            if server.state == .running { server.guestReady = true }
            servers[server.id] = .seen(server)
        }
        for disk in seenDisks {
            var disk = disk
            if disk.state == .creating || disk.state == .busy {
                disk.state = disk.attachment == nil ? .available : .attached
            }
            disks[disk.id] = .seen(disk)
        }
        for snapshot in seenSnapshots where snapshot.state == .creating {
            var snapshot = snapshot
            snapshot.state = .available
            snapshots[snapshot.id] = .seen(snapshot)
        }
        proveAbsence()
    }

    fileprivate mutating func proveAbsence() {
        for (id, sighting) in servers { if case .missing = sighting { servers[id] = .provenGone } }
        for (id, sighting) in disks { if case .missing = sighting { disks[id] = .provenGone } }
        for (id, sighting) in snapshots { if case .missing = sighting { snapshots[id] = .provenGone } }
    }
}

extension Sighting {
    fileprivate static var provenGone: Self { .missing(times: Observation.readsThatProveAbsence) }
}

/// The effect of each action on the model.
extension Situation {
    fileprivate mutating func carryOut(_ action: Action, number: Int) {
        let id = unusedID(from: number)
        switch action {
        case .createServer(let specification): add(specification, id)
        case .createDisk(let specification):
            let source = specification.source.flatMap { seen($0) }
            observation.disks[DiskID(id)] = .seen(
                Disk(
                    id: DiskID(id), name: specification.name, tags: specification.tags, state: .available,
                    sizeBytes: specification.sizeBytes ?? source?.sizeBytes ?? 0, source: specification.source,
                    iops: specification.iops))
        case .createSnapshot(let specification):
            observation.snapshots[SnapshotID(id)] = .seen(
                Snapshot(
                    id: SnapshotID(id), name: specification.name, tags: specification.tags, state: .available,
                    sizeBytes: seen(specification.disk)?.sizeBytes ?? 0, sourceDisk: specification.disk))
        case .configureServer(let server, _, let configuration):
            change(server) { $0.configurationDigest = configuration.digest }
        case .changeType(let server, let type): change(server) { $0.type = type }
        case .powerOn(let server): change(server) { ($0.state, $0.guestReady) = (.running, true) }
        case .powerOff(let server): change(server) { $0.state = .stopped }
        case .attachDisk(let disk, let server):
            change(disk) { ($0.attachment, $0.state) = (.init(server: server, phase: .attached), .attached) }
        case .detachDisk(let disk, _): detach(disk)
        case .growDisk(let disk, let bytes): change(disk) { $0.sizeBytes = bytes }
        case .setIOPS(let disk, let iops): change(disk) { $0.iops = iops }
        case .tag(let resource, let tags): tag(resource, tags)
        case .delete(let condemned): delete(condemned.resource)
        case .deleteCompanion(let companion): observation.companions[companion] = nil
        }
    }

    /// Ids are never used twice, also where a plan goes on from where another one led.
    private func unusedID(from number: Int) -> String {
        var number = number
        func isUsed(_ id: String) -> Bool {
            observation.servers[ServerID(id)] != nil || observation.disks[DiskID(id)] != nil
                || observation.snapshots[SnapshotID(id)] != nil
        }
        while isUsed("planned-\(number)") { number += 1 }
        return "planned-\(number)"
    }

    private mutating func add(_ specification: ServerSpecification, _ id: String) {
        var server = Server(
            id: ServerID(id), name: specification.name, tags: specification.tags, state: .stopped,
            type: specification.type)
        switch specification.boot {
        case .disk(let disk):
            server.bootDisk = disk
            change(disk) { ($0.attachment, $0.state) = (.init(server: ServerID(id), phase: .attached), .attached) }
        case .image(_, let bytes):
            let disk = DiskID("\(id)-root")
            server.bootDisk = disk
            var tags = specification.tags
            tags.role = .root
            observation.disks[disk] = .seen(
                Disk(
                    id: disk, name: specification.name, tags: tags, state: .attached, sizeBytes: bytes ?? .max,
                    attachment: .init(server: ServerID(id), phase: .attached)))
        }
        observation.servers[ServerID(id)] = .seen(server)
    }

    private mutating func detach(_ disk: DiskID) {
        let moment = now
        change(disk) { ($0.attachment, $0.state, $0.lastDetachedAt) = (nil, .available, moment) }
    }

    private mutating func delete(_ resource: ResourceID) {
        switch resource {
        case .server(let id):
            observation.servers[id] = .provenGone
            for disk in observation.seenDisks where disk.attachment?.server == id { detach(disk.id) }
        case .disk(let id): observation.disks[id] = .provenGone
        case .snapshot(let id): observation.snapshots[id] = .provenGone
        case .companion(let id): observation.companions[id] = nil
        }
    }

    private mutating func tag(_ resource: ResourceID, _ tags: Tags) {
        switch resource {
        case .server(let id): change(id) { $0.tags = tags }
        case .disk(let id): change(id) { $0.tags = tags }
        case .snapshot(let id):
            guard var snapshot = seen(id) else { return }
            snapshot.tags = tags
            observation.snapshots[id] = .seen(snapshot)
        case .companion(let id): observation.companions[id]?.tags = tags
        }
    }

    private func seen(_ id: SnapshotID) -> Snapshot? {
        guard case .seen(let snapshot)? = observation.snapshots[id] else { return nil }
        return snapshot
    }

    private func seen(_ id: DiskID) -> Disk? {
        guard case .seen(let disk)? = observation.disks[id] else { return nil }
        return disk
    }

    private mutating func change(_ id: ServerID, _ change: (inout Server) -> Void) {
        guard case .seen(var server)? = observation.servers[id] else { return }
        change(&server)
        observation.servers[id] = .seen(server)
    }

    private mutating func change(_ id: DiskID, _ change: (inout Disk) -> Void) {
        guard var disk = seen(id) else { return }
        change(&disk)
        observation.disks[id] = .seen(disk)
    }
}
