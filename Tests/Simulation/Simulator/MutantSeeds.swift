#if MUTANTS
    public import Instances

    /// Takes one safeguard out and lives through seeds until one comes to harm.
    ///
    /// - Returns: `nil` where none does.
    public func firstHarm(without safeguard: Safeguard, in seeds: Range<UInt64>) -> EpisodeResult? {
        Mutants.$removed.withValue(safeguard) {
            for seed in seeds {
                let result = simulate(seed: seed)
                if result.violation != nil { return result }
            }
            return nil
        }
    }
#endif
