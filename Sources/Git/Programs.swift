import Glibc

/// The programs of this machine that speak with a remote, and the little of the environment that they may see.
struct Programs {
    let environment: [String: String]

    /// - Parameter package: the Debian package that holds the program, for the message.
    func find(_ name: String, package: String) throws(GitError) -> String {
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        for folder in folders where folder.hasPrefix("/") {
            let path = "\(folder)/\(name)"
            if access(path, X_OK) == 0 { return path }
        }
        throw .programMissing(program: name, package: package)
    }

    /// What both `ssh` and git need to find a home, a user and each other; messages are in English, to be understood.
    private var common: [String: String] {
        var result = environment.filter { ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR"].contains($0.key) }
        result["LC_ALL"] = "C"
        return result
    }

    /// For `ssh`: the user's agent and Kerberos tickets as well. No `GIT_…` variable reaches it.
    var secureShellEnvironment: [String: String] {
        let names = ["SSH_AUTH_SOCK", "KRB5CCNAME", "XDG_RUNTIME_DIR"]
        return common.merging(environment.filter { names.contains($0.key) }) { $1 }
    }

    /// For git beside a repository on this machine: only that repository's own configuration counts.
    var gitEnvironment: [String: String] {
        let fixed = ["GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"]
        return common.merging(fixed) { $1 }
    }
}
