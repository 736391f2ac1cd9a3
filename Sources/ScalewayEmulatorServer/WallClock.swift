import Glibc
import ScalewayEmulator

extension Instant {
    /// The time of the machine.
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: time.tv_sec * 1_000_000 + time.tv_nsec / 1000)
    }
}

/// Writes a line to standard output at once, also into a pipe, where `print` would keep it back.
func announce(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
}
