import CLibGit2
import Glibc

/// What a commit says about itself.
public struct Commit: Hashable, Sendable {
    public let id: CommitID
    public let parents: [CommitID]
    /// As written by its author; not fit for a terminal.
    public let message: String
    public let author: Signature
    /// When it was committed.
    public let time: Int64
}

/// Who made a commit.
public struct Signature: Hashable, Sendable {
    public let name: String
    public let email: String

    /// - Parameter name: and `email`: without `<`, `>` and line breaks, which git's format has no place for; they are
    ///   dropped.
    public init(name: String, email: String) {
        func cleaned(_ text: String) -> String {
            String(text.filter { $0 != "<" && $0 != ">" && !$0.isNewline && $0 != "\0" })
        }
        self.name = cleaned(name)
        self.email = cleaned(email)
    }
}

/// A new state of some files. `nil` removes a file.
public typealias Changes = [String: [UInt8]?]

extension Repository {
    func describe(_ id: CommitID) throws(GitError) -> Commit {
        let commit = try commit(id)
        let parents = (0..<git_commit_parentcount(commit.raw)).compactMap { index in
            git_commit_parent_id(commit.raw, index).map { CommitID($0.pointee) }
        }
        let message = git_commit_message(commit.raw).map { text in
            let bytes = UnsafeRawBufferPointer(start: text, count: strnlen(text, Limits.messageBytes))
            return String(decoding: bytes, as: UTF8.self)
        }
        let author = git_commit_author(commit.raw)?.pointee
        return Commit(
            id: id, parents: parents, message: message ?? "",
            author: Signature(
                name: author?.name.map { String(cString: $0) } ?? "",
                email: author?.email.map { String(cString: $0) } ?? ""),
            time: git_commit_time(commit.raw))
    }

    /// Writes a commit that is `base` (nil: nothing) with `changes`. No branch is moved.
    ///
    /// Only the changed files and the folders above them are written.
    ///
    /// - Parameter time: seconds since 1970.
    /// - Returns: `base` itself when the changes change nothing.
    func write(
        _ changes: Changes, on base: CommitID?, message: String, by author: Signature, at time: Int64
    ) throws(GitError) -> CommitID {
        let root: TreeID
        if let base { root = try rootTree(of: base) } else { root = try emptyTree() }
        let new = try tree(root, with: changes)
        if new == root, let base { return base }
        return try commit(new, on: base, message, author, time)
    }

    private func tree(_ root: TreeID, with changes: Changes) throws(GitError) -> TreeID {
        let baseline = try tree(root)
        var paths: [String] = []
        var updates: [git_tree_update] = []
        for (path, bytes) in changes.sorted(by: { $0.key < $1.key }) {
            guard Self.isSafe(path: path) else { throw .invalidRemote(reason: "'\(path)' is no path for a file") }
            var update = git_tree_update()
            update.filemode = GIT_FILEMODE_BLOB
            if let bytes {
                update.action = GIT_TREE_UPDATE_UPSERT
                update.id = try blob(bytes).oid
            } else {
                // libgit2 fails where there is nothing to remove.
                guard case .file = try entry(path, in: root) else { continue }
                update.action = GIT_TREE_UPDATE_REMOVE
            }
            paths.append(path)
            updates.append(update)
        }
        var oid = git_oid()
        let status = withCStrings(paths) { strings in
            for index in updates.indices { updates[index].path = UnsafePointer(strings[index]) }
            return git_tree_create_updated(&oid, raw, baseline.raw, updates.count, updates)
        }
        if status < 0 {
            let failure = GitError.local(libraryMessage(status), at: path)
            guard let (place, what) = try obstacle(to: paths, in: root) else { throw failure }
            // It is not this copy that is wrong: to fetch it again would bring the same.
            throw .invalidRemote(reason: "the branch holds \(what) at \(place), in the way of what is to be written")
        }
        return TreeID(oid)
    }

    /// The first folder that is in the place of a file to be written, or anything else in that of a folder.
    private func obstacle(to paths: [String], in root: TreeID) throws(GitError) -> (path: String, what: String)? {
        for path in paths {
            let parts = path.split(separator: "/")
            for count in 1...parts.count {
                let place = parts.prefix(count).joined(separator: "/")
                switch try entry(place, in: root) {
                case nil: break
                case .folder? where count < parts.count: continue
                case .folder?: return (place, "a folder")
                case .file? where count < parts.count: return (place, "a file")
                case .file?: break
                case .other?: return (place, "a link or a submodule")
                }
                break
            }
        }
        return nil
    }

    private func blob(_ bytes: [UInt8]) throws(GitError) -> BlobID {
        var oid = git_oid()
        try check(git_blob_create_from_buffer(&oid, raw, bytes, bytes.count), at: path)
        return BlobID(oid)
    }

    private func emptyTree() throws(GitError) -> TreeID {
        let builder = try Handle(git_treebuilder_free, at: path) { git_treebuilder_new($0, raw, nil) }
        var oid = git_oid()
        try check(git_treebuilder_write(&oid, builder.raw), at: path)
        return TreeID(oid)
    }

    private func commit(
        _ tree: TreeID, on base: CommitID?, _ message: String, _ author: Signature, _ time: Int64
    ) throws(GitError) -> CommitID {
        var signature: UnsafeMutablePointer<git_signature>?
        try check(git_signature_new(&signature, author.name, author.email, time, 0), at: path)
        defer { git_signature_free(signature) }
        let tree = try self.tree(tree)
        var oid = git_oid()
        var status: Int32
        if let base {
            let parent = try commit(base)
            var parents: [OpaquePointer?] = [parent.raw]
            status = git_commit_create(
                &oid, raw, nil, signature, signature, nil, message, tree.raw, parents.count, &parents)
            withExtendedLifetime(parent.raw) {}
        } else {
            status = git_commit_create(&oid, raw, nil, signature, signature, nil, message, tree.raw, 0, nil)
        }
        try check(status, at: path)
        return CommitID(oid)
    }

    private static func isSafe(path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { !["", ".", ".."].contains($0) && $0.lowercased() != ".git" }
            && path.unicodeScalars.allSatisfy(OutsideText.isPrintable)
    }
}
