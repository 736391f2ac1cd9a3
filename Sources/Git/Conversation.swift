import CLibGit2

/// One conversation with a remote: its branches, and then objects in one direction.
final class Conversation {
    private let repository: Repository
    private let transport: Transport
    private let remote: OpaquePointer
    private let name: String
    private let limits: Limits
    private let deadline: ContinuousClock.Instant
    private let interruption: Interruption

    /// Our own reason for breaking off, found in a callback.
    private var refusal: GitError?
    private var serverWords: [UInt8] = []
    private var push: Push?

    private struct Push {
        let branch: String
        let base: CommitID?
        /// Nil until the server answered; then its reason for a refusal, or nil inside for a success.
        var report: String??
    }

    /// Bytes kept of what a server tells people while it works.
    private static let serverWordsLimit = 8 << 10

    init(
        _ line: any Line, _ repository: Repository, remote name: String, limits: Limits, patience: Patience,
        _ interruption: Interruption
    ) throws(GitError) {
        self.repository = repository
        self.name = name
        self.limits = limits
        self.deadline = patience.deadline
        self.interruption = interruption
        transport = Transport(line, receivedLimit: limits.receivedBytes)
        var options = git_remote_create_options()
        git_remote_create_options_init(&options, UInt32(GIT_REMOTE_CREATE_OPTIONS_VERSION))
        options.repository = repository.raw
        // Without this libgit2 1.5.1 compares every entry of every configuration file with the URL, leaks each time,
        // and lets a configuration file send us somewhere else.
        options.flags =
            GIT_REMOTE_CREATE_SKIP_INSTEADOF.rawValue | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC.rawValue
        var remote: OpaquePointer?
        // The line knows where to go. libgit2 wants a URL all the same; this one leads nowhere.
        try check(git_remote_create_with_opts(&remote, "https://remote.invalid/", &options), at: repository.path)
        self.remote = remote!
    }

    deinit {
        // Frees the C side of `transport`, which is alive until this body ends.
        git_remote_free(remote)
    }

    var receivedBytes: Int { transport.received }

    /// Connects and reads which branches there are.
    func tips(_ service: Service) throws(GitError) -> [String: CommitID] {
        var options = git_remote_connect_options()
        git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION))
        options.callbacks = callbacks()
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        try finish(
            git_remote_connect_ext(
                remote, service == .uploadPack ? GIT_DIRECTION_FETCH : GIT_DIRECTION_PUSH, &options))
        var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try finish(git_remote_ls(&heads, &count, remote))
        var tips: [String: CommitID] = [:]
        let prefix = Repository.reference("")
        for head in UnsafeBufferPointer(start: heads, count: count) {
            guard let head = head?.pointee, let text = head.name, let name = String(validatingCString: text),
                name.hasPrefix(prefix)
            else { continue }
            tips[String(name.dropFirst(prefix.count))] = CommitID(head.oid)
        }
        return tips
    }

    /// Downloads what the branches hold and the mirror does not. No reference is written, no tag followed.
    func download(_ branches: [String]) throws(GitError) {
        var options = git_fetch_options()
        git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION))
        options.callbacks = callbacks()
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        options.update_fetchhead = 0
        let specifications = branches.map { "+\(Repository.reference($0)):\(Repository.reference($0))" }
        try finish(
            withCStrings(specifications) { strings in
                var list = git_strarray(strings: strings, count: specifications.count)
                return git_remote_download(remote, &list, &options)
            })
    }

    /// Sends `commit` and moves `branch` to it, if the branch is at `base` (nil: does not exist) at that moment.
    ///
    /// - Throws: `.lostRace` when it was not; `.rejected` when the server's rules forbid it; `.unknownOutcome` when the
    ///   request left and no answer came.
    func push(_ commit: CommitID, to branch: String, expecting base: CommitID?) throws(GitError) {
        push = Push(branch: branch, base: base)
        // libgit2 1.5 pushes references only, no bare commits.
        let source = "refs/operator/\(commit)"
        try repository.setReference(source, commit)
        defer { try? repository.setReference(source, nil) }
        var options = git_push_options()
        git_push_options_init(&options, UInt32(GIT_PUSH_OPTIONS_VERSION))
        options.callbacks = callbacks()
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        let status = withCStrings(["\(source):\(Repository.reference(branch))"]) { strings in
            var list = git_strarray(strings: strings, count: 1)
            return git_remote_upload(remote, &list, &options)
        }
        // The report counts, also where the conversation broke off after it; libgit2's status alone says nothing.
        switch push?.report {
        case .some(.none): return
        case .some(.some(let reason)): throw refused(branch, base, reason)
        case .none: break
        }
        do throws(GitError) {
            try finish(status)
            throw GitError.unreachable(remote: name, reason: "the server did not report on the branch")
        } catch {
            if case .rejected = error { throw error }
            guard transport.sentRequest else { throw error }
            throw .unknownOutcome(branch: branch, commit: commit, reason: "\(error)")
        }
    }

    /// git's words where another push has moved, made or deleted the branch since it was announced; since 2.51, which
    /// updates branches in batches, the last three.
    ///
    /// Source: git, `refs.c`, `ref_transaction_error_msg`.
    private static let moved = [
        "fetch first", "non-fast-forward", "incorrect old value provided", "reference already exists",
        "reference does not exist",
    ]
    /// git's words where another push holds the lock. Newer versions give the reason to people alone, beside a general
    /// one.
    private static let locked = ["failed to update ref", "cannot lock", "failed to lock"]

    /// A refused update, sorted into a race that somebody else won and a rule of the server.
    private func refused(_ branch: String, _ base: CommitID?, _ reason: String) -> GitError {
        let words = OutsideText.printable(serverWords)
        let told = words.isEmpty ? reason : "\(reason) (\(words))"
        if Self.moved.contains(where: reason.contains) {
            return .lostRace(branch: branch, expected: base, found: nil)
        }
        // A hook's words are its own, whatever they sound like.
        let said = reason.contains("hook declined") ? reason : told
        if Self.locked.contains(where: said.contains) {
            return .lostRace(branch: branch, expected: base, found: nil, reason: told)
        }
        return .rejected(branch: branch, remote: name, reason: told)
    }

    /// Turns the status of a call into the best reason that is known for it.
    private func finish(_ status: Int32) throws(GitError) {
        guard status < 0 else { return }
        let message = libraryMessage(status)
        if let reason = refusal ?? transport.failure ?? transport.explanation() { throw reason }
        if transport.reachedEnd || message.contains("early EOF") {
            throw .unreachable(remote: name, reason: "the server closed the connection")
        }
        let remoteError = "remote error: "
        if message.hasPrefix(remoteError) {
            let reason = String(message.dropFirst(remoteError.count))
            let absent = ["not found", "not be found", "not exported", "does not exist", "no such repository"]
            if absent.contains(where: reason.lowercased().contains) {
                throw .repositoryNotFound(remote: name, reason: reason)
            }
            throw .unreachable(remote: name, reason: reason)
        }
        if message.contains("unpacking the sent packfile failed"), let push {
            throw .rejected(
                branch: push.branch, remote: name,
                reason: "the server could not store the commit (\(OutsideText.printable(serverWords)))")
        }
        // What a shallow repository announces beside its branches is a line that libgit2 before 1.7 cannot read.
        if message.contains("REF pkt-line") {
            throw .invalidRemote(
                reason: "the list of branches of \(name) cannot be read (\(message)): is it a shallow clone? There "
                    + "`git fetch --unshallow` brings the rest of its history; or name the repository it was cloned from"
            )
        }
        throw .local(message, at: repository.path)
    }
}

// MARK: What libgit2 calls

extension Conversation {
    private func callbacks() -> git_remote_callbacks {
        var callbacks = git_remote_callbacks()
        git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.transport = { out, remote, payload in Conversation.of(payload).transport.make(out, for: remote) }
        callbacks.sideband_progress = { text, count, payload in
            Conversation.of(payload).hear(UnsafeRawBufferPointer(start: text, count: Int(count)))
        }
        callbacks.transfer_progress = { progress, payload in Conversation.of(payload).judge(progress!.pointee) }
        callbacks.pack_progress = { _, _, _, payload in Conversation.of(payload).goOn() }
        callbacks.push_negotiation = { updates, count, payload in
            Conversation.of(payload).compare(UnsafeBufferPointer(start: updates, count: count))
        }
        callbacks.push_update_reference = { reference, status, payload in
            let reason = status.map { OutsideText.printable(String(cString: $0)) }
            Conversation.of(payload).push?.report = .some(reason)
            return 0
        }
        return callbacks
    }

    private static func of(_ payload: UnsafeMutableRawPointer?) -> Conversation {
        Unmanaged<Conversation>.fromOpaque(payload!).takeUnretainedValue()
    }

    private func hear(_ words: UnsafeRawBufferPointer) -> Int32 {
        serverWords += words.prefix(Self.serverWordsLimit - serverWords.count)
        return goOn()
    }

    /// Checks a pack while it arrives.
    private func judge(_ progress: git_indexer_progress) -> Int32 {
        guard progress.total_objects <= limits.objects else {
            return breakOff(
                .limitExceeded(
                    what: "the number of objects in the pack", limit: limits.objects, wayOut: Limits.shorten))
        }
        return goOn()
    }

    /// Checks what no wire sees: work of libgit2 between two reads.
    private func goOn() -> Int32 {
        if interruption.isTripped { return breakOff(.interrupted(remote: name)) }
        if ContinuousClock.now >= deadline {
            return breakOff(.timedOut(remote: name, reason: "not done after \(limits.deadline)"))
        }
        return 0
    }

    /// The compare of compare-and-swap: `src` is what libgit2 will tell the server to expect on the branch.
    private func compare(_ updates: UnsafeBufferPointer<UnsafePointer<git_push_update>?>) -> Int32 {
        guard let push, updates.count == 1, let update = updates[0]?.pointee else { return -1 }
        let announced = CommitID(update.src)
        let found = announced.isZero ? nil : announced
        guard found == push.base else {
            return breakOff(.lostRace(branch: push.branch, expected: push.base, found: found))
        }
        return 0
    }

    private func breakOff(_ reason: GitError) -> Int32 {
        if refusal == nil { refusal = reason }
        return GIT_EUSER.rawValue
    }
}
