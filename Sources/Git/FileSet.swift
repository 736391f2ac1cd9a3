import CLibGit2

/// A file of a commit.
public struct TreeFile: Hashable, Sendable {
    /// From the root of the repository, with `/` between folders. Printable, never with `..`.
    public let path: String
    public let blob: BlobID
    public let isExecutable: Bool

    public init(path: String, blob: BlobID, isExecutable: Bool = false) {
        self.path = path
        self.blob = blob
        self.isExecutable = isExecutable
    }
}

/// Something in a commit that may have been meant as a file and is not read.
public struct RefusedEntry: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// Never followed: it could lead anywhere.
        case symbolicLink
        case submodule
        /// Bits of the entry's mode, which git itself would not write.
        case unknownMode(UInt32)
        /// Control or formatting characters, a backslash, no valid UTF-8, or a name that git reserves.
        case unsafeName
        case pathTooLong(limit: Int)
        case tooDeep(limit: Int)
    }

    /// Safe to print; for an unsafe name not the exact bytes.
    public let path: String
    public let reason: Reason
    /// A folder, or what may stand for one: nobody knows what is in it.
    public let isFolder: Bool

    public init(path: String, reason: Reason, isFolder: Bool = false) {
        self.path = path
        self.reason = reason
        self.isFolder = isFolder
    }
}

/// What a commit holds below the folders that were asked for.
public struct FileSet: Hashable, Sendable {
    /// In the order of git, which is by bytes of the names.
    public var files: [TreeFile] = []
    public var refused: [RefusedEntry] = []
    /// Of the folders that were asked for, those that the commit does not have.
    public var missingFolders: [String] = []
}

/// What a filter is asked about.
public enum EntryKind: Hashable, Sendable {
    /// Also what is refused for its mode.
    case file
    /// Asked before it is opened. Also what is refused for its mode and is not wanted as a file: a link or a submodule may
    /// stand where a folder was.
    case folder
}

/// The content of a file, or why it was not loaded.
public enum Content: Hashable, Sendable {
    case bytes([UInt8])
    /// Size in bytes; the file was not loaded.
    case tooLarge(size: Int)
}

/// Lists one commit. Every step is bounded; nothing of the tree is trusted.
struct TreeListing {
    let repository: Repository
    let limits: Limits
    let include: (String, EntryKind) -> Bool

    private(set) var result = FileSet()
    private var visited = 0

    init(_ repository: Repository, _ limits: Limits, include: @escaping (String, EntryKind) -> Bool) {
        self.repository = repository
        self.limits = limits
        self.include = include
    }

    /// - Parameter folders: empty means all of the commit; one inside another is listed once.
    mutating func list(_ commit: CommitID, under folders: [String]) throws(GitError) {
        let root = try repository.rootTree(of: commit)
        let trimmed = folders.map { $0.split(separator: "/").filter { $0 != "." }.joined(separator: "/") }
        guard !trimmed.isEmpty, !trimmed.contains("") else {
            try list(root, path: "", depth: 0)
            return
        }
        for folder in Set(trimmed).sorted() where !trimmed.contains(where: { folder.hasPrefix($0 + "/") }) {
            guard case .folder(let tree) = try repository.entry(folder, in: root) else {
                result.missingFolders.append(folder)
                continue
            }
            try list(tree, path: folder + "/", depth: folder.utf8.count { $0 == UInt8(ascii: "/") } + 1)
        }
    }

    private mutating func list(_ id: TreeID, path prefix: String, depth: Int) throws(GitError) {
        let tree = try repository.tree(id)
        for index in 0..<git_tree_entrycount(tree.raw) {
            visited += 1
            guard visited <= limits.treeEntries else {
                throw .limitExceeded(what: "the number of files and folders", limit: limits.treeEntries)
            }
            let entry = git_tree_entry_byindex(tree.raw, index)!
            let name = git_tree_entry_name(entry)!
            let mode = UInt32(git_tree_entry_filemode_raw(entry).rawValue)
            let isFolder = mode == GIT_FILEMODE_TREE.rawValue
            guard let text = String(validatingCString: name), Self.isSafe(name: text) else {
                refuse(prefix + OutsideText.printable(String(cString: name)), .unsafeName, isFolder)
                continue
            }
            let path = prefix + text
            guard path.utf8.count <= limits.pathBytes else {
                refuse(path, .pathTooLong(limit: limits.pathBytes), isFolder)
                continue
            }
            let isPlainFile = Self.plainFiles.contains(mode)
            let isWantedAsFile = !isFolder && include(path, .file)
            guard isWantedAsFile || !isPlainFile && include(path, .folder) else { continue }
            switch mode {
            case GIT_FILEMODE_TREE.rawValue:
                if depth < limits.treeDepth {
                    try list(TreeID(git_tree_entry_id(entry).pointee), path: path + "/", depth: depth + 1)
                } else {
                    refuse(path, .tooDeep(limit: limits.treeDepth), true)
                }
            case _ where isPlainFile:
                result.files.append(
                    TreeFile(
                        path: path, blob: BlobID(git_tree_entry_id(entry).pointee),
                        isExecutable: mode == GIT_FILEMODE_BLOB_EXECUTABLE.rawValue))
            case GIT_FILEMODE_LINK.rawValue: refuse(path, .symbolicLink, !isWantedAsFile)
            case GIT_FILEMODE_COMMIT.rawValue: refuse(path, .submodule, !isWantedAsFile)
            default: refuse(path, .unknownMode(mode), !isWantedAsFile)
            }
        }
    }

    /// Old versions of git wrote the last of these modes; git still reads it as an ordinary file.
    private static let plainFiles = [GIT_FILEMODE_BLOB.rawValue, GIT_FILEMODE_BLOB_EXECUTABLE.rawValue, 0o100664]

    private mutating func refuse(_ path: String, _ reason: RefusedEntry.Reason, _ isFolder: Bool = false) {
        result.refused.append(RefusedEntry(path: path, reason: reason, isFolder: isFolder))
    }

    private static func isSafe(name: String) -> Bool {
        !["", ".", ".."].contains(name) && name.lowercased() != ".git" && !name.contains("\\")
            && !name.contains("/") && name.unicodeScalars.allSatisfy(OutsideText.isPrintable)
    }
}

extension Repository {
    /// What a path of a tree leads to.
    enum Entry {
        case folder(TreeID)
        case file(BlobID)
        case other
    }

    /// - Returns: nil where the path leads nowhere.
    func entry(_ path: String, in root: TreeID) throws(GitError) -> Entry? {
        let tree = try tree(root)
        var raw: OpaquePointer?
        let status = git_tree_entry_bypath(&raw, tree.raw, path)
        if status == GIT_ENOTFOUND.rawValue { return nil }
        try check(status, at: self.path)
        defer { git_tree_entry_free(raw) }
        let id = git_tree_entry_id(raw).pointee
        switch git_tree_entry_filemode(raw) {
        case GIT_FILEMODE_TREE: return .folder(TreeID(id))
        case GIT_FILEMODE_BLOB, GIT_FILEMODE_BLOB_EXECUTABLE: return .file(BlobID(id))
        default: return .other
        }
    }

    /// - Parameter limit: bytes of one file; a larger one is not loaded.
    func contents(_ blobs: [BlobID], limit: Int) throws(GitError) -> [Content] {
        var result: [Content] = []
        result.reserveCapacity(blobs.count)
        var loaded = 0
        for blob in blobs {
            let size = try header(blob).size
            guard size <= limit else {
                result.append(.tooLarge(size: size))
                continue
            }
            loaded += size
            guard loaded <= Limits.loadedBytes else {
                throw .limitExceeded(what: "the size in bytes of all files together", limit: Limits.loadedBytes)
            }
            result.append(.bytes(try load(blob)))
        }
        return result
    }
}
