import Instances

/// What operators see and remember of a state.
extension WorldState {
    func view(of worker: Int, record: CompactRecord, desired: UInt8) -> Mind.View {
        let bit: UInt8 = 1 << UInt8(worker)
        let servers = servers.filter {
            $0.isListed || $0.knownTo & bit != 0 || record.names(Named(kind: .server, id: $0.id))
        }
        let disks = disks.filter { disk in
            let isNamed = record.names(Named(kind: .disk, id: disk.id))
            if disk.op == 0 { return isNamed || servers.contains { $0.bootDisk == disk.id } }
            return disk.isListed || disk.knownTo & bit != 0 || isNamed
        }
        let creating = record.creating
        let isCallable = creating != 0 && workers[worker].callable.contains(creating)
        return Mind.View(
            record: record, desired: desired,
            servers: servers,
            disks: disks,
            snapshots: snapshots.filter {
                $0.isListed || $0.knownTo & bit != 0 || record.names(Named(kind: .snapshot, id: $0.id))
            },
            attempt: isCallable ? .unsent : .unsettled)
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
        var used: Set<Op> = []
        used.formUnion(servers.map(\.op) + disks.map(\.op) + snapshots.map(\.op) + inFlight.map(\.op) + head.ops)
        used.formUnion(saved?.ops ?? [])
        for worker in workers { used.formUnion(worker.record.ops + worker.callable + [worker.call.op]) }
        func numbered(_ op: Op) -> Op {
            guard op.nonce == Op.freshNonce else { return op }
            for nonce in 0..<Op.freshNonce {
                let candidate = Op.of(epoch: op.epoch, nonce: nonce)
                if !used.contains(candidate) { return candidate }
            }
            fatalError("more operations of one epoch than numbers for them")
        }
        workers[worker].record.ops = workers[worker].record.ops.map(numbered)
        workers[worker].record.serverOp = numbered(workers[worker].record.serverOp)
        workers[worker].record.rootOp = numbered(workers[worker].record.rootOp)
        workers[worker].record.dataOp = numbered(workers[worker].record.dataOp)
        workers[worker].record.rootSnapshotOp = numbered(workers[worker].record.rootSnapshotOp)
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
