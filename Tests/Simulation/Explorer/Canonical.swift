/// What makes no difference is forgotten, and numbers are renamed: which of them stands for which resource, operation or
/// moment does not matter, only which are equal and which is older. Without it there would be no end of states.
///
/// That nothing is forgotten that matters is tested: walks through states that were never canonicalised stay inside what
/// a search has found.
extension WorldState {
    mutating func canonicalise() {
        forget()
        var names = Names()
        visit(&names)
        names.close()
        visit(&names)
        next = NextIDs(
            server: names.servers.count + 1, disk: names.disks.count + 1, snapshot: names.snapshots.count + 1)
    }

    // MARK: Forgetting

    private mutating func forget() {
        if budget.rollbacks == 0 { (saved, savedReaders) = (nil, 0) }
        for index in workers.indices { forget(worker: index) }
        let inFlight = self
        self.inFlight.removeAll { inFlight.isVoid($0) }
        forgetContents()
        forgetReaders()
        let state = self
        for index in disks.indices {
            let source = disks[index].source
            let isAwaited = state.anyRecord {
                $0.data == .restoring && $0.snapshot == source || $0.root == .creating && $0.rootSource == source
            }
            if !isAwaited, disks[index].state != .creating { disks[index].source = 0 }
            forgetMoments(of: index)
        }
        for index in snapshots.indices {
            let disk = Named(kind: .disk, id: snapshots[index].disk)
            if self.disk(disk.id) == nil, !state.anyRecord({ $0.names(disk) }) { snapshots[index].disk = 0 }
        }
        forgetOperations()
    }

    private mutating func forget(worker index: Int) {
        let worker = workers[index]
        // A push that will be lost is as good as none.
        if worker.phase == .push, !worker.isCurrent, savedReaders & (1 << UInt8(index)) == 0 {
            workers[index].rest()
        }
        if worker.phase != .read, worker.phase != .push { workers[index].isCurrent = false }
        // A refused create call leaves more behind than none.
        guard isVoid(worker.call), !worker.call.isCreate else { return }
        if worker.phase == .push { workers[index].call = Call() } else { workers[index].rest() }
    }

    /// Whether a call can have no effect any more: ids are never used twice.
    private func isVoid(_ call: Call) -> Bool {
        switch call.kind {
        case .none: false
        case .createServer: call.second != 0 && disk(call.second) == nil
        case .createDisk: call.id != 0 && snapshot(call.id) == nil
        case .createSnapshot: disk(call.id) == nil
        case .configure, .powerOn, .powerOff: server(call.id) == nil
        case .attach, .detach: disk(call.id) == nil || server(call.second) == nil
        case .tag, .delete:
            switch call.on {
            case .server: server(call.id) == nil
            case .disk: disk(call.id) == nil
            case .snapshot: snapshot(call.id) == nil
            }
        }
    }

    /// Only which contents are the newest matters, not what the others are.
    private mutating func forgetContents() {
        guard newest > 0 else { return }
        for index in disks.indices { disks[index].content = disks[index].content == newest ? 1 : 0 }
        for index in snapshots.indices { snapshots[index].content = snapshots[index].content == newest ? 1 : 0 }
        newest = 1
    }

    /// What lists show everybody knows; what may be sent matters only where a record
    /// waits for it, now or later.
    private mutating func forgetReaders() {
        let state = self
        for index in workers.indices {
            workers[index].callable.removeAll { op in !state.anyRecord { $0.mayCreate(op) } }
        }
        for index in servers.indices where servers[index].isListed { servers[index].knownTo = 0 }
        for index in disks.indices where disks[index].isListed { disks[index].knownTo = 0 }
        for index in snapshots.indices where snapshots[index].isListed { snapshots[index].knownTo = 0 }
    }

    /// Only whether a disk was detached since a moment that some record remembers can matter.
    private mutating func forgetMoments(of index: Int) {
        let disk = disks[index]
        guard disk.detached != 0 else { return }
        var moments: UInt64 = 1
        eachRecord { if $0.disk == disk.id { moments |= 1 << UInt64($0.detached) } }
        func renamed(_ moment: UInt8) -> UInt8 { UInt8((moments & (1 << UInt64(moment) - 1)).nonzeroBitCount) }
        disks[index].detached = renamed(disk.detached)
        changeRecords { record in
            if record.disk == disk.id, record.detached != 0 { record.detached = renamed(record.detached) }
        }
    }

    /// An operation whose resources, calls and attempts are all gone cannot matter again; the current one of a record
    /// tells its version.
    private mutating func forgetOperations() {
        var alive = OpSet()
        for server in servers { alive.insert(server.op) }
        for disk in disks { alive.insert(disk.op) }
        for snapshot in snapshots { alive.insert(snapshot.op) }
        for call in inFlight { alive.insert(call.op) }
        for worker in workers {
            alive.insert(worker.call.op)
            for op in worker.callable { alive.insert(op) }
        }
        eachRecord { record in
            alive.insert(record.serverOp)
            alive.insert(record.rootOp)
            alive.insert(record.dataOp)
            alive.insert(record.rootSnapshotOp)
            for kept in record.snapshots { alive.insert(kept.op) }
            for sentence in record.condemned { alive.insert(sentence.op) }
            if let last = record.ops.last { alive.insert(last) }
        }
        changeRecords { record in
            record.ops.removeAll { !alive.contains($0) }
            for index in record.snapshots.indices where record.snapshots[index].disk != record.disk {
                record.snapshots[index].disk = 0
            }
        }
    }

    // MARK: Records

    /// Every record that somebody may still go by.
    func eachRecord(_ visit: (CompactRecord) -> Void) {
        visit(head)
        if let saved { visit(saved) }
        for worker in workers { visit(worker.record) }
    }

    func anyRecord(_ isSo: (CompactRecord) -> Bool) -> Bool {
        isSo(head) || saved.map(isSo) ?? false || workers.contains { isSo($0.record) }
    }

    private mutating func changeRecords(_ change: (inout CompactRecord) -> Void) {
        change(&head)
        if saved != nil { change(&saved!) }
        for worker in workers.indices { change(&workers[worker].record) }
    }

    // MARK: Renaming

    private mutating func visit(_ names: inout Names) {
        changeRecords { names.visit(&$0) }
        for index in servers.indices {
            names.servers.visit(&servers[index].id)
            names.disks.visit(&servers[index].bootDisk)
            names.ops.visit(&servers[index].op)
        }
        for index in disks.indices {
            names.disks.visit(&disks[index].id)
            if disks[index].server != CloudDisk.foreignServer { names.servers.visit(&disks[index].server) }
            names.snapshots.visit(&disks[index].source)
            names.ops.visit(&disks[index].op)
        }
        for index in snapshots.indices {
            names.snapshots.visit(&snapshots[index].id)
            names.disks.visit(&snapshots[index].disk)
            names.ops.visit(&snapshots[index].op)
        }
        for index in inFlight.indices { names.visit(&inFlight[index]) }
        for index in workers.indices {
            names.visit(&workers[index].call)
            for op in workers[index].callable.indices { names.ops.visit(&workers[index].callable[op]) }
        }
    }
}

extension Worker {
    /// Forgets the step at hand, not what the process remembers.
    mutating func rest() {
        phase = .idle
        (isCurrent, givesUp, isOvertaken) = (false, false, false)
        record = CompactRecord()
        desired = 0
        call = Call()
    }
}
