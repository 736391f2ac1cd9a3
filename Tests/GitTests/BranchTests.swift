import Git
import TestThreads
import Testing

@Suite(.runs(on: .programs)) struct BranchTests {
    @Test func `a missing branch is an error that names it and those that exist`() async throws {
        let remote = try TestRepository()
        try remote.commit(["a": "1"], to: "master")
        try remote.commit(["a": "1"], to: "other")
        let mirror = try remote.mirror()
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        #expect(error == .branchMissing(branch: "main", remote: remote.path, existing: ["master", "other"]))
        #expect(error?.description == "\(remote.path) has no branch 'main': it has 'master', 'other'")
    }

    @Test func `a repository without any commit says that one is needed`() async throws {
        let remote = try TestRepository()
        let mirror = try remote.mirror()
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        #expect(error?.description.contains("no branch at all; push a first commit") == true)
        #expect(try await mirror.fetch([.optional("main")]).tips == [:])
    }

    @Test func `a deleted branch is an error, never an empty one`() async throws {
        let remote = try TestRepository()
        try remote.commit(["a": "1"])
        try remote.commit(["a": "1"], to: "other")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        try remote.git("update-ref", "-d", "refs/heads/main")
        await #expect(throws: GitError.branchMissing(branch: "main", remote: remote.path, existing: ["other"])) {
            try await mirror.fetch([.required("main")])
        }
    }

    @Test func `a branch that holds no file is an error where it is required`() async throws {
        let remote = try TestRepository()
        try remote.commit(["a": "1"])
        let empty = try remote.commit([:])
        let mirror = try remote.mirror()
        await #expect(throws: GitError.branchEmpty(branch: "main", remote: remote.path, at: empty)) {
            try await mirror.fetch([.required("main")])
        }
        #expect(try await mirror.fetch([.optional("main")]).tips == ["main": empty])
    }

    @Test func `a rewritten branch is an error until the new history is accepted`() async throws {
        let remote = try TestRepository()
        let root = try remote.commit(["a": "1"])
        let seen = try remote.commit(["a": "2"])
        let mirror = try remote.mirror()
        #expect(try await mirror.fetch([.required("main", since: root)]).tips == ["main": seen])
        try remote.git("update-ref", "refs/heads/main", "\(root)")
        let forced = try remote.commit(["a": "3"])
        let rewritten = GitError.historyRewritten(branch: "main", remote: remote.path, from: seen, to: forced)
        await #expect(throws: rewritten) { try await mirror.fetch([.required("main", since: seen)]) }
        // Also with nothing left on this side that knows the old commit.
        let fresh = try remote.mirror("fresh")
        await #expect(throws: rewritten) { try await fresh.fetch([.required("main", since: seen)]) }
        #expect(try await mirror.fetch([.required("main", since: root)]).tips == ["main": forced])
        #expect(try await mirror.text("a", at: forced) == "3")
    }

    @Test func `a branch that was set back is rewritten too`() async throws {
        let remote = try TestRepository()
        let root = try remote.commit(["a": "1"])
        let seen = try remote.commit(["a": "2"])
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        try remote.git("update-ref", "refs/heads/main", "\(root)")
        await #expect(
            throws: GitError.historyRewritten(branch: "main", remote: remote.path, from: seen, to: root)
        ) { try await mirror.fetch([.required("main", since: seen)]) }
    }

    @Test func `a tag of the same name is not taken for the branch`() async throws {
        let remote = try TestRepository()
        let old = try remote.commit(["a": "1"])
        try remote.git("tag", "main", "\(old)")
        let new = try remote.commit(["a": "2"])
        let mirror = try remote.mirror()
        #expect(try await mirror.fetch([.required("main")]).tips == ["main": new])
        try remote.git("tag", "only-a-tag", "\(old)")
        await #expect(throws: GitError.self) { try await mirror.fetch([.required("only-a-tag")]) }
    }

    @Test(arguments: ["", "-x", "a..b", "a b", "a\nb", "a~1", "/a", "a/", "a.lock", "*", "a:b", "@{u}"])
    func `a name that is none is refused before anybody is asked`(name: String) async throws {
        let folder = TestFolder()
        let mirror = Mirror(
            at: folder.path + "/mirror", remote: try Remote("/nowhere", relativeTo: "/"), credentials: .test)
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required(name)]) }
        guard case .invalidRemote = error else { throw Unexpected(error) }
    }
}
