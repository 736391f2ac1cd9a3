import CLibGit2
import Glibc

/// The bare repository that a mirror keeps on disk. It never speaks with a remote.
///
/// For one thread at a time, like everything of libgit2.
final class Repository {
    let raw: OpaquePointer
    let objects: OpaquePointer
    let path: String

    /// Opens what is there.
    init(opening path: String) throws(GitError) {
        Library.start
        var raw: OpaquePointer?
        try check(git_repository_open_bare(&raw, path), at: path)
        var objects: OpaquePointer?
        let status = git_repository_odb(&objects, raw)
        guard status == 0, let raw, let objects else {
            git_repository_free(raw)
            throw .corrupt(reason: libraryMessage(status))
        }
        (self.raw, self.objects, self.path) = (raw, objects, path)
    }

    /// Makes an empty bare repository in a folder that does not exist yet.
    static func create(_ path: String) throws(GitError) {
        Library.start
        // Without the template: it holds nothing but samples and a description.
        var options = git_repository_init_options()
        git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION))
        let flags = [GIT_REPOSITORY_INIT_BARE, GIT_REPOSITORY_INIT_MKDIR, GIT_REPOSITORY_INIT_NO_REINIT]
        options.flags = flags.reduce(0) { $0 | $1.rawValue }
        var raw: OpaquePointer?
        try check(git_repository_init_ext(&raw, path, &options), at: path)
        git_repository_free(raw)
    }

    deinit {
        git_odb_free(objects)
        git_repository_free(raw)
    }

    // MARK: Which remote it mirrors

    private static let originKey = "remote.origin.url"

    /// Where the mirror's content came from, without credentials.
    func origin() throws(GitError) -> String? {
        let configuration = try Handle(git_config_free, at: path) { git_repository_config_snapshot($0, raw) }
        var value: UnsafePointer<CChar>?
        guard git_config_get_string(&value, configuration.raw, Self.originKey) == 0, let value else { return nil }
        return String(cString: value)
    }

    func setOrigin(_ remote: String) throws(GitError) {
        let configuration = try Handle(git_config_free, at: path) { git_repository_config($0, raw) }
        try check(git_config_set_string(configuration.raw, Self.originKey, remote), at: path)
    }

    // MARK: Branches

    /// The tip of a branch as it was fetched last.
    func tip(_ branch: String) -> CommitID? {
        var oid = git_oid()
        return git_reference_name_to_id(&oid, raw, Self.reference(branch)) == 0 ? CommitID(oid) : nil
    }

    func setTip(_ branch: String, _ commit: CommitID?) throws(GitError) {
        try setReference(Self.reference(branch), commit)
    }

    /// Makes, moves or (nil) removes a reference.
    func setReference(_ name: String, _ commit: CommitID?) throws(GitError) {
        guard let commit else {
            let status = git_reference_remove(raw, name)
            if status != GIT_ENOTFOUND.rawValue { try check(status, at: path) }
            return
        }
        var oid = commit.oid
        _ = try Handle(git_reference_free, at: path) { git_reference_create($0, raw, name, &oid, 1, nil) }
    }

    static func reference(_ branch: String) -> String { "refs/heads/" + branch }

    /// Whether git would accept the name for a branch.
    static func isValid(branch: String) -> Bool {
        Library.start
        var valid: Int32 = 0
        return !branch.hasPrefix("-") && git_reference_name_is_valid(&valid, reference(branch)) == 0 && valid == 1
    }

    // MARK: Objects

    func holds<Kind>(_ id: ObjectID<Kind>) -> Bool {
        var oid = id.oid
        return git_odb_exists(objects, &oid) == 1
    }

    /// Size in bytes and type, without loading the object.
    func header<Kind>(_ id: ObjectID<Kind>) throws(GitError) -> (size: Int, type: git_object_t) {
        var oid = id.oid
        var size = 0
        var type = GIT_OBJECT_INVALID
        try check(git_odb_read_header(&size, &type, objects, &oid), at: path)
        return (size, type)
    }

    /// The bytes of a blob that was found to be small enough.
    func load(_ id: BlobID) throws(GitError) -> [UInt8] {
        var oid = id.oid
        let object = try Handle(git_odb_object_free, at: path) { git_odb_read($0, objects, &oid) }
        guard git_odb_object_type(object.raw) == GIT_OBJECT_BLOB else {
            throw .corrupt(reason: "object \(id) is not a file")
        }
        let (start, count) = (git_odb_object_data(object.raw), git_odb_object_size(object.raw))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func tree(_ id: TreeID) throws(GitError) -> Handle {
        let (size, type) = try header(id)
        guard type == GIT_OBJECT_TREE else { throw .corrupt(reason: "object \(id) is not a folder") }
        guard size <= Limits.treeBytes else {
            throw .limitExceeded(what: "the size in bytes of a folder (tree \(id))", limit: Limits.treeBytes)
        }
        var oid = id.oid
        return try Handle(git_tree_free, at: path) { git_tree_lookup($0, raw, &oid) }
    }

    func commit(_ id: CommitID) throws(GitError) -> Handle {
        var oid = id.oid
        return try Handle(git_commit_free, at: path) { git_commit_lookup($0, raw, &oid) }
    }

    func rootTree(of id: CommitID) throws(GitError) -> TreeID {
        let commit = try commit(id)
        return TreeID(git_commit_tree_id(commit.raw).pointee)
    }

    /// Whether a commit holds no file at all.
    func isEmpty(_ id: CommitID) throws(GitError) -> Bool {
        git_tree_entrycount(try tree(try rootTree(of: id)).raw) == 0
    }

    // MARK: History

    /// Whether `ancestor` is `commit` or one of the commits before it. False where `ancestor` is not here: everything
    /// before a fetched tip is.
    func isAncestor(_ ancestor: CommitID, of commit: CommitID) throws(GitError) -> Bool {
        guard ancestor != commit else { return true }
        guard holds(ancestor) else { return false }
        var (old, new) = (ancestor.oid, commit.oid)
        let answer = git_graph_descendant_of(raw, &new, &old)
        try check(answer, at: path)
        return answer == 1
    }

    /// Reads everything that the program may ever read of `tip`: its commits back to `known`, its folders, and the
    /// presence of its files.
    ///
    /// libgit2 asks for a tip only where it has not got that one object, and does not look at what hangs on it.
    func verify(_ tip: CommitID, knownGood known: CommitID?, limits: Limits) throws(GitError) {
        let walk = try Handle(git_revwalk_free, at: path) { git_revwalk_new($0, raw) }
        var oid = tip.oid
        try check(git_revwalk_push(walk.raw, &oid), at: path)
        if let known, holds(known) {
            var oid = known.oid
            try check(git_revwalk_hide(walk.raw, &oid), at: path)
        }
        var next = git_oid()
        while true {
            let status = git_revwalk_next(&next, walk.raw)
            if status == GIT_ITEROVER.rawValue { break }
            try check(status, at: path)
        }
        var seen: Set<TreeID> = []
        var pending = [try rootTree(of: tip)]
        var visited = 0
        // A larger tree is not refused here, where nobody knows which of its folders count; listing them does that.
        while let id = pending.popLast(), visited <= limits.treeEntries {
            guard seen.insert(id).inserted else { continue }
            let tree = try tree(id)
            for index in 0..<git_tree_entrycount(tree.raw) {
                let entry = git_tree_entry_byindex(tree.raw, index)
                visited += 1
                switch git_tree_entry_filemode_raw(entry).rawValue & S_IFMT {
                case S_IFDIR: pending.append(TreeID(git_tree_entry_id(entry).pointee))
                case S_IFREG, S_IFLNK:
                    let blob = BlobID(git_tree_entry_id(entry).pointee)
                    guard holds(blob) else { throw .corrupt(reason: "object \(blob) is missing from commit \(tip)") }
                // A submodule, and git takes every other mode for one: the object is elsewhere.
                default: continue
                }
            }
        }
    }
}
