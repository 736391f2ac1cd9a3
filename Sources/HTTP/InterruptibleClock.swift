import Synchronization

/// The continuous clock for those who may have to be called off: once it is interrupted every sleep by it ends, within a
/// quarter of a second, with an error.
public final class InterruptibleClock: Clock {
    private static let slice = Duration.milliseconds(250)

    private let isInterrupted = Atomic(false)

    public init() {}

    /// For good: who wants to sleep afterwards is called off at once.
    public func interrupt() { isInterrupted.store(true, ordering: .releasing) }

    public var now: ContinuousClock.Instant { .now }
    public var minimumResolution: Duration { ContinuousClock().minimumResolution }

    public func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        let clock = ContinuousClock()
        while clock.now < deadline {
            guard !isInterrupted.load(ordering: .acquiring) else { throw CancellationError() }
            try await clock.sleep(until: min(clock.now + Self.slice, deadline), tolerance: tolerance)
        }
    }
}
