import Glibc
import Simulator

/// `simulate [--seeds N] [--from SEED] [--seconds N] [--threads N]`, `simulate --replay SEED`.
@main
enum Main {
    static func main() {
        var arguments = Arguments(CommandLine.arguments.dropFirst())
        if let seed = arguments.number("--replay") { return replay(seed) }
        let seconds = arguments.number("--seconds")
        let from = arguments.number("--from") ?? 0
        let seeds = from..<(from + (arguments.number("--seeds") ?? (seconds == nil ? 1000 : 1 << 40)))
        let threads = Int(arguments.number("--threads") ?? UInt64(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        guard arguments.rest.isEmpty else {
            print("unknown: \(arguments.rest.joined(separator: " "))")
            exit(64)
        }
        let start = ContinuousClock.now
        let campaign = Campaign.run(
            seeds, threads: threads,
            until: { seconds.map { start.duration(to: .now) > .seconds(Int64($0)) } ?? false },
            onViolation: { result in
                print("seed \(result.seed): \(result.violation ?? "")\n  make replay SEED=\(result.seed)")
                fflush(nil)
            })
        print(campaign.text(in: start.duration(to: .now)))
        if !campaign.violations.isEmpty { exit(1) }
    }

    static func replay(_ seed: UInt64) {
        let result = simulate(seed: seed, inWords: true)
        result.lines.forEach { print($0) }
        print("\(result.violation ?? "no violation"); trace \(String(result.hash, radix: 16))")
        if result.violation != nil { exit(1) }
    }
}

extension Campaign {
    func text(in time: Duration) -> String {
        let hours = virtualTime.components.seconds / 3600
        return
            "\(episodes) episodes, \(lives.begun) lives of operators, \(lives.ended) ended, \(lives.passing) passed, "
            + "\(lives.acting) acted, \(calls) calls and pushes, \(faults) faults, \(hours) virtual hours, \(violations.count) violations; traces \(String(hash, radix: 16)); \(time)"
    }
}

/// What was asked for on the command line.
struct Arguments {
    private(set) var rest: [String]

    init(_ arguments: ArraySlice<String>) { rest = Array(arguments) }

    mutating func number(_ name: String) -> UInt64? {
        guard let index = rest.firstIndex(of: name), index + 1 < rest.count, let number = UInt64(rest[index + 1]) else {
            return nil
        }
        rest.removeSubrange(index...(index + 1))
        return number
    }
}
