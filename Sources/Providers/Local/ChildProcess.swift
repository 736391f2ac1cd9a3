import Glibc
import Reconciler
import Synchronization

/// Set when nobody waits for the answer any more.
final class Cancellation: Sendable {
    private let flag = Atomic(false)
    private let whole: Cancellation?

    /// - Parameter whole: what this is a part of, and ends with.
    init(partOf whole: Cancellation? = nil) { self.whole = whole }

    var isCancelled: Bool { flag.load(ordering: .relaxed) || whole?.isCancelled ?? false }
    func cancel() { flag.store(true, ordering: .relaxed) }
}

/// One run of a program: an argument vector, never a shell; bounded output; a deadline.
struct ChildProcess {
    struct Outcome {
        /// Exit status; a signal counts as 128 and its number, as in a shell.
        var status: Int32
        /// What it wrote on both of its outputs.
        var output: String
    }

    /// More output than this is dropped: messages are short, and a program gone mad must not fill our memory.
    private static let outputLimitBytes = 65_536
    private static let pollMilliseconds: Int32 = 50

    let program: String
    let arguments: [String]
    /// Where it runs; the program and its arguments do not depend on it unless they say so.
    var folder = "/"

    /// Runs the program to its end. It is killed at the deadline and when nobody waits any more.
    func run(deadline: Duration, _ cancellation: Cancellation) throws(ProviderError) -> Outcome {
        var ends: [Int32] = [-1, -1]
        // Sockets, because a pipe cannot be kept from other children from its first moment on without `_GNU_SOURCE`.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw FileSystem.failure("talk to", program) }
        let reading = Descriptor(ends[0])
        let child: pid_t
        do {
            let writing = Descriptor(ends[1])
            child = try spawn(output: writing.raw)
        }
        let end = ContinuousClock.now + deadline
        var output: [UInt8] = []
        var reason: ProviderError?
        while true {
            var request = pollfd(fd: reading.raw, events: Int16(POLLIN), revents: 0)
            let ready = poll(&request, 1, Self.pollMilliseconds)
            if ready > 0 && !append(from: reading.raw, to: &output) { break }
            if cancellation.isCancelled { reason = ProviderError(.unavailable, "\(program) was interrupted") }
            if ContinuousClock.now > end {
                reason = ProviderError(.host, "\(program) did not end within \(deadline): \(arguments)")
            }
            if reason != nil {
                // Not waited for yet, so the number is still this child's.
                kill(child, SIGKILL)
                break
            }
        }
        let status = Self.wait(for: child)
        if let reason { throw reason }
        return Outcome(status: status, output: String(decoding: output, as: UTF8.self))
    }

    /// - Returns: `false` at the end of the output.
    private func append(from descriptor: Int32, to output: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN }
        output += chunk[..<min(count, Self.outputLimitBytes - output.count)]
        return count > 0
    }

    private static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private func spawn(output: Int32) throws(ProviderError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // A machine lives long: nothing of ours that somebody forgot to mark may stay open in it.
        _ = HiddenGlibc.closeFrom?(&actions, 3)
        guard let changeFolder = HiddenGlibc.changeFolder, changeFolder(&actions, folder) == 0 else {
            throw ProviderError(.host, "\(program) cannot be run in \(folder) with this version of Glibc")
        }

        // A group of its own, so that an interrupt on our terminal is ours to handle; and no signal that we ignore
        // or block stays so in the child.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        // Messages in English, whatever the user's language: some are recognised.
        var environment: [UnsafeMutablePointer<CChar>?] =
            ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"].map { (text: String) in strdup(text) } + [nil]
        defer { for variable in environment { free(variable) } }

        var child: pid_t = 0
        errno = posix_spawn(&child, program, &actions, &attributes, &arguments, &environment)
        guard errno == 0 else { throw FileSystem.failure("run", program) }
        return child
    }
}

/// Text of another program on one line, without control characters, and not endless.
func quoted(_ text: String) -> String {
    let limit = 400
    let line = text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    let clean = String(
        String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }))
    return clean.count <= limit ? clean : clean.prefix(limit) + "…"
}
