import Git
import Instances
import Reconciler

/// A status branch as it was read or written last: only what changed since is read again.
struct StatusReading {
    var commit: CommitID?
    var tree = StatusTree()
    var blobs: [String: BlobID] = [:]
    /// Where something else than a plain file was found.
    var obstacles: Set<String> = []
}

extension GitRepository {
    /// The largest file of a status branch: the table of ten thousand instances. Bytes.
    static let statusFileLimit = 16 * 1024 * 1024

    func readStatus(at commit: CommitID) async throws(GitError) -> StatusHead {
        guard commit != status.commit else { return StatusHead(commit: commit.description, tree: status.tree) }
        let listing = try await mirror.files(at: commit)
        let changed = listing.files.filter { status.blobs[$0.path] != $0.blob }
        let own = changed.filter { StatusTree.isOwn($0.path) }
        let contents = try await mirror.read(own.map(\.blob), limit: Self.statusFileLimit)
        for (file, content) in zip(own, contents) where InstanceFile.name(path: file.path) == nil {
            guard case .tooLarge = content else { continue }
            throw .limitExceeded(what: "file \(file.path) of the status branch", limit: Self.statusFileLimit)
        }
        let gone = Set(status.blobs.keys).union(status.obstacles).subtracting(listing.files.map(\.path))
        for path in gone { status.tree.set(path, to: nil) }
        for file in changed where !StatusTree.isOwn(file.path) { status.tree.set(file.path, to: []) }
        for (file, content) in zip(own, contents) {
            switch (content, InstanceFile.name(path: file.path)) {
            case (.bytes(let bytes), _): status.tree.set(file.path, to: bytes)
            case (.tooLarge, let name?):
                status.tree.setUnreadable(name, "the file has more than \(Self.statusFileLimit) bytes")
            case (.tooLarge, nil): break
            }
        }
        let obstacles = listing.obstacles
        status.tree.setObstacles(obstacles)
        status.obstacles = Set(obstacles.keys)
        status.blobs = Dictionary(listing.files.map { ($0.path, $0.blob) }, uniquingKeysWith: { $1 })
        status.commit = commit
        return StatusHead(commit: commit.description, tree: status.tree)
    }

    /// What a push has made of the branch: what was written is understood as if it had been read.
    func readStatus(
        at commit: CommitID, after base: CommitID?, with changes: [String: StatusFile?]
    ) async throws(GitError) -> StatusHead {
        guard base == status.commit else { return try await readStatus(at: commit) }
        let blobs = try await mirror.blobs(at: commit, paths: Array(changes.keys))
        for (path, file) in changes {
            status.tree.take(path, file)
            status.blobs[path] = blobs[path]
        }
        status.commit = commit
        return StatusHead(commit: commit.description, tree: status.tree)
    }
}

extension FileSet {
    /// What of a status branch is in the place of a plain file, or of the folder of instances, by path.
    fileprivate var obstacles: [String: String] {
        var found: [String: String] = [:]
        // What is refused for its name is printed harmlessly, and no file of ours: it may only look like one.
        for entry in refused where entry.reason != .unsafeName { found[entry.path] = entry.reason.kind }
        for path in files.map(\.path) + refused.map(\.path) {
            var end = path.startIndex
            while let slash = path[end...].firstIndex(of: "/") {
                let folder = String(path[..<slash])
                if StatusTree.isOwn(folder) { found[folder] = "a folder" }
                end = path.index(after: slash)
            }
        }
        if files.contains(where: { $0.path + "/" == InstanceFile.folder }) {
            found[String(InstanceFile.folder.dropLast())] = "a file"
        }
        return found
    }
}
