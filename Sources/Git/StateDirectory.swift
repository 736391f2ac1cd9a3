import Glibc

/// The folder in which a mirror lives, and what is beside it while a mirror is made anew.
///
/// What a remote still has can be lost at any time; nothing but a mirror may be in it.
struct StateDirectory {
    let path: String

    /// Makes the folders above the mirror.
    func prepare() throws(GitError) {
        var prefix = ""
        for part in path.split(separator: "/").dropLast() {
            prefix += "/" + part
            if mkdir(prefix, 0o700) != 0, errno != EEXIST { throw failure(errno) }
        }
        var info = stat()
        guard stat(prefix.isEmpty ? "/" : prefix, &info) == 0 else { throw failure(errno) }
        guard info.st_mode & S_IFMT == S_IFDIR else { throw failure(ENOTDIR) }
    }

    var exists: Bool { Self.exists(path) }

    static func exists(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0
    }

    /// Whether so many packs or single objects have piled up that reading becomes slow. libgit2 never tidies up.
    var isCrowded: Bool {
        // Every fetch adds a pack. Object names are evenly spread over 256 folders: this is one of them.
        let packs = Self.names(in: path + "/objects/pack").count { $0.hasSuffix(".pack") }
        return packs > 200 || Self.names(in: path + "/objects/17").count > 100
    }

    /// A name beside the mirror that no other process uses.
    func temporary() -> String {
        "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }

    /// Where a mirror is kept that may hold a commit which the remote has lost.
    func copy(of commit: CommitID) -> String { "\(path).kept-\(commit.description.prefix(12))" }

    /// Puts the mirror that was made at `new` in place of the one that is there.
    ///
    /// - Parameter kept: where that one goes, if nothing is there yet; nil: it is removed.
    func replace(with new: String, keepingAt kept: String? = nil) throws(GitError) {
        let kept = kept.flatMap { Self.exists($0) ? nil : $0 }
        let old = kept ?? temporary()
        let moved = rename(path, old) == 0
        guard moved || errno == ENOENT else { throw failure(errno) }
        if rename(new, path) != 0 {
            let code = errno
            // Another process may have been first; its mirror is as good.
            guard code == ENOTEMPTY || code == EEXIST else { throw failure(code) }
            Self.remove(new)
        }
        if moved, kept == nil { Self.remove(old) }
    }

    /// Removes what processes that are gone left beside the mirror.
    func sweep() {
        guard let slash = path.lastIndex(of: "/") else { return }
        let folder = String(path[..<slash])
        let prefix = path[path.index(after: slash)...] + "."
        for name in Self.names(in: folder) where name.hasPrefix(prefix) {
            let process = name.dropFirst(prefix.count).prefix { $0 != "-" }
            guard let pid = pid_t(process), kill(pid, 0) != 0, errno == ESRCH else { continue }
            Self.remove("\(folder)/\(name)")
        }
    }

    /// Removes a folder with everything in it, or a file. What cannot be removed stays.
    static func remove(_ path: String) {
        guard unlink(path) != 0, errno == EISDIR else { return }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private func failure(_ code: Int32) -> GitError {
        .localStorage(path: path, reason: String(cString: strerror(code)))
    }
}
