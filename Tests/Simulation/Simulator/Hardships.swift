import Instances

/// What is wrong with the machines that operators run on, and with the git server.
struct Hardships: Sendable {
    /// How far the clock on the wall of a host is off at most, and how far it jumps.
    var longestOffset = Duration.zero
    /// How long a process lives at most, whatever it does at the time; `nil`: only exchanges end it.
    var longestLife: Duration?
    /// For how long the server refuses every push, each time that it does; `nil`: it never does.
    var longestProtection: Duration?
    private var random: SplitMix64

    /// Drawn apart from everything else, so that the worlds without are what they were.
    private static let salt: UInt64 = 0x4A2D_5419

    init(seed: UInt64) {
        random = SplitMix64(seed: seed ^ Self.salt)
        longestOffset = random.pick([.zero, .seconds(600), .seconds(36_000), .seconds(36_000)])
        longestLife = random.pick([nil, nil, .seconds(30), .seconds(200)])
        longestProtection = random.pick([nil, nil, .seconds(20), .seconds(300)])
    }

    /// As far in one direction as in the other.
    fileprivate mutating func offset() -> Duration {
        let offset = random.duration(upTo: longestOffset)
        return random.chance(500) ? offset : .zero - offset
    }

    fileprivate mutating func pause(upTo longest: Duration) -> Duration { random.duration(upTo: longest) }

    fileprivate mutating func chance(_ rate: PerMille) -> Bool { random.chance(rate) }
}

/// What happens to hosts and to the git server by itself, for as long as there is trouble. Clocks are never right.
extension Episode {
    private static let longestTimeBetween = Duration.seconds(300)

    func beginHardships() {
        if hardships.longestProtection != nil { protectLater() }
        guard hardships.longestOffset > .zero else { return }
        for host in hosts {
            host.clockOffset = hardships.offset()
            jumpLater(host)
        }
    }

    /// A process may end at any moment: asleep, at a standstill, with requests under way.
    func limitLife(of life: Life) {
        guard let longest = hardships.longestLife, !isCalm else { return }
        scheduler.after(hardships.pause(upTo: longest)) {
            if !self.isCalm { life.crash("in the middle of whatever it does") }
        }
    }

    /// Somebody sets the clock of a host, or something does.
    private func jumpLater(_ host: Host) {
        scheduler.after(hardships.pause(upTo: Self.longestTimeBetween)) {
            guard !self.isEnding else { return }
            host.clockOffset = self.hardships.offset()
            self.note(.world, key: 30, "the clock of host \(host.number + 1) is off by \(host.clockOffset)")
            self.jumpLater(host)
        }
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
