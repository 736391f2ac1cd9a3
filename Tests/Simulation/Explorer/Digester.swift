/// States as 128 bits, for comparison: with 10^9 states the chance that any two are mixed up is below 10^-20.
struct Digester {
    private var high: UInt64 = 0x9e37_79b9_7f4a_7c15
    private var low: UInt64 = 0xd1b5_4a32_d192_ed03
    private var word: UInt64 = 0
    private var filled: UInt64 = 0

    static func digest(of state: WorldState) -> UInt128 {
        var digester = Digester()
        digester.put(state)
        return digester.digest
    }

    private mutating func mix(_ word: UInt64) {
        high = (high ^ word) &* 0xbf58_476d_1ce4_e5b9
        high ^= high >> 29
        low = (low &+ word) &* 0x94d0_49bb_1331_11eb
        low ^= low >> 32
    }

    var digest: UInt128 {
        var last = self
        last.mix(word)
        last.mix(filled)
        last.mix(last.high ^ last.low)
        last.mix(last.low &+ 0x2545_f491_4f6c_dd1d)
        return UInt128(last.high) << 64 | UInt128(last.low)
    }

    mutating func put(_ byte: UInt8) {
        word = word << 8 | UInt64(byte)
        filled &+= 1
        if filled & 7 == 0 { mix(word) }
    }

    mutating func put(_ op: Op) {
        put(UInt8(truncatingIfNeeded: op))
        put(UInt8(truncatingIfNeeded: op >> 8))
    }

    mutating func put(_ first: Bool, _ second: Bool, _ third: Bool, _ fourth: Bool = false) {
        var flags: UInt8 = first ? 1 : 0
        flags |= second ? 2 : 0
        flags |= third ? 4 : 0
        flags |= fourth ? 8 : 0
        put(flags)
    }

    mutating func put(_ named: Named) { put(named.kind.rawValue << 6 | named.id) }

    // MARK: Values

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
            put(kept.op)
        }
        for sentence in record.condemned {
            put(sentence.on)
            put(sentence.ground.rawValue)
            put(sentence.reason)
            put(sentence.op)
        }
    }

    /// What an operator can see of it.
    mutating func put(seen server: CloudServer) {
        put(server.id)
        put(server.op)
        put(server.isCondemned, server.isRunning, server.isConfigured, server.isListed)
        put(server.bootDisk)
    }

    mutating func put(seen disk: CloudDisk) {
        put(disk.id)
        put(disk.op)
        put(disk.state.rawValue)
        put(disk.isRoot, disk.isCondemned, disk.isListed)
        put(disk.server)
        put(disk.source)
        put(disk.detached)
    }

    mutating func put(seen snapshot: CloudSnapshot) {
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
        put(call.isRoot, call.isCondemned, false)
    }

    private mutating func put(_ worker: Worker) {
        put(worker.phase.rawValue)
        put(worker.isCurrent, worker.givesUp, worker.isOvertaken)
        if worker.phase == .read || worker.phase == .push || worker.phase == .act { put(worker.record) }
        if worker.phase == .read { put(worker.desired) }
        put(worker.call)
        put(UInt8(worker.callable.count))
        for op in worker.callable { put(op) }
    }

    mutating func put(_ state: WorldState) {
        put(state.head)
        put(state.saved != nil, state.wasRolledBack, state.wasTouched, state.isCopyTaken)
        put(state.broken?.rawValue ?? .max)
        if let saved = state.saved {
            put(saved)
            put(state.savedReaders)
        }
        put(UInt8(state.servers.count << 4 | state.disks.count))
        put(UInt8(state.snapshots.count << 4 | state.inFlight.count))
        for server in state.servers {
            put(seen: server)
            put(server.knownTo)
        }
        for disk in state.disks {
            put(seen: disk)
            put(disk.content)
            put(disk.knownTo)
        }
        for snapshot in state.snapshots {
            put(seen: snapshot)
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
}

/// Digests in the order in which they came, each once.
struct DigestTable {
    private(set) var digests: [UInt128] = []
    /// Places in `digests` plus one, at the first free slot after where the digest points; 0 is free.
    private var slots: [UInt32] = Array(repeating: 0, count: 1 << 12)

    var count: Int { digests.count }

    /// - Returns: its place, and whether it is new.
    mutating func insert(_ digest: UInt128) -> (place: Int, isNew: Bool) {
        if digests.count * 2 > slots.count { grow() }
        let slot = slot(of: digest)
        guard slots[slot] == 0 else { return (Int(slots[slot]) - 1, false) }
        digests.append(digest)
        slots[slot] = UInt32(digests.count)
        return (digests.count - 1, true)
    }

    func contains(_ digest: UInt128) -> Bool { slots[slot(of: digest)] != 0 }

    /// Where it is, or where it belongs.
    private func slot(of digest: UInt128) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: digest) & mask
        while slots[slot] != 0, digests[Int(slots[slot]) - 1] != digest { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (place, digest) in digests.enumerated() {
            var slot = Int(truncatingIfNeeded: digest) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(place + 1)
        }
    }
}
