import TestThreads
import Testing

@testable import HTTP

private let context = Request(method: .post, url: "https://example.com").context("words")
private let day = "Fri, 31 Dec 1999 23:59:"

private func response(_ status: Int, _ headers: (String, String)...) -> Result<Response, HTTPError> {
    .success(Response(status: status, headers: Headers(headers.map { Header($0, $1) })))
}

@Suite(.runs(on: .exchanges)) struct RetryPolicyTests {
    let policy = RetryPolicy(
        attempts: 4, base: .seconds(1), cap: .seconds(5), retryAfterCap: .seconds(30), rateLimitPause: .seconds(2))

    private func decide(
        _ outcome: Result<Response, HTTPError>, isIdempotent: Bool = true, attempt: Int = 1, random: Double = 0
    ) -> RetryPolicy.Decision {
        policy.decide(isIdempotent: isIdempotent, outcome, attempt: attempt, random: random)
    }

    @Test(arguments: [200, 201, 204, 301, 304, 400, 401, 403, 404, 408, 409, 412, 423, 501, 505])
    func `an answer that would be the same again is final`(status: Int) {
        #expect(decide(response(status)) == .giveUp)
        #expect(decide(response(status), isIdempotent: false) == .giveUp)
    }

    @Test(arguments: [500, 502, 503, 504])
    func `a failing server is asked again only for what may happen twice`(status: Int) {
        #expect(decide(response(status)) == .retry(after: .zero))
        #expect(decide(response(status), isIdempotent: false) == .giveUp)
    }

    @Test func `a refusal for the rate is no processing, whatever the method`() {
        for isIdempotent in [true, false] {
            #expect(decide(response(429), isIdempotent: isIdempotent) == .retry(after: .seconds(2)))
        }
    }

    @Test func `what surely was not processed may go out again, what perhaps was only if that does no harm`() {
        let table: [(HTTPError, idempotent: Bool, other: Bool)] = [
            (.refusedBeforeSend(context), true, true),
            (.deadline(sent: false, context), true, true),
            (.deadline(sent: true, context), true, false),
            (.interrupted(context), true, false),
            (.responseTooLarge(limit: 1, context), false, false),
            (.cancelled(sent: false, context), false, false),
            (.invalid(reason: "", context), false, false),
        ]
        for (error, idempotent, other) in table {
            #expect(decide(.failure(error)) == (idempotent ? .retry(after: .zero) : .giveUp), "\(error)")
            #expect(
                decide(.failure(error), isIdempotent: false) == (other ? .retry(after: .zero) : .giveUp), "\(error)")
        }
    }

    @Test func `the wait is a random share of a bound that doubles up to the cap`() {
        let generous = RetryPolicy(attempts: .max, base: .seconds(1), cap: .seconds(5))
        for (attempt, bound) in [(1, 1.0), (2, 2), (3, 4), (4, 5), (5, 5), (100, 5)] {
            for random in [0, 0.25, 0.5, 0.75] {
                let decision = generous.decide(
                    isIdempotent: true, response(500), attempt: attempt, random: random)
                #expect(decision == .retry(after: .seconds(bound * random)))
            }
        }
    }

    @Test func `attempts are counted with the first`() {
        #expect(decide(response(500), attempt: 3) != .giveUp)
        #expect(decide(response(500), attempt: 4) == .giveUp)
        #expect(RetryPolicy(attempts: 1).decide(isIdempotent: true, response(500), attempt: 1, random: 0) == .giveUp)
    }

    @Test func `a server that names a wait gets it, within reason, and a share on top`() {
        #expect(decide(response(429, ("Retry-After", "7"))) == .retry(after: .seconds(7)))
        #expect(decide(response(503, ("retry-after", "7")), random: 0.5) == .retry(after: .seconds(7.5)))
        #expect(decide(response(429, ("Retry-After", "0"))) == .retry(after: .zero))
        #expect(decide(response(429, ("Retry-After", "31"))) == .retry(after: .seconds(30)))
        #expect(
            decide(response(429, ("Retry-After", String(repeating: "9", count: 40)))) == .retry(after: .seconds(30)))
        #expect(decide(response(500, ("Retry-After", "7"))) == .retry(after: .zero), "it means nothing there")
    }

    @Test(arguments: ["Fri, 31 Dec 1999 23:59:20 GMT", "Friday, 31-Dec-99 23:59:20 GMT", "Fri Dec 31 23:59:20 1999"])
    func `a date counts from the date of the answer, in each of the three formats`(date: String) {
        let outcome = response(503, ("Retry-After", date), ("Date", day + "15 GMT"))
        #expect(decide(outcome) == .retry(after: .seconds(5)))
    }

    @Test func `a date that has passed or that has nothing to count from is no wait`() {
        let past = response(429, ("Retry-After", day + "10 GMT"), ("Date", day + "15 GMT"))
        #expect(decide(past) == .retry(after: .zero))
        #expect(decide(response(429, ("Retry-After", day + "10 GMT"))) == .retry(after: .seconds(2)))
    }

    @Test(arguments: ["", "-1", "1.5", "soon", "1h", " ", "Fri, 31 Foo 1999 23:59:59 GMT", "١٢"])
    func `a wait that is none is ignored`(text: String) {
        let outcome = response(429, ("Retry-After", text), ("Date", day + "15 GMT"))
        #expect(decide(outcome) == .retry(after: .seconds(2)))
    }
}
