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
///
/// - Parameter walks: so many random walks, which forget nothing, then have to stay inside what was found.
public func explore(_ world: World, walks: Int = 0) -> Exploration {
    let search = Search(world)
    var result = search.run()
    guard result.isGood, let way = search.walkOutside(walks: walks, seed: 1) else { return result }
    result.finding = Finding(
        what: "the search forgets what matters: this way leads out of what it has found", trace: way)
    return result
}

final class Search {
    let mind: Mind
    private var calm: Calm
    private var visited = DigestTable()
    /// As a step left them, numbers and all: two ways to the same one need not be renamed twice.
    private var reached = DigestTable()
    private var parents: [UInt32] = []
    private var result = Exploration()

    init(_ world: World) {
        mind = Mind(world)
        calm = Calm(mind)
    }

    func run() -> Exploration {
        var start = mind.world.start
        start.canonicalise()
        _ = add(start, from: 0)
        var level: [(index: UInt32, state: WorldState)] = [(0, start)]
        while !level.isEmpty {
            var following: [(index: UInt32, state: WorldState)] = []
            for (index, state) in level {
                var found: (String, Int)?
                Successors(mind: mind, state: state) { [self] _, next in
                    guard found == nil else { return }
                    result.edges += 1
                    guard reached.insert(Digester.digest(of: next)).isNew else { return }
                    next.canonicalise()
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
                if visited.count > mind.world.limit {
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
        result.states = visited.count
        result.questions = mind.remembered
        return result
    }

    /// - Returns: its number; `nil` where it was met before.
    private func add(_ state: WorldState, from parent: UInt32) -> UInt32? {
        let (place, isNew) = visited.insert(digest(of: state))
        guard isNew else { return nil }
        parents.append(parent)
        return UInt32(place)
    }

    /// Operators are alike, so states that differ only in who is who are one.
    private func digest(of state: WorldState) -> UInt128 {
        let digest = Digester.digest(of: state)
        guard state.workers.count == 2 else { return digest }
        var swapped = state
        swapped.swapWorkers()
        swapped.canonicalise()
        return min(digest, Digester.digest(of: swapped))
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
        state.canonicalise()
        var lines: [String] = []
        for index in way.reversed() {
            var chosen: (line: String, state: WorldState)?
            let before = state
            Successors(mind: mind, state: before) { [self] step, next in
                guard chosen == nil else { return }
                next.canonicalise()
                guard digest(of: next) == visited.digests[index] else { return }
                chosen = (step.text(from: before, to: next, mind), next)
            }.all()
            guard let chosen else { return lines + ["(the way cannot be walked again: a mistake in the explorer)"] }
            lines.append(chosen.line)
            state = chosen.state
        }
        return lines
    }

    // MARK: Walks

    /// Whether walks of raw states, whose numbers are never renamed and which forget nothing, stay inside what was found.
    ///
    /// - Returns: where one has left it; `nil` where none has.
    func walkOutside(walks: Int, seed: UInt64) -> [String]? {
        var random = SplitMix(state: seed)
        for _ in 0..<walks {
            var state = mind.world.start
            var lines: [String] = []
            while lines.count < Self.longestWalk {
                var steps: [(Step, WorldState)] = []
                Successors(mind: mind, state: state) { steps.append(($0, $1)) }.all()
                guard let (step, next) = steps.isEmpty ? nil : steps[Int(random.next() % UInt64(steps.count))] else {
                    break
                }
                lines.append(step.text(from: state, to: next, mind))
                var canonical = next
                canonical.canonicalise()
                state = next.isNearlyFull ? canonical : next
                guard visited.contains(digest(of: canonical)) else { return lines }
            }
        }
        return nil
    }

    /// Raw states count epochs and ids up to 63.
    private static let longestWalk = 150
}

/// Steele, Lea and Flood's generator.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

extension WorldState {
    /// Whether another operation might not find room: then even a raw state has to forget.
    fileprivate var isNearlyFull: Bool { head.ops.count > 7 }

    fileprivate mutating func swapWorkers() {
        workers.swapAt(0, 1)
        func swapped(_ mask: UInt8) -> UInt8 { (mask & 1) << 1 | (mask >> 1) & 1 }
        savedReaders = swapped(savedReaders)
        for index in servers.indices { servers[index].knownTo = swapped(servers[index].knownTo) }
        for index in disks.indices { disks[index].knownTo = swapped(disks[index].knownTo) }
        for index in snapshots.indices { snapshots[index].knownTo = swapped(snapshots[index].knownTo) }
    }
}
