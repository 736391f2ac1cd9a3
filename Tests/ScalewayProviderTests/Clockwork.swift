import Reconciler
import Synchronization

/// A clock that moves when the test says so, and a counter.
final class Clockwork: Sendable {
    private let state = Mutex((now: ContinuousClock.now, count: 0))

    var now: ContinuousClock.Instant { state.withLock { $0.now } }
    func pass(_ duration: Duration) { state.withLock { $0.now += duration } }

    func count() -> Int {
        state.withLock { state in
            state.count += 1
            return state.count
        }
    }

    func fail(after duration: Duration = .zero) throws(ProviderError) -> Int {
        pass(duration)
        throw ProviderError(.unavailable, "no answer")
    }
}
