import Foundation

/// A folder of its own with a bare repository, a clone of it, a place for machines, and the built binary to run.
///
/// Everything is real: git, QEMU, files, processes. What is left when a test ends is killed and removed.
final class Sandbox: Sendable {
    let root: URL
    let binary: URL

    convenience init() throws {
        try self.init(copying: [])
        try git("init", "-q", "--bare", "-b", "main", "repository.git")
        try git("init", "-q", "-b", "main", "clone")
        try git("-C", "clone", "remote", "add", "origin", root.path + "/repository.git")
    }

    /// Starts with copies of files and folders, and has no clone.
    init(copying things: [URL]) throws {
        root = Self.parent.appendingPathComponent("operator-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        binary = try Sandbox.built("operator", insteadOf: "OPERATOR_BINARY")
        for thing in things {
            try FileManager.default.copyItem(at: thing, to: root.appendingPathComponent(thing.lastPathComponent))
        }
    }

    /// Where all sandboxes are.
    static let parent = FileManager.default.temporaryDirectory

    deinit {
        for pid in machinePids() { kill(pid, SIGKILL) }
        try? FileManager.default.removeItem(at: root)
    }

    /// A program that the package makes: the one that a variable of the environment names, or the one beside the test
    /// bundle, where `swift build` puts it.
    static func built(_ program: String, insteadOf variable: String? = nil) throws -> URL {
        if let path = variable.flatMap({ ProcessInfo.processInfo.environment[$0] }) {
            return URL(fileURLWithPath: path)
        }
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appendingPathComponent(program)
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw Trouble(text: "\(program) is not built: run `swift build --product \(program)` first")
    }

    struct Trouble: Error { var text: String }

    struct Output: Sendable {
        var code: Int32
        var out: String
        var err: String
    }

    // MARK: The operator

    /// Runs the binary to its end.
    @discardableResult
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Output {
        try execute(binary.path, arguments, environment: environment)
    }

    @discardableResult
    func run(_ arguments: [String], of program: String? = nil, environment: [String: String] = [:]) throws -> Output {
        try execute(program ?? binary.path, arguments, environment: environment)
    }

    /// One pass with short waits.
    @discardableResult
    func reconcile(_ more: String..., environment: [String: String] = [:]) throws -> Output {
        try execute(binary.path, ["reconcile", "--once"] + more, environment: environment)
    }

    /// Starts the binary, or another program, and does not wait for it.
    func start(
        _ arguments: [String], of program: String? = nil, environment: [String: String] = [:]
    ) throws -> Process {
        let process = prepare(program ?? binary.path, arguments, environment: environment)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    // MARK: The repository

    @discardableResult
    func git(_ arguments: String...) throws -> String {
        let output = try execute("/usr/bin/git", arguments)
        guard output.code == 0 else { throw Trouble(text: "git \(arguments): \(output.err)") }
        return output.out
    }

    /// What a person types, in the root.
    func shell(_ line: String) throws {
        let output = try execute("/bin/sh", ["-c", line])
        guard output.code == 0 else { throw Trouble(text: "\(line): \(output.err)") }
    }

    /// Writes files, `nil` deletes, and pushes them as one commit to main.
    func commit(_ files: [String: String?], message: String = "change") throws {
        for (path, text) in files {
            let url = root.appendingPathComponent("clone/" + path)
            if let text {
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: url, atomically: true, encoding: .utf8)
            } else {
                try FileManager.default.removeItem(at: url)
            }
        }
        try git("-C", "clone", "add", "-A")
        try git("-C", "clone", "commit", "-q", "--allow-empty", "-m", message)
        try git("-C", "clone", "push", "-q", "origin", "HEAD:main")
    }

    /// A file of the status branch, as a reader of a fresh clone sees it.
    func status(_ path: String) throws -> String { try git("-C", "repository.git", "show", "status:" + path) }

    /// What a person does by hand in a clone of the status branch, as one commit.
    func editStatus(_ line: String) throws {
        try shell(
            "rm -rf edit && git clone -q -b status repository.git edit && cd edit && { \(line); } && git add -A "
                + "&& git commit -q -m edited && git push -q origin status")
    }

    var statusHead: String? {
        try? git("-C", "repository.git", "rev-parse", "--verify", "-q", "status").trimmingCharacters(in: .newlines)
    }

    // MARK: The machines

    func names(in folder: String, suffix: String) -> [String] {
        let url = root.appendingPathComponent("machines/" + folder)
        return ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [])
            .filter { $0.hasSuffix(suffix) }.sorted()
    }

    var servers: [String] { names(in: "servers", suffix: "") }
    var snapshots: [String] { names(in: "snapshots", suffix: ".qcow2") }

    /// The raw file of the only disk of this many bytes.
    func disk(ofGigabytes size: Int) throws -> URL {
        let disks = names(in: "disks", suffix: ".raw").map { root.appendingPathComponent("machines/disks/" + $0) }
            .filter {
                (try? FileManager.default.attributesOfItem(atPath: $0.path)[.size] as? Int) == size * 1_000_000_000
            }
        guard let only = disks.first, disks.count == 1 else { throw Trouble(text: "disks: \(disks)") }
        return only
    }

    func machinePids() -> [pid_t] {
        servers.compactMap { name in
            let file = root.appendingPathComponent("machines/servers/\(name)/pid")
            return (try? String(contentsOf: file, encoding: .utf8)).flatMap {
                pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
    }

    /// What the guest of the only server has said.
    var console: String {
        servers.compactMap {
            try? String(contentsOf: root.appendingPathComponent("machines/servers/\($0)/serial.log"), encoding: .utf8)
        }.joined()
    }

    // MARK: Processes

    private func prepare(_ program: String, _ arguments: [String], environment: [String: String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = root
        var values = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": root.path,
            "OPERATOR_LOCAL_DIR": root.path + "/machines", "OPERATOR_STATE_DIR": root.path + "/state",
            "OPERATOR_REPO": root.path + "/repository.git", "OPERATOR_TIMEOUT": "60s", "OPERATOR_SETTLE_TIME": "1s",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "you", "GIT_AUTHOR_EMAIL": "you@example.org",
            "GIT_COMMITTER_NAME": "you", "GIT_COMMITTER_EMAIL": "you@example.org",
        ]
        // A binary under a sanitizer is to leave out what the tests leave out, whatever its PATH is.
        values.merge(ProcessInfo.processInfo.environment.filter { $0.key.contains("SAN_") }) { $1 }
        values.merge(environment) { $1 }
        process.environment = values
        process.standardInput = FileHandle.nullDevice
        return process
    }

    private func execute(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Output {
        let process = prepare(program, arguments, environment: environment)
        // Files, not pipes: a machine that outlives the operator must not keep a reader waiting.
        let name = UUID().uuidString
        let (out, err) = (root.appendingPathComponent(name + ".out"), root.appendingPathComponent(name + ".err"))
        try Data().write(to: out)
        try Data().write(to: err)
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        try process.run()
        process.waitUntilExit()
        return Output(
            code: process.terminationStatus, out: try String(contentsOf: out, encoding: .utf8),
            err: try String(contentsOf: err, encoding: .utf8))
    }
}

extension Process {
    /// Kills it, unless it has ended, and waits for that: Foundation keeps for ever what nobody has waited for.
    func killAndWait() {
        if isRunning { kill(processIdentifier, SIGKILL) }
        waitUntilExit()
    }
}

/// A manifest of the local provider.
func manifest(
    _ name: String = "box", enabled: Bool = true, data: String = "live", more: String = "", sizeGB: Int = 1
) -> String {
    """
    apiVersion: operator/v1
    kind: Instance
    metadata:
      name: \(name)
    spec:
      provider: local
      server:
        type: c1-m64
        image: counter
      dataDisk:
        sizeGB: \(sizeGB)
      runtime:
        enableInstanceServer: \(enabled)
        dataDiskState: \(data)
    \(more)
    """
}
