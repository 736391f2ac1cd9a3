import TestThreads
import Testing

@testable import Git

@Suite(.runs(on: .programs), .enabled(if: SSHServer.isInstalled, "sshd is not installed")) struct SSHTests {
    private func mirror(_ server: SSHServer, _ path: String, _ credentials: Credentials) throws -> Mirror {
        Mirror(
            at: server.folder.path + "/state/mirror", remote: try Remote(server.url(path), relativeTo: "/"),
            credentials: credentials)
    }

    @Test func `a repository behind ssh is fetched and pushed to`() async throws {
        let remote = try TestRepository()
        let main = try remote.commit(["a": "1"])
        let server = try SSHServer()
        let mirror = try mirror(server, remote.path, server.credentials())
        #expect(try await mirror.fetch([.required("main")]).tips == ["main": main])
        let status = try await mirror.publish(["b": "2"], on: nil)
        #expect(remote.tip("status") == status)
    }

    @Test func `a host that is not known is refused, whatever the configuration says`() async throws {
        let remote = try TestRepository()
        let server = try SSHServer()
        let mirror = try mirror(server, remote.path, server.credentials(knownHosts: "nobody"))
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        guard case .untrustedServer = error else { throw Unexpected(error) }
    }

    @Test func `a host whose key changed is refused`() async throws {
        let remote = try TestRepository()
        let server = try SSHServer()
        let key = try Shell.run("cut", ["-d", " ", "-f1,2", "\(server.folder.path)/stranger.pub"])
        server.folder.write("changed", "[127.0.0.1]:\(server.port) \(key)\n")
        let mirror = try mirror(server, remote.path, server.credentials(knownHosts: "changed"))
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        guard case .untrustedServer = error else { throw Unexpected(error) }
    }

    @Test func `a key that the server does not know is refused access`() async throws {
        let remote = try TestRepository()
        let server = try SSHServer()
        let mirror = try mirror(server, remote.path, server.credentials(key: "stranger"))
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        guard case .authenticationFailed(_, let reason) = error else { throw Unexpected(error) }
        #expect(reason.contains("Permission denied"))
    }

    @Test func `a repository that is not there is named`() async throws {
        let server = try SSHServer()
        let mirror = try mirror(server, "/no/such/repository.git", server.credentials())
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        guard case .repositoryNotFound = error else { throw Unexpected(error) }
    }

    @Test func `a path with quotes reaches the server unharmed`() async throws {
        let remote = try TestRepository()
        let commit = try remote.commit(["a": "1"])
        let path = remote.folder.path + "/it's $(touch pwned) !x.git"
        try Shell.run("mv", [remote.path, path])
        let server = try SSHServer()
        let mirror = try mirror(server, path, server.credentials())
        #expect(try await mirror.tips() == ["main": commit])
    }

    @Test func `nobody listening is unreachable`() async throws {
        let folder = TestFolder()
        let mirror = Mirror(
            at: folder.path + "/mirror",
            remote: try Remote("ssh://127.0.0.1:\(Server.freePort())/r.git", relativeTo: "/"), credentials: .test)
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        guard case .unreachable(_, let reason, _) = error else { throw Unexpected(error) }
        #expect(reason.contains("Connection refused"))
    }
}

@Suite(.runs(on: .programs)) struct SSHArgumentTests {
    @Test func `nothing of a location can become an option, and nobody is asked anything`() throws {
        let remote = try Remote("ssh://git@example.com:2222/it's.git", relativeTo: "/")
        guard case .ssh(let place) = remote.place else { throw Unexpected(nil) }
        let arguments = SecureShellLine.arguments(place, .receivePack)
        let end = try #require(arguments.firstIndex(of: "--"))
        #expect(arguments[(end + 1)...] == ["example.com", "git-receive-pack '/it'\\''s.git'"])
        #expect(arguments.contains("BatchMode=yes"))
        #expect(arguments.contains("StrictHostKeyChecking=yes"))
        #expect(arguments[..<end].suffix(4) == ["-p", "2222", "-l", "git"])
    }
}
