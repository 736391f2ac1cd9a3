import Glibc
import HTTP
import TestThreads
import Testing

@Suite(
    .runs(on: .exchanges),
    .enabled(if: TestAuthority.isPossible, "openssl and python3 make the certificates and the server"))
struct TLSTests {
    let authority: TestAuthority
    let trusting: HTTPClient

    init() throws {
        authority = try TestAuthority()
        try authority.issue("server")
        trusting = HTTPClient(configuration: ClientConfiguration(caFile: authority.certificate))
    }

    @Test func `a server is trusted when its authority is, as a file or as a folder`() async throws {
        let server = try TLSServer(authority)
        #expect(try await trusting.send(Request(url: server.url)).status == 200)
        #expect(try await trusting.send(Request(url: "https://localhost:\(server.port)/")).status == 200)
        let folder = try authority.hashedFolder()
        let byFolder = HTTPClient(configuration: ClientConfiguration(caDirectory: folder))
        #expect(try await byFolder.send(Request(url: server.url)).status == 200)
        let stream = try StreamingExchange(
            Request(url: server.url), configuration: ClientConfiguration(caFile: authority.certificate))
        #expect(try stream.start().status == 200)
    }

    @Test func `a server of an unknown authority is refused before anything is sent`() async throws {
        let server = try TLSServer(authority)
        let other = try TestAuthority()
        let folder = try other.hashedFolder()
        for configuration in [
            ClientConfiguration(), ClientConfiguration(caFile: other.certificate),
            ClientConfiguration(caDirectory: folder),
        ] {
            let error = await failure(
                of: Request(method: .post, url: server.url), HTTPClient(configuration: configuration))
            #expect(error?.kind == .refusedBeforeSend)
            #expect(error?.context.words.contains("certificate") == true, "\(String(describing: error))")
            #expect(throws: HTTPError.self) {
                try StreamingExchange(Request(url: server.url), configuration: configuration).start()
            }
        }
    }

    @Test func `a certificate for another name is refused`() async throws {
        try authority.issue("elsewhere", alternatives: "DNS:elsewhere.example")
        let server = try TLSServer(authority, name: "elsewhere")
        for host in ["127.0.0.1", "localhost"] {
            let error = await failure(of: Request(url: "https://\(host):\(server.port)/"), trusting)
            #expect(error?.kind == .refusedBeforeSend)
        }
    }

    @Test func `an expired certificate is refused`() async throws {
        try authority.issue("late", days: -1)
        let server = try TLSServer(authority, name: "late")
        let error = await failure(of: Request(url: server.url), trusting)
        #expect(error?.kind == .refusedBeforeSend)
        #expect(error?.context.words.contains("expired") == true)
    }

    @Test func `versions before TLS 1.2 are refused`() async throws {
        let server = try TLSServer(authority, .old)
        #expect(await failure(of: Request(url: server.url), trusting)?.kind == .refusedBeforeSend)
    }

    @Test func `a client certificate is shown to the server that demands one`() async throws {
        try authority.issue("client")
        let server = try TLSServer(authority, .clientCertificate, .http1)
        let known = HTTPClient(
            configuration: ClientConfiguration(
                caFile: authority.certificate, clientCertificate: authority.path("client.pem"),
                clientKey: authority.path("client.key")))
        #expect(try await known.send(Request(url: server.url)).text == "HTTP/1.1 0 known")
        #expect(await failure(of: Request(url: server.url), trusting) != nil)
    }

    @Test func `a file of authorities or a certificate that is not there is a mistake of the configuration`()
        async throws
    {
        let server = try TLSServer(authority)
        for configuration in [
            ClientConfiguration(caFile: authority.path("missing.pem")),
            ClientConfiguration(caFile: authority.certificate, clientCertificate: authority.path("missing.pem")),
        ] {
            let error = await failure(of: Request(url: server.url), HTTPClient(configuration: configuration))
            #expect(error?.kind == .invalid, "\(String(describing: error))")
            #expect(error?.context.words.contains("missing.pem") == true)
        }
    }

    @Test func `a handshake that is broken off or never answered surely sent nothing`() async {
        for isSilent in [true, false] {
            let server = LoopbackServer { if isSilent { $0.staySilent() } }
            let request = Request(
                method: .post, url: "https://127.0.0.1:\(server.port)/", connectTimeout: .milliseconds(200))
            #expect(await failure(of: request, trusting)?.kind == .refusedBeforeSend)
            server.stop()
        }
    }

    @Test func `where the server offers HTTP 2, requests share one connection at the same time`() async throws {
        let server = try TLSServer(authority, .fourAtOnce)
        let request = Request(url: server.url, deadline: .seconds(50))
        let client = trusting
        let answers = await withTaskGroup { group in
            for _ in 0..<12 { group.addTask { try? await client.send(request).text } }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "HTTP/2 0 unknown", count: 12))
    }

    @Test func `where it does not, they share a few`() async throws {
        let server = try TLSServer(authority, .http1)
        let request = Request(url: server.url)
        let client = HTTPClient(
            configuration: ClientConfiguration(caFile: authority.certificate, maxConnectionsPerHost: 3))
        let answers = await withTaskGroup { group in
            for _ in 0..<30 { group.addTask { try? await client.send(request).text } }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(answers.count == 30)
        #expect(Set(answers).isSubset(of: ["HTTP/1.1 0 unknown", "HTTP/1.1 1 unknown", "HTTP/1.1 2 unknown"]))
    }

    @Test func `a POST that HTTP 2 refuses is not sent again behind our back, a GET may be`() async throws {
        for method in [Method.post, .get] {
            let server = try TLSServer(authority, .refusing)
            let client = HTTPClient(configuration: ClientConfiguration(caFile: authority.certificate))
            #expect(try await client.send(Request(url: server.url)).text == "HTTP/2 0 unknown")
            let second = await failure(of: Request(method: method, url: server.url), client)
            #expect(second?.kind == (method == .post ? .interrupted : nil), "\(method): \(String(describing: second))")
        }
    }

    @Test func `tasks that are cancelled on an HTTP 2 connection answer, and the connection lives on`() async throws {
        let server = try TLSServer(authority, .fiveAtOnce)
        let client = trusting
        let silent = Request(url: server.url, deadline: .seconds(3600))
        // One goes on: libcurl gives up a connection that nobody uses and that has something left to read.
        async let kept = client.send(silent).text
        let kinds = await withTaskGroup { group in
            for _ in 0..<3 { group.addTask { await failure(of: silent, client)?.kind } }
            #expect(server.awaitRequests(4) == ["0", "0", "0", "0"])
            group.cancelAll()
            return await group.reduce(into: [Kind?]()) { $0.append($1) }
        }
        #expect(kinds == Array(repeating: .cancelled(sent: true), count: 3))
        // The fifth stream lets the server answer all of them; three are reset already.
        #expect(try await client.send(Request(url: server.url)).text == "HTTP/2 0 unknown")
        #expect(try await kept == "HTTP/2 0 unknown")
    }
}
