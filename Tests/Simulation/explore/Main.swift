import Glibc
import Simulation

@main
enum Main {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        let deep = arguments.contains("--deep")
        let names = arguments.filter { !$0.hasPrefix("--") }
        let worlds = (deep ? World.quick + World.deep : World.quick).filter { names.isEmpty || names.contains($0.name) }
        var isGood = true
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
        return "\(world.name): \(verdict), \(states) states, \(edges) edges, depth \(depth), \(questions) questions, \(time)"
    }
}
