#if MUTANTS
    public import Instances

    /// One safeguard taken out, and what came of it.
    public struct MutantResult: Sendable {
        public var safeguard: Safeguard
        public var world: String
        public var exploration: Exploration
    }

    /// Takes one safeguard out and searches worlds until one shows what is missing.
    ///
    /// - Returns: the last world searched; its finding is `nil` where none has shown anything.
    public func explore(without safeguard: Safeguard, in worlds: [World]) -> MutantResult {
        Mutants.$removed.withValue(safeguard) {
            var searched = Exploration()
            var last = ""
            for var world in worlds {
                world.forcesPush = safeguard == .statusIsCompared
                searched = explore(world)
                last = world.name
                if searched.finding != nil { break }
            }
            return MutantResult(safeguard: safeguard, world: last, exploration: searched)
        }
    }
#endif
