import Glibc
import HTTP
import Synchronization
import TestThreads
import Testing

@Suite(.runs(on: .exchanges)) struct HTTPClientTests {
    let client = HTTPClient(configuration: ClientConfiguration())

    @Test(arguments: [200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 409, 412, 423, 429, 500, 503])
    func `whatever its status, an answer is an answer and is not followed`(status: Int) async throws {
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil {
                let length = status == 204 || status == 304 ? "" : "Content-Length: 0\r\n"
                connection.send("HTTP/1.1 \(status) Whatever\r\nLocation: /elsewhere\r\n\(length)\r\n")
            }
        }
        defer { server.stop() }
        let response = try await client.send(Request(url: server.url))
        #expect(response.status == status)
        #expect(response.body.isEmpty)
        #expect(response.headers.first("location") == "/elsewhere")
        #expect(server.requests.count == 1)
    }

    @Test func `bodies arrive whole, chunked or not`() async throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                if request.line.contains("chunked") {
                    connection.send(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
                    )
                } else {
                    connection.send(answer(body: "abcde"))
                }
            }
        }
        defer { server.stop() }
        for path in ["/plain", "/chunked"] {
            let response = try await client.send(Request(url: server.url + path))
            #expect(response.text == "abcde")
            #expect(response.headers.first("x-t") == nil, "a trailer is no header")
        }
    }

    @Test func `one connection serves requests that follow each other`() async throws {
        let server = LoopbackServer(answering: { _ in answer(body: "x") })
        defer { server.stop() }
        for _ in 0..<50 {
            #expect(try await client.send(Request(method: .post, url: server.url, body: [1])).status == 200)
        }
        #expect(server.accepted == 1)
        #expect(server.requests.count == 50)
    }

    @Test func `never more than the permitted connections, and waiting for one does not count as connecting`()
        async throws
    {
        let running = Mutex(0)
        let most = Mutex(0)
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil {
                let now = running.withLock { running in
                    running += 1
                    return running
                }
                most.withLock { $0 = max($0, now) }
                usleep(100_000)
                running.withLock { $0 -= 1 }
                connection.send(answer())
            }
        }
        defer { server.stop() }
        let client = HTTPClient(configuration: ClientConfiguration(maxConnectionsPerHost: 3))
        let url = server.url
        // 60 requests of 100 ms, three at a time: the last waits for twice the time that a connection may take.
        let statuses = await withTaskGroup { group in
            for _ in 0..<60 {
                group.addTask { try? await client.send(Request(url: url, connectTimeout: .seconds(1))).status }
            }
            return await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 60))
        #expect(most.withLock { $0 } == 3)
        #expect(server.accepted == 3)
    }

    @Test func `a host that does not answer delays no other`() async throws {
        let silent = LoopbackServer { $0.staySilent() }
        let lively = LoopbackServer(answering: { _ in answer() })
        defer { silent.stop() }
        defer { lively.stop() }
        let client = HTTPClient(configuration: ClientConfiguration(maxConnectionsPerHost: 2))
        let url = silent.url
        try await withThrowingTaskGroup { group in
            for _ in 0..<10 {
                group.addTask { await failure(of: Request(url: url, deadline: .seconds(600)), client)?.kind }
            }
            #expect(try await client.send(Request(url: lively.url, deadline: .seconds(30))).status == 200)
            group.cancelAll()
            let kinds = try await group.reduce(into: [Kind?]()) { $0.append($1) }
            #expect(kinds.count == 10)
        }
    }

    @Test func `a silent server ends at the deadline, and who waits in the line says that nothing was sent`() async {
        let server = LoopbackServer { $0.staySilent() }
        defer { server.stop() }
        let client = HTTPClient(configuration: ClientConfiguration(maxConnectionsPerHost: 1))
        let request = Request(method: .post, url: server.url, deadline: .milliseconds(1_500))
        async let first = failure(of: request, client)
        while server.accepted == 0 { try? await Task.sleep(for: .milliseconds(5)) }
        let second = await failure(of: request, client)
        #expect(await first?.kind == .deadline(sent: true))
        #expect(await first?.surelyNotProcessed == false)
        // The first one's end may let it start a moment before its own; then the server hears of it, late on a busy machine.
        let wasInLine = second?.kind == .deadline(sent: false)
        for _ in 0..<2_000 where !wasInLine && server.accepted < 2 { try? await Task.sleep(for: .milliseconds(5)) }
        #expect(wasInLine || server.accepted == 2)
    }

    @Test func `a byte now and then does not stretch the deadline`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while connection.send("x") { usleep(20_000) }
        }
        defer { server.stop() }
        let error = await failure(of: Request(url: server.url, deadline: .milliseconds(1_500)), client)
        #expect(error?.kind == .deadline(sent: true))
    }

    @Test func `a header a moment does not stretch the deadline`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-A: 1\r\n") { usleep(20_000) }
        }
        defer { server.stop() }
        let error = await failure(of: Request(url: server.url, deadline: .milliseconds(1_500)), client)
        #expect(error?.kind == .deadline(sent: true))
    }

    @Test func `the client works on after every kind of failure`() async throws {
        let server = LoopbackServer { connection in
            guard connection.index % 2 == 1 else { return connection.reset() }
            _ = connection.readRequest()
            connection.send(answer(headers: ["Connection: close"]))
        }
        defer { server.stop() }
        for _ in 0..<20 {
            #expect(await failure(of: Request(method: .post, url: server.url), client) != nil)
            #expect(try await client.send(Request(url: server.url)).status == 200)
        }
    }
}
