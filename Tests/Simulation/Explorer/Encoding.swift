/// States as bytes, for comparison; two states are the same where their bytes are.
struct Encoder {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(256) }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    mutating func put(_ byte: UInt8) { bytes.append(byte) }
    /// Between rows whose lengths are not written.
    mutating func separate() { bytes.append(254) }
    mutating func put(_ op: Op) {
        bytes.append(UInt8(truncatingIfNeeded: op))
        bytes.append(UInt8(truncatingIfNeeded: op >> 8))
    }
    mutating func put(_ flags: Bool...) {
        var byte: UInt8 = 0
        for flag in flags { byte = byte << 1 | (flag ? 1 : 0) }
        bytes.append(byte)
    }

    mutating func put(_ record: CompactRecord) {
        put(UInt8(record.ops.count))
        for op in record.ops { put(op) }
        put(record.server.rawValue | record.root.rawValue << 2 | record.rootSnapshot.rawValue << 4)
        if record.server != .absent {
            put(record.serverID)
            put(record.serverOp)
        }
        if record.root != .absent {
            put(record.rootID)
            put(record.rootOp)
            put(record.rootSource)
        }
        if record.rootSnapshot != .absent {
            put(record.rootSnapshotOp)
            put(record.rootSnapshotID)
        }
        put(record.data.rawValue << 1 | (record.isActive ? 1 : 0))
        if record.data != .none {
            put(record.disk)
            put(record.snapshot)
            put(record.dataOp)
            put(record.detached)
        }
        put(UInt8(record.snapshots.count << 4 | record.condemned.count))
        for kept in record.snapshots {
            put(kept.id)
            put(kept.disk)
        }
        for sentence in record.condemned {
            put(sentence.on.kind.rawValue << 4 | sentence.ground.rawValue)
            put(sentence.on.id)
            put(sentence.reason)
            put(sentence.op)
        }
    }

    mutating func put(_ server: CloudServer) {
        put(server.id)
        put(server.op)
        put(server.isCondemned, server.isRunning, server.isConfigured, server.isListed)
        put(server.bootDisk)
    }

    mutating func put(_ disk: CloudDisk) {
        put(disk.id)
        put(disk.op)
        put(disk.state.rawValue)
        put(disk.isRoot, disk.isCondemned, disk.isListed)
        put(disk.server)
        put(disk.source)
        put(disk.detached)
    }

    mutating func put(_ snapshot: CloudSnapshot) {
        put(snapshot.id)
        put(snapshot.op)
        put(snapshot.state.rawValue)
        put(snapshot.isRoot, snapshot.isCondemned, snapshot.isListed)
        put(snapshot.disk)
    }

    mutating func put(_ call: Call) {
        put(call.kind.rawValue << 2 | call.on.rawValue)
        guard call.kind != .none else { return }
        put(call.id)
        put(call.second)
        put(call.op)
        put(call.isRoot, call.isCondemned)
    }

    mutating func put(_ worker: Worker) {
        put(worker.phase.rawValue << 1 | (worker.isCurrent ? 1 : 0))
        if worker.phase == .read || worker.phase == .push || worker.phase == .act { put(worker.record) }
        if worker.phase == .read { put(worker.desired) }
        put(worker.call)
        put(UInt8(worker.callable.count))
        for op in worker.callable { put(op) }
    }

    mutating func put(_ state: WorldState) {
        put(state.head)
        put(state.saved != nil, state.wasRolledBack, state.wasTouched)
        if let saved = state.saved {
            put(saved)
            put(state.savedReaders)
        }
        put(UInt8(state.servers.count << 4 | state.disks.count))
        put(UInt8(state.snapshots.count << 4 | state.inFlight.count))
        for server in state.servers {
            put(server)
            put(server.knownTo)
        }
        for disk in state.disks {
            put(disk)
            put(disk.content)
            put(disk.knownTo)
        }
        for snapshot in state.snapshots {
            put(snapshot)
            put(snapshot.content)
            put(snapshot.knownTo)
        }
        for call in state.inFlight { put(call) }
        for worker in state.workers { put(worker) }
        put(state.desired)
        put(state.newest)
        let budget = state.budget
        put(budget.flips << 4 | budget.writes)
        put(budget.late << 4 | budget.lag)
        put(budget.errors << 4 | budget.touches << 2 | budget.rollbacks)
    }

    /// 128 bits of the bytes: with 10^9 states the chance that any two are mixed up is below 10^-20.
    var digest: UInt128 {
        var high: UInt64 = 0x9e37_79b9_7f4a_7c15
        var low: UInt64 = 0xd1b5_4a32_d192_ed03 ^ UInt64(bytes.count)
        var word: UInt64 = 0
        var filled = 0
        func mix(_ word: UInt64) {
            high = (high ^ word) &* 0xbf58_476d_1ce4_e5b9
            high ^= high >> 29
            low = (low &+ word) &* 0x94d0_49bb_1331_11eb
            low ^= low >> 32
        }
        for byte in bytes {
            word = word << 8 | UInt64(byte)
            filled += 1
            if filled == 8 {
                mix(word)
                (word, filled) = (0, 0)
            }
        }
        mix(word)
        mix(high ^ low)
        mix(low &+ 0x2545_f491_4f6c_dd1d)
        return UInt128(high) << 64 | UInt128(low)
    }
}
