/// A repository on this machine, spoken with through git's own programs.
///
/// libgit2 would open the folder itself, and its push is then no compare-and-swap: of 200 increments by four writers
/// 18 were lost. `git receive-pack` locks the branch and compares.
struct PathLine: Line {
    let path: String
    let programs: Programs
    let patience: Patience
    let interruption: Interruption

    var isStateless: Bool { false }

    func wire(_ service: Service, advertisement: Bool) throws(GitError) -> any Wire {
        let git = try programs.find("git", package: "git")
        let verb = String(service.rawValue.dropFirst("git-".count))
        let child = try Child(
            git, [verb, "--", path], environment: programs.gitEnvironment, remote: path)
        return SocketWire(child, patience, interruption) { Self.explain($0, path: path) }
    }

    /// - Parameter words: what git said on its standard error.
    static func explain(_ words: String, path: String) -> GitError? {
        let reason = OutsideText.printable(words)
        if words.contains("dubious ownership") {
            return .authenticationFailed(
                remote: path,
                reason: "the folder belongs to another user; run the operator as its owner, or change its owner")
        }
        if words.contains("does not appear to be a git repository") {
            return .repositoryNotFound(remote: path, reason: "the folder is missing or holds no repository")
        }
        return reason.isEmpty ? nil : .unreachable(remote: path, reason: reason)
    }
}
