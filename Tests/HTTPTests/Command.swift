import Glibc

/// A child process of a test, killed at the end.
final class Command {
    struct Failure: Error {
        let arguments: [String]
        let status: Int32
    }

    private let id: pid_t
    private let output: Int32
    private var isOver = false

    /// Starts a program, found through `PATH`. Its diagnostics are dropped: openssl always has some.
    init(_ arguments: [String]) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(arguments: arguments, status: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var words = arguments.map { strdup($0) } + [nil]
        var id = pid_t()
        let status = posix_spawnp(&id, arguments[0], &actions, nil, &words, environ)
        for word in words { free(word) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        guard status == 0 else {
            close(ends[0])
            throw Failure(arguments: arguments, status: status)
        }
        self.id = id
        output = ends[0]
    }

    deinit {
        if !isOver {
            kill(id, SIGKILL)
            waitpid(id, nil, 0)
        }
        close(output)
    }

    /// Runs a program to its end.
    static func run(_ arguments: String...) throws(Failure) {
        let command = try Command(arguments)
        var status: Int32 = 0
        waitpid(command.id, &status, 0)
        command.isOver = true
        guard status == 0 else { throw Failure(arguments: arguments, status: status) }
    }

    /// Whether `PATH` has all of these programs.
    static func exists(_ names: String...) -> Bool {
        let folders = getenv("PATH").map { String(cString: $0) }?.split(separator: ":") ?? []
        return names.allSatisfy { name in folders.contains { access("\($0)/\(name)", X_OK) == 0 } }
    }

    /// The next line of its output; shorter at the end.
    func readLine() -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }
}
