/// A repository behind the user's own `ssh`, with its known hosts, agent, keys and jump hosts.
struct SecureShellLine: Line {
    let place: Remote.SSHPlace
    let remote: String
    /// An absolute path, or nil for the `ssh` in `PATH`.
    let program: String?
    let programs: Programs
    let patience: Patience
    let interruption: Interruption

    var isStateless: Bool { false }

    func wire(_ service: Service, advertisement: Bool) throws(GitError) -> any Wire {
        let ssh = if let program { program } else { try programs.find("ssh", package: "openssh-client") }
        let child = try Child(
            ssh, Self.arguments(place, service), environment: programs.secureShellEnvironment, remote: remote)
        return SocketWire(child, patience, interruption) { Self.explain($0, remote: remote) }
    }

    /// Options on the command line win over the user's configuration: a prompt would wait for nobody, and a host that
    /// is not known is never trusted at first sight.
    ///
    /// Source: ssh(1), ssh_config(5).
    static func arguments(_ place: Remote.SSHPlace, _ service: Service) -> [String] {
        var arguments = ["-T"]
        let options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no",
            "PermitLocalCommand=no",
            // An existing shared connection is used; a new one would outlive the child that we end.
            "ControlMaster=no",
        ]
        for option in options { arguments += ["-o", option] }
        if let port = place.port { arguments += ["-p", "\(port)"] }
        if let user = place.user { arguments += ["-l", user] }
        return arguments + ["--", place.host, "\(service.rawValue) \(quoted(place.path))"]
    }

    /// The server's shell reads the command. `!` is quoted as well, for the shells that expand it.
    static func quoted(_ path: String) -> String {
        var result = "'"
        for character in path {
            if character == "'" || character == "!" {
                result += "'\\\(character)'"
            } else {
                result.append(character)
            }
        }
        return result + "'"
    }

    /// - Parameter words: what ssh, or the program on the server, said on its standard error.
    static func explain(_ words: String, remote: String) -> GitError? {
        let reason = OutsideText.printable(words)
        func says(_ phrases: String...) -> Bool { phrases.contains { words.contains($0) } }
        if says("Host key verification failed", "host key is known", "HOST IDENTIFICATION HAS CHANGED") {
            return .untrustedServer(
                remote: remote, reason: "its host key is not in known_hosts, or differs from it (\(reason))")
        }
        if says("Permission denied (", "Too many authentication failures", "No more authentication methods") {
            return .authenticationFailed(remote: remote, reason: reason)
        }
        if says("command not found") {
            return .unreachable(remote: remote, reason: "git is not installed there (\(reason))")
        }
        if says("does not appear to be a git repository", "not found", "not be found", "does not exist") {
            return .repositoryNotFound(remote: remote, reason: reason)
        }
        return reason.isEmpty ? nil : .unreachable(remote: remote, reason: reason)
    }
}
