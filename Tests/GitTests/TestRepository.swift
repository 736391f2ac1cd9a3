import Git

/// A bare repository made with the `git` command, as a forge would hold it.
final class TestRepository: Sendable {
    let folder = TestFolder()
    var path: String { folder.path + "/repository.git" }

    init() throws {
        try Shell.run("git", ["init", "-q", "--bare", "-b", "main", path])
        // For git http-backend.
        try git("config", "http.receivepack", "true")
    }

    @discardableResult
    func git(_ arguments: String..., input: String? = nil) throws -> String {
        try Shell.run("git", ["-C", path] + arguments, input: input)
    }

    /// Commits `files` (and nothing else) on `branch`, with git's plumbing: there is no work tree.
    @discardableResult
    func commit(_ files: [String: String], to branch: String = "main", message: String = "change") throws -> CommitID {
        let entries = try files.sorted { $0.key < $1.key }.map { path, text in
            "100644 \(try git("hash-object", "-w", "--stdin", input: text))\t\(path)"
        }
        return try commit(entries: entries, to: branch, message: message)
    }

    /// - Parameter entries: lines for `git update-index --index-info`.
    @discardableResult
    func commit(entries: [String], to branch: String = "main", message: String = "change") throws -> CommitID {
        let index = ["GIT_INDEX_FILE": "\(folder.path)/index-\(UInt64.random(in: 0...UInt64.max))"]
        let lines = entries.map { $0 + "\n" }.joined()
        try Shell.run("git", ["-C", path, "update-index", "--add", "--index-info"], input: lines, environment: index)
        let tree = try Shell.run("git", ["-C", path, "write-tree"], environment: index)
        let parent = tip(branch).map { ["-p", "\($0)"] } ?? []
        let commit = try Shell.run("git", ["-C", path, "commit-tree", tree, "-m", message] + parent)
        try git("update-ref", "refs/heads/\(branch)", commit)
        return CommitID(commit)!
    }

    func tip(_ branch: String) -> CommitID? {
        (try? git("rev-parse", "-q", "--verify", "refs/heads/\(branch)")).flatMap { CommitID($0) }
    }

    func show(_ revision: String) throws -> String {
        try git("show", revision)
    }

    /// Runs for every push before it is accepted.
    func addHook(_ name: String, _ script: String) {
        folder.write("repository.git/hooks/\(name)", "#!/bin/sh\n\(script)\n", mode: 0o755)
    }

    func mirror(_ name: String = "mirror", limits: Limits = Limits()) throws -> Mirror {
        let remote = try Remote(path, relativeTo: "/")
        return Mirror(at: "\(folder.path)/state/\(name)", remote: remote, credentials: .test, limits: limits)
    }
}

extension Credentials {
    static let test = Credentials(environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
}

extension Git.Signature {
    static let test = Git.Signature(name: "operator", email: "operator@example.com")
}

extension Mirror {
    /// The bytes of one file, as text.
    func text(_ path: String, at commit: CommitID) async throws -> String? {
        guard let blob = try await blobs(at: commit, paths: [path])[path] else { return nil }
        guard case .bytes(let bytes) = try await read([blob], limit: 1 << 20)[0] else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    func publish(
        _ files: [String: String?], on base: CommitID?, to branch: String = "status", message: String = "status"
    ) async throws(GitError) -> CommitID {
        try await publish(
            files.mapValues { $0.map { Array($0.utf8) } }, on: base, to: branch, message: message, by: .test,
            at: 1_700_000_000)
    }
}
