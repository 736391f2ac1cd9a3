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
        case .noIntent: return "I2: a call that no published intent covers"
        case nil: break
        }
        if isOverfull { return "the world outgrows the explorer: more of something than its rows hold" }
        guard newest > 0 else { return nil }
        guard hasCopy() else { return "I1: no copy of the newest content is left" }
        // A rolled-back record names what was; that nothing is done by it is what I1 and I8 say.
        guard !wasRolledBack, !isCopyTaken else { return nil }
        return isRecorded ? nil : "I1r: the record does not name a copy of the newest content"
    }

    private var isOverfull: Bool {
        servers.isOverfull || disks.isOverfull || snapshots.isOverfull || inFlight.isOverfull
            || workers.contains { $0.callable.isOverfull }
            || anyRecord { $0.ops.isOverfull || $0.snapshots.isOverfull || $0.condemned.isOverfull }
    }

    /// Whether a copy of the newest content is settled somewhere.
    func hasCopy() -> Bool { newest == 0 || disks.contains(where: isCopy) || snapshots.contains(where: isCopy) }

    /// Whether there is one that a person may count on: not in a snapshot that is on its way out. A condemned disk goes
    /// only after its snapshot was read afresh.
    var hasSpareCopy: Bool {
        var kept = self
        kept.snapshots.removeAll { $0.isCondemned || head.condemns(Named(kind: .snapshot, id: $0.id)) }
        return kept.hasCopy()
    }

    private func isCopy(_ disk: CloudDisk) -> Bool {
        disk.state == .available && disk.content == newest && !disk.isRoot
    }

    private func isCopy(_ snapshot: CloudSnapshot) -> Bool {
        snapshot.state == .available && snapshot.content == newest && !snapshot.isRoot
    }

    /// Whether the record names a copy of the newest content.
    var isRecorded: Bool {
        guard newest > 0 else { return true }
        let isOnDisk = disk(head.disk).map(isCopy) ?? false
        let isInSnapshot = snapshot(head.snapshot).map(isCopy) ?? false
        return switch head.data {
        case .none, .creating: false
        case .live, .quiescing, .snapshotting: isOnDisk
        case .deleting: isInSnapshot || wasTouched && isOnDisk
        case .snapshot, .restoring: isInSnapshot
        }
    }
}

/// Whether one healthy operator, with nothing going wrong any more, reaches what the manifest says and then rests.
struct Calm {
    let mind: Mind
    /// Calm states that are known to arrive.
    private var good = DigestTable()

    /// Longer than any way from anywhere to anywhere.
    static let longestWay = 120

    init(_ mind: Mind) { self.mind = mind }

    /// - Returns: why it does not arrive; `nil` where it does.
    mutating func failure(from state: WorldState) -> String? {
        var calm = state
        calm.inFlight = Row()
        calm.saved = nil
        calm.savedReaders = 0
        calm.workers = Row(CollectionOfOne(Worker()))
        calm.budget = Budget()
        calm.wasRolledBack = false
        calm.settle()
        var way: [UInt128] = []
        for _ in 0..<Self.longestWay {
            calm.canonicalise()
            var digester = Digester()
            digester.put(calm)
            let digest = digester.digest
            if good.contains(digest) { break }
            way.append(digest)
            var view = calm.view(of: 0, record: calm.head, desired: calm.desired)
            if view.attempt == .unsettled { view.attempt = .givenUp }
            let thought = mind.think(view)
            if thought.isRefused { return "\(mind.explain(view))" }
            if thought.record == nil, thought.call == nil {
                // To halt is an answer to what should be impossible, and after a rollback or a hand it may be.
                let mayHalt = state.wasRolledBack || state.wasTouched
                if thought.end == .halts, mayHalt { break }
                let problem = thought.end == .rests ? calm.leftOver(mind.world) : "stuck"
                if let problem { return "I3: \(problem) (\(mind.explain(view)))" }
                break
            }
            calm.perform(thought, mind)
            if let violation = calm.violation(), !state.wasRolledBack { return violation }
        }
        if way.count == Self.longestWay { return "I3: no end after \(Self.longestWay) steps" }
        for digest in way { _ = good.insert(digest) }
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
            publish(of: 0)
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
        // Data that somebody took out of the record is left alone, and told.
        guard !world.editsRecord else { return nil }
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
