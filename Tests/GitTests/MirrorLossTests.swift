import Git
import Glibc
import TestThreads
import Testing

@Suite(.runs(on: .programs)) struct MirrorLossTests {
    private func fetched() async throws -> (TestRepository, Mirror, CommitID, folder: String) {
        let remote = try TestRepository()
        let commit = try remote.commit(["a": "1"])
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        return (remote, mirror, commit, remote.folder.path + "/state/mirror")
    }

    @Test func `a mirror that vanished is fetched again, also in the middle of reading`() async throws {
        let (remote, mirror, commit, folder) = try await fetched()
        try Shell.run("rm", ["-rf", folder])
        #expect(try await mirror.text("a", at: commit) == "1")
        try Shell.run("rm", ["-rf", folder])
        #expect(try await mirror.fetch([.required("main")]).tips == ["main": commit])
        withExtendedLifetime(remote) {}
    }

    @Test(arguments: [
        "echo garbage > HEAD", "echo '[' > config", "rm -rf objects refs", "rm -rf objects/pack/*",
        "for f in objects/pack/*; do chmod u+w $f; echo x > $f; done",
        "for f in objects/pack/*.pack; do chmod u+w $f; printf x | dd of=$f bs=1 seek=20 conv=notrunc; done",
        "mkdir -p refs/heads; echo 0123456789012345678901234567890123456789 > refs/heads/main",
    ])
    func `a damaged mirror is thrown away and fetched again`(damage: String) async throws {
        let (remote, _, _, folder) = try await fetched()
        try Shell.run("sh", ["-c", damage], in: folder)
        // A new process, which has nothing in memory.
        let mirror = try remote.mirror()
        let commit = try remote.commit(["a": "2", "b": "3"])
        let fetched = try await mirror.fetch([.required("main")])
        #expect(fetched.tips == ["main": commit])
        #expect(try await mirror.text("a", at: commit) == "2")
        #expect(try await mirror.publish(["c": "4"], on: nil) == remote.tip("status"))
        #expect(try Shell.run("ls", [remote.folder.path + "/state"]) == "mirror")
    }

    @Test func `a mirror of another repository is thrown away, saying so`() async throws {
        let (remote, _, _, folder) = try await fetched()
        let other = try TestRepository()
        let commit = try other.commit(["b": "1"])
        let mirror = Mirror(at: folder, remote: try Remote(other.path, relativeTo: "/"), credentials: .test)
        let fetched = try await mirror.fetch([.required("main")])
        #expect(fetched.tips == ["main": commit])
        #expect(fetched.renewed == "it was a mirror of another repository")
        withExtendedLifetime(remote) {}
    }

    @Test func `a mirror that piled up packs is renewed`() async throws {
        let (remote, _, commit, folder) = try await fetched()
        for number in 0..<201 { remote.folder.write("state/mirror/objects/pack/pack-\(number).pack", "") }
        let fetched = try await remote.mirror().fetch([.required("main")])
        #expect(fetched.tips == ["main": commit])
        #expect(fetched.renewed == "it had grown to too many files")
        #expect(try Shell.run("sh", ["-c", "ls \(folder)/objects/pack/*.pack | wc -l"]) == "1")
    }

    @Test func `a mirror that piled up packs while it was in use is renewed too`() async throws {
        let (remote, mirror, _, folder) = try await fetched()
        _ = try await mirror.fetch([.required("main")])
        for number in 0..<201 { remote.folder.write("state/mirror/objects/pack/pack-\(number).pack", "") }
        var renewed: [String?] = []
        for _ in 1...20 { renewed.append(try await mirror.fetch([.required("main")]).renewed) }
        #expect(renewed.compactMap(\.self) == ["it had grown to too many files"])
        #expect(try Shell.run("sh", ["-c", "ls \(folder)/objects/pack/*.pack | wc -l"]) == "1")
    }

    @Test func `a mirror that piled up packs goes on where no new one is to be had`() async throws {
        let (remote, _, _, folder) = try await fetched()
        for number in 0..<201 { remote.folder.write("state/mirror/objects/pack/pack-\(number).pack", "") }
        // What is there has grown beyond what one fetch may bring.
        let commit = try remote.commit(["a": "2"])
        let mirror = try remote.mirror(limits: Limits(objects: 3))
        let fetched = try await mirror.fetch([.required("main")])
        #expect(fetched.tips == ["main": commit])
        #expect(fetched.renewed == nil)
        #expect(try await mirror.text("a", at: commit) == "2")
        #expect(try Shell.run("ls", [remote.folder.path + "/state"]) == "mirror")
        #expect(try Shell.run("sh", ["-c", "ls \(folder)/objects/pack/*.pack | wc -l"]) == "203")
    }

    @Test func `of the packs that were fetched few stay open`() async throws {
        let (remote, mirror, _, folder) = try await fetched()
        for number in 1...80 {
            let commit = try remote.commit(["a": "\(number)"])
            _ = try await mirror.fetch([.required("main")])
            #expect(try await mirror.text("a", at: commit) == "\(number)")
        }
        let open = try Shell.run(
            "sh", ["-c", "ls -l /proc/\(getpid())/fd 2>/dev/null | grep -c '\(folder)/.*\\.pack' || true"])
        // Twenty since it was opened last, and as many that the two sides compare what they have by.
        #expect(try #require(Int(open)) <= 60)
        #expect(try Shell.run("sh", ["-c", "ls \(folder)/objects/pack/*.pack | wc -l"]) == "81")
    }

    @Test(arguments: [nil, "rm HEAD", "for number in $(seq 201); do : > objects/pack/pack-$number.pack; done"])
    func `a mirror that may hold what the remote has lost is kept, and found again`(damage: String?) async throws {
        let (remote, mirror, _, folder) = try await fetched()
        let status = try remote.commit(["b": "2"], to: "status")
        let requests = [BranchRequest.required("main"), .optional("status")]
        _ = try await mirror.fetch(requests)
        try remote.git("update-ref", "-d", "refs/heads/status")
        try remote.git("gc", "-q", "--prune=now")
        if let damage { try Shell.run("sh", ["-c", damage], in: folder) }
        let later = try remote.mirror()
        for _ in 1...2 { _ = try await later.fetch(requests, seen: [status]) }
        // As it is done by hand.
        let copy = later.copy(of: status) ?? folder
        #expect((copy == folder) == (damage == nil))
        if damage == "rm HEAD" { try Shell.run("sh", ["-c", "echo ref: refs/heads/main > HEAD"], in: copy) }
        try Shell.run("rm", ["-f"] + (1...201).map { "\(copy)/objects/pack/pack-\($0).pack" })
        try Shell.run("git", ["-C", copy, "push", "-q", remote.path, "\(status):refs/heads/status"])
        #expect(try remote.show("status:b") == "2")
        #expect(try await later.fetch(requests, seen: [status]).tips["status"] == status)
    }

    @Test func `a mirror is kept for any of the commits that were seen`() async throws {
        let (remote, mirror, commit, folder) = try await fetched()
        let other = try remote.commit(["b": "2"], to: "other")
        _ = try await mirror.fetch([.required("main"), .optional("other")])
        try Shell.run("rm", ["HEAD"], in: folder)
        let later = try remote.mirror()
        _ = try await later.fetch([.required("main")], seen: [commit, other])
        #expect(later.copy(of: commit) == nil)
        #expect(later.copy(of: other) != nil)
    }

    @Test func `a mirror that is renewed with all that was seen leaves nothing beside it`() async throws {
        let (remote, _, commit, folder) = try await fetched()
        try Shell.run("rm", ["HEAD"], in: folder)
        _ = try await remote.mirror().fetch([.required("main")], seen: [commit])
        #expect(try Shell.run("ls", [remote.folder.path + "/state"]) == "mirror")
    }

    @Test func `what a killed process left beside the mirror is removed`() async throws {
        let (remote, _, _, _) = try await fetched()
        // No process has this number: it is beyond what Linux gives out.
        try Shell.run("mkdir", ["-p", remote.folder.path + "/state/mirror.4194305-1/objects"])
        try Shell.run("mkdir", ["-p", remote.folder.path + "/state/mirror.\(getpid())-1"])
        _ = try await remote.mirror().fetch([.required("main")])
        #expect(try Shell.run("ls", [remote.folder.path + "/state"]) == "mirror\nmirror.\(getpid())-1")
    }

    @Test func `a file in the place of the state directory is an error that names it`() async throws {
        let remote = try TestRepository()
        try remote.commit(["a": "1"])
        remote.folder.write("state", "a file")
        let mirror = try remote.mirror()
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        #expect(
            error == .localStorage(path: remote.folder.path + "/state/mirror", reason: "Not a directory"))
        #expect(error?.nextStep == .repairHost)
    }

    @Test(.enabled(if: getuid() != 0, "permissions do not bind root"))
    func `a state directory that cannot be written is an error that names it`() async throws {
        let remote = try TestRepository()
        try remote.commit(["a": "1"])
        mkdir(remote.folder.path + "/state", 0o500)
        let mirror = try remote.mirror()
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        guard case .localStorage = error else { throw Unexpected(error) }
    }

    @Test(.enabled(if: canMount, "mounting needs root and the permission to mount"), arguments: ["ro", "size=256k"])
    func `a disk that is full or read-only is an error that names it`(option: String) async throws {
        let remote = try TestRepository()
        let text = (0..<50_000).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }.joined()
        try remote.commit(["a": text])
        let state = remote.folder.path + "/state"
        mkdir(state, 0o700)
        try Shell.run("mount", ["-t", "tmpfs", "-o", option, "tmpfs", state])
        defer { _ = try? Shell.run("umount", [state]) }
        let mirror = try remote.mirror()
        let error = await #expect(throws: GitError.self) { try await mirror.fetch([.required("main")]) }
        guard case .localStorage(let path, let reason) = error else { throw Unexpected(error) }
        #expect(path.hasPrefix(state))
        #expect(reason.contains(option == "ro" ? "Read-only file system" : "No space left"))
        #expect(try Shell.run("ls", [state]) == "")
    }

    private static let canMount: Bool = {
        let folder = TestFolder()
        guard getuid() == 0, (try? Shell.run("mount", ["-t", "tmpfs", "tmpfs", folder.path])) != nil else {
            return false
        }
        _ = try? Shell.run("umount", [folder.path])
        return true
    }()
}
