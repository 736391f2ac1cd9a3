import HTTP
import TestThreads
import Testing

@Suite(.runs(on: .exchanges)) struct RequestTests {
    let client = HTTPClient(configuration: ClientConfiguration())

    @Test(arguments: [Method.get, .post, .put, .patch, .delete, .head])
    func `every method goes out by its name, with its body`(method: Method) async throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                connection.send(
                    request.line.hasPrefix("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" : answer())
            }
        }
        defer { server.stop() }
        let hasBody = method != .get && method != .head
        let headers = [Header("Content-Type", "application/json"), Header("Accept", "text/plain")]
        for body in hasBody ? [nil, [], [0x7b, 0, 0x7d]] as [[UInt8]?] : [nil] {
            let response = try await client.send(
                Request(method: method, url: server.url + "/a%20b?c=d", headers: headers, body: body))
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            let seen = try #require(server.requests.last)
            #expect(seen.line == "\(method.rawValue) /a%20b?c=d HTTP/1.1")
            #expect(seen.body == body ?? [])
            #expect(seen.header("content-type") == "application/json")
            #expect(seen.header("accept") == "text/plain")
            #expect(seen.header("user-agent") == "operator")
            #expect(seen.header("accept-encoding") == "gzip")
        }
        #expect(server.accepted == 1)
    }

    @Test func `headers that would break out of their line are refused`() async {
        let server = LoopbackServer(answering: { _ in answer() })
        defer { server.stop() }
        for (name, value) in [
            ("X-A", "1\r\nX-B: 2"), ("X-A", "1\nX-B: 2"), ("X-A", "1\rX"), ("X-A", "1\u{0}2"), ("X-A\r\nX-B", "1"),
            ("X-A:", "1"), ("", "1"), ("X A", "1"), ("Content-Length", "5"), ("transfer-encoding", "chunked"),
        ] {
            let plain = await failure(of: Request(url: server.url, headers: [Header(name, value)]), client)
            let secret = await failure(of: Request(url: server.url, secretHeaders: [(name, Secret(value))]), client)
            #expect(plain?.kind == .invalid, "\(name): \(value)")
            #expect(secret?.kind == .invalid, "\(name): \(value)")
        }
        #expect(server.accepted == 0)
    }

    @Test func `a secret with the newline of its file is sent without it`() async throws {
        let server = LoopbackServer(answering: { _ in answer() })
        defer { server.stop() }
        _ = try await client.send(Request(url: server.url, secretHeaders: [("X-Auth-Token", Secret("token\n"))]))
        #expect(server.requests.first?.header("x-auth-token") == "token")
    }

    @Test(arguments: [
        "http://example.com/", "http://127.0.0.1.example.com/", "http://10.0.0.1/", "http://[::2]/",
        "http://169.254.169.254/",
        "http://localhost.example.com/", "http://[::ffff:10.0.0.1]/", "http://128.0.0.1/", "http://0.0.0.0/",
    ])
    func `plain http to another machine is refused`(url: String) async {
        let error = await failure(of: Request(url: url), client)
        #expect(error?.kind == .invalid)
        #expect(error?.surelyNotProcessed == true)
    }

    @Test func `plain http to this machine is allowed by any of its names`() async throws {
        let server = LoopbackServer(answering: { _ in answer() })
        defer { server.stop() }
        for host in ["127.0.0.1", "localhost", "LOCALHOST", "127.1", "0x7f000001"] {
            #expect(try await client.send(Request(url: "http://\(host):\(server.port)/")).status == 200, "\(host)")
        }
    }

    @Test func `plain http to this machine is allowed by its IPv6 address`() async throws {
        let gone = LoopbackServer { _ in }
        gone.stop()
        let error = await failure(of: Request(url: "http://[::1]:\(gone.port)/"), client)
        #expect(error?.kind == .refusedBeforeSend)
    }

    @Test(arguments: [
        "", "example.com", "/path", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "https://",
    ])
    func `what is no web address is refused`(url: String) async {
        #expect(await failure(of: Request(url: url), client)?.kind == .invalid)
    }

    @Test func `header names are compared without case and keep their order`() {
        let headers = Headers([Header("Set-Cookie", "a"), Header("ETag", "e"), Header("set-cookie", "b")])
        #expect(headers.first("SET-COOKIE") == "a")
        #expect(headers.all("Set-cookie") == ["a", "b"])
        #expect(headers.first("Cookie") == nil)
    }

    @Test func `the environment is read as curl reads it`() {
        func configuration(_ environment: [String: String]) -> ClientConfiguration {
            .fromEnvironment { environment[$0] }
        }
        #expect(configuration([:]) == ClientConfiguration())
        #expect(configuration(["CURL_CA_BUNDLE": "a", "SSL_CERT_FILE": "b", "SSL_CERT_DIR": "c"]).caFile == "a")
        #expect(configuration(["CURL_CA_BUNDLE": "a", "SSL_CERT_DIR": "c"]).caDirectory == nil)
        #expect(configuration(["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "b"]).caFile == "b")
        #expect(configuration(["SSL_CERT_DIR": "c"]).caDirectory == "c")
        #expect(configuration(["HTTP_PROXY": "p"]).httpProxy == nil)
        #expect(configuration(["http_proxy": "p"]).httpsProxy == nil)
        #expect(configuration(["https_proxy": "p", "HTTPS_PROXY": "q"]).httpsProxy == Secret("p"))
        #expect(configuration(["ALL_PROXY": "p"]).httpProxy == Secret("p"))
        #expect(configuration(["ALL_PROXY": "p"]).httpsProxy == Secret("p"))
        #expect(configuration(["NO_PROXY": "a,b"]).noProxy == "a,b")
    }
}
