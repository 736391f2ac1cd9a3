import Glibc
import Simulation

#if MUTANTS
    import Instances
#endif

@main
enum Main {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        let deep = arguments.contains("--deep")
        let names = arguments.filter { !$0.hasPrefix("--") }
        let worlds = (deep ? World.quick + World.deep : World.quick).filter { world in
            names.isEmpty || arguments.contains("--mutants") || names.contains(world.name)
        }
        var isGood = true
        #if MUTANTS
            if arguments.contains("--mutants") { return printMutants(worlds, named: names) }
        #endif
        for world in worlds {
            let clock = ContinuousClock()
            let start = clock.now
            let exploration = explore(world)
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
