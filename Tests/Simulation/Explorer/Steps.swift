import Instances

/// One thing that happens. Its text is a line of a trace.
enum Step {
    case crash(worker: Int)
    case read(worker: Int)
    case look(worker: Int, givenUp: Bool, stale: Named?, unreadable: Named?)
    case push(worker: Int, accepted: Bool)
    case done(worker: Int, Call, answered: Bool, isLate: Bool)
    case refused(worker: Int, Call)
    case lost(worker: Int, Call)
    case late(worker: Int, Call)
    case proven(worker: Int, Call, Bool)
    case lands(Call)
    case listed
    case settles(Named, isError: Bool)
    case flip(to: UInt8)
    case write
    case backUp
    case rollBack
    case touch(String)
}

/// Everything that may happen next.
struct Successors {
    let mind: Mind
    var world: World { mind.world }
    let state: WorldState
    let emit: (Step, inout WorldState) -> Void

    func all() {
        for worker in state.workers.indices { steps(of: worker) }
        landings()
        settling()
        people()
    }

    private func step(_ step: Step, _ change: (inout WorldState) -> Void) {
        var next = state
        change(&next)
        emit(step, &next)
    }

    // MARK: Operators

    private func steps(of index: Int) {
        let worker = state.workers[index]
        if worker.phase != .idle || !worker.callable.isEmpty {
            step(.crash(worker: index)) { $0.crash(index) }
        }
        switch worker.phase {
        case .idle where world.readsApart:
            step(.read(worker: index)) { state in
                state.workers[index].phase = .read
                state.workers[index].isCurrent = true
                state.workers[index].record = state.head
                state.workers[index].desired = state.desired
                state.savedReaders &= ~(1 << UInt8(index))
            }
        case .idle: looks(of: index, at: state.head, desired: state.desired, isCurrent: true)
        case .read: looks(of: index, at: worker.record, desired: worker.desired, isCurrent: worker.isCurrent)
        case .push: push(index, worker)
        case .act: act(index, worker)
        case .proven: send(index, worker, worker.call)
        }
    }

    private func looks(of index: Int, at record: CompactRecord, desired: UInt8, isCurrent: Bool) {
        var view = state.view(of: index, record: record, desired: desired)
        look(index, view, isCurrent)
        if view.attempt == .unsettled, record.creating != 0 {
            var waited = view
            waited.attempt = .givenUp
            look(index, waited, isCurrent)
        }
        if world.staleReads {
            for named in state.unlisted where view.contains(named) {
                view.stale = named
                look(index, view, isCurrent)
            }
            view.stale = nil
        }
        if world.unreadable {
            for named in view.all {
                view.unreadable = named
                look(index, view, isCurrent)
            }
        }
    }

    private func look(_ index: Int, _ view: Mind.View, _ isCurrent: Bool) {
        // The settle time is longer than a call takes; a call of another operator that takes longer counts as a late one.
        let isGivenUp = view.attempt == .givenUp
        let isHasty = isGivenUp && state.isSending(view.record.creating, besides: index)
        guard !isHasty || state.budget.late > 0 else { return }
        let thought = mind.think(view)
        step(.look(worker: index, givenUp: isGivenUp, stale: view.stale, unreadable: view.unreadable)) { state in
            if isHasty { state.budget.late -= 1 }
            state.workers[index].rest()
            if world.readsApart == false { state.savedReaders &= ~(1 << UInt8(index)) }
            if thought.isRefused { state.broken = .checkRefused }
            if thought.call != nil, !(thought.record ?? view.record).isActive { state.broken = .noIntent }
            if let record = thought.record {
                state.workers[index].phase = .push
                state.workers[index].isCurrent = isCurrent
                state.workers[index].givesUp = isGivenUp
                state.workers[index].record = record
                state.workers[index].call = thought.call ?? Call()
                state.number(index)
            } else if let call = thought.call {
                state.workers[index].begin(call, by: view.record)
            }
        }
    }

    private func push(_ index: Int, _ worker: Worker) {
        let isAccepted = worker.isCurrent
        let isSending = state.isSending(state.head.creating, besides: index)
        let isHasty = isAccepted && worker.givesUp && (worker.isOvertaken || isSending)
        guard !isHasty || state.budget.late > 0 else { return }
        step(.push(worker: index, accepted: isAccepted)) { state in
            guard isAccepted else { return state.workers[index].rest() }
            if isHasty { state.budget.late -= 1 }
            if (worker.record.ops.last?.epoch ?? 0) < (state.head.ops.last?.epoch ?? 0) {
                state.broken = .epochWentBack
            }
            state.publish(of: index)
            for other in state.workers.indices { state.workers[other].isCurrent = false }
            state.workers[index].rest()
            if worker.call.kind != .none { state.workers[index].begin(worker.call, by: worker.record) }
        }
    }

    private func act(_ index: Int, _ worker: Worker) {
        guard worker.call.kind == .delete else { return send(index, worker, worker.call) }
        let isProven = mind.proves(worker.call, by: worker.record, in: state)
        step(.proven(worker: index, worker.call, isProven)) { state in
            state.workers[index].rest()
            if isProven { (state.workers[index].phase, state.workers[index].call) = (.proven, worker.call) }
        }
    }

    /// A call and what may become of it.
    private func send(_ index: Int, _ worker: Worker, _ call: Call) {
        func sent(_ state: inout WorldState) {
            state.workers[index].rest()
            guard call.isCreate else { return }
            state.workers[index].callable.removeAll { $0 == call.op }
            for other in state.workers.indices where state.workers[other].givesUp && call.op == state.head.creating {
                state.workers[other].isOvertaken = true
            }
        }
        step(.done(worker: index, call, answered: true, isLate: false)) { state in
            sent(&state)
            state.carryOut(call, toldTo: index, isLate: false, in: world)
        }
        if call.isCreate, state.budget.lag > 0 {
            for answered in [true, false] {
                step(.done(worker: index, call, answered: answered, isLate: true)) { state in
                    sent(&state)
                    state.budget.lag -= 1
                    state.carryOut(call, toldTo: answered ? index : nil, isLate: true, in: world)
                }
            }
        }
        if call.isCreate { step(.refused(worker: index, call)) { $0.workers[index].rest() } }
        step(.lost(worker: index, call)) { sent(&$0) }
        if state.budget.late > 0 {
            step(.late(worker: index, call)) { state in
                sent(&state)
                state.budget.late -= 1
                state.inFlight.append(call)
            }
        }
    }

    // MARK: The cloud

    private func landings() {
        for index in state.inFlight.indices {
            let call = state.inFlight[index]
            step(.lands(call)) { state in
                state.inFlight.remove(at: index)
                state.carryOut(call, toldTo: nil, isLate: false, in: world)
            }
        }
        if !state.unlisted.isEmpty { step(.listed) { $0.listAll() } }
    }

    private func settling() {
        for index in state.disks.indices where state.disks[index].state == .creating {
            let named = Named(kind: .disk, id: state.disks[index].id)
            step(.settles(named, isError: false)) { $0.disks[index].state = .available }
            guard state.budget.errors > 0 else { continue }
            step(.settles(named, isError: true)) { state in
                state.disks[index].state = .error
                state.budget.errors -= 1
            }
        }
        for index in state.snapshots.indices where state.snapshots[index].state == .creating {
            let named = Named(kind: .snapshot, id: state.snapshots[index].id)
            step(.settles(named, isError: false)) { $0.snapshots[index].state = .available }
            guard state.budget.errors > 0 else { continue }
            step(.settles(named, isError: true)) { state in
                state.snapshots[index].state = .error
                (state.snapshots[index].content, state.budget.errors) = (CloudSnapshot.torn, state.budget.errors - 1)
            }
        }
    }

    // MARK: People

    private func people() {
        if state.budget.flips > 0 {
            for desired in world.runtimes.indices where UInt8(desired) != state.desired {
                step(.flip(to: UInt8(desired))) { state in
                    state.desired = UInt8(desired)
                    state.budget.flips -= 1
                }
            }
        }
        if state.budget.writes > 0, let writing = state.writingDisk {
            step(.write) { state in
                state.newest += 1
                state.budget.writes -= 1
                state.disks[writing].content = state.newest
            }
        }
        rollBack()
        if state.budget.touches > 0 { touches() }
        for disk in state.disks where disk.server == CloudDisk.foreignServer {
            step(.touch("the person detaches disk \(disk.id)")) { $0.change(disk: disk.id) { $0.detach() } }
        }
    }

    private func rollBack() {
        guard state.budget.rollbacks > 0 else { return }
        if state.saved == nil {
            step(.backUp) { state in
                state.saved = state.head
                for index in state.workers.indices where state.workers[index].isCurrent {
                    state.savedReaders |= 1 << UInt8(index)
                }
            }
        } else if state.saved != state.head {
            step(.rollBack) { state in
                state.head = state.saved ?? state.head
                for index in state.workers.indices {
                    state.workers[index].isCurrent = state.savedReaders & (1 << UInt8(index)) != 0
                }
                state.budget.rollbacks -= 1
                state.wasRolledBack = true
            }
        }
    }

    /// What people do by hand. Nothing can protect against a hand between the last look and a deletion that was sent.
    private func touches() {
        let deletesDisk =
            state.inFlight.contains { $0.kind == .delete && $0.on == .disk }
            || state.workers.contains { $0.phase == .proven && $0.call.kind == .delete && $0.call.on == .disk }
        for snapshot in state.snapshots where snapshot.state == .available && !deletesDisk {
            var after = state
            after.snapshots.removeAll { $0.id == snapshot.id }
            // The last copy is the person's to lose; an operator that has lost its own must leave the others alone.
            guard after.hasSpareCopy else { continue }
            touch("a person deletes snapshot \(snapshot.id)") { state in
                state.isCopyTaken = state.isCopyTaken || state.isRecorded && !after.isRecorded
                state.snapshots = after.snapshots
            }
        }
        for disk in state.disks where !disk.isRoot && disk.state == .available && !deletesDisk {
            if disk.server == 0, disk.id == state.head.disk, state.newest > 0, disk.content == state.newest {
                touch("a person attaches disk \(disk.id) elsewhere and writes") { state in
                    state.newest += 1
                    let newest = state.newest
                    state.change(disk: disk.id) { ($0.server, $0.content) = (CloudDisk.foreignServer, newest) }
                }
            }
        }
        if world.editsRecord, !deletesDisk, state.head.condemned.isEmpty, state.head.data != .none {
            touch("a person takes the data out of the record") { state in
                state.head.takeOutData()
                for index in state.workers.indices { state.workers[index].isCurrent = false }
                state.wasRolledBack = true
            }
        }
        for server in state.servers {
            if server.isRunning {
                touch("a person stops server \(server.id)") { $0.change(server: server.id) { $0.isRunning = false } }
            } else {
                touch("a person deletes server \(server.id)") { state in
                    state.carryOut(
                        Call(kind: .delete, on: .server, id: server.id), toldTo: nil, isLate: false, in: world)
                }
            }
        }
    }

    private func touch(_ text: String, _ change: (inout WorldState) -> Void) {
        step(.touch(text)) { state in
            state.budget.touches -= 1
            state.wasTouched = true
            change(&state)
        }
    }
}
