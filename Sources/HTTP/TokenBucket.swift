import Synchronization

/// Spaces requests so that an account stays under its rate limit instead of running into it.
///
/// So many at once after a rest (`burst`), then one every `1 / rate` seconds, in the order of arrival. One bucket for
/// each provider account, shared by everything that uses the account.
public final class TokenBucket<C: Clock>: Sendable where C.Duration == Duration {
    /// Why no token was given.
    public enum Refusal: Error, Sendable, Hashable {
        case cancelled
        /// The turn would come after the deadline.
        case deadline
    }

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var pace: Pace<C.Instant>
        /// Whether somebody is first in the line. That one sleeps; the others wait to become first.
        var hasFirst = false
        var waiting: ArraySlice<Waiter> = []
        var lastID: UInt64 = 0
    }

    private let clock: C
    private let state: Mutex<State>

    /// - Parameters:
    ///   - rate: tokens per second, above zero.
    ///   - burst: tokens that a rest can save up, at least one.
    public init(rate: Double, burst: Int, clock: C) {
        self.clock = clock
        state = Mutex(State(pace: Pace(interval: .seconds(1 / rate), burst: burst, start: clock.now)))
    }

    /// Waits for a token and takes it.
    ///
    /// - Parameter deadline: a turn that comes later is refused, as soon as that is known.
    public func take(until deadline: C.Instant? = nil) async throws(Refusal) {
        try state.withLock { state throws(Refusal) in
            let turn = state.pace.turn(after: state.waiting.count + (state.hasFirst ? 1 : 0), now: clock.now)
            if let deadline, turn > deadline { throw .deadline }
        }
        guard await becomeFirst() else { throw .cancelled }
        defer { letNextBecomeFirst() }
        while let turn = state.withLock({ $0.pace.take(now: clock.now) }) {
            if let deadline, turn > deadline { throw .deadline }
            do {
                try await clock.sleep(until: turn, tolerance: nil)
            } catch {
                throw .cancelled
            }
        }
    }

    /// Gives nobody a token for so long, and no burst after that: the server has said that the rate is too high.
    public func penalise(for duration: Duration) {
        state.withLock { $0.pace.pause(until: clock.now.advanced(by: duration)) }
    }

    /// - Returns: false when the task was cancelled before its turn.
    private func becomeFirst() async -> Bool {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFirst = state.withLock { state in
                    if state.hasFirst {
                        state.waiting.append(Waiter(id: id, continuation: continuation))
                        return false
                    }
                    state.hasFirst = true
                    return true
                }
                if isFirst {
                    continuation.resume(returning: true)
                } else if Task.isCancelled {
                    // The handler may have run before there was anything to cancel.
                    leave(id)
                }
            }
        } onCancel: {
            leave(id)
        }
    }

    private func leave(_ id: UInt64) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }

    private func letNextBecomeFirst() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            state.hasFirst = next != nil
            return next
        }
        next?.continuation.resume(returning: true)
    }
}

/// When the next token is due (the "generic cell rate algorithm": one instant is the whole state).
struct Pace<Instant: InstantProtocol> where Instant.Duration == Duration {
    /// Between two tokens.
    let interval: Duration
    /// How much earlier than an even pace a token may be taken: what a rest has saved.
    private let saving: Duration
    /// When the next token would be due at an even pace.
    private var due: Instant

    init(interval: Duration, burst: Int, start: Instant) {
        self.interval = interval
        saving = interval * max(0, burst - 1)
        due = start
    }

    /// - Returns: nil when a token was taken, else when to try again.
    mutating func take(now: Instant) -> Instant? {
        let even = max(due, now)
        let turn = even.advanced(by: .zero - saving)
        guard turn <= now else { return turn }
        due = even.advanced(by: interval)
        return nil
    }

    /// When somebody with so many others before him gets a token.
    func turn(after others: Int, now: Instant) -> Instant {
        max(now, max(due, now).advanced(by: interval * others - saving))
    }

    mutating func pause(until end: Instant) {
        due = max(due, end.advanced(by: saving))
    }
}
