import Glibc
import HTTP
import TestThreads
import Testing

/// What a server that breaks off leaves the client with.
@Suite(.runs(on: .exchanges)) struct BrokenServerTests {
    let client = HTTPClient(configuration: ClientConfiguration())

    @Test func `a closed port surely did nothing`() async {
        let server = LoopbackServer { _ in }
        server.stop()
        let error = await failure(of: Request(method: .post, url: server.url), client)
        #expect(error?.kind == .refusedBeforeSend)
        #expect(error?.surelyNotProcessed == true)
        #expect(error?.description.contains("POST http://127.0.0.1:\(server.port)/: not sent: ") == true)
    }

    @Test func `a name that does not exist surely did nothing`() async {
        let anywhere = HTTPClient(configuration: ClientConfiguration(allowPlainHTTP: .anywhere))
        let request = Request(
            method: .post, url: "http://does-not-exist.invalid/", connectTimeout: .milliseconds(500))
        let error = await failure(of: request, anywhere)
        #expect(error?.kind == .refusedBeforeSend)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "garbage\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", "\u{0}\u{1}\u{2}",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab",
    ])
    func `once the request was read, a broken answer leaves the outcome unknown`(bytes: String) async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send(bytes)
        }
        defer { server.stop() }
        let error = await failure(of: Request(method: .post, url: server.url, body: [1, 2, 3]), client)
        #expect(error?.kind == .interrupted)
        #expect(error?.surelyNotProcessed == false)
        #expect(server.requests.count == 1)
    }

    @Test func `a reset after the request was read leaves the outcome unknown`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.reset()
        }
        defer { server.stop() }
        let error = await failure(of: Request(method: .post, url: server.url, body: [1]), client)
        #expect(error?.kind == .interrupted)
    }

    @Test func `a reset at once is an error of one kind or the other`() async {
        let server = LoopbackServer { $0.reset() }
        defer { server.stop() }
        // Whether the request was already on its way is a race that the client must not claim to have won.
        let error = await failure(of: Request(method: .post, url: server.url, body: [1]), client)
        #expect(error?.kind == .interrupted || error?.kind == .refusedBeforeSend)
    }

    @Test func `a POST is never put on the wire twice when a kept connection dies`() async throws {
        let server = LoopbackServer { connection in
            // The first request of a connection is answered; at the second the server dies after reading it.
            guard connection.readRequest() != nil else { return }
            connection.send(answer())
            _ = connection.readRequest()
        }
        defer { server.stop() }
        for body in [nil, [1, 2, 3]] as [[UInt8]?] {
            let client = HTTPClient(configuration: ClientConfiguration())
            let before = server.requests.count
            let request = Request(method: .post, url: server.url, body: body)
            #expect(try await client.send(request).status == 200)
            #expect(await failure(of: request, client)?.kind == .interrupted)
            #expect(server.requests.count - before == 2)
        }
        // The same with a GET: libcurl repeats it on a new connection, and that is welcome.
        #expect(try await client.send(Request(url: server.url)).status == 200)
        #expect(try await client.send(Request(url: server.url)).status == 200)
        #expect(server.requests.count == 4 + 3)
    }

    @Test func `a body above the limit fails, announced or endless`() async {
        let server = LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            if request.line.contains("announced") {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
                connection.staySilent()
            } else {
                connection.send("HTTP/1.1 200 OK\r\n\r\n")
                while connection.send([UInt8](repeating: 0x20, count: 1 << 16)) {}
            }
        }
        defer { server.stop() }
        for path in ["/announced", "/endless"] {
            let error = await failure(of: Request(url: server.url + path, responseLimit: 1 << 20), client)
            #expect(error?.kind == .responseTooLarge(1 << 20), "\(path)")
        }
    }

    @Test func `a body of exactly the limit is taken`() async throws {
        let server = LoopbackServer(answering: { _ in answer(body: String(repeating: "x", count: 1000)) })
        defer { server.stop() }
        #expect(try await client.send(Request(url: server.url, responseLimit: 1000)).body.count == 1000)
        #expect(await failure(of: Request(url: server.url, responseLimit: 999), client)?.kind == .responseTooLarge(999))
    }

    @Test func `compressed bodies are read, and their limit counts what comes out`() async throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                let isEndless = request.line.contains("bomb")
                var zeros = CompressedZeros()
                let small = isEndless ? [] : zeros.take(blocks: 10, isLast: true)
                let length = isEndless ? "" : "Content-Length: \(small.count)\r\n"
                connection.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\(length)\r\n")
                connection.send(small)
                while isEndless, connection.send(zeros.take(blocks: 10_000, isLast: false)) {}
                if isEndless { return }
            }
        }
        defer { server.stop() }
        let small = try await client.send(Request(url: server.url + "/small"))
        #expect(small.body == [UInt8](repeating: 0, count: 1 + 10 * 258))
        let error = await failure(of: Request(url: server.url + "/bomb", responseLimit: 8 << 20), client)
        #expect(error?.kind == .responseTooLarge(8 << 20))
    }

    @Test func `a head without end is refused`() async {
        let server = LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            if request.line.contains("interim") {
                while connection.send("HTTP/1.1 100 Continue\r\n\r\n") {}
            } else {
                connection.send("HTTP/1.1 200 OK\r\n")
                while connection.send("X-A: \(String(repeating: "y", count: 500))\r\n") {}
            }
        }
        defer { server.stop() }
        for path in ["/fields", "/interim"] {
            let error = await failure(of: Request(url: server.url + path, deadline: .seconds(30)), client)
            #expect(error?.kind == .responseTooLarge(64 << 10), "\(path): \(String(describing: error))")
        }
    }
}

/// Zeros, compressed to a hundred and sixtieth by hand: one deflate block with fixed codes that repeats one literal.
///
/// Source: RFC 1951, 3.2.5 and 3.2.6; RFC 1952, 2.3.
struct CompressedZeros {
    private var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
    private var bit = 0
    private var pending: UInt8 = 0
    private var count = 1

    init() {
        append("1", "10")  // the last block, fixed codes; the two bits of the type go lowest first
        append("00110000")  // the literal zero
    }

    /// What was not taken yet and so many repetitions of 258 zeros.
    mutating func take(blocks: Int, isLast: Bool) -> [UInt8] {
        for _ in 0..<blocks { append("11000101", "00000") }  // length 258, distance 1
        count += blocks * 258
        if isLast {
            append("0000000")  // the end of the block
            while bit != 0 { append("0") }
            for value in [Self.checksum(zeros: count), UInt32(count)] {
                bytes += (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
            }
        }
        defer { bytes = [] }
        return bytes
    }

    private mutating func append(_ codes: String...) {
        for digit in codes.joined() {
            if digit == "1" { pending |= 1 << UInt8(bit) }
            bit += 1
            if bit == 8 {
                bytes.append(pending)
                (bit, pending) = (0, 0)
            }
        }
    }

    private static func checksum(zeros: Int) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        for _ in 0..<(zeros * 8) { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xedb8_8320 : crc >> 1 }
        return ~crc
    }
}
