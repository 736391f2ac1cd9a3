import Instances

/// What must hold after every step; the names are those of the design.
extension WorldState {
    /// - Returns: what is violated; `nil` where all is well.
    func violation() -> String? {
        switch broken {
        case .bootedOld: return "I8: a guest runs on a disk that does not hold the newest content"
        case .twoDisks: return "I8: two data disks are attached at once"
        case .checkRefused: return "the second check refuses what the planner decides"
        case .epochWentBack: return "I6: an epoch went back"
        case nil: break
        }
        guard newest > 0 else { return nil }
        guard hasCopy(nil, nil) else { return "I1: no copy of the newest content is left" }
        // A rolled-back record names what was; that nothing is done by it is what I1 and I8 say.
        guard !wasRolledBack else { return nil }
        return recorded() ? nil : "I1r: the record does not name a copy of the newest content"
    }

    /// Whether a copy of the newest content is settled: in this disk or snapshot, or in any.
    private func hasCopy(_ disk: UInt8?, _ snapshot: UInt8?) -> Bool {
        let isAny = disk == nil && snapshot == nil
        return disks.contains {
            (isAny || $0.id == disk) && $0.state == .available && $0.content == newest && !$0.isRoot
        }
            || snapshots.contains {
                (isAny || $0.id == snapshot) && $0.state == .available && $0.content == newest && !$0.isRoot
            }
    }

    private func recorded() -> Bool {
        switch head.data {
        case .none, .creating: false
        case .live, .quiescing, .snapshotting: hasCopy(head.disk, nil)
        case .deleting: hasCopy(wasTouched ? head.disk : nil, head.snapshot) || wasTouched && hasCopy(head.disk, nil)
        case .snapshot, .restoring: hasCopy(nil, head.snapshot)
        }
    }
}

/// Whether one healthy operator, with nothing going wrong any more, reaches what the manifest says and then rests.
struct Calm {
    let mind: Mind
    /// Calm states that are known to arrive.
    private(set) var good: Set<UInt128> = []
    private var encoder = Encoder()

    /// Longer than any way from anywhere to anywhere.
    static let longestWay = 120

    init(_ mind: Mind) { self.mind = mind }

    /// - Returns: why it does not arrive; `nil` where it does.
    mutating func failure(from state: WorldState) -> String? {
        var calm = state
        calm.inFlight = []
        calm.saved = nil
        calm.savedReaders = 0
        calm.workers = [Worker()]
        calm.budget = Budget()
        calm.wasRolledBack = false
        calm.settle()
        var way: [UInt128] = []
        for _ in 0..<Self.longestWay {
            calm.canonicalise()
            encoder.clear()
            encoder.put(calm)
            let digest = encoder.digest
            if good.contains(digest) { break }
            way.append(digest)
            var view = calm.view(of: 0, record: calm.head, desired: calm.desired)
            if view.attempt == .unsettled { view.attempt = .givenUp }
            let thought = mind.think(view)
            if let refusal = thought.refusal { return "the check refuses: \(refusal)" }
            if thought.record == nil, thought.call == nil {
                // To halt is an answer to what should be impossible, and after a rollback or a hand it may be.
                let mayHalt = state.wasRolledBack || state.wasTouched
                if thought.end == .halts, mayHalt { break }
                let problem = thought.end == .rests ? calm.leftOver(mind.world) : "stuck"
                if let problem { return "I3: \(problem) (\(thought.reasons.joined(separator: ", ")))" }
                break
            }
            calm.perform(thought, mind)
            if let violation = calm.violation(), !state.wasRolledBack { return violation }
        }
        if way.count == Self.longestWay { return "I3: no end after \(Self.longestWay) steps" }
        good.formUnion(way)
        return nil
    }
}

extension WorldState {
    /// Everything under way ends well.
    fileprivate mutating func settle() {
        listAll()
        for index in disks.indices {
            if disks[index].state == .creating { disks[index].state = .available }
            if disks[index].server == CloudDisk.foreignServer { disks[index].detach() }
        }
        for index in snapshots.indices where snapshots[index].state == .creating {
            snapshots[index].state = .available
        }
    }

    fileprivate mutating func perform(_ thought: Mind.Thought, _ mind: Mind) {
        if let record = thought.record {
            workers[0].record = record
            workers[0].call = thought.call ?? Call()
            number(0)
            let fresh = workers[0].record.ops.filter { !head.ops.contains($0) }
            head = workers[0].record
            workers[0].callable += fresh
        } else {
            workers[0].call = thought.call ?? Call()
        }
        let call = workers[0].call
        workers[0].rest()
        guard call.kind != .none else { return }
        if call.isCreate { workers[0].callable.removeAll { $0 == call.op } }
        if call.kind == .delete, !mind.proves(call, by: head, in: self) { return }
        carryOut(call, toldTo: 0, isLate: false, in: mind.world)
        settle()
    }

    /// What is not as the manifest says, or is left over.
    fileprivate func leftOver(_ world: World) -> String? {
        let runtime = world.runtimes[Int(desired)]
        let isUp = head.server == .present && server(head.serverID)?.isRunning == true
        if runtime.enableInstanceServer != isUp { return "the server is not as the manifest says" }
        if (runtime.dataDiskState == .live) != (head.data == .live) { return "the data is not where the manifest says" }
        if runtime.enableInstanceServer, runtime.dataDiskState == .live, disk(head.disk)?.server != head.serverID {
            return "the data disk is not attached"
        }
        if head.isActive { return "the record says that something goes on" }
        if !head.condemned.isEmpty { return "I2: something is condemned for ever" }
        if let left = servers.first(where: { !head.names(Named(kind: .server, id: $0.id)) }) {
            return "I2: server \(left.id) is left over"
        }
        if let left = disks.first(where: { !head.names(Named(kind: .disk, id: $0.id)) }) {
            return "I2: disk \(left.id) is left over"
        }
        if let left = snapshots.first(where: { !head.names(Named(kind: .snapshot, id: $0.id)) }) {
            return "I2: snapshot \(left.id) is left over"
        }
        if head.snapshots.count > world.keep + 1 { return "I2: more snapshots than are to be kept" }
        return nil
    }
}
