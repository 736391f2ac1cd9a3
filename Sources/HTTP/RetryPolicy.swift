import CCurl

/// When a request may be sent again, and how long to wait before.
public struct RetryPolicy: Sendable, Hashable {
    public enum Decision: Sendable, Hashable {
        case giveUp
        case retry(after: Duration)
    }

    /// How often a request is sent at most, the first time included.
    public var attempts: Int
    /// The longest wait before the second attempt; it doubles with every further one.
    public var base: Duration
    /// The doubling ends here.
    public var cap: Duration
    /// A server that asks for more patience than this is asked again after this long.
    public var retryAfterCap: Duration
    /// How long everybody pauses after a 429 that does not say.
    public var rateLimitPause: Duration

    /// - Parameter rateLimitPause: Scaleway sends 429 without a hint and recovers after two to three seconds.
    public init(
        attempts: Int = 5, base: Duration = .milliseconds(500), cap: Duration = .seconds(20),
        retryAfterCap: Duration = .seconds(60), rateLimitPause: Duration = .seconds(2)
    ) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.retryAfterCap = retryAfterCap
        self.rateLimitPause = rateLimitPause
    }

    /// Decides after an attempt. Pure.
    ///
    /// A request that is not idempotent goes out again only when the server surely did not process it: when it was not
    /// sent, or was refused with 429. The others also after 500, 502, 503, 504 and after a lost answer.
    ///
    /// - Parameters:
    ///   - isIdempotent: ``Request/isIdempotent``.
    ///   - attempt: which one it was; the first is 1.
    ///   - random: in 0..<1. The wait is that share of the doubling bound ("full jitter"), so that clients that failed
    ///     together do not come back together.
    public func decide(
        isIdempotent: Bool, _ outcome: Result<Response, HTTPError>, attempt: Int, random: Double
    ) -> Decision {
        guard attempt < attempts, mayRepeat(isIdempotent, outcome) else { return .giveUp }
        let bound = min(cap, base * Double(1 << min(max(attempt - 1, 0), 30)))
        guard let pause = pause(after: outcome) else { return .retry(after: bound * random) }
        return .retry(after: pause + bound * random)
    }

    /// How long the server wants to be left alone.
    ///
    /// - Returns: nil when the outcome says nothing about that.
    func pause(after outcome: Result<Response, HTTPError>) -> Duration? {
        guard case .success(let response) = outcome, response.status == 429 || response.status == 503 else {
            return nil
        }
        let asked = response.headers.retryAfter.map { min($0, retryAfterCap) }
        return asked ?? (response.status == 429 ? rateLimitPause : nil)
    }

    private func mayRepeat(_ isIdempotent: Bool, _ outcome: Result<Response, HTTPError>) -> Bool {
        switch outcome {
        case .success(let response):
            switch response.status {
            case 429: true
            case 500, 502, 503, 504: isIdempotent
            default: false
            }
        case .failure(.refusedBeforeSend): true
        case .failure(.deadline(let sent, _)): isIdempotent || !sent
        case .failure(.interrupted): isIdempotent
        case .failure(.responseTooLarge), .failure(.cancelled), .failure(.invalid): false
        }
    }
}

extension Headers {
    /// The wait that `Retry-After` asks for; never negative.
    ///
    /// A date is compared with the answer's own `Date`, so that a wrong clock on either side does not matter.
    /// Source: RFC 9110, 10.2.3.
    public var retryAfter: Duration? {
        guard let text = first("retry-after") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // More digits than an Int holds are a long time, too.
            return .seconds(Int(text) ?? .max)
        }
        guard let until = Self.seconds(text), let now = first("date").flatMap(Self.seconds) else { return nil }
        return .seconds(max(0, until - now))
    }

    /// Seconds since 1970. Source: curl_getdate(3), which reads all three formats of HTTP.
    private static func seconds(_ date: String) -> Int? {
        let seconds = curl_getdate(date, nil)
        return seconds >= 0 ? seconds : nil
    }
}
