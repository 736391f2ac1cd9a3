import Dispatch
import Synchronization

/// Many episodes, on several threads. Each is lived through on one of them, so what comes of it does not depend on how
/// many there are.
public struct Campaign: Sendable {
    public var episodes = 0
    public var lives = LifeCounts()
    public var calls = 0
    public var faults = 0
    public var virtualTime = Duration.zero
    /// Of all episodes, whatever their order.
    public var hash: UInt64 = 0
    /// In the order of their seeds.
    public var violations: [EpisodeResult] = []

    public init() {}

    mutating func add(_ result: EpisodeResult) {
        episodes += 1
        lives += result.lives
        calls += result.calls
        faults += result.faults
        virtualTime += result.virtualTime
        hash &+= (result.hash ^ result.seed) &* 0x9E37_79B9_7F4A_7C15
        if result.violation != nil { violations.append(result) }
    }

    /// - Parameters:
    ///   - seeds: to live through, in any order.
    ///   - threads: how many at a time.
    ///   - isOver: asked before each; `true` leaves out the rest.
    ///   - onViolation: hears of each at once.
    public static func run(
        _ seeds: Range<UInt64>, threads: Int, until isOver: @escaping @Sendable () -> Bool = { false },
        onViolation: @escaping @Sendable (EpisodeResult) -> Void = { _ in }
    ) -> Campaign {
        let next = Atomic(seeds.lowerBound)
        let total = Mutex(Campaign())
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while !isOver() {
                let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard seed < seeds.upperBound else { return }
                let result = simulate(seed: seed)
                if result.violation != nil { onViolation(result) }
                total.withLock { $0.add(result) }
            }
        }
        var campaign = total.withLock { $0 }
        campaign.violations.sort { $0.seed < $1.seed }
        return campaign
    }
}
