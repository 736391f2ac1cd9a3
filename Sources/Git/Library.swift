import CLibGit2

/// libgit2, started once and never shut down.
enum Library {
    /// Evaluated once, before the first call of anything else, which is up to whoever makes a first call: before it there
    /// is no place for a thread's last error, and libgit2 writes what it complains about into memory of others.
    static let start: Void = {
        git_libgit2_init()
        // Hermetic: no file of the system or the user changes what a repository is or where a remote is.
        for level in [GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG] {
            clibgit2_set_search_path(level.rawValue, "")
        }
        // Every object is checked against its name when it is read.
        clibgit2_set_flag(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1)
        clibgit2_set_flag(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 1)
        // A mirror that a crash damaged is fetched again, which is cheaper than waiting for the disk each time.
        clibgit2_set_flag(GIT_OPT_ENABLE_FSYNC_GITDIR, 0)
        // A volume of a container often belongs to somebody else. Nothing in a mirror is ever run or trusted: objects
        // are checked by name and tips come from the remote.
        clibgit2_set_flag(GIT_OPT_SET_OWNER_VALIDATION, 0)
        clibgit2_limit_delta_result(Limits.deltaResultBytes)
    }()
}

/// Owns one libgit2 object and frees it when it goes out of scope.
struct Handle: ~Copyable {
    let raw: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// - Parameter make: a libgit2 constructor; it stores the new object in its argument.
    init(
        _ free: @escaping (OpaquePointer?) -> Void, at path: String,
        _ make: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    ) throws(GitError) {
        var raw: OpaquePointer?
        try check(make(&raw), at: path)
        self.raw = raw!
        self.free = free
    }

    deinit { free(raw) }
}

/// Turns the status of a libgit2 call about the repository at `path` into an error.
///
/// Called in the same breath as the call: libgit2 keeps its message per thread, until the next call.
func check(_ status: Int32, at path: String) throws(GitError) {
    guard status < 0 else { return }
    throw .local(libraryMessage(status), at: path)
}

/// libgit2's words about the last failure on this thread.
func libraryMessage(_ status: Int32) -> String {
    guard let error = git_error_last(), let message = error.pointee.message else { return "libgit2 status \(status)" }
    return OutsideText.printable(String(cString: message))
}

extension GitError {
    /// What failed on this machine's disk: the disk itself, or what is on it.
    static func local(_ message: String, at path: String) -> GitError {
        let words = [
            "No space left", "Read-only file system", "Permission denied", "quota exceeded", "Too many open files",
            "Input/output error", "File too large", "Not a directory", "Operation not permitted",
        ]
        if words.contains(where: message.contains) { return .localStorage(path: path, reason: message) }
        return .corrupt(reason: message)
    }
}
