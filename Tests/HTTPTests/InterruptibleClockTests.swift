import HTTP
import TestThreads
import Testing

@Suite(.runs(on: .exchanges), .timeLimit(.minutes(5))) struct InterruptibleClockTests {
    let clock = InterruptibleClock()

    @Test func `a sleep that nobody interrupts lasts until its end`() async throws {
        let end = clock.now + .milliseconds(300)
        try await clock.sleep(until: end, tolerance: nil)
        #expect(clock.now >= end)
    }

    @Test func `once it is interrupted nobody sleeps any more`() async throws {
        let hour = clock.now + .seconds(3600)
        async let sleep = isCalledOff(from: hour)
        clock.interrupt()
        #expect(await sleep)
        #expect(await isCalledOff(from: hour))
        try await clock.sleep(until: clock.now, tolerance: nil)
    }

    private func isCalledOff(from end: ContinuousClock.Instant) async -> Bool {
        do { try await clock.sleep(until: end, tolerance: nil) } catch { return error is CancellationError }
        return false
    }

    /// A server may ask for a minute, which is more than an operator that is to end has.
    @Test func `who waits for another try is called off, and so is who waits for a turn`() async throws {
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil {
                connection.send("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { server.stop() }
        let client = HTTPClient(configuration: ClientConfiguration())
        let policy = RetryPolicy(retryAfterCap: .seconds(3600))
        let bucket = TokenBucket(rate: 1, burst: 1, clock: clock)
        func send() async -> HTTPError? {
            do throws(HTTPError) {
                _ = try await client.sendWithRetries(
                    Request(url: server.url), policy: policy, overall: .seconds(10_000), bucket: bucket, clock: clock)
                return nil
            } catch { return error }
        }
        async let first = send()
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        async let second = send()
        clock.interrupt()
        guard case .cancelled(sent: false, _)? = await first else { throw Unexpected() }
        guard case .cancelled(sent: false, _)? = await second else { throw Unexpected() }
        #expect(server.requests.count == 1)
    }

    private struct Unexpected: Error {}
}
