import Glibc
import HTTP
import Synchronization
import TestThreads
import Testing

/// What a blocking reader got from one exchange.
private struct Received: Sendable {
    var status: Int?
    var headers = Headers()
    var body: [UInt8] = []
    var error: HTTPError?
}

/// Reads a whole answer on a thread of its own.
private func receive(
    _ request: Request, _ configuration: ClientConfiguration = ClientConfiguration(), bufferSize: Int = 10_000,
    isCancelled: @escaping @Sendable () -> Bool = { false }
) async -> Received {
    await blocking {
        var received = Received()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
        defer { buffer.deallocate() }
        do throws(HTTPError) {
            let exchange = try StreamingExchange(request, configuration: configuration, isCancelled: isCancelled)
            (received.status, received.headers) = try exchange.start()
            while true {
                let count = try exchange.read(into: buffer)
                if count == 0 { break }
                received.body += buffer[..<count]
            }
        } catch {
            received.error = error
        }
        return received
    }
}

@Suite(.runs(on: .exchanges)) struct StreamingExchangeTests {
    @Test func `an answer is read in pieces, its head first`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 5\r\n\r\nab")
            usleep(50_000)
            connection.send("cde")
        }
        defer { server.stop() }
        let received = await receive(Request(url: server.url), bufferSize: 2)
        #expect(received.error == nil)
        #expect(received.status == 200)
        #expect(received.headers.all("X-ONE") == ["1", "2"])
        #expect(received.headers.first("x-interim") == nil)
        #expect(String(decoding: received.body, as: UTF8.self) == "abcde")
    }

    @Test func `a body goes out as it is, without the headers that libcurl would add`() async {
        let server = LoopbackServer(answering: { _ in answer() })
        defer { server.stop() }
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let request = Request(
            method: .post, url: server.url + "/git-upload-pack", headers: [Header("X-Empty", "")],
            secretHeaders: [("Authorization", Secret("Basic abc"))], body: body)
        let received = await receive(request)
        #expect(received.status == 200)
        let sent = server.requests.first
        #expect(sent?.line == "POST /git-upload-pack HTTP/1.1")
        #expect(sent?.body == body)
        #expect(sent?.header("authorization") == "Basic abc")
        #expect(sent?.header("x-empty") == "")
        #expect(sent?.header("content-type") == nil)
        #expect(sent?.header("expect") == nil)
        #expect(sent?.header("accept-encoding") == nil)
    }

    @Test func `while nobody reads, the sender is held back`() async {
        let total = 64 << 20
        let sent = Mutex(0)
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let piece = [UInt8](repeating: 7, count: 1 << 20)
            while sent.withLock({ $0 }) < total, connection.send(piece) { sent.withLock { $0 += piece.count } }
        }
        defer { server.stop() }
        let url = server.url
        let (sentBeforeReading, count, error) = await blocking { () -> (Int, Int, HTTPError?) in
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
            defer { buffer.deallocate() }
            var (sentBeforeReading, count) = (0, 0)
            do throws(HTTPError) {
                let exchange = try StreamingExchange(Request(url: url, responseLimit: total))
                _ = try exchange.start()
                usleep(300_000)
                sentBeforeReading = sent.withLock { $0 }
                while case let more = try exchange.read(into: buffer), more > 0 { count += more }
            } catch {
                return (sentBeforeReading, count, error)
            }
            return (sentBeforeReading, count, nil)
        }
        #expect(error == nil)
        // The kernel's buffers hold some mebibytes, ours one.
        #expect(sentBeforeReading < total / 2)
        #expect(count == total)
    }

    @Test func `a server that stays silent ends at the deadline`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.staySilent()
        }
        defer { server.stop() }
        let received = await receive(Request(url: server.url, deadline: .milliseconds(1_500)))
        guard case .deadline(sent: true, _) = received.error else {
            Issue.record("\(String(describing: received.error))")
            return
        }
    }

    @Test func `a byte now and then does not stretch the deadline`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while connection.send("x") { usleep(20_000) }
        }
        defer { server.stop() }
        let received = await receive(Request(url: server.url, deadline: .milliseconds(1_500)))
        guard case .deadline(sent: true, _) = received.error else {
            Issue.record("\(String(describing: received.error))")
            return
        }
        #expect(received.status == 200)
        #expect(!received.body.isEmpty)
    }

    @Test func `a transfer slower than the limit is interrupted long before its deadline`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while connection.send("x") { usleep(200_000) }
        }
        defer { server.stop() }
        let limit = LowSpeed(bytesPerSecond: 1000, for: .seconds(1))
        let received = await receive(Request(url: server.url, deadline: .seconds(600), lowSpeed: limit))
        guard case .interrupted = received.error else {
            Issue.record("\(String(describing: received.error))")
            return
        }
    }

    @Test func `a body that ends too early is an error after its bytes`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        }
        defer { server.stop() }
        let received = await receive(Request(url: server.url))
        #expect(String(decoding: received.body, as: UTF8.self) == "abc")
        guard case .interrupted = received.error else {
            Issue.record("\(String(describing: received.error))")
            return
        }
    }

    @Test func `a body longer than the limit fails whether or not its length was announced`() async {
        let server = LoopbackServer { connection in
            let isAnnounced = connection.readRequest()?.line.contains("announced") == true
            connection.send("HTTP/1.1 200 OK\r\n" + (isAnnounced ? "Content-Length: 1001\r\n\r\n" : "\r\n"))
            connection.send(String(repeating: "x", count: 1001))
        }
        defer { server.stop() }
        for path in ["/announced", "/open"] {
            let received = await receive(Request(url: server.url + path, responseLimit: 1000))
            guard case .responseTooLarge(limit: 1000, _) = received.error else {
                Issue.record("\(path): \(String(describing: received.error))")
                continue
            }
        }
    }

    @Test func `an exchange can be cancelled while it waits`() async {
        let isCancelled = Atomic(false)
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            isCancelled.store(true, ordering: .relaxed)
            connection.staySilent()
        }
        defer { server.stop() }
        let received = await receive(
            Request(url: server.url, deadline: .seconds(600)), isCancelled: { isCancelled.load(ordering: .relaxed) })
        guard case .cancelled(sent: true, _) = received.error else {
            Issue.record("\(String(describing: received.error))")
            return
        }
    }

    @Test func `a closed port refuses before anything is sent`() async {
        let server = LoopbackServer { _ in }
        server.stop()
        let received = await receive(Request(method: .post, url: server.url, body: [1]))
        #expect(received.error?.surelyNotProcessed == true)
        guard case .refusedBeforeSend(let context) = received.error else {
            Issue.record("\(String(describing: received.error))")
            return
        }
        #expect(context.words.contains("127.0.0.1"))
    }
}
