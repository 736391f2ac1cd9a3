import Glibc

/// Why a file could not be read or written.
struct FileError: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String { "\(path): \(String(cString: strerror(code)))" }

    /// There is no such file, which says nothing against the rest of the directory.
    var isMissing: Bool { code == ENOENT || code == ENOTDIR }
}

/// - Parameter limit: bytes; a longer file is an error.
func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw FileError(path: path, code: errno) }
        if count == 0 { return bytes }
        bytes += buffer[..<count]
        guard bytes.count <= limit else { throw FileError(path: path, code: EFBIG) }
    }
}

/// Replaces a file so that a crash at any instant leaves the old bytes or the new, never a mixture.
///
/// Source: rename(2); fsync(2), NOTES on directory entries.
func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileError) {
    let temporary = "\(path).\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError(path: temporary, code: errno) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else {
            let code = errno
            close(descriptor)
            unlink(temporary)
            throw FileError(path: path, code: code)
        }
        rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
        throw FileError(path: path, code: errno)
    }
}

/// Makes a folder and those above it.
func makeFolder(_ path: String) throws(FileError) {
    var prefix = ""
    for part in path.split(separator: "/") {
        prefix += "/" + part
        if mkdir(prefix, 0o700) != 0, errno != EEXIST { throw FileError(path: prefix, code: errno) }
    }
    var info = stat()
    guard stat(path, &info) == 0 else { throw FileError(path: path, code: errno) }
    guard info.st_mode & S_IFMT == S_IFDIR else { throw FileError(path: path, code: ENOTDIR) }
    guard access(path, W_OK) == 0 else { throw FileError(path: path, code: errno) }
}
