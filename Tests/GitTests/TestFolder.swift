import Glibc

/// A folder of its own for one test, removed with everything in it at the end.
final class TestFolder: Sendable {
    let path: String

    init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/operator-git-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? base
    }

    deinit {
        _ = try? Shell.run("rm", ["-rf", path])
    }

    func write(_ name: String, _ text: String, mode: mode_t = 0o644) {
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        precondition(file >= 0, "cannot write \(path)/\(name)")
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            written += bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        }
        close(file)
    }
}
