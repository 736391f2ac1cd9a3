extension HTTPClient {
    /// Sends a request as often as the policy allows, until there is an answer that it does not repeat.
    ///
    /// After the last attempt its outcome is returned or thrown as it is: an answer with status 503 is an answer. An
    /// error tells about all attempts: ``HTTPError/surelyNotProcessed`` is true only when it is for each of them.
    ///
    /// - Parameters:
    ///   - overall: for all attempts and the waits between them. An attempt gets no more time than is left, and no wait
    ///     is begun that would use it up.
    ///   - bucket: paces the attempts. A 429 makes everybody who shares it pause.
    ///   - random: gives numbers in 0..<1.
    public func sendWithRetries<C: Clock>(
        _ request: Request, policy: RetryPolicy = RetryPolicy(), overall: Duration, bucket: TokenBucket<C>? = nil,
        clock: C, random: () -> Double = { .random(in: 0..<1) }
    ) async throws(HTTPError) -> Response where C.Duration == Duration {
        let deadline = clock.now.advanced(by: overall.bounded)
        var attempts = Attempts(request)
        while true {
            switch await bucket?.refusal(until: deadline) {
            case nil: break
            case .cancelled: throw attempts.cancelled
            case .deadline: return try attempts.outcome()
            }
            let left = clock.now.duration(to: deadline)
            guard left > .zero else { return try attempts.outcome() }
            var limited = request
            limited.deadline = min(request.deadline, left)
            let outcome = await result(of: limited)
            attempts.append(outcome)
            if case .success(let response) = outcome, response.status == 429, let pause = policy.pause(after: outcome) {
                bucket?.penalise(for: pause)
            }
            let decision = policy.decide(
                isIdempotent: request.isIdempotent, outcome, attempt: attempts.count, random: random())
            guard case .retry(let wait) = decision, clock.now.advanced(by: wait) < deadline else {
                return try attempts.outcome()
            }
            do {
                try await clock.sleep(until: clock.now.advanced(by: wait), tolerance: nil)
            } catch {
                throw attempts.cancelled
            }
        }
    }

    private func result(of request: Request) async -> Result<Response, HTTPError> {
        do {
            return .success(try await send(request))
        } catch {
            return .failure(error)
        }
    }
}

extension TokenBucket {
    /// - Returns: nil when a token was taken.
    fileprivate func refusal(until deadline: C.Instant) async -> Refusal? {
        do {
            try await take(until: deadline)
            return nil
        } catch {
            return error
        }
    }
}

/// What is known after several attempts at one request.
private struct Attempts {
    private let request: Request
    private(set) var count = 0
    private var last: Result<Response, HTTPError>?
    /// Whether one of them may have had an effect.
    private var mayBeProcessed = false

    init(_ request: Request) {
        self.request = request
    }

    mutating func append(_ outcome: Result<Response, HTTPError>) {
        count += 1
        last = outcome
        switch outcome {
        case .success(let response): mayBeProcessed = mayBeProcessed || response.status != 429
        case .failure(let error): mayBeProcessed = mayBeProcessed || !error.surelyNotProcessed
        }
    }

    var cancelled: HTTPError {
        .cancelled(sent: mayBeProcessed, request.context(""))
    }

    /// The last attempt's, with what the ones before it leave unknown.
    func outcome() throws(HTTPError) -> Response {
        guard let last else { throw .deadline(sent: false, request.context("")) }
        switch last {
        case .success(let response):
            return response
        case .failure(.deadline(_, let context)):
            throw .deadline(sent: mayBeProcessed, context)
        case .failure(.cancelled(_, let context)):
            throw .cancelled(sent: mayBeProcessed, context)
        case .failure(.refusedBeforeSend(let context)) where mayBeProcessed:
            throw .interrupted(context)
        case .failure(let error):
            throw error
        }
    }
}
