import Glibc
import Simulation

/// Searches the small worlds that are named, or all quick ones.
///
///     explore [--deep] [WORLD…] [late=1 …]   a change applies to all of them
@main
enum Main {
    static func main() async {
        let worlds = worlds(Array(CommandLine.arguments.dropFirst()))
        var isGood = true
        await inTurn(worlds) { world in
            let (exploration, time) = timed { explore(world, walks: walks) }
            return (world, exploration, time)
        } finished: { (world: World, exploration: Exploration, time: Duration) in
            isGood = isGood && exploration.isGood
            print(exploration.line(of: world, in: time))
            for line in exploration.finding?.lines ?? [] { print("  \(line)") }
        }
        if !isGood { exit(1) }
    }

    /// Walks that forget nothing after every search.
    private static let walks = 150

    private static func worlds(_ arguments: [String]) -> [World] {
        let all = World.all
        let changes = arguments.filter { $0.contains("=") }
        let names = arguments.filter { !$0.hasPrefix("--") && !$0.contains("=") }
        var worlds = arguments.contains("--deep") ? World.quick + World.deep : World.quick
        if !names.isEmpty { worlds = all.filter { names.contains($0.name) } }
        guard worlds.count >= max(1, names.count) else {
            fail("no such world; there are \(all.map(\.name).joined(separator: ", "))")
        }
        for index in worlds.indices {
            for change in changes where !worlds[index].apply(change) { fail("\(change) is no change to a world") }
        }
        return worlds
    }

    static func fail(_ message: String) -> Never {
        print("explore: \(message)")
        exit(1)
    }
}

extension World {
    /// - Parameter change: a number and what it is of, such as `late=1`.
    fileprivate mutating func apply(_ change: String) -> Bool {
        let parts = change.split(separator: "=")
        guard parts.count == 2, let number = UInt8(parts[1]), number < 4 else { return false }
        switch parts[0] {
        case "flips": budget.flips = number
        case "writes": budget.writes = number
        case "late": budget.late = number
        case "lag": budget.lag = number
        case "errors": budget.errors = number
        case "rollbacks": budget.rollbacks = number
        case "touches": budget.touches = number
        default: return false
        }
        return true
    }
}

extension Exploration {
    func line(of world: World, in time: Duration) -> String {
        let verdict = finding != nil ? "VIOLATED" : isCutShort ? "CUT SHORT" : "ok"
        return
            "\(world.name): \(verdict), \(states) states, \(edges) edges, depth \(depth), \(questions) questions, "
            + time.inSeconds
    }
}
