/// A branch to be brought up to date.
public struct BranchRequest: Hashable, Sendable {
    public let branch: String
    public let isRequired: Bool
    /// A commit that the branch has to contain.
    public let since: CommitID?

    /// A branch that has to exist and to hold something.
    public static func required(_ branch: String, since: CommitID? = nil) -> BranchRequest {
        BranchRequest(branch: branch, isRequired: true, since: since)
    }

    /// A branch that may not exist yet.
    public static func optional(_ branch: String, since: CommitID? = nil) -> BranchRequest {
        BranchRequest(branch: branch, isRequired: false, since: since)
    }
}

/// What a fetch found.
public struct Fetched: Hashable, Sendable {
    /// The tips of the branches that were asked for; one that does not exist is not in here.
    public let tips: [String: CommitID]
    /// What the conversation cost.
    public let receivedBytes: Int
    /// Why the mirror that was there was thrown away, if it was.
    public internal(set) var renewed: String?
}
