/// How long a conversation may take and how slow it may be.
struct Patience {
    let remote: String
    let deadline: ContinuousClock.Instant
    private let total: Duration
    private let slowest: Int
    private let window: Duration
    private var windowEnd: ContinuousClock.Instant
    private var windowBytes = 0

    init(_ limits: Limits, remote: String) {
        let now = ContinuousClock.now
        self.remote = remote
        total = limits.deadline
        deadline = now + limits.deadline
        slowest = limits.slowest
        window = limits.slowFor
        windowEnd = now + limits.slowFor
    }

    mutating func moved(_ bytes: Int) {
        windowBytes += bytes
    }

    /// - Returns: how long to wait for the next byte at most; more than nothing.
    /// - Throws: `.timedOut` when nothing may be waited for any more.
    mutating func remaining() throws(GitError) -> Duration {
        let now = ContinuousClock.now
        guard now < deadline else {
            throw .timedOut(remote: remote, reason: "not done after \(total)")
        }
        if now >= windowEnd {
            guard windowBytes >= slowest * Int(window.components.seconds) else {
                throw .timedOut(remote: remote, reason: "less than \(slowest) bytes per second for \(window)")
            }
            windowBytes = 0
            windowEnd = now + window
        }
        return min(deadline - now, windowEnd - now)
    }
}

extension Duration {
    /// Rounded up, so that a wait of less than a millisecond is not a busy loop.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
