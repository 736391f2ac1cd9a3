import Git
import TestThreads
import Testing

@Suite(.runs(on: .programs)) struct PublishTests {
    @Test func `the first commit makes an orphan branch`() async throws {
        let remote = try TestRepository()
        try remote.commit(["a": "1"])
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main"), .optional("status")])
        let commit = try await mirror.publish(["README.md": "hello", "instances/web.yaml": "x"], on: nil)
        #expect(remote.tip("status") == commit)
        #expect(try remote.show("status:instances/web.yaml") == "x")
        #expect(try remote.git("rev-list", "--count", "status") == "1")
        let log = try remote.git("log", "-1", "--format=%an <%ae> %ct %B", "status")
        #expect(log == "operator <operator@example.com> 1700000000 status")
        try remote.git("fsck", "--strict")
    }

    @Test func `a commit changes and removes only what it names`() async throws {
        let remote = try TestRepository()
        let base = try remote.commit(["a/1": "one", "a/2": "two", "b/3": "three", "c": "four"], to: "status")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("status")])
        let commit = try await mirror.publish(["a/1": "ONE", "b/3": nil, "d/e/f": "five", "gone": nil], on: base)
        #expect(try remote.git("ls-tree", "-r", "--name-only", "status") == "a/1\na/2\nc\nd/e/f")
        #expect(try remote.show("status:a/1") == "ONE")
        #expect(try remote.git("rev-parse", "status^") == "\(base)")
        #expect(try await mirror.fetch([.required("status")]).tips["status"] == commit)
    }

    @Test func `nothing is committed when nothing changed`() async throws {
        let remote = try TestRepository()
        let base = try remote.commit(["a": "1"], to: "status")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("status")])
        #expect(try await mirror.publish(["a": "1", "missing": nil], on: base) == base)
        #expect(remote.tip("status") == base)
    }

    @Test(arguments: [
        ("a", "100644 BLOB\ta/b"), ("a/b", "100644 BLOB\ta"), ("a/b", "120000 BLOB\ta"),
        ("a", "160000 0123456789012345678901234567890123456789\ta"),
    ])
    func `what is in the way of a file is named, and no damage of the mirror`(path: String, entry: String) async throws
    {
        let remote = try TestRepository()
        let blob = try remote.git("hash-object", "-w", "--stdin", input: "text")
        let base = try remote.commit(entries: [entry.replacing("BLOB", with: blob)], to: "status")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("status")])
        let error = await #expect(throws: GitError.self) { try await mirror.publish([path: "1"], on: base) }
        guard case .invalidRemote(let reason) = error else { throw Unexpected(error) }
        #expect(reason.contains("in the way"))
        #expect(try await mirror.fetch([.required("status")]).renewed == nil)
    }

    @Test func `a branch that somebody else moved is left alone`() async throws {
        let remote = try TestRepository()
        let base = try remote.commit(["a": "1"], to: "status")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("status")])
        let theirs = try remote.commit(["a": "2"], to: "status")
        await #expect(throws: GitError.lostRace(branch: "status", expected: base, found: theirs)) {
            try await mirror.publish(["a": "3"], on: base)
        }
        #expect(remote.tip("status") == theirs)
    }

    @Test func `a branch that was set back is not moved forward again`() async throws {
        let remote = try TestRepository()
        let old = try remote.commit(["a": "1"], to: "status")
        let base = try remote.commit(["a": "2"], to: "status")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("status")])
        // Our commit would be a fast-forward of the old one too.
        try remote.git("update-ref", "refs/heads/status", "\(old)")
        await #expect(throws: GitError.lostRace(branch: "status", expected: base, found: old)) {
            try await mirror.publish(["a": "3"], on: base)
        }
        #expect(remote.tip("status") == old)
    }

    @Test func `a branch that was deleted is not brought back`() async throws {
        let remote = try TestRepository()
        let base = try remote.commit(["a": "1"], to: "status")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("status")])
        try remote.git("update-ref", "-d", "refs/heads/status")
        await #expect(throws: GitError.lostRace(branch: "status", expected: base, found: nil)) {
            try await mirror.publish(["a": "3"], on: base)
        }
        #expect(remote.tip("status") == nil)
    }

    @Test func `a branch that appeared meanwhile is not replaced by a first commit`() async throws {
        let remote = try TestRepository()
        let mirror = try remote.mirror()
        let theirs = try remote.commit(["a": "1"], to: "status")
        await #expect(throws: GitError.lostRace(branch: "status", expected: nil, found: theirs)) {
            try await mirror.publish(["a": "3"], on: nil)
        }
        #expect(remote.tip("status") == theirs)
    }

    @Test func `a hook that declines is a refusal with the hook's words`() async throws {
        let remote = try TestRepository()
        let base = try remote.commit(["a": "1"], to: "status")
        remote.addHook("pre-receive", "echo 'branch status is protected' >&2; exit 1")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("status")])
        let error = await #expect(throws: GitError.self) { try await mirror.publish(["a": "3"], on: base) }
        guard case .rejected("status", _, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("pre-receive hook declined"))
        #expect(reason.contains("branch status is protected"))
        #expect(remote.tip("status") == base)
    }

    @Test(arguments: ["incorrect old value provided", "reference already exists", "reference does not exist"])
    func `a branch that moved while the push was on its way is a lost race, whatever words git has for it`(
        reason: String
    ) async throws {
        let server = RefusingServer(reason, words: "")
        let mirror = try server.mirror()
        await #expect(throws: GitError.lostRace(branch: "status", expected: nil, found: nil)) {
            try await mirror.publish(["a": "1"], on: nil)
        }
    }

    @Test(arguments: [("failed to write", true), ("pre-receive hook declined", false)])
    func `a lock that is told to people alone is a race, but no hook's talk is`(
        reason: String, isRace: Bool
    ) async throws {
        let words = "error: cannot lock ref 'refs/heads/status'"
        let server = RefusingServer(reason, words: words)
        let mirror = try server.mirror()
        let error = await #expect(throws: GitError.self) { try await mirror.publish(["a": "1"], on: nil) }
        switch error {
        case .lostRace("status", nil, nil, let told?) where isRace: #expect(told.contains(words))
        case .rejected("status", _, let told) where !isRace: #expect(told.contains(words))
        default: throw Unexpected(error)
        }
    }

    @Test func `a lock that was left behind is told in the server's words`() async throws {
        let remote = try TestRepository()
        let base = try remote.commit(["a": "1"], to: "status")
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("status")])
        remote.folder.write("repository.git/refs/heads/status.lock", "")
        let error = await #expect(throws: GitError.self) { try await mirror.publish(["a": "3"], on: base) }
        guard case .lostRace("status", base, nil, let reason?) = error else { throw Unexpected(error) }
        #expect(reason.contains("status.lock") && reason.contains("File exists"))
        #expect(error?.nextStep == .lookAgain)
        #expect(error?.description.contains(reason) == true)
        #expect(remote.tip("status") == base)
    }

    @Test(arguments: ["/a", "a//b", "a/../b", ".git/config", "a/.GIT/b", "", "a\nb"])
    func `a path that git or a file system could misread is refused`(path: String) async throws {
        let remote = try TestRepository()
        let mirror = try remote.mirror()
        await #expect(throws: GitError.self) { try await mirror.publish([path: "x"], on: nil) }
        #expect(remote.tip("status") == nil)
    }
}
