import HTTP
import Synchronization
import TestThreads
import Testing

/// Answers the requests in turn, the last answer for ever; after half an answer it closes the connection.
private func server(_ answers: String...) -> LoopbackServer {
    let next = Mutex(0)
    return LoopbackServer { connection in
        while connection.readRequest() != nil {
            let text = next.withLock { next in
                defer { next = min(next + 1, answers.count - 1) }
                return answers[next]
            }
            connection.send(text)
            if !text.contains("\r\n\r\n") { return }
        }
    }
}

private let empty429 = "HTTP/1.1 429 Too Many Requests\r\nX-Envoy-Ratelimited: true\r\nContent-Length: 0\r\n\r\n"

@Suite(.runs(on: .exchanges)) struct SendWithRetriesTests {
    let client = HTTPClient(configuration: ClientConfiguration())
    let clock = SkippingClock()
    let policy = RetryPolicy(attempts: 4, base: .seconds(1), cap: .seconds(8), rateLimitPause: .seconds(2))

    private func send(
        _ request: Request, overall: Duration = .seconds(60), bucket: TokenBucket<SkippingClock>? = nil
    ) async -> Result<Int, HTTPError> {
        do throws(HTTPError) {
            let response = try await client.sendWithRetries(
                request, policy: policy, overall: overall, bucket: bucket, clock: clock, random: { 0.5 })
            return .success(response.status)
        } catch {
            return .failure(error)
        }
    }

    @Test func `a read is tried until it succeeds`() async {
        // Were the connection kept, libcurl itself would repeat what the second answer loses.
        let server = server(answer("503 Busy", headers: ["Connection: close"]), "", answer("502 Bad"), answer())
        defer { server.stop() }
        #expect(await send(Request(url: server.url)) == .success(200))
        #expect(server.requests.count == 4)
        #expect(clock.sleeps == [.seconds(0.5), .seconds(1), .seconds(2)])
    }

    @Test func `after the last attempt its answer is returned`() async {
        let server = server(answer("503 Busy"))
        defer { server.stop() }
        #expect(await send(Request(method: .delete, url: server.url)) == .success(503))
        #expect(server.requests.count == 4)
    }

    @Test func `a POST goes out again after 429, and not after a lost answer`() async {
        let limited = server(empty429, empty429, answer("201 Created"))
        defer { limited.stop() }
        #expect(await send(Request(method: .post, url: limited.url, body: [1])) == .success(201))
        #expect(limited.requests.map(\.body) == [[1], [1], [1]])
        #expect(clock.sleeps == [.seconds(2.5), .seconds(3)])
        for text in ["", "HTTP/1.1 201 Cre", answer("500 Oops")] {
            let losing = server(text)
            _ = await send(Request(method: .post, url: losing.url))
            #expect(losing.requests.count == 1, "\(text)")
            losing.stop()
        }
    }

    @Test func `a PATCH goes out again only when it is marked as idempotent`() async {
        let server = server("", answer())
        defer { server.stop() }
        let result = await send(Request(method: .patch, url: server.url))
        #expect((try? result.get()) == nil)
        #expect(server.requests.count == 1)
        let marked = self.marked(Request(method: .patch, url: server.url))
        #expect(await send(marked) == .success(200))
    }

    private func marked(_ request: Request) -> Request {
        var request = request
        request.isIdempotent = true
        return request
    }

    @Test func `no wait is begun that the overall time does not cover`() async {
        let server = server(answer("503 Busy", headers: ["Retry-After: 50"]))
        defer { server.stop() }
        #expect(await send(Request(url: server.url), overall: .seconds(60)) == .success(503))
        #expect(server.requests.count == 2)
        #expect(clock.now.offset == .seconds(50.5))
    }

    @Test func `an attempt gets no more time than is left`() async {
        let server = LoopbackServer { $0.staySilent() }
        defer { server.stop() }
        let result = await send(
            Request(method: .post, url: server.url, deadline: .seconds(600)), overall: .milliseconds(1_500))
        guard case .failure(let error) = result else {
            Issue.record("an answer came")
            return
        }
        #expect(error.kind == .deadline(sent: true))
    }

    @Test func `an attempt that surely failed does not hide an earlier one that perhaps did not`() async {
        let server = LoopbackServer { _ = $0.readRequest() }
        let url = server.url
        let stopping = SkippingClock()
        let policy = RetryPolicy(attempts: 2)
        do throws(HTTPError) {
            // The draw comes between the attempts: the server goes away in the middle.
            _ = try await client.sendWithRetries(
                Request(method: .delete, url: url), policy: policy, overall: .seconds(60), clock: stopping,
                random: {
                    if server.accepted == 1 { server.stop() }
                    return 0
                })
            Issue.record("an answer came")
        } catch {
            #expect(error.kind == .interrupted)
            #expect(!error.surelyNotProcessed)
            #expect(error.context.words.contains("onnect"), "the words are the last attempt's: \(error)")
        }
    }

    @Test(arguments: [(Method.get, answer("503 Busy"), true), (.post, empty429, false)])
    func `cancelling ends the wait between attempts`(method: Method, text: String, sent: Bool) async throws {
        let server = server(text)
        defer { server.stop() }
        let (client, request) = (client, Request(method: method, url: server.url))
        let isDrawn = Atomic(false)
        let task = Task(executorPreference: TestThreads.exchanges) {
            do throws(HTTPError) {
                let patient = RetryPolicy(base: .seconds(3600), cap: .seconds(3600))
                _ = try await client.sendWithRetries(
                    request, policy: patient, overall: .seconds(9000), clock: ContinuousClock(),
                    random: {
                        isDrawn.store(true, ordering: .relaxed)
                        return 0.9
                    })
                return nil as Kind?
            } catch {
                return error.kind
            }
        }
        while !isDrawn.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(await task.value == .cancelled(sent: sent))
    }

    @Test func `a 429 makes everybody who shares the bucket pause`() async throws {
        let server = server(empty429)
        defer { server.stop() }
        let bucket = TokenBucket(rate: 100, burst: 50, clock: clock)
        let once = RetryPolicy(attempts: 1, rateLimitPause: .seconds(3))
        let response = try await client.sendWithRetries(
            Request(url: server.url), policy: once, overall: .seconds(60), bucket: bucket, clock: clock)
        #expect(response.status == 429)
        #expect(clock.now.offset == .zero)
        try await bucket.take()
        #expect(clock.now.offset == .seconds(3))
    }

    @Test func `a bucket with too long a line fails before anything is sent`() async {
        let server = server(answer())
        defer { server.stop() }
        let bucket = TokenBucket(rate: 1, burst: 1, clock: clock)
        bucket.penalise(for: .seconds(100))
        let result = await send(Request(method: .post, url: server.url), bucket: bucket)
        guard case .failure(let error) = result else {
            Issue.record("an answer came")
            return
        }
        #expect(error.kind == .deadline(sent: false))
        #expect(server.accepted == 0)
        #expect(clock.sleeps.isEmpty)
    }
}
