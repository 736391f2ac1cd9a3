import Instances

/// What operators see and remember of a state.
extension WorldState {
    func view(of worker: Int, record: CompactRecord, desired: UInt8) -> Mind.View {
        let bit: UInt8 = 1 << UInt8(worker)
        let creating = record.creating
        let isCallable = creating != 0 && workers[worker].callable.contains(creating)
        var view = Mind.View(
            record: record, desired: desired, servers: servers, disks: disks, snapshots: snapshots,
            attempt: isCallable ? .unsent : .unsettled)
        view.servers.removeAll { server in
            !(server.isListed || server.knownTo & bit != 0 || record.names(Named(kind: .server, id: server.id)))
        }
        let servers = view.servers
        view.disks.removeAll { disk in
            if record.names(Named(kind: .disk, id: disk.id)) { return false }
            if disk.op == 0 { return !servers.contains { $0.bootDisk == disk.id } }
            return !(disk.isListed || disk.knownTo & bit != 0)
        }
        view.snapshots.removeAll { snapshot in
            !(snapshot.isListed || snapshot.knownTo & bit != 0
                || record.names(Named(kind: .snapshot, id: snapshot.id)))
        }
        return view
    }

    /// What an operator that is about to look sees.
    func view(of worker: Int, _ isGivenUp: Bool, _ stale: Named?, _ unreadable: Named?) -> Mind.View {
        let hasRead = workers[worker].phase == .read
        var view = view(
            of: worker, record: hasRead ? workers[worker].record : head,
            desired: hasRead ? workers[worker].desired : desired)
        if isGivenUp { view.attempt = .givenUp }
        (view.stale, view.unreadable) = (stale, unreadable)
        return view
    }

    var unlisted: [Named] {
        servers.filter { !$0.isListed }.map { Named(kind: .server, id: $0.id) }
            + disks.filter { !$0.isListed }.map { Named(kind: .disk, id: $0.id) }
            + snapshots.filter { !$0.isListed }.map { Named(kind: .snapshot, id: $0.id) }
    }

    mutating func listAll() {
        for index in servers.indices { servers[index].isListed = true }
        for index in disks.indices { disks[index].isListed = true }
        for index in snapshots.indices { snapshots[index].isListed = true }
    }

    /// Where a guest is writing to: the disk with its newest content, attached to a running server.
    var writingDisk: Int? {
        disks.firstIndex { disk in
            !disk.isRoot && disk.content == newest && newest > 0 && (server(disk.server)?.isRunning ?? false)
        }
    }

    /// Whether another operator has the create call of an operation at hand, or is about to.
    func isSending(_ op: Op, besides index: Int) -> Bool {
        workers.indices.contains { other in
            guard other != index else { return false }
            let worker = workers[other]
            switch worker.phase {
            case .act: return worker.call.isCreate && worker.call.op == op
            case .read: return worker.record.creating == op && worker.callable.contains(op)
            case .idle, .push, .proven: return false
            }
        }
    }

    /// An operator's record becomes the head of the status branch. What it has minted it may send.
    mutating func publish(of worker: Int) {
        let record = workers[worker].record
        for op in record.ops where !head.ops.contains(op) { workers[worker].callable.append(op) }
        head = record
    }

    /// Forgets everything that a process had in memory.
    mutating func crash(_ worker: Int) {
        workers[worker] = Worker()
        let bit: UInt8 = 1 << UInt8(worker)
        savedReaders &= ~bit
        for index in servers.indices { servers[index].knownTo &= ~bit }
        for index in disks.indices { disks[index].knownTo &= ~bit }
        for index in snapshots.indices { snapshots[index].knownTo &= ~bit }
    }

    /// Gives newly minted operations nonces that nothing else has.
    mutating func number(_ worker: Int) {
        var used = OpSet()
        for server in servers { used.insert(server.op) }
        for disk in disks { used.insert(disk.op) }
        for snapshot in snapshots { used.insert(snapshot.op) }
        for call in inFlight { used.insert(call.op) }
        eachRecord { record in
            for op in record.ops { used.insert(op) }
            for sentence in record.condemned { used.insert(sentence.op) }
        }
        for worker in workers {
            for op in worker.callable { used.insert(op) }
            used.insert(worker.call.op)
        }
        func numbered(_ op: Op) -> Op {
            guard op.nonce == Op.freshNonce else { return op }
            for nonce in 0..<Op.freshNonce {
                let candidate = Op.of(epoch: op.epoch, nonce: nonce)
                if !used.contains(candidate) { return candidate }
            }
            fatalError("more operations of one epoch than numbers for them")
        }
        for index in workers[worker].record.ops.indices {
            workers[worker].record.ops[index] = numbered(workers[worker].record.ops[index])
        }
        workers[worker].record.serverOp = numbered(workers[worker].record.serverOp)
        workers[worker].record.rootOp = numbered(workers[worker].record.rootOp)
        workers[worker].record.dataOp = numbered(workers[worker].record.dataOp)
        workers[worker].record.rootSnapshotOp = numbered(workers[worker].record.rootSnapshotOp)
        for index in workers[worker].record.snapshots.indices {
            workers[worker].record.snapshots[index].op = numbered(workers[worker].record.snapshots[index].op)
        }
        for index in workers[worker].record.condemned.indices {
            workers[worker].record.condemned[index].op = numbered(workers[worker].record.condemned[index].op)
        }
        workers[worker].call.op = numbered(workers[worker].call.op)
    }
}

extension Worker {
    /// What comes after a look or a push. Only deletions need the record that covers them.
    mutating func begin(_ call: Call, by record: CompactRecord) {
        phase = .act
        self.call = call
        self.record = call.kind == .delete ? record : CompactRecord()
    }
}

extension Mind.View {
    var all: [Named] {
        servers.map { Named(kind: .server, id: $0.id) } + disks.map { Named(kind: .disk, id: $0.id) }
            + snapshots.map { Named(kind: .snapshot, id: $0.id) }
    }

    func contains(_ named: Named) -> Bool { all.contains(named) }
}
