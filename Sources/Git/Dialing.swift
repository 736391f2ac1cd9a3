extension Remote {
    /// The way to this remote, for one conversation.
    func line(
        _ credentials: Credentials, _ limits: Limits, _ patience: Patience, _ interruption: Interruption
    ) throws(GitError) -> any Line {
        let programs = Programs(environment: credentials.environment)
        switch place {
        case .http(let base, let origin):
            return HTTPLine(
                base: base, authorization: try credentials.authorization(for: origin), configuration: credentials.http,
                limits: limits, patience: patience, interruption: interruption)
        case .ssh(let place):
            return SecureShellLine(
                place: place, remote: description, program: credentials.ssh, programs: programs, patience: patience,
                interruption: interruption)
        case .daemon(let host, let port, let path):
            return DaemonLine(
                host: host, port: port, path: path, remote: description, patience: patience, interruption: interruption)
        case .path(let path):
            return PathLine(path: path, programs: programs, patience: patience, interruption: interruption)
        }
    }
}
