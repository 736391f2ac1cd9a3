/// What an exploration found.
public struct Exploration: Sendable {
    public var states = 0
    public var edges = 0
    public var depth = 0
    /// Different questions that the planner was asked.
    public var questions = 0
    /// What is wrong, with the shortest way there.
    public var finding: Finding?
    /// The limit was hit: nothing is proven.
    public var isCutShort = false

    public var isGood: Bool { finding == nil && !isCutShort }
}

/// A violated invariant and the shortest way to it.
public struct Finding: Sendable {
    public var what: String
    public var trace: [String]
}

/// Searches every state of a small world, breadth first, so that the first trace found is a shortest one.
public func explore(_ world: World) -> Exploration {
    Search(world).run()
}

final class Search {
    let mind: Mind
    var calm: Calm
    private var visited: [UInt128: UInt32] = [:]
    private var digests: [UInt128] = []
    private var parents: [UInt32] = []
    private var encoder = Encoder()
    private var result = Exploration()

    init(_ world: World) {
        mind = Mind(world)
        calm = Calm(mind)
    }

    func run() -> Exploration {
        var level: [(index: UInt32, state: WorldState)] = []
        var start = mind.world.start
        start.canonicalise(forcesPush: mind.world.forcesPush)
        _ = add(start, from: 0)
        level.append((0, start))
        while !level.isEmpty {
            var following: [(index: UInt32, state: WorldState)] = []
            for (index, state) in level {
                var found: (String, Int)?
                Successors(mind: mind, state: state) { [self] _, next in
                    guard found == nil else { return }
                    result.edges += 1
                    var next = next
                    next.canonicalise(forcesPush: mind.world.forcesPush)
                    guard let new = add(next, from: index) else { return }
                    if let what = next.violation() ?? calm.failure(from: next) {
                        found = (what, Int(new))
                        return
                    }
                    following.append((new, next))
                }.all()
                if let (what, last) = found {
                    result.finding = Finding(what: what, trace: trace(to: last))
                    return finished()
                }
                if digests.count > mind.world.limit {
                    result.isCutShort = true
                    return finished()
                }
            }
            result.depth += 1
            level = following
        }
        return finished()
    }

    private func finished() -> Exploration {
        result.states = digests.count
        result.questions = mind.remembered
        return result
    }

    /// - Returns: its number; `nil` where it was met before.
    private func add(_ state: WorldState, from parent: UInt32) -> UInt32? {
        let digest = digest(of: state)
        guard visited[digest] == nil else { return nil }
        let index = UInt32(digests.count)
        visited[digest] = index
        digests.append(digest)
        parents.append(parent)
        return index
    }

    /// Operators are alike, so states that differ only in who is who are one.
    private func digest(of state: WorldState) -> UInt128 {
        encoder.clear()
        encoder.put(state)
        if state.broken != nil { encoder.put(UInt8(255)) }
        let digest = encoder.digest
        guard state.workers.count == 2 else { return digest }
        var swapped = state
        swapped.swapWorkers()
        swapped.canonicalise(forcesPush: mind.world.forcesPush)
        encoder.clear()
        encoder.put(swapped)
        if state.broken != nil { encoder.put(UInt8(255)) }
        return min(digest, encoder.digest)
    }

    // MARK: Traces

    /// Walks the way again. Resources are renamed on the way: the oldest that still matters is always 1.
    private func trace(to last: Int) -> [String] {
        var way: [Int] = []
        var index = last
        while index != 0 {
            way.append(index)
            index = Int(parents[index])
        }
        var state = mind.world.start
        var lines: [String] = []
        for index in way.reversed() {
            var chosen: (Step, WorldState)?
            var steps: [(Step, WorldState)] = []
            Successors(mind: mind, state: state) { steps.append(($0, $1)) }.all()
            for (step, next) in steps {
                var canonical = next
                canonical.canonicalise(forcesPush: mind.world.forcesPush)
                if digest(of: canonical) == digests[index] {
                    chosen = (step, canonical)
                    break
                }
            }
            guard let chosen else { return lines + ["(the way cannot be walked again)"] }
            lines.append(chosen.0.text(in: chosen.1))
            state = chosen.1
        }
        return lines
    }
}

extension WorldState {
    fileprivate mutating func swapWorkers() {
        workers.swapAt(0, 1)
        func swapped(_ mask: UInt8) -> UInt8 { (mask & 1) << 1 | (mask >> 1) & 1 }
        savedReaders = swapped(savedReaders)
        for index in servers.indices { servers[index].knownTo = swapped(servers[index].knownTo) }
        for index in disks.indices { disks[index].knownTo = swapped(disks[index].knownTo) }
        for index in snapshots.indices { snapshots[index].knownTo = swapped(snapshots[index].knownTo) }
    }
}
