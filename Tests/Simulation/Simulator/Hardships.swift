import Instances

/// What is wrong with the git server.
struct Hardships: Sendable {
    /// For how long the server refuses every push, each time that it does; `nil`: it never does.
    var longestProtection: Duration?
    private var random: SplitMix64

    /// Drawn apart from everything else, so that the worlds without are what they were.
    private static let salt: UInt64 = 0x4A2D_5419

    init(seed: UInt64) {
        random = SplitMix64(seed: seed ^ Self.salt)
        longestProtection = random.pick([nil, nil, .seconds(20), .seconds(300)])
    }

    fileprivate mutating func pause(upTo longest: Duration) -> Duration { random.duration(upTo: longest) }

    fileprivate mutating func chance(_ rate: PerMille) -> Bool { random.chance(rate) }
}

/// What happens to the git server by itself, for as long as there is trouble.
extension Episode {
    private static let longestTimeBetween = Duration.seconds(300)

    func beginHardships() {
        if hardships.longestProtection != nil { protectLater() }
    }

    private func protectLater() {
        guard let longest = hardships.longestProtection else { return }
        scheduler.after(hardships.pause(upTo: Self.longestTimeBetween)) {
            guard !self.isCalm, !self.isEnding else { return }
            self.remote.protect(sayingSo: self.hardships.chance(700))
            self.scheduler.after(self.hardships.pause(upTo: longest)) {
                self.remote.unprotect()
                self.protectLater()
            }
        }
    }
}
