// MARK: Conversations

extension Mirror {
    func converse(_ repository: Repository, _ interruption: Interruption) throws(GitError) -> Conversation {
        let patience = Patience(limits, remote: remote.description)
        return try Conversation(
            try remote.line(credentials, limits, patience, interruption), repository, remote: remote.description,
            limits: limits, patience: patience, interruption)
    }

    func checkName(_ branch: String) throws(GitError) {
        guard Repository.isValid(branch: branch) else {
            throw .invalidRemote(reason: "'\(OutsideText.printable(branch))' is no name for a branch")
        }
    }

    /// Brings the branches that were asked for up to date, in the mirror that is there or in a new one.
    func update(_ interruption: Interruption) throws(GitError) -> Fetched {
        for request in requests { try checkName(request.branch) }
        if let repository = try existing() {
            do throws(GitError) {
                let fetched = try update(repository, interruption)
                return try relieve(interruption) ?? fetched
            } catch {
                guard case .corrupt(let reason) = error else { throw error }
                damage = reason
            }
        }
        return try renew(because: damage, interruption)
    }

    /// Makes the mirror anew where too much has piled up in it. It is slow then, and still good: where no new one is to be
    /// had it goes on.
    private func relieve(_ interruption: Interruption) throws(GitError) -> Fetched? {
        defer { updates += 1 }
        guard updates % Self.updatesBetweenLooks == 0 else { return nil }
        // libgit2 keeps every pack open that was read from, as long as the repository is. Its own limit of open files is
        // none to rely on: 1.5 closes those of other threads, which may just have been freed.
        repository = nil
        guard directory.isCrowded else { return nil }
        do throws(GitError) {
            return try renew(because: "it had grown to too many files", interruption)
        } catch {
            guard case .interrupted = error else { return nil }
            throw error
        }
    }

    private func renew(because reason: String?, _ interruption: Interruption) throws(GitError) -> Fetched {
        let path = directory.temporary()
        do throws(GitError) {
            var fetched = try update(try create(path), interruption)
            repository = nil
            try replace(with: path)
            damage = nil
            fetched.renewed = reason
            return fetched
        } catch {
            StateDirectory.remove(path)
            throw error
        }
    }

    private func update(_ repository: Repository, _ interruption: Interruption) throws(GitError) -> Fetched {
        let conversation = try converse(repository, interruption)
        let announced = try conversation.tips(.uploadPack)
        var tips: [String: CommitID] = [:]
        for request in requests {
            tips[request.branch] = announced[request.branch]
            if request.isRequired, announced[request.branch] == nil {
                throw .branchMissing(
                    branch: request.branch, remote: remote.description, existing: announced.keys.sorted())
            }
        }
        let moved = tips.filter { repository.tip($0.key) != $0.value }.sorted { $0.key < $1.key }
        let absent = moved.filter { !repository.holds($0.value) }.map(\.key)
        if !absent.isEmpty { try conversation.download(absent) }
        for (branch, tip) in moved {
            try repository.verify(tip, knownGood: repository.tip(branch), limits: limits)
            try repository.setTip(branch, tip)
        }
        for request in requests { try judge(request, tips[request.branch], repository) }
        return Fetched(tips: tips, receivedBytes: conversation.receivedBytes)
    }

    private func judge(_ request: BranchRequest, _ tip: CommitID?, _ repository: Repository) throws(GitError) {
        guard let tip else { return try repository.setTip(request.branch, nil) }
        if let since = request.since, try !repository.isAncestor(since, of: tip) {
            throw .historyRewritten(branch: request.branch, remote: remote.description, from: since, to: tip)
        }
        if request.isRequired, try repository.isEmpty(tip) {
            throw .branchEmpty(branch: request.branch, remote: remote.description, at: tip)
        }
    }
}

// MARK: The folder

extension Mirror {
    /// Runs `body` on the mirror. Where that shows damage, or `commit` is not there, the branches that were asked for
    /// last are fetched again, once.
    func reading<T>(
        _ commit: CommitID?, _ interruption: Interruption, _ body: (Repository) throws(GitError) -> T
    ) throws(GitError) -> T {
        if let commit, try !open().holds(commit) {
            if !requests.isEmpty { _ = try update(interruption) }
            guard try open().holds(commit) else { throw .unknownCommit(commit) }
        }
        do throws(GitError) {
            return try body(try open())
        } catch {
            guard case .corrupt(let reason) = error, !requests.isEmpty else { throw error }
            damage = reason
            _ = try update(interruption)
            return try body(try open())
        }
    }

    /// The mirror that is there; an empty one where there is none.
    func open() throws(GitError) -> Repository {
        if let repository = try existing() { return repository }
        let path = directory.temporary()
        do throws(GitError) {
            _ = try create(path)
            try replace(with: path)
        } catch {
            StateDirectory.remove(path)
            throw error
        }
        damage = nil
        let opened = try Repository(opening: directory.path)
        repository = opened
        return opened
    }

    /// - Returns: nil where no usable mirror of this remote is there.
    private func existing() throws(GitError) -> Repository? {
        if let repository, damage == nil, directory.exists { return repository }
        repository = nil
        try directory.prepare()
        directory.sweep()
        guard damage == nil, directory.exists else { return nil }
        do throws(GitError) {
            let opened = try Repository(opening: directory.path)
            if try opened.origin() != remote.description {
                damage = "it was a mirror of another repository"
            } else {
                repository = opened
            }
        } catch {
            guard case .corrupt(let reason) = error else { throw error }
            damage = reason
        }
        return repository
    }

    /// The mirror that is there is thrown away, unless the new one lacks what only the old one may still hold.
    private func replace(with new: String) throws(GitError) {
        var kept: String?
        if !seen.isEmpty {
            let made = try Repository(opening: new)
            kept = seen.first { !made.holds($0) }.map { directory.copy(of: $0) }
        }
        try directory.replace(with: new, keepingAt: kept)
    }

    private func create(_ path: String) throws(GitError) -> Repository {
        try directory.prepare()
        try Repository.create(path)
        let repository = try Repository(opening: path)
        try repository.setOrigin(remote.description)
        return repository
    }
}
