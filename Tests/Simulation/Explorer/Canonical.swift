/// Renaming: which numbers stand for which resource, operation or moment makes no difference, only which are equal and
/// which is older. Without it there would be no end of states.
extension WorldState {
    /// The same state with the smallest numbers and without what no step can ask for any more.
    mutating func canonicalise(forcesPush: Bool = false) {
        forget(forcesPush)
        var names = Names()
        visit(&names, collecting: true)
        names.close()
        visit(&names, collecting: false)
        next = NextIDs(
            server: names.servers.count + 1, disk: names.disks.count + 1, snapshot: names.snapshots.count + 1)
    }

    // MARK: Forgetting

    /// Drops what makes no difference to any later step.
    private mutating func forget(_ forcesPush: Bool) {
        for index in workers.indices {
            let reads = workers[index].phase == .push && !workers[index].isCurrent && !forcesPush
            if reads, savedReaders & (1 << UInt8(index)) == 0 { workers[index].rest() }
            if workers[index].phase != .read && workers[index].phase != .push { workers[index].isCurrent = false }
        }
        if budget.rollbacks == 0 { (saved, savedReaders) = (nil, 0) }
        let creating = [head.creating, saved?.creating ?? 0] + workers.map(\.record.creating)
        for index in workers.indices { workers[index].callable.removeAll { !creating.contains($0) } }
        for index in servers.indices where servers[index].isListed && servers[index].knownTo != 0 {
            servers[index].knownTo = 0
        }
        for index in disks.indices where disks[index].isListed && disks[index].knownTo != 0 { disks[index].knownTo = 0 }
        for index in snapshots.indices where snapshots[index].isListed && snapshots[index].knownTo != 0 {
            snapshots[index].knownTo = 0
        }
        let records = [head] + (saved.map { [$0] } ?? []) + workers.map(\.record)
        for index in disks.indices {
            let disk = disks[index]
            let isAwaited = records.contains { record in
                record.data == .restoring && record.snapshot == disk.source
                    || record.root == .creating && record.rootSource == disk.source
            }
            if !isAwaited, disk.state != .creating { disks[index].source = 0 }
            forgetMoments(of: index, records)
        }
        for index in snapshots.indices {
            let disk = snapshots[index].disk
            let isNamed = records.contains { $0.names(Named(kind: .disk, id: disk)) }
            if !isNamed, self.disk(disk) == nil { snapshots[index].disk = 0 }
        }
        forgetOperations(records)
    }

    /// Only whether a disk was detached since a moment that some record remembers can matter.
    private mutating func forgetMoments(of index: Int, _ records: [CompactRecord]) {
        let disk = disks[index]
        guard disk.detached != 0 else { return }
        var moments: UInt64 = 1
        for record in records where record.disk == disk.id { moments |= 1 << UInt64(record.detached) }
        func renamed(_ moment: UInt8) -> UInt8 { UInt8((moments & (1 << UInt64(moment) - 1)).nonzeroBitCount) }
        func rename(_ record: inout CompactRecord) {
            if record.disk == disk.id, record.detached != 0 { record.detached = renamed(record.detached) }
        }
        disks[index].detached = renamed(disk.detached)
        rename(&head)
        if saved != nil { rename(&saved!) }
        for worker in workers.indices { rename(&workers[worker].record) }
    }

    /// An operation whose resources, calls and attempts are all gone cannot matter again; the current one of a record
    /// tells its version.
    private mutating func forgetOperations(_ records: [CompactRecord]) {
        var alive = OpSet()
        servers.forEach { alive.insert($0.op) }
        disks.forEach { alive.insert($0.op) }
        snapshots.forEach { alive.insert($0.op) }
        inFlight.forEach { alive.insert($0.op) }
        for worker in workers {
            alive.insert(worker.call.op)
            worker.callable.forEach { alive.insert($0) }
        }
        for record in records {
            alive.insert(record.serverOp)
            alive.insert(record.rootOp)
            alive.insert(record.dataOp)
            alive.insert(record.rootSnapshotOp)
            record.condemned.forEach { alive.insert($0.op) }
            if let last = record.ops.last { alive.insert(last) }
        }
        func forget(_ record: inout CompactRecord) {
            if record.ops.contains(where: { !alive.contains($0) }) { record.ops.removeAll { !alive.contains($0) } }
            for index in record.snapshots.indices {
                let disk = record.snapshots[index].disk
                if disk != record.disk, disk != 0 { record.snapshots[index].disk = 0 }
            }
        }
        forget(&head)
        if saved != nil { forget(&saved!) }
        for worker in workers.indices { forget(&workers[worker].record) }
    }

    // MARK: Renaming

    private mutating func visit(_ names: inout Names, collecting: Bool) {
        names.isCollecting = collecting
        names.visit(&head)
        if saved != nil { names.visit(&saved!) }
        for index in servers.indices {
            names.servers.visit(&servers[index].id, names.isCollecting)
            names.disks.visit(&servers[index].bootDisk, names.isCollecting)
            names.visit(&servers[index].op)
        }
        for index in disks.indices {
            names.disks.visit(&disks[index].id, names.isCollecting)
            if disks[index].server != CloudDisk.foreignServer {
                names.servers.visit(&disks[index].server, names.isCollecting)
            }
            names.snapshots.visit(&disks[index].source, names.isCollecting)
            names.visit(&disks[index].op)
        }
        for index in snapshots.indices {
            names.snapshots.visit(&snapshots[index].id, names.isCollecting)
            names.disks.visit(&snapshots[index].disk, names.isCollecting)
            names.visit(&snapshots[index].op)
        }
        for index in inFlight.indices { names.visit(&inFlight[index]) }
        for index in workers.indices {
            names.visit(&workers[index].record)
            names.visit(&workers[index].call)
            for op in workers[index].callable.indices { names.visit(&workers[index].callable[op]) }
        }
    }
}

extension Worker {
    /// Forgets the step at hand, not what the process remembers.
    mutating func rest() {
        phase = .idle
        isCurrent = false
        record = CompactRecord()
        desired = 0
        call = Call()
    }
}

/// Numbers of one kind, renamed in order.
struct Renaming {
    private var present: UInt64 = 0

    var count: UInt8 { UInt8(present.nonzeroBitCount) }

    mutating func visit(_ id: inout UInt8, _ isCollecting: Bool) {
        guard id != 0 else { return }
        let bit: UInt64 = 1 << UInt64(id)
        if isCollecting { present |= bit } else { id = UInt8((present & (bit - 1)).nonzeroBitCount) + 1 }
    }
}

/// Operations of up to 64 epochs.
struct OpSet {
    private var words: [8 of UInt64] = .init(repeating: 0)

    mutating func insert(_ op: Op) { words[Int(op.nonce)] |= 1 << UInt64(op.epoch) }
    func contains(_ op: Op) -> Bool { words[Int(op.nonce)] & (1 << UInt64(op.epoch)) != 0 }
}

struct Names {
    var servers = Renaming()
    var disks = Renaming()
    var snapshots = Renaming()
    var isCollecting = true
    private var ops: [Op] = []
    private var renamedOps: [Op] = []

    mutating func visit(_ op: inout Op) {
        guard op != 0 else { return }
        let position = ops.firstIndex(of: op)
        if !isCollecting { op = position.map { renamedOps[$0] } ?? 0 } else if position == nil { ops.append(op) }
    }

    mutating func visit(_ call: inout Call) {
        visit(&call.op)
        switch (call.kind, call.on) {
        case (.attach, _), (.detach, _):
            disks.visit(&call.id, isCollecting)
            servers.visit(&call.second, isCollecting)
        case (.createServer, _): disks.visit(&call.second, isCollecting)
        case (.createDisk, _): snapshots.visit(&call.id, isCollecting)
        case (.createSnapshot, _): disks.visit(&call.id, isCollecting)
        case (_, .server): servers.visit(&call.id, isCollecting)
        case (_, .disk): disks.visit(&call.id, isCollecting)
        case (_, .snapshot): snapshots.visit(&call.id, isCollecting)
        }
    }

    mutating func visit(_ record: inout CompactRecord) {
        for index in record.ops.indices { visit(&record.ops[index]) }
        visit(&record.serverOp)
        visit(&record.rootOp)
        visit(&record.dataOp)
        visit(&record.rootSnapshotOp)
        servers.visit(&record.serverID, isCollecting)
        disks.visit(&record.rootID, isCollecting)
        snapshots.visit(&record.rootSource, isCollecting)
        disks.visit(&record.disk, isCollecting)
        snapshots.visit(&record.snapshot, isCollecting)
        snapshots.visit(&record.rootSnapshotID, isCollecting)
        for index in record.snapshots.indices {
            snapshots.visit(&record.snapshots[index].id, isCollecting)
            disks.visit(&record.snapshots[index].disk, isCollecting)
        }
        for index in record.condemned.indices {
            visit(&record.condemned[index].op)
            snapshots.visit(&record.condemned[index].reason, isCollecting)
            switch record.condemned[index].on.kind {
            case .server: servers.visit(&record.condemned[index].on.id, isCollecting)
            case .disk: disks.visit(&record.condemned[index].on.id, isCollecting)
            case .snapshot: snapshots.visit(&record.condemned[index].on.id, isCollecting)
            }
        }
    }

    mutating func close() {
        // Epochs keep their order, and whether one follows right on another: a record counts its next one up by one.
        var present: UInt64 = 0
        for op in ops { present |= 1 << UInt64(op.epoch) }
        var renamed: [64 of UInt8] = .init(repeating: 0)
        var nonces: [64 of UInt8] = .init(repeating: 0)
        var last: UInt8 = 0
        for epoch in 1..<64 where present & (1 << UInt64(epoch)) != 0 {
            let isFirst = last == 0
            last += !isFirst && present & (1 << UInt64(epoch - 1)) == 0 ? 2 : 1
            renamed[epoch] = last
        }
        renamedOps = ops
        for index in ops.indices {
            let epoch = Int(ops[index].epoch)
            renamedOps[index] = Op.of(epoch: Op(renamed[epoch]), nonce: Op(nonces[epoch]))
            nonces[epoch] += 1
        }
    }
}
