@testable import Simulation

/// Bytes as a schedule: each picks what happens next in a world that is too large to be searched whole. libFuzzer's
/// feedback leads into states that random walks seldom meet.
let fuzzSchedule: Target = { bytes in
    guard let first = bytes.first else { return }
    let world = worlds[Int(first) % worlds.count]
    let mind = Mind(world)
    var state = world.start
    state.canonicalise()
    for byte in bytes.dropFirst().prefix(500) {
        var following: [WorldState] = []
        Successors(mind: mind, state: state) { following.append($1) }.all()
        guard !following.isEmpty else { break }
        state = following[Int(byte) % following.count]
        state.canonicalise()
        if let what = state.violation() { demand(false, "\(world.name): \(what)") }
    }
    var calm = Calm(mind)
    if let what = calm.failure(from: state) { demand(false, "\(world.name): \(what)") }
}

/// One step beyond what the explorer searches to its end.
private let worlds: [World] = [
    World("one", runtimes: World.allRuntimes) { world in
        world.budget = Budget(flips: 5, writes: 3, late: 2, lag: 1, errors: 1)
        world.unreadable = true
    },
    World("two", runtimes: World.allRuntimes) { world in
        world.operators = 2
        world.budget = Budget(flips: 4, writes: 2, late: 2, lag: 1)
    },
    World("two-apart") { world in
        world.operators = 2
        world.readsApart = true
        world.budget = Budget(flips: 4, writes: 2, late: 1)
    },
    World("rollback") { world in
        world.operators = 2
        world.budget = Budget(flips: 4, writes: 2, late: 1, rollbacks: 1)
    },
    World("touched") { $0.budget = Budget(flips: 4, writes: 2, late: 1, touches: 2) },
    World("roots", runtimes: World.allRuntimes) { world in
        world.budget = Budget(flips: 4, late: 1)
        world.hasRootDisks = true
        world.snapshotsRoot = true
        world.configures = true
    },
]
