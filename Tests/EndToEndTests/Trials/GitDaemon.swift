import Foundation

/// A git server: every repository of every sandbox, hooks included, as a process of its own.
final class GitDaemon: Sendable {
    private let process: Process
    private let url: String

    /// Below the ports that the kernel gives to connections.
    private static let ports = 20_000..<32_000
    private static let attempts = 20

    /// The daemon cannot be asked for a free port, so that one is tried after the other.
    ///
    /// - Parameter sandbox: one of those it serves.
    init(serving sandbox: Sandbox) throws {
        // `git daemon` would be a second process that is left behind when the first one is killed.
        let program = try sandbox.git("--exec-path").trimmingCharacters(in: .newlines) + "/git-daemon"
        for port in Self.ports.shuffled().prefix(Self.attempts) {
            let url = "git://127.0.0.1:\(port)"
            let process = try sandbox.start(
                [
                    "--listen=127.0.0.1", "--port=\(port)", "--reuseaddr", "--export-all", "--enable=receive-pack",
                    "--base-path=\(Sandbox.parent.path)", Sandbox.parent.path,
                ], of: program)
            while process.isRunning {
                guard (try? sandbox.git("ls-remote", url + Self.path(of: sandbox))) != nil else { continue }
                self.process = process
                self.url = url
                return
            }
        }
        throw Sandbox.Trouble(text: "no git daemon started")
    }

    deinit { process.killAndWait() }

    /// Where an operator finds the sandbox's repository.
    func url(of sandbox: Sandbox) -> String { url + Self.path(of: sandbox) }

    private static func path(of sandbox: Sandbox) -> String { "/\(sandbox.root.lastPathComponent)/repository.git" }
}
