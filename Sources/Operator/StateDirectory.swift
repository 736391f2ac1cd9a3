import Glibc
import Instances
import Reconciler

/// This host's folder for one repository: the mirror, and the lock that keeps two operators from sharing it.
final class StateDirectory: Sendable {
    let path: String
    private let descriptor: Int32

    enum Trouble: Error, CustomStringConvertible {
        case unusable(FileError)
        /// Another process holds it.
        case inUse(String)

        var description: String {
            switch self {
            case .unusable(let error):
                "the state directory cannot be used: \(error). Name another with --state-dir"
            case .inUse(let path):
                "another operator on this host uses the state directory \(path). Wait for it, or name another with "
                    + "--state-dir"
            }
        }
    }

    /// Takes the folder; the kernel lets go of it when the process ends, however it ends.
    init(_ path: String) throws(Trouble) {
        do throws(FileError) { try makeFolder(path) } catch { throw .unusable(error) }
        let file = path + "/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unusable(FileError(path: file, code: errno)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw code == EWOULDBLOCK ? .inUse(path) : .unusable(FileError(path: file, code: code))
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Waits for the folder while another operator has it.
    ///
    /// - Parameter onWait: told once, where it has to.
    static func take(
        _ path: String, timeout: Duration, isStopping: () -> Bool, onWait: () -> Void
    ) async throws(Trouble) -> StateDirectory {
        let deadline = ContinuousClock.now + timeout
        var isTold = false
        while true {
            do {
                return try StateDirectory(path)
            } catch {
                guard case .inUse = error, ContinuousClock.now < deadline, !isStopping() else { throw error }
                if !isTold { onWait() }
                isTold = true
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}

/// Which process on which machine: what a lock says of its holder.
struct ProcessIdentity {
    /// Changes with every boot of the machine and differs between containers on it.
    let host: String
    let process: Int
    /// Clock ticks since boot; tells a process from a later one with the same number.
    let started: String

    static func current() -> ProcessIdentity {
        let pid = Int(getpid())
        return ProcessIdentity(host: hostIdentity(), process: pid, started: startTicks(of: pid) ?? "0")
    }

    /// Whether the process surely does not run any more: it was on this machine, and is not there.
    var isGone: Bool {
        host == hostIdentity() && startTicks(of: process) != started
    }
}

private func hostIdentity() -> String {
    func text(_ path: String) -> String {
        (try? readFile(path, limit: 4096)).map { String(decoding: $0, as: UTF8.self) }?
            .split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "?"
    }
    var namespace = stat()
    _ = stat("/proc/self/ns/pid", &namespace)
    return "\(text("/proc/sys/kernel/random/boot_id"))-\(namespace.st_ino)"
}

/// Source: proc(5), /proc/PID/stat, field 22; the command in field 2 may hold blanks and parentheses.
private func startTicks(of process: Int) -> String? {
    guard let bytes = try? readFile("/proc/\(process)/stat", limit: 4096),
        let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
    return fields.count > 19 ? String(fields[19]) : nil
}
