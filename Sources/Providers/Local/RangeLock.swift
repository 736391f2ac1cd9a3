import Glibc
import Reconciler

/// Locks on single bytes of a file: one file serves any number of locks, and they end with the process that holds them.
///
/// They belong to the open file, so two threads that open it each exclude each other as two processes do.
/// Source: fcntl(2), "Open file description locks".
struct RangeLock: ~Copyable {
    enum Mode { case shared, exclusive }

    private let file: Descriptor

    /// - Throws: where the file cannot be opened; a lock that somebody else holds is `nil`.
    init?(_ path: String, bytes: [Int64], _ mode: Mode) throws(ProviderError) {
        let access = mode == .shared ? O_RDONLY : O_RDWR
        let file = Descriptor(open(path, access | O_CREAT | O_CLOEXEC, 0o600))
        guard file.raw >= 0 else { throw FileSystem.failure("open", path) }
        for byte in bytes {
            var range = Self.range(byte, mode)
            guard fcntl(file.raw, Self.setLock, &range) != 0 else { continue }
            let isTaken = errno == EAGAIN || errno == EACCES
            let error = FileSystem.failure("lock", path)
            Self.unlock(file)
            if isTaken { return nil }
            throw error
        }
        self.file = file
    }

    deinit { Self.unlock(file) }

    /// Closing the file is not enough: a child that is just being made has it open too, until its program starts.
    private static func unlock(_ file: borrowing Descriptor) {
        var everything = flock(l_type: Int16(F_UNLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
        _ = fcntl(file.raw, setLock, &everything)
    }

    /// Whether somebody holds a lock on one byte; no file counts as no.
    static func isHeld(_ path: String, byte: Int64) throws(ProviderError) -> Bool {
        let file = Descriptor(open(path, O_RDWR | O_CLOEXEC))
        guard file.raw >= 0 else {
            if errno == ENOENT { return false }
            throw FileSystem.failure("open", path)
        }
        var range = Self.range(byte, .exclusive)
        guard fcntl(file.raw, Self.getLock, &range) == 0 else { throw FileSystem.failure("look for locks on", path) }
        return range.l_type != Int16(F_UNLCK)
    }

    /// `F_OFD_GETLK` and `F_OFD_SETLK` of <asm-generic/fcntl.h>, which Glibc's module hides.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37

    private static func range(_ byte: Int64, _ mode: Mode) -> flock {
        flock(
            l_type: Int16(mode == .shared ? F_RDLCK : F_WRLCK), l_whence: Int16(SEEK_SET), l_start: off_t(byte),
            l_len: 1, l_pid: 0)
    }
}
