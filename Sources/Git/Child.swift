import Glibc

/// A program that runs as the other end of a socket: standard input and output are one, standard error another.
///
/// It leads a process group of its own, so that it can be ended together with what it started, and so that the
/// terminal's interrupt does not reach it.
final class Child {
    let pid: pid_t
    let socket: Int32
    let errors: Int32
    private var status: Int32?

    /// - Parameter program: an absolute path.
    /// - Throws: `.unreachable` when no process or descriptor was to be had.
    init(
        _ program: String, _ arguments: [String], environment: [String: String], remote: String
    ) throws(GitError) {
        var talk: [Int32] = [-1, -1]
        var complain: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, streamSocket, 0, &talk) == 0 else { throw Self.failure(remote, program, errno) }
        guard socketpair(AF_UNIX, streamSocket, 0, &complain) == 0 else {
            let code = errno
            for file in talk { close(file) }
            throw Self.failure(remote, program, code)
        }
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let spawned = Self.spawn(program, arguments, variables, stdio: talk[1], errors: complain[1])
        close(talk[1])
        close(complain[1])
        guard case .success(let pid) = spawned else {
            close(talk[0])
            close(complain[0])
            guard case .failure(let code) = spawned else { preconditionFailure() }
            throw Self.failure(remote, program, code.value)
        }
        self.pid = pid
        socket = talk[0]
        errors = complain[0]
    }

    deinit {
        close(socket)
        close(errors)
        end()
    }

    /// Waits for the end of the program without disturbing it.
    /// - Returns: whether it has ended.
    func waitForEnd(atMost patience: Duration) -> Bool {
        let deadline = ContinuousClock.now + patience
        var pause: useconds_t = 500
        while true {
            if hasEnded { return true }
            guard ContinuousClock.now < deadline else { return false }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
    }

    /// Ends the whole group: first asks, so that git removes its lock files, then kills.
    func end() {
        let grace = Duration.seconds(2)
        if hasEnded { return }
        kill(-pid, SIGTERM)
        if waitForEnd(atMost: grace) { return }
        kill(-pid, SIGKILL)
        while !hasEnded { usleep(1_000) }
    }

    private var hasEnded: Bool {
        if status != nil { return true }
        var code: Int32 = 0
        let answer = waitpid(pid, &code, WNOHANG)
        if answer == pid {
            status = code
        } else if answer < 0 && errno != EINTR {
            // Somebody else collected it; how it ended is lost.
            status = 0
        }
        return status != nil
    }

    private struct Code: Error {
        let value: Int32
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String], stdio: Int32, errors: Int32
    ) -> Result<pid_t, Code> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, stdio, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, stdio, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Ignored signals stay ignored in a child, and this program ignores some.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        let code = withCStrings([program] + arguments) { argv in
            withCStrings(environment) { envp in posix_spawn(&pid, program, &actions, &attributes, argv, envp) }
        }
        return code == 0 ? .success(pid) : .failure(Code(value: code))
    }

    private static func failure(_ remote: String, _ program: String, _ code: Int32) -> GitError {
        .unreachable(remote: remote, reason: "cannot start \(program): \(String(cString: strerror(code)))")
    }
}
