import Git
import Testing

@Suite(.enabled(if: SSHServer.isInstalled, "sshd is not installed")) struct SSHTests {
    @Test func `a repository behind ssh is fetched and pushed to`() async throws {
        let remote = try TestRepository()
        let main = try remote.commit(["a": "1"])
        let server = try SSHServer()
        let mirror = Mirror(
            at: remote.folder.path + "/mirror", remote: try Remote(server.url(remote.path), relativeTo: "/"),
            credentials: server.credentials())
        #expect(try await mirror.fetch([.required("main")]).tips == ["main": main])
        let status = try await mirror.publish(["b": "2"], on: nil)
        #expect(remote.tip("status") == status)
    }
}
