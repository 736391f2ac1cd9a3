public import Instances

/// The git repository as the reconciler needs it: a configuration branch to read, and a status branch that is a register
/// with compare-and-swap.
public protocol Repository: Sendable {
    /// Where both branches stand. One exchange with the remote; nothing is fetched that has not moved.
    func heads() async throws(RepositoryError) -> Heads

    /// The configuration at a commit. Only files that changed since the last read are decoded again.
    func configuration(at commit: String) async throws(RepositoryError) -> ConfigurationHead

    /// Whether a commit is part of the history of another. `false` where the first is unknown.
    func isAncestor(_ ancestor: String, of commit: String) async throws(RepositoryError) -> Bool

    /// The status branch at a commit. Only files that changed since the last read are understood again.
    func status(at commit: String) async throws(RepositoryError) -> StatusHead

    /// Commits changed files on top of `base` and pushes them, if the branch still is exactly there.
    ///
    /// - Parameters:
    ///   - changes: `nil` deletes the file.
    ///   - base: the head that the changes were made from; `nil`: the branch does not exist.
    /// - Returns: the new head, as a read of it would.
    /// - Throws: ``RepositoryError/lostRace`` where somebody else was first; nothing was changed then.
    func publish(
        _ changes: [String: StatusFile?], message: String, on base: String?
    ) async throws(RepositoryError) -> StatusHead
}

/// Where the branches stand.
public struct Heads: Hashable, Sendable {
    public var configuration: String
    /// `nil`: the branch does not exist.
    public var status: String?

    public init(configuration: String, status: String?) {
        self.configuration = configuration
        self.status = status
    }
}

/// The configuration as one commit has it.
public struct ConfigurationHead: Hashable, Sendable {
    public let commit: String
    /// The commit's message.
    public let message: String
    public var configuration: Configuration
    /// What the message approves.
    public let approval: Approval

    public init(commit: String, message: String, configuration: Configuration) {
        self.commit = commit
        self.message = message
        self.configuration = configuration
        approval = Approval(commit: commit, message: message)
    }
}

/// The status branch as one commit has it.
public struct StatusHead: Hashable, Sendable {
    public var commit: String
    public var tree: StatusTree

    public init(commit: String, tree: StatusTree) {
        self.commit = commit
        self.tree = tree
    }
}

/// Why a branch could not be read or written, sorted by what to do next.
public enum RepositoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing is known: try again later; where the remote said when, not before.
    case unreachable(String, retryAfter: Duration? = nil)
    /// A person has to do something: wrong address, wrong credentials, missing branch, rewritten history.
    case refused(String)
    /// Somebody else pushed first: read again. Where the server gave a reason, it may also be one that stays.
    case lostRace(reason: String? = nil)
    /// The push may have been carried out: read again.
    case unknownOutcome(String)
    /// The server accepts no push to the branch, or this machine cannot write: a person has to do something.
    case cannotPublish(String)

    public var description: String {
        switch self {
        case .unreachable(let text, _), .refused(let text), .unknownOutcome(let text), .cannotPublish(let text): text
        case .lostRace(let reason?): reason
        case .lostRace(nil): "somebody else pushed to the status branch first"
        }
    }
}
