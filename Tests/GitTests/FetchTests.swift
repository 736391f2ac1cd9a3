import Git
import TestThreads
import Testing

@Suite(.runs(on: .programs)) struct FetchTests {
    @Test func `a fetched branch can be read file by file`() async throws {
        let remote = try TestRepository()
        let commit = try remote.commit(["a.yaml": "one", "deep/er/b.yaml": "two"])
        let mirror = try remote.mirror()
        let fetched = try await mirror.fetch([.required("main")])
        #expect(fetched.tips == ["main": commit])
        #expect(fetched.renewed == nil)
        let files = try await mirror.files(at: commit)
        #expect(files.files.map(\.path) == ["a.yaml", "deep/er/b.yaml"])
        #expect(files.refused.isEmpty)
        let contents = try await mirror.read(files.files.map(\.blob), limit: 100)
        #expect(contents == [.bytes(Array("one".utf8)), .bytes(Array("two".utf8))])
    }

    @Test func `tips are listed without fetching`() async throws {
        let remote = try TestRepository()
        let main = try remote.commit(["a": "1"])
        let status = try remote.commit(["b": "1"], to: "status")
        let mirror = try remote.mirror()
        #expect(try await mirror.tips() == ["main": main, "status": status])
        // Unknown until it is fetched.
        await #expect(throws: GitError.unknownCommit(main)) { try await mirror.commit(main) }
    }

    @Test func `only what moved is downloaded`() async throws {
        let remote = try TestRepository()
        // Random enough not to be compressed away.
        let large = (0..<50_000).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }.joined()
        try remote.commit(["large": large, "a": "1"])
        let mirror = try remote.mirror()
        #expect(try await mirror.fetch([.required("main")]).receivedBytes > 300_000)
        #expect(try await mirror.fetch([.required("main")]).receivedBytes < 1_000)
        let commit = try remote.commit(["large": large, "a": "2"])
        let fetched = try await mirror.fetch([.required("main")])
        #expect(fetched.receivedBytes < 5_000)
        #expect(try await mirror.text("a", at: commit) == "2")
        #expect(try await mirror.text("large", at: commit) == large)
    }

    @Test func `a second mirror of the same folder finds everything there`() async throws {
        let remote = try TestRepository()
        let commit = try remote.commit(["a": "1"])
        _ = try await remote.mirror().fetch([.required("main")])
        let again = try remote.mirror()
        #expect(try await again.text("a", at: commit) == "1")
        #expect(try await again.fetch([.required("main")]).receivedBytes < 1_000)
    }

    @Test func `an optional branch may be missing, appear and go away`() async throws {
        let remote = try TestRepository()
        let main = try remote.commit(["a": "1"])
        let mirror = try remote.mirror()
        let requests = [BranchRequest.required("main"), .optional("status")]
        #expect(try await mirror.fetch(requests).tips == ["main": main])
        let status = try remote.commit(["b": "1"], to: "status")
        #expect(try await mirror.fetch(requests).tips == ["main": main, "status": status])
        try remote.git("update-ref", "-d", "refs/heads/status")
        #expect(try await mirror.fetch(requests).tips == ["main": main])
    }

    @Test func `a commit says who made it, when and why`() async throws {
        let remote = try TestRepository()
        let first = try remote.commit(["a": "1"])
        let second = try remote.commit(["a": "2"], message: "more\n\nReason: none")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        let commit = try await mirror.commit(second)
        #expect(commit.message == "more\n\nReason: none\n")
        #expect(commit.parents == [first])
        #expect(commit.author == Git.Signature(name: "Test", email: "test@example.com"))
        #expect("\(commit.time)" == (try remote.git("show", "-s", "--format=%ct", "\(second)")))
        #expect(try await mirror.isAncestor(first, of: second))
        #expect(try await mirror.isAncestor(second, of: second))
        #expect(try await mirror.isAncestor(second, of: first) == false)
    }
}
