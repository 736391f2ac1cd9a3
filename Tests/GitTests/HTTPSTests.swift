import HTTP
import TestThreads
import Testing

@testable import Git

@Suite(.runs(on: .programs)) struct HTTPSTests {
    private func mirror(
        _ server: HTTPSServer, _ credentials: Credentials, path: String = "/repository.git",
        limits: Limits = Limits()
    ) throws -> Mirror {
        Mirror(
            at: server.folder.path + "/state/mirror", remote: try Remote(server.url(path), relativeTo: "/"),
            credentials: credentials, limits: limits)
    }

    private func failure(_ path: String, limits: Limits = Limits()) async throws -> GitError? {
        let server = try HTTPSServer(root: "/nowhere")
        let mirror = try mirror(server, server.credentials(), path: path, limits: limits)
        return await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
    }

    @Test func `a repository behind https is fetched and pushed to with a token`() async throws {
        let remote = try TestRepository()
        let first = try remote.commit(["a": "1"])
        let server = try HTTPSServer(root: remote.folder.path, login: "x-access-token:secret")
        let mirror = try mirror(server, server.credentials(token: "secret"))
        #expect(try await mirror.fetch([.required("main")]).tips == ["main": first])
        // More commits than one round of negotiation names.
        for number in 0..<50 { try remote.commit(["a": "\(number)"]) }
        let tip = try #require(try await mirror.fetch([.required("main"), .optional("status")]).tips["main"])
        #expect(try await mirror.text("a", at: tip) == "49")
        let status = try await mirror.publish(["b": "2"], on: nil)
        #expect(remote.tip("status") == status)
        #expect(try await mirror.publish(["b": "3"], on: status) == remote.tip("status"))
    }

    @Test func `a netrc file logs in, with the user of the URL`() async throws {
        let remote = try TestRepository()
        let commit = try remote.commit(["a": "1"])
        let server = try HTTPSServer(root: remote.folder.path, login: "me:pass word")
        let entries = ["login you password wrong", "login me password \"pass word\""]
        server.folder.write("netrc", entries.map { "machine 127.0.0.1 \($0)\n" }.joined(), mode: 0o600)
        let location = server.url("/repository.git").replacing("https://", with: "https://me@")
        let mirror = Mirror(
            at: server.folder.path + "/state/mirror", remote: try Remote(location, relativeTo: "/"),
            credentials: server.credentials(netrc: server.folder.path + "/netrc"))
        #expect(try await mirror.fetch([.required("main")]).tips == ["main": commit])
    }

    @Test(arguments: [nil, "wrong-canary"])
    func `missing and wrong credentials are refused once, without showing them`(token: String?) async throws {
        let remote = try TestRepository()
        try remote.commit(["a": "1"])
        let server = try HTTPSServer(root: remote.folder.path, login: "x-access-token:secret")
        let mirror = try mirror(server, server.credentials(token: token))
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        guard case .authenticationFailed(_, let reason) = error else { throw Unexpected(error) }
        #expect(reason.contains(token == nil ? "none are configured" : "are wrong"))
        #expect(reason.contains("who are you?"))
        #expect("\(String(describing: error))".contains("canary") == false)
    }

    @Test func `an authority that is not trusted is an error of its own`() async throws {
        let server = try HTTPSServer(root: "/nowhere")
        let mirror = try mirror(server, server.credentials(trusting: false))
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        guard case .untrustedServer = error else { throw Unexpected(error) }
    }

    @Test func `a client certificate is shown where the server wants one`() async throws {
        let remote = try TestRepository()
        let commit = try remote.commit(["a": "1"])
        let server = try HTTPSServer(root: remote.folder.path, wantsClientCertificate: true)
        let with = try mirror(server, server.credentials(clientCertificate: true))
        #expect(try await with.fetch([.required("main")]).tips == ["main": commit])
        let without = try mirror(server, server.credentials())
        await #expect(throws: GitError.self) { try await without.tips() }
    }

    @Test func `a repository that is not there is named, with a hint`() async throws {
        let remote = try TestRepository()
        let server = try HTTPSServer(root: remote.folder.path)
        let mirror = try mirror(server, server.credentials(), path: "/other.git")
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        guard case .repositoryNotFound(let name, let reason) = error else { throw Unexpected(error) }
        #expect(name == server.url("/other.git"))
        #expect(reason.contains("private repository"))
    }

    @Test(arguments: [429, 500, 503])
    func `a server in trouble is unreachable, with its status and its pause`(status: Int) async throws {
        let error = try await failure("/status/\(status)/r.git")
        guard case .unreachable(_, let reason, let pause) = error else { throw Unexpected(error) }
        #expect(pause == .seconds(7))
        #expect(reason == "HTTP \(status), try again after 7: sorry?[31m, no")
        #expect(error?.nextStep == .retry)
    }

    @Test func `a body that is written in many pieces costs no more than its bytes`() throws {
        let request = Request(method: .post, url: "https://127.0.0.1/")
        let wire = HTTPWire(
            request, answerType: "", remote: "", isAnonymous: true, ClientConfiguration(), Interruption())
        let piece = [UInt8](repeating: 0, count: 1 << 10)
        let start = ContinuousClock.now
        for _ in 1...8_000 { try piece.withUnsafeBytes { try wire.write($0) } }
        // Copied anew for every piece these were 32 GB.
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test func `a redirect is not followed but told`() async throws {
        let error = try await failure("/moved/r.git")
        guard case .invalidRemote(let reason) = error else { throw Unexpected(error) }
        #expect(reason.contains("has moved to https://elsewhere.example/new.git;"))
    }

    @Test func `a web page is not taken for a repository`() async throws {
        let error = try await failure("/page/r.git")
        guard case .repositoryNotFound(_, let reason) = error else { throw Unexpected(error) }
        #expect(reason.contains("URL for cloning"))
    }

    @Test(arguments: ["/silent/r.git", "/trickle/r.git"])
    func `a silent or trickling server costs the deadline, not for ever`(path: String) async throws {
        let error = try await failure(path, limits: Limits(deadline: .seconds(1)))
        guard case .timedOut = error else { throw Unexpected(error) }
    }

    @Test func `a server that accepts and never shakes hands costs the deadline, not for ever`() async throws {
        let script = """
            import socket, time
            listener = socket.create_server(("127.0.0.1", 0))
            print(listener.getsockname()[1], flush=True)
            time.sleep(600)
            """
        let server = Server("python3", ["-c", script])
        let folder = TestFolder()
        let mirror = Mirror(
            at: folder.path + "/mirror",
            remote: try Remote("https://127.0.0.1:\(server.line())/r.git", relativeTo: "/"), credentials: .test,
            limits: Limits(deadline: .seconds(1)))
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        guard case .timedOut = error else { throw Unexpected(error) }
    }

    @Test func `a server that sends too little is given up before the deadline`() async throws {
        let error = try await failure("/trickle/r.git", limits: Limits(slowest: 1_000, slowFor: .seconds(1)))
        guard case .timedOut = error else { throw Unexpected(error) }
    }

    @Test func `nobody listening is unreachable`() async throws {
        let folder = TestFolder()
        let mirror = Mirror(
            at: folder.path + "/mirror",
            remote: try Remote("https://127.0.0.1:\(Server.freePort())/r.git", relativeTo: "/"), credentials: .test)
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        guard case .unreachable = error else { throw Unexpected(error) }
    }

    @Test func `a hook that declines is heard over https too`() async throws {
        let remote = try TestRepository()
        let base = try remote.commit(["a": "1"], to: "status")
        remote.addHook("pre-receive", "echo 'no entry' >&2; exit 1")
        let server = try HTTPSServer(root: remote.folder.path)
        let mirror = try mirror(server, server.credentials())
        _ = try await mirror.fetch([.required("status")])
        let error = await #expect(throws: GitError.self) { try await mirror.publish(["a": "2"], on: base) }
        guard case .rejected("status", _, let reason) = error else { throw Unexpected(error) }
        #expect(reason.contains("no entry"))
        #expect(remote.tip("status") == base)
    }
}
