import Git
import TestThreads
import Testing

/// Eight writers add to one counter through compare-and-swap. Nothing may be lost, whatever carries the push.
@Suite(.runs(on: .programs), .serialized) struct RacingWritersTests {
    static let writers = 8

    @Test func `eight writers lose nothing over a path`() async throws {
        let remote = try TestRepository()
        try await race(on: remote, at: remote.path, .test, increments: 12, pause: 5)
    }

    @Test func `eight writers lose nothing over https`() async throws {
        let remote = try TestRepository()
        let server = try HTTPSServer(root: remote.folder.path, login: "x-access-token:secret")
        let credentials = server.credentials(token: "secret")
        try await race(on: remote, at: server.url("/repository.git"), credentials, increments: 3, pause: 200)
    }

    @Test(.enabled(if: SSHServer.isInstalled, "sshd is not installed"))
    func `eight writers lose nothing over ssh`() async throws {
        let remote = try TestRepository()
        let server = try SSHServer()
        try await race(on: remote, at: server.url(remote.path), server.credentials(), increments: 1, pause: 800)
    }

    @Test func `eight writers lose nothing over a git daemon`() async throws {
        let remote = try TestRepository()
        let port = Server.freePort()
        let daemon = Server(
            "git",
            ["daemon", "--listen=127.0.0.1", "--port=\(port)", "--export-all", "--enable=receive-pack", "--reuseaddr"]
                + ["--base-path=\(remote.folder.path)", remote.folder.path])
        Server.waitForPort(port)
        try await race(on: remote, at: "git://127.0.0.1:\(port)/repository.git", .test, increments: 5, pause: 50)
        withExtendedLifetime(daemon) {}
    }

    /// - Parameter pause: milliseconds that a loser waits at most; about as long as one increment takes.
    private func race(
        on remote: TestRepository, at location: String, _ credentials: Credentials, increments: Int, pause: Int
    ) async throws {
        // A commit that was on the branch stays on it.
        try remote.git("config", "receive.denyNonFastForwards", "true")
        try remote.commit(["counter": "0"], to: "status")
        let place = try Remote(location, relativeTo: "/")
        try await withThrowingTaskGroup { group in
            for writer in 0..<Self.writers {
                let mirror = Mirror(
                    at: "\(remote.folder.path)/state/\(writer)", remote: place, credentials: credentials)
                group.addTask { try await Self.count(to: increments, with: mirror, writer: writer, pause: pause) }
            }
            try await group.waitForAll()
        }
        let total = Self.writers * increments
        #expect(try remote.show("status:counter") == "\(total)")
        #expect(try remote.git("rev-list", "--count", "status") == "\(total + 1)")
        try remote.git("fsck", "--strict")
    }

    private static func count(to increments: Int, with mirror: Mirror, writer: Int, pause: Int) async throws {
        var done = 0
        while done < increments {
            do {
                let tip = try #require(try await mirror.fetch([.required("status")]).tips["status"])
                let value = try #require(Int(try await mirror.text("counter", at: tip) ?? ""))
                // The message differs, or two writers would make the same commit and both count it.
                _ = try await mirror.publish(
                    ["counter": "\(value + 1)"], on: tip, message: "\(writer): \(done)")
                done += 1
            } catch let error as GitError {
                guard error.nextStep == .lookAgain else { throw error }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...pause)))
            }
        }
    }
}
