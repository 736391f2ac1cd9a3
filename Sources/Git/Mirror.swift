import Synchronization

/// A bare copy of some branches of one remote, in a folder that can be lost as long as the remote has them.
///
/// There is never a work tree: files are read from commits by name. Every libgit2 call runs on the actor's own queue:
/// libgit2 objects are for one thread at a time, its error message is kept per thread, and conversations block.
///
/// A mirror that is damaged, or of another remote, is thrown away and fetched again. So is a crowded one, once the new one
/// is there.
public actor Mirror {
    private let executor = BlockingExecutor(label: "git")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    public nonisolated let remote: Remote
    let credentials: Credentials
    let limits: Limits
    let directory: StateDirectory
    private let attention = Mutex(Attention())

    var repository: Repository?
    /// Why the next conversation has to start from nothing.
    var damage: String?
    /// What was asked for last, to get the same again when the mirror is made anew.
    var requests: [BranchRequest] = []
    /// Commits that the remote may have lost: no mirror that may hold one is thrown away for one that does not.
    var seen: [CommitID] = []

    /// How often branches were brought up to date in the mirror that is there.
    var updates = 0
    /// A look at two folders is cheap; a failed attempt to make the mirror anew is not.
    static let updatesBetweenLooks = 20

    /// What is going on, for those who want to break it off.
    private struct Attention {
        var current: Interruption?
        var isAbandoned = false
    }

    /// - Parameter path: the folder of the mirror; absolute. It and the folders above it are made when needed. Nothing
    ///   else may be in it.
    public init(at path: String, remote: Remote, credentials: Credentials, limits: Limits = Limits()) {
        directory = StateDirectory(path: path)
        self.remote = remote
        self.credentials = credentials
        self.limits = limits
    }

    /// Breaks off what is going on and refuses everything from now on, from any thread and without waiting.
    public nonisolated func abandon() {
        let current = attention.withLock { attention in
            attention.isAbandoned = true
            return attention.current
        }
        current?.trip()
    }

    /// Where an earlier mirror is kept that may hold a commit which the remote has lost, if there is one.
    public nonisolated func copy(of commit: CommitID) -> String? {
        let path = directory.copy(of: commit)
        return StateDirectory.exists(path) ? path : nil
    }

    /// The folder from which somebody can push a commit: of this mirror, or of an earlier one that is kept.
    public func holder(of commit: CommitID) -> String? {
        [directory.path, directory.copy(of: commit)].first { folder in
            (try? Repository(opening: folder).holds(commit)) ?? false
        }
    }

    // MARK: With the remote

    /// The branches of the remote as it announces them. Nothing is fetched.
    public func tips() async throws(GitError) -> [String: CommitID] {
        try await interruptible { interruption throws(GitError) in
            try converse(try open(), interruption).tips(.uploadPack)
        }
    }

    /// Brings branches up to date and says where they are.
    ///
    /// One conversation; where no branch moved, only the list of branches crosses the network. A branch is moved in
    /// the mirror only after everything that hangs on its tip was found to be there.
    ///
    /// - Parameter seen: commits that were fetched earlier, also in another process. A mirror that may hold one is kept
    ///   beside one that does not: see ``copy(of:)``. Where several are missing, it has the name of the first.
    /// - Throws: `.branchMissing`, `.branchEmpty` for a required branch; `.historyRewritten` where a branch does not
    ///   contain the commit it was to contain.
    public func fetch(_ requests: [BranchRequest], seen: [CommitID] = []) async throws(GitError) -> Fetched {
        try await interruptible { interruption throws(GitError) in
            (self.requests, self.seen) = (requests, seen)
            return try update(interruption)
        }
    }

    /// Commits `changes` on `base` and moves `branch` of the remote from exactly `base` to the new commit.
    ///
    /// Nothing is ever forced. Two writers that make the same bytes make the same commit, and both succeed: where
    /// that matters the message needs something that only one of them writes.
    ///
    /// - Parameters:
    ///   - base: a fetched commit; nil for a branch that does not exist yet, which then starts without parent.
    ///   - time: seconds since 1970.
    /// - Returns: the new tip; `base` itself, without any conversation, when the changes change nothing.
    /// - Throws: `.lostRace` when the branch is not at `base`; `.unknownOutcome` when no answer came: fetch and look.
    public func publish(
        _ changes: Changes, on base: CommitID?, to branch: String, message: String, by author: Signature, at time: Int64
    ) async throws(GitError) -> CommitID {
        try await interruptible { interruption throws(GitError) in
            try checkName(branch)
            let commit = try reading(base, interruption) { repository throws(GitError) in
                try repository.write(changes, on: base, message: message, by: author, at: time)
            }
            guard commit != base else { return commit }
            let repository = try open()
            let conversation = try converse(repository, interruption)
            let found = try conversation.tips(.receivePack)[branch]
            guard found == base else { throw .lostRace(branch: branch, expected: base, found: found) }
            try conversation.push(commit, to: branch, expecting: base)
            // The branch has moved. If the mirror cannot remember it, the next fetch will see it.
            try? repository.setTip(branch, commit)
            return commit
        }
    }

    // MARK: From the mirror

    /// Lists the files of a fetched commit. Symbolic links and submodules are never followed.
    ///
    /// - Parameters:
    ///   - folders: only what is in them; empty means everything.
    ///   - include: which files to list and which folders to open.
    public func files(
        at commit: CommitID, under folders: [String] = [],
        matching include: @escaping @Sendable (_ path: String, _ kind: EntryKind) -> Bool = { _, _ in true }
    ) async throws(GitError) -> FileSet {
        try await interruptible { interruption throws(GitError) in
            try reading(commit, interruption) { repository throws(GitError) in
                var listing = TreeListing(repository, limits, include: include)
                try listing.list(commit, under: folders)
                return listing.result
            }
        }
    }

    /// The files at some paths of a commit; a path that leads to no file is not in the result.
    public func blobs(at commit: CommitID, paths: [String]) async throws(GitError) -> [String: BlobID] {
        try await interruptible { interruption throws(GitError) in
            try reading(commit, interruption) { repository throws(GitError) in
                let root = try repository.rootTree(of: commit)
                var result: [String: BlobID] = [:]
                for path in paths {
                    if case .file(let blob) = try repository.entry(path, in: root) { result[path] = blob }
                }
                return result
            }
        }
    }

    /// Loads files, in the order asked for.
    ///
    /// - Parameter limit: bytes of one file; a larger one is reported and not loaded.
    public func read(_ blobs: [BlobID], limit: Int) async throws(GitError) -> [Content] {
        try await interruptible { interruption throws(GitError) in
            try reading(nil, interruption) { repository throws(GitError) in
                try repository.contents(blobs, limit: limit)
            }
        }
    }

    public func commit(_ id: CommitID) async throws(GitError) -> Commit {
        try await interruptible { interruption throws(GitError) in
            try reading(id, interruption) { repository throws(GitError) in try repository.describe(id) }
        }
    }

    /// Whether `ancestor` is `commit` or comes before it. False where the mirror does not know `ancestor`.
    public func isAncestor(_ ancestor: CommitID, of commit: CommitID) async throws(GitError) -> Bool {
        try await interruptible { interruption throws(GitError) in
            try reading(commit, interruption) { repository throws(GitError) in
                try repository.isAncestor(ancestor, of: commit)
            }
        }
    }
}

extension Mirror {
    /// Runs `body` where ``abandon()`` and the cancellation of the caller's task can break it off.
    private func interruptible<T: Sendable>(
        _ body: (Interruption) throws(GitError) -> T
    ) async throws(GitError) -> T {
        let interruption = Interruption()
        let isAbandoned = attention.withLock { attention in
            attention.current = interruption
            return attention.isAbandoned
        }
        guard !isAbandoned else { throw .interrupted(remote: remote.description) }
        // Nothing in here suspends, so no other call of the actor comes between. The closure has to mention `self`:
        // without that it would not be the actor's, and would block a thread of the runtime's pool.
        let result = await withTaskCancellationHandler {
            self.run(interruption, body)
        } onCancel: {
            interruption.trip()
        }
        attention.withLock { $0.current = nil }
        return try result.get()
    }

    private func run<T>(
        _ interruption: Interruption, _ body: (Interruption) throws(GitError) -> T
    ) -> Result<T, GitError> {
        executor.preconditionCurrent()
        return Result { () throws(GitError) in try body(interruption) }
    }
}
