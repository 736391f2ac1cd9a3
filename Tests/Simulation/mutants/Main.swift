import Glibc
import Instances
import Simulation
import Simulator

/// Takes out every safeguard in its turn, and fails where nobody notices.
///
///     mutants                                 each where the table says
///     mutants SAFEGUARD… [WORLD…] [SEED…]     only these, in other worlds if any are named; with the way to the harm
@main
enum Main {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        let named = arguments.compactMap(Safeguard.init(rawValue:))
        let worlds = World.all.filter { arguments.contains($0.name) }.map(Place.world)
        let places = worlds + arguments.compactMap(UInt64.init).map(Place.seed)
        guard named.count + places.count == arguments.count else {
            print("mutants: there are \(Safeguard.allCases.map(\.rawValue)) and \(World.all.map(\.name))")
            exit(64)
        }
        let safeguards = named.isEmpty ? Safeguard.allCases : named
        let trials = safeguards.flatMap { safeguard in
            (places.isEmpty ? safeguard.fate.places : places).map {
                Trial(safeguard: safeguard, place: $0)
            }
        }
        let isGood = await run(trials, inWords: !named.isEmpty)
        if places.isEmpty { tell(safeguards) }
        if !isGood { exit(1) }
    }

    /// - Returns: whether each came to harm.
    private static func run(_ trials: [Trial], inWords: Bool) async -> Bool {
        var caught = 0
        await inTurn(trials) { trial in
            let (harm, time) = timed { trial.run(inWords: inWords) }
            return (trial, harm, time)
        } finished: { (trial: Trial, harm: Harm, time: Duration) in
            caught += harm.what == nil ? 0 : 1
            print(
                "\(trial.safeguard): \(harm.what.map { "caught: \($0)" } ?? "NOT CAUGHT"); \(trial.place), \(harm.effort), "
                    + time.inSeconds)
            if inWords { for line in harm.lines { print("  \(line)") } }
        }
        print("\(caught) of \(trials.count) caught")
        return caught == trials.count
    }

    /// Names those that no run can miss, and those that the prototype was tried without.
    private static func tell(_ safeguards: [Safeguard]) {
        for mutant in PrototypeMutant.all where safeguards.contains(mutant.safeguard) {
            print("M\(mutant.number): \(mutant.change): \(mutant.safeguard)")
        }
        for safeguard in safeguards {
            guard case .backstop(let reason, let test) = safeguard.fate else { continue }
            print("\(safeguard): defence in depth: \(reason); held by the test `\(test)`")
        }
    }
}

/// Where one safeguard is missing.
struct Trial: Sendable {
    let safeguard: Safeguard
    let place: Place

    func run(inWords: Bool) -> Harm {
        switch place {
        case .world(let world):
            let exploration = Mutants.$removed.withValue(safeguard) { explore(world) }
            let finding = exploration.finding
            return Harm(
                what: finding?.what, lines: finding?.lines ?? [],
                effort: "\(finding?.trace.count ?? 0) steps, \(exploration.states) states")
        case .seed(let first):
            var lives = 0
            for seed in first..<first + Place.seedsTried {
                let result = Mutants.$removed.withValue(safeguard) { simulate(seed: seed, inWords: inWords) }
                lives += result.lives.begun
                // One that comes to harm anyway proves nothing.
                guard result.violation != nil, simulate(seed: seed).violation == nil else { continue }
                let elsewhere = seed == first ? "" : ", in the world of seed \(seed)"
                return Harm(what: result.violation, lines: result.lines, effort: "\(lives) lives\(elsewhere)")
            }
            return Harm(what: nil, lines: [], effort: "and the \(Place.seedsTried) seeds from there on, \(lives) lives")
        }
    }
}

/// What came of it.
struct Harm: Sendable {
    /// `nil`: none.
    var what: String?
    var lines: [String]
    var effort: String
}
