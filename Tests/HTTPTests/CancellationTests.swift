import Glibc
import HTTP
import TestThreads
import Testing

@Suite(.runs(on: .exchanges), .timeLimit(.minutes(5))) struct CancellationTests {
    let client = HTTPClient(configuration: ClientConfiguration())
    /// Far beyond the test: only a cancellation can end the requests.
    let forEver = Duration.seconds(3600)

    @Test func `every task that was cancelled before it began answers`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.staySilent()
        }
        defer { server.stop() }
        let request = Request(url: server.url, deadline: forEver)
        let kinds = await withTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return await failure(of: request, client)?.kind
                }
            }
            return await group.reduce(into: [Kind?]()) { $0.append($1) }
        }
        #expect(kinds.count == 200)
        for kind in kinds {
            #expect(kind == .cancelled(sent: false) || kind == .cancelled(sent: true))
        }
    }

    @Test func `every task that is cancelled on the way answers, and its connection closes`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.staySilent()
        }
        defer { server.stop() }
        let client = HTTPClient(configuration: ClientConfiguration(maxConnectionsPerHost: 50))
        let request = Request(url: server.url, deadline: forEver)
        let kinds = await withTaskGroup { group in
            for _ in 0..<200 {
                group.addTask { await failure(of: request, client)?.kind }
            }
            while server.requests.count < 50 { try? await Task.sleep(for: .milliseconds(5)) }
            group.cancelAll()
            return await group.reduce(into: [Kind?]()) { $0.append($1) }
        }
        // 150 waited in the line. Some of them may get the place of one that was cancelled a moment earlier.
        #expect(kinds.count == 200)
        #expect(kinds.count { $0 == .cancelled(sent: true) } >= 50)
        #expect(kinds.allSatisfy { $0 == .cancelled(sent: true) || $0 == .cancelled(sent: false) })
        while server.openConnections > 0 { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func `cancelling at any moment leaves the client whole`() async throws {
        let server = LoopbackServer(answering: { _ in answer(body: "x") })
        defer { server.stop() }
        let url = server.url
        for round in 0..<200 {
            let task = Task(executorPreference: TestThreads.exchanges) {
                await failure(of: Request(url: url, deadline: forEver), client)?.kind
            }
            for _ in 0..<(round % 40) { await Task.yield() }
            task.cancel()
            let kind = await task.value
            #expect(kind == nil || kind == .cancelled(sent: true) || kind == .cancelled(sent: false))
        }
        #expect(try await client.send(Request(url: url)).text == "x")
    }

    @Test func `shutting down cancels what is under way and refuses what comes later`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.staySilent()
        }
        defer { server.stop() }
        let request = Request(url: server.url, deadline: forEver)
        let kinds = await withTaskGroup { group in
            for _ in 0..<40 { group.addTask { await failure(of: request, client)?.kind } }
            while server.requests.count < 16 { try? await Task.sleep(for: .milliseconds(5)) }
            client.shutdown()
            return await group.reduce(into: [Kind?]()) { $0.append($1) }
        }
        #expect(kinds.count == 40)
        #expect(kinds.count { $0 == .cancelled(sent: true) } == 16)
        #expect(kinds.count { $0 == .cancelled(sent: false) } == 24)
        #expect(await failure(of: request, client)?.kind == .cancelled(sent: false))
        client.shutdown()
    }

    @Test func `a client that nobody holds ends its thread and its connections`() async throws {
        let server = LoopbackServer(answering: { _ in answer() })
        defer { server.stop() }
        let before = threads()
        for _ in 0..<20 {
            #expect(
                try await HTTPClient(configuration: ClientConfiguration()).send(Request(url: server.url)).status == 200)
        }
        while server.openConnections > 0 { try await Task.sleep(for: .milliseconds(5)) }
        // Other tests start and end threads at the same time, but not twenty more that stay.
        while threads() > before + 10 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(server.accepted == 20)
    }

    private func threads() -> Int {
        guard let folder = opendir("/proc/self/task") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
