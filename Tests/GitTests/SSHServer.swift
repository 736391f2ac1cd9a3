import Git
import Glibc

/// An sshd on loopback with keys of its own, and an ssh program that knows only them.
final class SSHServer: Sendable {
    static let isInstalled = access("/usr/sbin/sshd", X_OK) == 0

    let port = Server.freePort()
    let folder = TestFolder()
    private let server: Server
    private let user: String

    init() throws {
        user = try Shell.run("id", ["-un"])
        // As the service would make it; sshd insists on it when it runs as root.
        if getuid() == 0 { mkdir("/run/sshd", 0o755) }
        for name in ["host", "user", "stranger"] {
            try Shell.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder.path)/\(name)"])
        }
        try Shell.run("cp", ["\(folder.path)/user.pub", "\(folder.path)/authorized"])
        folder.write(
            "sshd_config",
            """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder.path)/host
            AuthorizedKeysFile \(folder.path)/authorized
            PidFile none
            LogLevel QUIET
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            MaxStartups 100
            """)
        let key = try Shell.run("cut", ["-d", " ", "-f1,2", "\(folder.path)/host.pub"])
        folder.write("known_hosts", "[127.0.0.1]:\(port) \(key)\n")
        server = Server("/usr/sbin/sshd", ["-D", "-e", "-f", "\(folder.path)/sshd_config"])
        Server.waitForPort(port)
    }

    func url(_ path: String) -> String { "ssh://\(user)@127.0.0.1:\(port)\(path)" }

    /// The user's own configuration, as far as ssh reads it. `StrictHostKeyChecking no` is there to be overruled.
    func credentials(key: String = "user", knownHosts: String = "known_hosts") -> Credentials {
        let name = "ssh-\(key)-\(knownHosts)"
        folder.write(
            "\(name).config",
            """
            Host *
              IdentityFile \(folder.path)/\(key)
              IdentitiesOnly yes
              UserKnownHostsFile \(folder.path)/\(knownHosts)
              GlobalKnownHostsFile /dev/null
              StrictHostKeyChecking no
            """)
        folder.write(name, "#!/bin/sh\nexec ssh -F \(folder.path)/\(name).config \"$@\"\n", mode: 0o755)
        return Credentials(
            ssh: "\(folder.path)/\(name)", environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path])
    }
}
