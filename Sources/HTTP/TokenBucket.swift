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

    fileprivate struct Waiter {
        let ticket: UInt64
        /// Nil until the task is suspended.
        var continuation: CheckedContinuation<Bool, Never>?
    }

    fileprivate struct State {
        var pace: Pace<C.Instant>
        /// Who may take the next token. That one sleeps; the others wait to become first.
        var first: UInt64?
        var waiting: ArraySlice<Waiter> = []
        var lastTicket: UInt64 = 0

        var length: Int { waiting.count + (first == nil ? 0 : 1) }
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
        // Before the first suspension: who calls first is first, whatever thread comes to it first.
        let ticket = try state.withLock { state throws(Refusal) in
            if let deadline, state.pace.turn(after: state.length, now: clock.now) > deadline { throw .deadline }
            return state.enter()
        }
        guard await becomesFirst(ticket) else { throw .cancelled }
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
    private func becomesFirst(_ ticket: UInt64) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFirst = state.withLock { $0.wait(ticket, continuation) }
                if let isFirst { continuation.resume(returning: isFirst) }
            }
        } onCancel: {
            state.withLock { $0.leave(ticket) }?.resume(returning: false)
        }
    }

    private func letNextBecomeFirst() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            state.first = next?.ticket
            return next?.continuation
        }
        next?.resume(returning: true)
    }
}

extension TokenBucket.State {
    /// - Returns: a ticket for the end of the line.
    fileprivate mutating func enter() -> UInt64 {
        lastTicket += 1
        if first == nil {
            first = lastTicket
        } else {
            waiting.append(TokenBucket.Waiter(ticket: lastTicket))
        }
        return lastTicket
    }

    /// - Returns: nil when the task has to wait; else whether it is first, which it is not after ``leave(_:)``.
    fileprivate mutating func wait(_ ticket: UInt64, _ continuation: CheckedContinuation<Bool, Never>) -> Bool? {
        guard first != ticket else { return true }
        // From the end, where the newest ticket is.
        guard let place = waiting.lastIndex(where: { $0.ticket == ticket }) else { return false }
        waiting[place].continuation = continuation
        return nil
    }

    /// Does nothing for who is first already: the sleep ends by itself.
    fileprivate mutating func leave(_ ticket: UInt64) -> CheckedContinuation<Bool, Never>? {
        guard let place = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return waiting.remove(at: place).continuation
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
