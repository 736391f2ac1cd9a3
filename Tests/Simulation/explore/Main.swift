import Glibc
import Simulation

#if MUTANTS
    import Instances
#endif

/// Searches the worlds that are named, or all quick ones. `two flips=2 late=1` changes what may happen in them.
@main
enum Main {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        let deep = arguments.contains("--deep")
        let changes = arguments.filter { $0.contains("=") }
        let names = arguments.filter { !$0.hasPrefix("--") && !$0.contains("=") }
        #if MUTANTS
            if arguments.contains("--mutants") { return printMutants(World.quick, named: names) }
        #endif
        let all = World.quick + World.deep
        var worlds = names.isEmpty ? (deep ? all : World.quick) : all.filter { names.contains($0.name) }
        for index in worlds.indices {
            for change in changes where !worlds[index].apply(change) { fail("\(change) cannot be changed") }
        }
        guard worlds.count >= max(1, names.count) else { fail("no such world; there are \(all.map(\.name))") }
        var isGood = true
        for world in worlds {
            let clock = ContinuousClock()
            let start = clock.now
            let exploration = explore(world, walks: 300)
            let time = start.duration(to: clock.now)
            isGood = isGood && exploration.isGood
            print(exploration.line(of: world, in: time))
            if let finding = exploration.finding {
                print("  \(finding.what)")
                for (number, line) in finding.trace.enumerated() { print("  \(number + 1). \(line)") }
            }
        }
        if !isGood { exit(1) }
    }

    static func fail(_ message: String) -> Never {
        print(message)
        exit(1)
    }
}

extension World {
    /// - Parameter change: a number and what it is of, such as `late=1`.
    mutating func apply(_ change: String) -> Bool {
        let parts = change.split(separator: "=")
        guard parts.count == 2, let number = UInt8(parts[1]) else { return false }
        switch parts[0] {
        case "operators": operators = Int(number)
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
            "\(world.name): \(verdict), \(states) states, \(edges) edges, depth \(depth), \(questions) questions, \(time)"
    }
}

#if MUTANTS
    extension Main {
        /// What each safeguard is needed for: the shortest way to harm without it.
        static func printMutants(_ worlds: [World], named names: [String]) {
            for safeguard in Safeguard.allCases where names.isEmpty || names.contains(safeguard.rawValue) {
                let result = explore(without: safeguard, in: worlds)
                let finding = result.exploration.finding
                print(
                    "\(safeguard.rawValue): \(finding?.what ?? "NOT CAUGHT"), \(finding?.trace.count ?? 0) steps in world "
                        + "\(result.world), \(result.exploration.states) states")
                guard names.contains(safeguard.rawValue), let finding else { continue }
                for (number, line) in finding.trace.enumerated() { print("  \(number + 1). \(line)") }
            }
        }
    }
#endif
