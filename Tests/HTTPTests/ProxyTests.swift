import Glibc
import HTTP
import TestThreads
import Testing

/// A proxy that tunnels `CONNECT` and answers everything else itself.
private func proxy(connectAnswer: String = "HTTP/1.1 200 Tunnel\r\nX-Proxy: 1\r\n\r\n") -> LoopbackServer {
    LoopbackServer { connection in
        while let request = connection.readRequest() {
            guard request.line.hasPrefix("CONNECT") else {
                connection.send(answer(body: "from the proxy"))
                continue
            }
            connection.send(connectAnswer)
            guard connectAnswer.hasPrefix("HTTP/1.1 200"), let port = request.line.port else { return }
            return tunnel(connection.socket, to: port)
        }
    }
}

/// Copies bytes both ways until either side closes.
private func tunnel(_ client: Int32, to port: UInt16) {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(server) }
    var address = sockaddr_in.loopback(port: port)
    let isConnected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var polled = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while isConnected, poll(&polled, 2, -1) > 0 {
        for (index, other) in [(0, server), (1, client)] where polled[index].revents != 0 {
            let count = recv(polled[index].fd, &buffer, buffer.count, 0)
            guard count > 0, send(other, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
        }
    }
}

extension String {
    /// The port in `CONNECT host:port HTTP/1.1`.
    fileprivate var port: UInt16? {
        split(separator: " ").dropFirst().first?.split(separator: ":").last.flatMap { UInt16($0) }
    }
}

@Suite(.runs(on: .exchanges)) struct ProxyTests {
    @Test(.enabled(if: TestAuthority.isPossible, "openssl and python3 make the certificates and the server"))
    func `https goes through a tunnel, which the secrets cross encrypted`() async throws {
        let authority = try TestAuthority()
        try authority.issue("server")
        let server = try TLSServer(authority)
        let proxy = proxy()
        defer { proxy.stop() }
        let configuration = ClientConfiguration(
            caFile: authority.certificate, httpsProxy: Secret("http://me:pass@127.0.0.1:\(proxy.port)"))
        let request = Request(url: server.url, secretHeaders: [("X-Auth-Token", Secret("canary"))])
        let client = HTTPClient(configuration: configuration)
        let response = try await client.send(request)
        #expect(response.text == "HTTP/2 0 unknown")
        #expect(response.headers.first("x-proxy") == nil)
        #expect(proxy.requests.map(\.line) == ["CONNECT 127.0.0.1:\(server.port) HTTP/1.1"])
        #expect(proxy.requests.first?.header("proxy-authorization") == "Basic bWU6cGFzcw==")
        #expect(proxy.requests.first?.header("x-auth-token") == nil)
        let distrusting = ClientConfiguration(httpsProxy: configuration.httpsProxy)
        #expect(await failure(of: request, HTTPClient(configuration: distrusting))?.kind == .refusedBeforeSend)
    }

    @Test(arguments: ["407 Proxy Authentication Required", "502 Bad Gateway", "403 Forbidden"])
    func `a proxy that opens no tunnel surely sent nothing on`(status: String) async {
        let proxy = proxy(connectAnswer: "HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
        defer { proxy.stop() }
        let configuration = ClientConfiguration(httpsProxy: Secret("http://me:canary@127.0.0.1:\(proxy.port)"))
        let error = await failure(
            of: Request(method: .post, url: "https://127.0.0.1:1/"), HTTPClient(configuration: configuration))
        #expect(error?.kind == .refusedBeforeSend)
        #expect(error?.context.words.contains(status.prefix(3)) == true, "\(String(describing: error))")
        #expect("\(String(describing: error))".contains("canary") == false)
    }

    @Test func `a proxy that is not there surely sent nothing on`() async {
        let gone = LoopbackServer { _ in }
        gone.stop()
        let configuration = ClientConfiguration(httpsProxy: Secret("http://127.0.0.1:\(gone.port)"))
        let error = await failure(
            of: Request(method: .post, url: "https://127.0.0.1:1/"), HTTPClient(configuration: configuration))
        #expect(error?.kind == .refusedBeforeSend)
    }

    @Test func `plain http that may leave the machine goes through the proxy, but for the exceptions`() async throws {
        let proxy = proxy()
        let server = LoopbackServer(answering: { _ in answer(body: "direct") })
        defer { proxy.stop() }
        defer { server.stop() }
        var configuration = ClientConfiguration(
            httpProxy: Secret("http://127.0.0.1:\(proxy.port)"), allowPlainHTTP: .anywhere)
        let through = HTTPClient(configuration: configuration)
        #expect(try await through.send(Request(url: "http://example.com/a?b=c")).text == "from the proxy")
        #expect(proxy.requests.map(\.line) == ["GET http://example.com/a?b=c HTTP/1.1"])
        configuration.noProxy = "example.com,127.0.0.0/8"
        let around = HTTPClient(configuration: configuration)
        #expect(try await around.send(Request(url: server.url)).text == "direct")
    }

    @Test func `plain http that must stay on this machine uses no proxy`() async throws {
        let proxy = proxy()
        let server = LoopbackServer(answering: { _ in answer(body: "direct") })
        defer { proxy.stop() }
        defer { server.stop() }
        let configuration = ClientConfiguration(httpProxy: Secret("http://127.0.0.1:\(proxy.port)"))
        #expect(try await HTTPClient(configuration: configuration).send(Request(url: server.url)).text == "direct")
        #expect(proxy.accepted == 0)
    }
}
