/// How long a thing takes: half of the samples up to the median, the rest in a tail that thins out to the longest.
struct Delay: Hashable, Sendable {
    /// Seconds on the real API.
    let shortest, median, longest: Double

    func sample(_ randomness: inout Randomness) -> Double {
        let fraction = randomness.fraction()
        if fraction < 0.5 { return shortest + (median - shortest) * fraction * 2 }
        let tail = fraction * 2 - 1
        return median + (longest - median) * tail * tail * tail
    }
}

extension Delay {
    // Seconds between the `Date` headers of the recordings. Their clients look every five seconds, so that a thing
    // recorded as five seconds took at most that long.
    static let powerOn = Delay(shortest: 4, median: 5, longest: 35)
    static let powerOff = Delay(shortest: 6, median: 41, longest: 188)
    /// From `stopped in place` there is no guest to wait for.
    static let release = Delay(shortest: 5, median: 6, longest: 10)
    static let stopInPlace = Delay(shortest: 41, median: 44, longest: 46)
    static let reboot = Delay(shortest: 38, median: 41, longest: 60)
    static let terminate = Delay(shortest: 4, median: 5, longest: 118)
    static let backup = Delay(shortest: 60, median: 72, longest: 90)
    static let volumeCreation = Delay(shortest: 2, median: 4, longest: 6)
    static let volumeUpdate = Delay(shortest: 2, median: 4, longest: 6)
    static let snapshot = Delay(shortest: 3, median: 6, longest: 31)
    static let attach = Delay(shortest: 0, median: 0.5, longest: 2)
    /// Right after a detachment the block API may still call the reference attached.
    static let detachNotice = Delay(shortest: 0, median: 0.1, longest: 1)
    static let detach = Delay(shortest: 0, median: 0.5, longest: 5)
    /// A guest that boots does not answer the request to let go of the disk.
    static let detachFromBootingGuest = Delay(shortest: 2, median: 30, longest: 65)
    static let securityGroup = Delay(shortest: 0.1, median: 0.3, longest: 1)
    static let dynamicAddress = Delay(shortest: 10, median: 15, longest: 30)
    static let interface = Delay(shortest: 2, median: 4, longest: 6)
    static let interfaceOfBootingGuest = Delay(shortest: 40, median: 56, longest: 95)

    /// Seconds after `running` during which a guest still boots.
    static let bootingGuest = 60.0
}
