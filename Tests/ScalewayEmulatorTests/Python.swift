import FoundationEssentials
import Glibc

/// A Python that has the official SDK: made by `scripts/python-venv`, or named by `OPERATOR_TEST_PYTHON`.
enum Python {
    static let absent = "no python3 with the package scaleway: run scripts/python-venv"

    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// Nil where there is none.
    static let program: String? = {
        let named = ProcessInfo.processInfo.environment["OPERATOR_TEST_PYTHON"]
        let program = named ?? "\(root)/.build/python/bin/python"
        guard access(program, X_OK) == 0 else { return nil }
        return (try? run(program, ["-c", "import scaleway"], [:]))?.status == 0 ? program : nil
    }()

    /// The validating proxy and the OpenAPI documents; nil where they are not at hand.
    static let documents: (proxy: String, folder: String)? = {
        let shared = ProcessInfo.processInfo.environment["OPERATOR_SHARED"] ?? "\(root)/../shared"
        let (proxy, folder) = ("\(shared)/tools/oaproxy.py", "\(shared)/data/scaleway-openapi")
        return access(proxy, R_OK) == 0 && access(folder, R_OK) == 0 ? (proxy, folder) : nil
    }()

    /// Runs a script that lies beside this file.
    ///
    /// - Returns: its exit code, and what it wrote.
    static func script(
        _ name: String, _ arguments: [String], environment: [String: String]
    ) async throws -> (status: Int32, output: String) {
        try await blocking {
            Result { try run(program ?? "", ["\(root)/Tests/ScalewayEmulatorTests/\(name)"] + arguments, environment) }
        }.get()
    }

    private static func run(
        _ program: String, _ arguments: [String], _ environment: [String: String]
    ) throws -> (status: Int32, output: String) {
        let path = FileManager.default.temporaryDirectory.path() + "/python-\(UUID().uuidString).txt"
        defer { unlink(path) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var all = ProcessInfo.processInfo.environment
        all.merge(environment) { _, new in new }
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var values = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + values { free(pointer) } }
        var child: pid_t = 0
        let started = posix_spawn(&child, program, &actions, nil, &words, &values)
        guard started == 0 else { throw RunningServer.Failure.notStarted(started) }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return (status, (try? String(contentsOf: URL(filePath: path), encoding: .utf8)) ?? "")
    }
}
