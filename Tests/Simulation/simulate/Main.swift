import Simulator

@main
enum Main {
    static func main() {
        let arguments = CommandLine.arguments
        if arguments.count > 1, let seed = UInt64(arguments[1]) {
            let result = simulate(seed: seed, inWords: true)
            result.lines.forEach { print($0) }
            print(result.violation ?? "ok", result.hash, result.lives, result.crashes)
            return
        }
        let clock = ContinuousClock()
        let start = clock.now
        var lives = 0
        for seed in UInt64(0)..<1000 {
            let result = simulate(seed: seed)
            lives += result.lives
            if let violation = result.violation { print(seed, violation) }
        }
        print("\(lives) lives in \(start.duration(to: clock.now))")
    }
}
