import Git
import TestThreads
import Testing

@Suite(.runs(on: .programs)) struct InterruptionTests {
    @Test func `cancelling the task breaks off a conversation with a silent server`() async throws {
        let server = LyingServer(.silent)
        let folder = TestFolder()
        let mirror = try server.mirror(in: folder)
        let task = Task(executorPreference: TestThreads.programs) {
            await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        }
        try await Task.sleep(for: .milliseconds(300))
        task.cancel()
        guard case .interrupted = await task.value else { throw Unexpected(await task.value) }
        // The mirror itself can go on.
        let remote = try TestRepository()
        let commit = try remote.commit(["a": "1"])
        #expect(try await remote.mirror().tips() == ["main": commit])
        withExtendedLifetime(server) {}
    }

    @Test func `abandoning a mirror breaks off what runs and refuses what comes`() async throws {
        let server = try HTTPSServer(root: "/nowhere")
        let mirror = Mirror(
            at: server.folder.path + "/mirror", remote: try Remote(server.url("/silent/r.git"), relativeTo: "/"),
            credentials: server.credentials())
        let task = Task(executorPreference: TestThreads.programs) {
            await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        }
        try await Task.sleep(for: .milliseconds(300))
        mirror.abandon()
        guard case .interrupted = await task.value else { throw Unexpected(await task.value) }
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        guard case .interrupted = error else { throw Unexpected(error) }
        withExtendedLifetime(server) {}
    }

    @Test func `a hook that hangs is ended at the deadline, and the outcome is open`() async throws {
        let remote = try TestRepository()
        let base = try remote.commit(["a": "1"], to: "status")
        remote.addHook("pre-receive", "echo $$ > \(remote.folder.path)/pid; sleep 60")
        let mirror = try remote.mirror(limits: Limits(deadline: .seconds(5)))
        _ = try await mirror.fetch([.required("status")])
        let error = await #expect(throws: GitError.self) { try await mirror.publish(["a": "2"], on: base) }
        guard case .unknownOutcome("status", let commit, _) = error else { throw Unexpected(error) }
        #expect(commit != base)
        #expect(error?.nextStep == .lookAgain)
        // The hook was ended with the program that started it. Nobody may have collected it yet.
        let hook = try Shell.run("sh", ["-c", "ps -o stat= $(cat \(remote.folder.path)/pid) || true"])
        #expect(hook.isEmpty || hook.hasPrefix("Z"))
        #expect(remote.tip("status") == base)
        // No lock of the killed push is left.
        remote.addHook("pre-receive", "exit 0")
        #expect(try await mirror.publish(["a": "3"], on: base) == remote.tip("status"))
    }

    @Test(arguments: ["upload-pack", "receive-pack"])
    func `a program that has kept us waiting in vain is not asked to say goodbye`(verb: String) async throws {
        let remote = try TestRepository()
        try remote.commit(["a": "1"])
        try Shell.run("mkdir", [remote.folder.path + "/bin"])
        remote.folder.write(
            "bin/git", "#!/bin/sh\n[ $1 = \(verb) ] && exec sleep 60\nexec /usr/bin/git \"$@\"\n", mode: 0o755)
        let credentials = Credentials(environment: ["PATH": remote.folder.path + "/bin:/usr/bin:/bin"])
        let mirror = Mirror(
            at: remote.folder.path + "/state/mirror", remote: try Remote(remote.path, relativeTo: "/"),
            credentials: credentials, limits: Limits(slowFor: .seconds(1)))
        let start = ContinuousClock.now
        let error = await #expect(throws: GitError.self) {
            if verb == "upload-pack" { _ = try await mirror.fetch([.required("main")]) }
            _ = try await mirror.publish(["b": "1"], on: nil)
        }
        guard case .timedOut = error else { throw Unexpected(error) }
        // Ten seconds are what a goodbye may take.
        #expect(start.duration(to: .now) < .seconds(8))
    }

    @Test func `eight stuck conversations do not hold up the rest of the program`() async throws {
        let server = LyingServer(.silent)
        let folder = TestFolder()
        let stuck = try (0..<8).map { number in
            Mirror(
                at: "\(folder.path)/\(number)", remote: try Remote(server.url, relativeTo: "/"), credentials: .test)
        }
        let tasks = stuck.map { mirror in Task(executorPreference: TestThreads.programs) { try? await mirror.tips() } }
        let remote = try TestRepository()
        let commit = try remote.commit(["a": "1"])
        #expect(try await remote.mirror().fetch([.required("main")]).tips == ["main": commit])
        for mirror in stuck { mirror.abandon() }
        for task in tasks { #expect(await task.value == nil) }
        withExtendedLifetime(server) {}
    }

    @Test(arguments: [("/srv/r.git", "git"), ("ssh://localhost/r.git", "openssh-client")])
    func `a missing program is named with its package`(location: String, package: String) async throws {
        let folder = TestFolder()
        let mirror = Mirror(
            at: folder.path + "/mirror", remote: try Remote(location, relativeTo: "/"),
            credentials: Credentials(environment: ["PATH": folder.path]))
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        #expect(error?.description.contains("apt-get install \(package)") == true)
        #expect(error?.nextStep == .repairHost)
    }

    @Test func `a folder without repository is named`() async throws {
        let folder = TestFolder()
        let mirror = Mirror(
            at: folder.path + "/mirror", remote: try Remote(folder.path, relativeTo: "/"), credentials: .test)
        let error = await #expect(throws: GitError.self) { try await mirror.tips() }
        guard case .repositoryNotFound(folder.path, _) = error else { throw Unexpected(error) }
    }
}
