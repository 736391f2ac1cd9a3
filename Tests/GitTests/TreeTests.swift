import Git
import TestThreads
import Testing

@Suite(.runs(on: .programs)) struct TreeTests {
    @Test func `symbolic links and submodules are named and never followed`() async throws {
        let remote = try TestRepository()
        let file = try remote.git("hash-object", "-w", "--stdin", input: "text")
        let target = try remote.git("hash-object", "-w", "--stdin", input: "/etc/passwd")
        let commit = try remote.commit(entries: [
            "100755 \(file)\trun.sh", "120000 \(target)\tlink.yaml",
            "160000 0123456789012345678901234567890123456789\tmodule",
        ])
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        let files = try await mirror.files(at: commit)
        #expect(files.files.map(\.path) == ["run.sh"])
        #expect(files.files.map(\.isExecutable) == [true])
        #expect(
            files.refused == [
                RefusedEntry(path: "link.yaml", reason: .symbolicLink),
                RefusedEntry(path: "module", reason: .submodule),
            ])
        let blobs = try await mirror.blobs(at: commit, paths: ["link.yaml", "module", "run.sh"])
        #expect(Array(blobs.keys) == ["run.sh"])
    }

    @Test func `what may stand for a folder is refused as one where it is wanted as one`() async throws {
        let remote = try TestRepository()
        let target = try remote.git("hash-object", "-w", "--stdin", input: "elsewhere")
        let commit = try remote.commit(entries: [
            "120000 \(target)\tlink", "120000 \(target)\tlink.yaml", "120000 \(target)\t.link",
            "160000 0123456789012345678901234567890123456789\tmodule",
        ])
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        let files = try await mirror.files(at: commit) { path, kind in
            kind == .folder ? !path.hasPrefix(".") : path.hasSuffix(".yaml")
        }
        #expect(
            files.refused == [
                RefusedEntry(path: "link", reason: .symbolicLink, isFolder: true),
                RefusedEntry(path: "link.yaml", reason: .symbolicLink),
                RefusedEntry(path: "module", reason: .submodule, isFolder: true),
            ])
    }

    @Test(arguments: [
        "..", ".", ".git", ".GiT", "a\\b", "a\u{1b}[31m", "a\u{202e}b", "a\u{200b}b", "new\nline",
    ])
    func `a name that could mislead is refused and printed harmlessly`(name: String) async throws {
        let remote = try TestRepository()
        let blob = try remote.git("hash-object", "-w", "--stdin", input: "text")
        let commit = try remote.commit(treeBytes: Array("100644 \(name)\0".utf8), blob)
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        let files = try await mirror.files(at: commit)
        #expect(files.files.isEmpty)
        #expect(files.refused.map(\.reason) == [.unsafeName])
        let harmful: [Unicode.Scalar] = ["\u{1b}", "\n", "\u{202e}", "\u{200b}"]
        #expect(files.refused[0].path.unicodeScalars.allSatisfy { !harmful.contains($0) })
    }

    @Test func `a name that is not UTF-8 is refused`() async throws {
        let remote = try TestRepository()
        let blob = try remote.git("hash-object", "-w", "--stdin", input: "text")
        let commit = try remote.commit(treeBytes: Array("100644 a".utf8) + [0xff, 0xfe, 0], blob)
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        #expect(try await mirror.files(at: commit).refused.map(\.reason) == [.unsafeName])
    }

    @Test func `a mode that git does not write is refused`() async throws {
        let remote = try TestRepository()
        let blob = try remote.git("hash-object", "-w", "--stdin", input: "text")
        let commit = try remote.commit(treeBytes: Array("20644 device\0".utf8), blob)
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        let files = try await mirror.files(at: commit)
        #expect(files.files.isEmpty)
        #expect(files.refused == [RefusedEntry(path: "device", reason: .unknownMode(0o20644))])
    }

    @Test func `only the folders asked for are listed, each once, and missing ones are named`() async throws {
        let remote = try TestRepository()
        let commit = try remote.commit(["a/1": "x", "a/b/2": "x", "c/3": "x", "file": "x", "a.b/4": "x"])
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        let some = try await mirror.files(at: commit, under: ["a/b", "./a/", "file", "nowhere/else"])
        #expect(some.files.map(\.path) == ["a/1", "a/b/2"])
        #expect(some.missingFolders == ["file", "nowhere/else"])
        let filtered = try await mirror.files(at: commit) { path, kind in
            kind == .folder ? path != "a" : path != "file"
        }
        #expect(filtered.files.map(\.path) == ["a.b/4", "c/3"])
        #expect(try await mirror.files(at: commit, under: ["."]).files.count == 5)
    }

    @Test func `a folder too deep and a path too long are refused, the rest is listed`() async throws {
        let remote = try TestRepository()
        let long = String(repeating: "n", count: 200)
        let commit = try remote.commit(["1/2/3/4/5": "x", "\(long)": "x", "short": "x"])
        let mirror = try remote.mirror(limits: Limits(treeDepth: 3, pathBytes: 100))
        _ = try await mirror.fetch([.required("main")])
        let files = try await mirror.files(at: commit)
        #expect(files.files.map(\.path) == ["short"])
        #expect(
            files.refused == [
                RefusedEntry(path: "1/2/3/4", reason: .tooDeep(limit: 3), isFolder: true),
                RefusedEntry(path: long, reason: .pathTooLong(limit: 100)),
            ])
    }

    /// Ten folders that each hold ten times the same folder, and so on: 10^10 files in eleven objects.
    @Test func `a tree that multiplies itself meets the limit of entries`() async throws {
        let remote = try TestRepository()
        let blob = try remote.git("hash-object", "-w", "--stdin", input: "boom")
        var tree = try remote.git("mktree", input: (0..<10).map { "100644 blob \(blob)\tf\($0)\n" }.joined())
        for _ in 0..<9 {
            tree = try remote.git("mktree", input: (0..<10).map { "040000 tree \(tree)\td\($0)\n" }.joined())
        }
        let commit = try remote.git("commit-tree", tree, "-m", "bomb")
        try remote.git("update-ref", "refs/heads/main", commit)
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        await #expect(throws: GitError.limitExceeded(what: "the number of files and folders", limit: 100_000)) {
            try await mirror.files(at: CommitID(commit)!)
        }
    }

    @Test func `a file that is too large is reported by its size and not loaded`() async throws {
        let remote = try TestRepository()
        let size = 64 << 20
        let large = try Shell.run(
            "sh", ["-c", "head -c \(size) /dev/zero | git -C \(remote.path) hash-object -w --stdin"])
        let small = try remote.git("hash-object", "-w", "--stdin", input: "small")
        let commit = try remote.commit(entries: ["100644 \(large)\ta.yaml", "100644 \(small)\tb.yaml"])
        let mirror = try remote.mirror()
        _ = try await mirror.fetch([.required("main")])
        let blobs = try await mirror.files(at: commit).files.map(\.blob)
        let contents = try await mirror.read(blobs, limit: 65_536)
        #expect(contents == [.tooLarge(size: size), .bytes(Array("small".utf8))])
    }
}

extension TestRepository {
    /// Commits a tree that git itself would refuse to write.
    /// - Parameter treeBytes: of the only entry, up to the object's name.
    func commit(treeBytes: [UInt8], _ object: String) throws -> CommitID {
        let name = stride(from: 0, to: 40, by: 2).map { start in
            UInt8(object.dropFirst(start).prefix(2), radix: 16)!
        }
        let octal = (treeBytes + name).map { byte in
            let digits = String(byte, radix: 8)
            return "\\0" + String(repeating: "0", count: 3 - digits.count) + digits
        }
        let command = "printf %b \"$0\" | git -C \(path) hash-object -t tree -w --stdin --literally"
        let tree = try Shell.run("sh", ["-c", command, octal.joined()])
        let commit = try git("commit-tree", tree, "-m", "odd")
        try git("update-ref", "refs/heads/main", commit)
        return CommitID(commit)!
    }
}
