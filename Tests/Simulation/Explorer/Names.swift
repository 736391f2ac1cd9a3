/// Smaller names for all numbers of a state. Every number is visited twice: first to collect, then to rename.
struct Names {
    var servers = Renaming()
    var disks = Renaming()
    var snapshots = Renaming()
    var ops = OpRenaming()

    /// Everything was visited once.
    mutating func close() {
        servers.isClosed = true
        disks.isClosed = true
        snapshots.isClosed = true
        ops.close()
    }

    mutating func visit(_ call: inout Call) {
        ops.visit(&call.op)
        switch (call.kind, call.on) {
        case (.none, _): break
        case (.attach, _), (.detach, _):
            disks.visit(&call.id)
            servers.visit(&call.second)
        case (.createServer, _): disks.visit(&call.second)
        case (.createDisk, _): snapshots.visit(&call.id)
        case (.createSnapshot, _): disks.visit(&call.id)
        case (_, .server): servers.visit(&call.id)
        case (_, .disk): disks.visit(&call.id)
        case (_, .snapshot): snapshots.visit(&call.id)
        }
    }

    mutating func visit(_ record: inout CompactRecord) {
        for index in record.ops.indices { ops.visit(&record.ops[index]) }
        ops.visit(&record.serverOp)
        ops.visit(&record.rootOp)
        ops.visit(&record.dataOp)
        ops.visit(&record.rootSnapshotOp)
        servers.visit(&record.serverID)
        disks.visit(&record.rootID)
        snapshots.visit(&record.rootSource)
        disks.visit(&record.disk)
        snapshots.visit(&record.snapshot)
        snapshots.visit(&record.rootSnapshotID)
        for index in record.snapshots.indices {
            snapshots.visit(&record.snapshots[index].id)
            disks.visit(&record.snapshots[index].disk)
            ops.visit(&record.snapshots[index].op)
        }
        for index in record.condemned.indices {
            ops.visit(&record.condemned[index].op)
            snapshots.visit(&record.condemned[index].reason)
            switch record.condemned[index].on.kind {
            case .server: servers.visit(&record.condemned[index].on.id)
            case .disk: disks.visit(&record.condemned[index].on.id)
            case .snapshot: snapshots.visit(&record.condemned[index].on.id)
            }
        }
    }
}

/// Numbers of one kind, renamed in order.
struct Renaming {
    private var present: UInt64 = 0
    var isClosed = false

    var count: UInt8 { UInt8(present.nonzeroBitCount) }

    mutating func visit(_ id: inout UInt8) {
        guard id != 0 else { return }
        let bit: UInt64 = 1 << UInt64(id)
        if isClosed { id = UInt8((present & (bit - 1)).nonzeroBitCount) + 1 } else { present |= bit }
    }
}

/// Operations, renamed so that epochs keep their order and whether one follows right on another: a record counts its next
/// one up by one.
struct OpRenaming {
    private var epochs: UInt64 = 0
    private var renamed: [64 of UInt8] = .init(repeating: 0)
    /// By epoch, four bits for each nonce: its new number plus one. The topmost four count them.
    private var nonces: [64 of UInt32] = .init(repeating: 0)
    private var isClosed = false

    mutating func visit(_ op: inout Op) {
        guard op != 0 else { return }
        let epoch = Int(op.epoch)
        let shift = UInt32(op.nonce) * 4
        let number = nonces[epoch] >> shift & 15
        if isClosed {
            op = Op.of(epoch: Op(renamed[epoch]), nonce: Op(number - 1))
        } else if number == 0 {
            epochs |= 1 << UInt64(epoch)
            nonces[epoch] += 1 << 28
            nonces[epoch] |= (nonces[epoch] >> 28) << shift
        }
    }

    mutating func close() {
        isClosed = true
        var last: UInt8 = 0
        for epoch in 1..<64 where epochs & (1 << UInt64(epoch)) != 0 {
            let follows = last == 0 || epochs & (1 << UInt64(epoch - 1)) != 0
            last += follows ? 1 : 2
            renamed[epoch] = last
        }
    }
}

/// Operations of up to 64 epochs.
struct OpSet {
    private var words: [8 of UInt64] = .init(repeating: 0)

    mutating func insert(_ op: Op) { words[Int(op.nonce)] |= 1 << UInt64(op.epoch) }
    func contains(_ op: Op) -> Bool { words[Int(op.nonce)] & (1 << UInt64(op.epoch)) != 0 }
}
