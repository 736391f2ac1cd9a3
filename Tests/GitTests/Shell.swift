import Glibc

/// Runs programs for the tests and waits for them.
enum Shell {
    struct Failure: Error, CustomStringConvertible {
        let command: String
        let status: Int32
        let output: String

        var description: String { "\(command) ended with \(status): \(output)" }
    }

    /// - Returns: what the program printed, without the newline at the end.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String] = [], in folder: String? = nil, input: String? = nil,
        environment: [String: String] = [:]
    ) throws -> String {
        var pipes: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pipes)
        let pid = spawn(program, arguments, in: folder, input: pipes[1], output: pipes[1], environment: environment)
        close(pipes[1])
        if let input {
            let bytes = Array(input.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    send(pipes[0], $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { break }
                sent += count
            }
        }
        shutdown(pipes[0], Int32(SHUT_WR))
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = read(pipes[0], &chunk, chunk.count), count > 0 { output += chunk[..<count] }
        close(pipes[0])
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        var text = String(decoding: output, as: UTF8.self)
        while text.last == "\n" { text.removeLast() }
        guard status == 0 else {
            throw Failure(command: ([program] + arguments).joined(separator: " "), status: status, output: text)
        }
        return text
    }

    /// Starts a program in a process group of its own.
    static func spawn(
        _ program: String, _ arguments: [String], in folder: String? = nil, input: Int32, output: Int32,
        environment: [String: String] = [:]
    ) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))

        let base = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.com",
            "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.com",
        ]
        let variables = base.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        // The folder is set by a shell: the spawn attribute for it is not portable to all C libraries.
        let inFolder = folder.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0] } ?? ["/usr/bin/env"]
        let command = inFolder + [program] + arguments
        var argv = command.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, &argv, &envp)
        precondition(code == 0, "cannot start \(program)")
        return pid
    }

    static func has(_ program: String) -> Bool {
        (try? run("which", [program])) != nil || access("/usr/sbin/\(program)", X_OK) == 0
    }
}
