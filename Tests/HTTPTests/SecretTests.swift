import HTTP
import TestThreads
import Testing

private let canary = "f00d-canary-cafe"

@Suite(.runs(on: .exchanges)) struct SecretTests {
    @Test func `a secret does not print, however it is printed`() {
        struct Outer {
            let secret: Secret
            let optional: Secret?
            let list: [String: Secret]
        }
        let secret = Secret(canary)
        let outer = Outer(secret: secret, optional: secret, list: ["a": secret])
        var dumped = ""
        dump(outer, to: &dumped)
        for text in ["\(secret)", "\(outer)", String(reflecting: secret), String(reflecting: outer), dumped] {
            #expect(!text.contains(canary))
            #expect(text.contains("***"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(secret.reveal() == canary)
    }

    @Test(arguments: [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), (" a ", " a "), ("", "")])
    func `one newline at the end is dropped`(text: String, secret: String) {
        #expect(Secret(text).reveal() == secret)
    }

    @Test func `a request prints neither its headers nor its body nor what its URL hides`() {
        let request = Request(
            method: .put, url: "https://user:\(canary)@example.com/path?token=\(canary)&\(canary)#\(canary)",
            headers: [Header("X-Plain", canary)], secretHeaders: [("X-Auth-Token", Secret(canary))],
            body: Array(canary.utf8))
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), "\([request])", dumped] {
            #expect(!text.contains(canary))
            #expect(text.contains("PUT https://example.com/path?token=***&***"))
        }
    }

    @Test func `a configuration prints without the password of a proxy`() {
        let configuration = ClientConfiguration.fromEnvironment {
            ["http_proxy": "http://me:\(canary)@proxy:3128", "HTTPS_PROXY": "http://me:\(canary)@proxy:3128"][$0]
        }
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(configuration.httpProxy?.reveal() == "http://me:\(canary)@proxy:3128")
        #expect(!"\(configuration)\(dumped)".contains(canary))
    }

    @Test func `no error repeats a secret of the request, whatever fails`() async {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\(canary)")
        }
        defer { server.stop() }
        let port = server.port
        let bad = [
            "http://me:\(canary)@127.0.0.1:1/?a=\(canary)", "http://me:\(canary)@127.0.0.1:\(port)/?a=\(canary)",
            "http://me:\(canary)@example.com/?a=\(canary)", "https://me:\(canary)@127.0.0.1:\(port)/?a=\(canary)",
            "ftp://me:\(canary)@127.0.0.1/", "http://me:\(canary)@[::1/", "http://127.0.0.1:port\(canary)/", canary,
            "http://127.0.0.1/\u{0}\(canary)", "http://127.0.0.1/\n\(canary)",
        ]
        let client = HTTPClient(configuration: ClientConfiguration())
        for url in bad {
            let request = Request(
                url: url, secretHeaders: [("X-Auth-Token", Secret(canary))], connectTimeout: .milliseconds(300),
                responseLimit: 5)
            let error = await failure(of: request, client)
            #expect(error != nil, "\(url)")
            #expect(!"\(String(describing: error)) \(String(reflecting: error))".contains(canary), "\(url)")
        }
    }
}
