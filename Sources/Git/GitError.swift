/// Why git could not do it, sorted by what to do next. `remote` is always free of credentials.
public enum GitError: Error, Hashable, Sendable {
    // The same call may work later.

    /// No connection, an overloaded server, a conversation that broke off. `pause`: for how long the server wants not to
    /// be asked again.
    case unreachable(remote: String, reason: String, pause: Duration? = nil)
    /// The deadline passed, or next to nothing moved for too long.
    case timedOut(remote: String, reason: String)
    /// The caller's task was cancelled, or ``Mirror/abandon()`` was called.
    case interrupted(remote: String)

    // Fetch, look, decide anew.

    /// Somebody else moved the branch first, or is about to; nothing was changed. `reason`: the server's, where it could
    /// not move the branch. It says so too where a lock was left behind, or its files cannot be written.
    case lostRace(branch: String, expected: CommitID?, found: CommitID?, reason: String? = nil)
    /// The commit was sent and no answer came: it may or may not be on the branch, now or a little later.
    case unknownOutcome(branch: String, commit: CommitID, reason: String)
    /// A commit that is in none of the fetched branches.
    case unknownCommit(CommitID)

    // A person has to act on the remote or on the operator's configuration.

    case authenticationFailed(remote: String, reason: String)
    /// The server could not prove that it is the one: certificate or host key.
    case untrustedServer(remote: String, reason: String)
    case repositoryNotFound(remote: String, reason: String)
    case invalidRemote(reason: String)
    case branchMissing(branch: String, remote: String, existing: [String])
    /// The branch is there and holds no file at all.
    case branchEmpty(branch: String, remote: String, at: CommitID)
    /// The branch no longer holds the commit that was seen before.
    case historyRewritten(branch: String, remote: String, from: CommitID, to: CommitID)
    /// The server refused the push by its own rules: a protected branch, a hook.
    case rejected(branch: String, remote: String, reason: String)
    case limitExceeded(what: String, limit: Int, wayOut: String? = nil)
    /// What the remote sent, or what the mirror holds, cannot be right.
    case corrupt(reason: String)

    // A person has to act on this machine.

    /// The state directory cannot be written or read: read-only, full, wrong owner.
    case localStorage(path: String, reason: String)
    case programMissing(program: String, package: String)
}

extension GitError {
    /// What the caller may do about an error.
    public enum NextStep: Hashable, Sendable {
        /// The same call, later.
        case retry
        /// Fetch, look at what is there now, decide anew.
        case lookAgain
        /// Nothing, until a person has changed the remote or the configuration.
        case askPerson
        /// Nothing, until a person has repaired this machine.
        case repairHost
    }

    public var nextStep: NextStep {
        switch self {
        case .unreachable, .timedOut, .interrupted: .retry
        case .lostRace, .unknownOutcome, .unknownCommit: .lookAgain
        case .authenticationFailed, .untrustedServer, .repositoryNotFound, .invalidRemote, .branchMissing,
            .branchEmpty, .historyRewritten, .rejected, .limitExceeded, .corrupt:
            .askPerson
        case .localStorage, .programMissing: .repairHost
        }
    }
}

extension GitError {
    /// For how long the remote wants not to be asked again, where it said so.
    public var pause: Duration? {
        if case .unreachable(_, _, let pause) = self { pause } else { nil }
    }
}

extension GitError: CustomStringConvertible {
    /// One line: what happened, to which branch or remote, and the way out.
    public var description: String {
        switch self {
        case .unreachable(let remote, let reason, _): "cannot reach \(remote): \(reason)"
        case .timedOut(let remote, let reason): "no answer from \(remote) in time: \(reason)"
        case .interrupted(let remote): "the conversation with \(remote) was broken off on request"
        case .lostRace(let branch, _, _, let reason?): "the server did not move branch '\(branch)': \(reason)"
        case .lostRace(let branch, let expected, let found, nil):
            "branch '\(branch)' was changed by somebody else: expected \(Self.name(expected)), "
                + "found \(Self.name(found)); nothing was pushed"
        case .unknownOutcome(let branch, let commit, let reason):
            "commit \(commit) was sent to branch '\(branch)' and no answer came (\(reason)); fetch to see if it is there"
        case .unknownCommit(let commit): "commit \(commit) is in none of the fetched branches"
        case .authenticationFailed(let remote, let reason): "\(remote) refuses access: \(reason)"
        case .untrustedServer(let remote, let reason): "\(remote) could not prove its identity: \(reason)"
        case .repositoryNotFound(let remote, let reason):
            "there is no repository at \(remote), or no permission to see it: \(reason)"
        case .invalidRemote(let reason): reason
        case .branchMissing(let branch, let remote, let existing):
            "\(remote) has no branch '\(branch)': \(Self.list(existing))"
        case .branchEmpty(let branch, let remote, let commit):
            "branch '\(branch)' of \(remote) holds no file at all (commit \(commit)); if that is meant, commit a README"
        case .historyRewritten(let branch, let remote, let from, let to):
            "branch '\(branch)' of \(remote) was rewritten: its tip \(to) does not contain \(from), which was seen "
                + "before; restore it, or look with `operator recover` and accept what that shows with --accept"
        case .rejected(let branch, let remote, let reason): "\(remote) refuses changes of branch '\(branch)': \(reason)"
        case .limitExceeded(let what, let limit, let wayOut):
            "\(what) exceeds the limit of \(limit)" + (wayOut.map { "; \($0)" } ?? "")
        case .corrupt(let reason): "unusable git data: \(reason)"
        case .localStorage(let path, let reason): "cannot use the state directory \(path): \(reason)"
        case .programMissing(let program, let package):
            "the program '\(program)' is not installed or not in PATH: apt-get install \(package)"
        }
    }

    private static func name(_ commit: CommitID?) -> String {
        commit.map { "\($0)" } ?? "no such branch"
    }

    private static func list(_ branches: [String]) -> String {
        let shown = 10
        guard !branches.isEmpty else { return "it has no branch at all; push a first commit" }
        let names = branches.prefix(shown).map { "'\($0)'" }.joined(separator: ", ")
        return "it has " + names + (branches.count > shown ? " and \(branches.count - shown) more" : "")
    }
}
