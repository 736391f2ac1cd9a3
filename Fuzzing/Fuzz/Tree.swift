import CLibGit2
import Glibc

@testable import Git

/// A commit of trees that git would not write: names, modes and objects as the bytes say.
let fuzzTree: Target = { bytes in
    guard let forge = Forge.shared, let commit = forge.commit(bytes) else { return }
    let limits = Limits(treeEntries: 2_000, treeDepth: 4, pathBytes: 64)
    var listing = TreeListing(forge.repository, limits) { _, _ in true }
    do throws(GitError) { try listing.list(commit, under: []) } catch {
        demand(isPrintable("\(error)"), "a message holds control characters")
        return
    }
    for file in listing.result.files {
        let parts = file.path.split(separator: "/", omittingEmptySubsequences: false)
        demand(isPrintable(file.path), "a path holds control characters")
        demand(file.path.utf8.count <= limits.pathBytes, "a path is too long")
        demand(parts.count <= limits.treeDepth + 1, "a path is too deep")
        for part in parts {
            demand(!["", ".", ".."].contains(part) && part.lowercased() != ".git", "a path holds '\(part)'")
            demand(!part.contains("\\"), "a path holds a backslash")
        }
    }
    for entry in listing.result.refused { demand(isPrintable(entry.path), "a refused path holds control characters") }
}

/// Makes objects in a repository below /dev/shm, which is memory.
private final class Forge: @unchecked Sendable {
    static let shared = Forge()

    private let path: String
    private(set) var repository: Repository
    private var written = 0
    private static let mostObjects = 20_000

    private init?() {
        path = "/dev/shm/operator-fuzz-\(getpid())"
        guard let repository = Self.open(path) else { return nil }
        self.repository = repository
    }

    private static func open(_ path: String) -> Repository? {
        do throws(GitError) {
            try Repository.create(path)
            return try Repository(opening: path)
        } catch { return nil }
    }

    /// Every line of bytes is one tree: entries of mode, length of the name, name, and which object it leads to.
    func commit(_ bytes: [UInt8]) -> CommitID? {
        if written > Self.mostObjects { renew() }
        var objects = [write(Array("x".utf8), GIT_OBJECT_BLOB)]
        for part in bytes.split(separator: 0xFF, maxSplits: 16, omittingEmptySubsequences: true) {
            objects.append(write(tree(part, objects), GIT_OBJECT_TREE))
        }
        guard let root = objects.last, objects.count > 1 else { return nil }
        let text = "tree \(TreeID(root))\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\nx\n"
        return CommitID(write(Array(text.utf8), GIT_OBJECT_COMMIT))
    }

    private func tree(_ bytes: ArraySlice<UInt8>, _ objects: [git_oid]) -> [UInt8] {
        let modes = ["40000", "100644", "100755", "120000", "160000", "100664", "100600", "0", "777777", "x"]
        var rest = bytes
        var tree: [UInt8] = []
        while rest.count > 3 {
            let mode = modes[Int(rest.removeFirst()) % modes.count]
            let length = Int(rest.removeFirst()) % 80
            let target = Int(rest.removeFirst()) % objects.count
            let name = rest.prefix(length).filter { $0 != 0 }
            rest = rest.dropFirst(length)
            tree += Array(mode.utf8) + [UInt8(ascii: " ")] + name + [0] + objects[target].bytes
        }
        return tree
    }

    private func write(_ bytes: [UInt8], _ kind: git_object_t) -> git_oid {
        var id = git_oid()
        written += 1
        demand(git_odb_write(&id, repository.objects, bytes, bytes.count, kind) == 0, "git refuses to write")
        return id
    }

    private func renew() {
        written = 0
        StateDirectory.remove(path)
        if let fresh = Self.open(path) { repository = fresh }
    }
}

extension git_oid {
    fileprivate var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}
