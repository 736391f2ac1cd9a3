import Glibc
import Reconciler

/// The system calls on files that the state directory needs, with typed errors and the flushes that durability takes.
enum FileSystem {
    /// Metadata is a few hundred bytes; anything beyond this is not metadata.
    static let readLimitBytes = 1 << 20

    /// - Returns: `nil` where there is no such file.
    static func read(_ path: String, limitBytes: Int = readLimitBytes) throws(ProviderError) -> [UInt8]? {
        let descriptor = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
        guard descriptor.raw >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read", path)
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor.raw, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limitBytes else {
                throw ProviderError(
                    .host, "\(path) is larger than \(limitBytes) bytes, so the operator did not write it")
            }
        }
    }

    /// Makes a file that did not exist; its bytes are on the disk when this returns, its name is not yet.
    static func create(_ path: String, _ bytes: [UInt8]) throws(ProviderError) {
        let descriptor = Descriptor(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
        guard descriptor.raw >= 0 else { throw failure("create", path) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor.raw, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("write", path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor.raw) == 0 else { throw failure("flush", path) }
    }

    /// Makes the file as long as asked, with a hole at its end, and flushes it.
    static func resize(_ path: String, toBytes bytes: Int64) throws(ProviderError) {
        let descriptor = Descriptor(open(path, O_WRONLY | O_CLOEXEC))
        guard descriptor.raw >= 0 else { throw failure("open", path) }
        guard ftruncate(descriptor.raw, off_t(bytes)) == 0, fsync(descriptor.raw) == 0 else {
            throw failure("resize", path)
        }
    }

    /// Flushes a file, or the names in a folder. Source: fsync(2), notes on directory entries.
    static func synchronize(_ path: String) throws(ProviderError) {
        let descriptor = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
        guard descriptor.raw >= 0 else { throw failure("open", path) }
        guard fsync(descriptor.raw) == 0 else { throw failure("flush", path) }
    }

    static func rename(_ source: String, to target: String) throws(ProviderError) {
        guard Glibc.rename(source, target) == 0 else { throw failure("rename", source) }
    }

    /// Makes a folder that only its owner can enter; one that exists is left as it is.
    static func makeFolder(_ path: String) throws(ProviderError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("make folder", path) }
    }

    /// The names in a folder, sorted; `nil` where there is no such folder.
    static func entries(of path: String) throws(ProviderError) -> [String]? {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return nil }
            throw failure("list", path)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else { throw failure("list", path) }
                return names.sorted()
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 }
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Bytes; `nil` where there is no such regular file.
    static func size(of path: String) throws(ProviderError) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("look at", path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ProviderError(.host, "\(path) is not a file") }
        return Int64(status.st_size)
    }

    /// Removes a file or a folder with what is in it; nothing to remove is fine. Links are removed, not followed.
    static func removeTree(_ path: String) throws(ProviderError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw failure("remove", path) }
        for name in try entries(of: path) ?? [] { try removeTree("\(path)/\(name)") }
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    /// Why the last system call failed. To be called before anything else is.
    static func failure(_ attempt: String, _ path: String) -> ProviderError {
        let code = errno
        let remedy =
            switch code {
            case ENOSPC, EDQUOT: "; make room there, then run again"
            case EROFS, EACCES, EPERM: "; the operator needs to write there as this user"
            case EMFILE, ENFILE: "; too many files are open, raise the limit (ulimit -n)"
            default: ""
            }
        return ProviderError(.host, "cannot \(attempt) \(path): \(String(cString: strerror(code)))\(remedy)")
    }
}

/// Owns a file descriptor and closes it when it goes out of scope. A negative one is an error and owns nothing.
struct Descriptor: ~Copyable {
    let raw: Int32
    init(_ raw: Int32) { self.raw = raw }
    deinit { if raw >= 0 { close(raw) } }
}
