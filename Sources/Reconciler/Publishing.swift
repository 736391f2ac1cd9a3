import Instances

extension Reconciler {
    /// What came of a publication.
    struct Published {
        /// Instances whose records are at the head of the branch now.
        var written: Set<InstanceName> = []
        /// Why the branch could not be written.
        var failure: String?
        /// Whether the branch says all of it now.
        var isThere = false
    }

    /// How often a push that lost a race is tried again before the pass takes a new look at everything.
    static var pushesInARow: Int { 8 }

    /// Commits records, and the status of everything, on top of what is there.
    ///
    /// Another operator may have pushed meanwhile. Then everything is read again, and only records of instances whose
    /// files did not change under us are written; the others are decided anew.
    mutating func publish(records: [InstanceName: Record], round: Round, final: Bool) async -> Published {
        var pending = records
        var published = Published()
        var rhythm = Rhythm(longest: options.pollInterval)
        var refusal: String?
        var hasMoved = false
        for attempt in 1...Self.pushesInARow {
            // Nobody knows whose branch it is by now, so nothing can be written, and nothing done that rests on it.
            if let why = book.conflict {
                published.failure = why
                return published
            }
            do {
                if let publication = publication(of: pending, round: round, final: final) {
                    try await push(publication)
                }
                published.written.formUnion(pending.keys)
                published.isThere = true
                return published
            } catch {
                if case .lostRace(let reason) = error { refusal = reason }
                if isFinal(error, attempt) {
                    published.failure = error.description
                    return published
                }
            }
            let longest = surroundings.clock.now.advanced(by: max(options.pollInterval, quiet))
            await pause(max(rhythm.next(), quiet), until: longest)
            switch await reread(&pending, into: &published) {
            case .success(let moved): if moved { hasMoved = true }
            case .failure(let trouble) where surroundings.isStopping():
                published.failure = trouble.description
                return published
            // The next push will meet the same trouble and say so.
            case .failure: await pause(quiet, until: surroundings.clock.now.advanced(by: quiet))
            }
            // All of it landed, or another operator has decided otherwise: a second commit would say nothing new.
            if !records.isEmpty, pending.isEmpty { return published }
        }
        // Nobody else was first: what keeps the server from moving the branch is for a person.
        if !hasMoved { published.failure = refusal }
        return published
    }

    private mutating func push(_ publication: Publication) async throws(RepositoryError) {
        let status = try await repository.publish(
            publication.changes, message: publication.message, on: book.head)
        book = StatusBook(status)
        lockRenewed = surroundings.clock.now
        surroundings.say(.published(commit: status.commit))
    }

    /// Whether no other attempt is made after a push that failed so; where one is, the pause that was asked for is kept.
    private mutating func isFinal(_ error: RepositoryError, _ attempt: Int) -> Bool {
        switch error {
        case .cannotPublish, .refused: return true
        case .unreachable(_, let pause): keepQuiet(for: pause)
        case .unknownOutcome: break
        case .lostRace: return false
        }
        // Each attempt may use up the patience of a conversation: who told the process to stop waits for one. And what is
        // told to rest for long is asked again by a later pass.
        return attempt == Self.pushesInARow || surroundings.isStopping() || quiet > Self.longestRetry
    }

    /// After a push that was lost, or may have landed: sees what is there now.
    ///
    /// - Returns: whether the branch has moved, or why that cannot be seen.
    private mutating func reread(
        _ pending: inout [InstanceName: Record], into published: inout Published
    ) async -> Result<Bool, RepositoryError> {
        let before = book
        do {
            let heads = try await repository.heads()
            guard heads.status != book.head else { return .success(false) }
            book = try await readBook(at: heads.status)
        } catch {
            if case .unreachable(_, let pause?) = error { keepQuiet(for: pause) }
            return .failure(error)
        }
        for (name, record) in pending
        where holds(.statusIsCompared) && !before.agrees(with: book, about: name) {
            pending[name] = nil
            // Our own push landed although its answer was lost.
            if book.records[name] == record { published.written.insert(name) }
        }
        return .success(true)
    }

    private func publication(of records: [InstanceName: Record], round: Round, final: Bool) -> Publication? {
        var statuses: [InstanceStatus] = []
        var forgotten: Set<InstanceName> = []
        for name in round.names {
            guard let entry = round.entries[name],
                // Somebody may have changed or lost its record meanwhile: what was decided is not about that one.
                requires(.decidedOnThisRecord, records[name] != nil || book.records[name] == entry.situation.record)
            else { continue }
            // What empties its record is still to be told: that record goes first, and its file with the next push.
            if entry.decision == .rest(.forgotten), records[name] == nil {
                forgotten.insert(name)
            } else if !entry.isRecordUnreadable {
                statuses.append(status(of: name, entry, record: records[name] ?? book.records[name]))
            }
        }
        let fleet = FleetStatus(
            lineage: owner, commit: configuration?.commit ?? "", instances: statuses, diagnostics: round.diagnostics,
            foreign: round.foreign)
        return book.tree.publication(
            of: fleet, records: records, forgetting: forgotten, lock: lockChange(records, final: final),
            nonce: surroundings.nonce())
    }

    private func status(of name: InstanceName, _ entry: Round.Entry, record: Record?) -> InstanceStatus {
        var manifest: Manifest?
        if case .manifest(let desired) = entry.situation.desired { manifest = desired }
        return Instances.report(
            name: name, manifest: manifest, record: record,
            observation: entry.unknown == nil ? entry.situation.observation : nil,
            decision: entry.unknown == nil ? entry.decision : nil,
            failure: entry.unknown.map { Explanation("ProviderUnreachable", $0) } ?? entry.failure,
            previous: book.status(of: name), commit: configuration?.commit ?? "", now: surroundings.now())
    }

    // MARK: The lock

    /// A lock that has not changed for this long belongs to an operator that is gone.
    static var lockPatience: Duration { .seconds(300) }
    /// How often a busy operator shows that it is still there.
    static var lockRenewal: Duration { .seconds(100) }

    private func lockChange(_ records: [InstanceName: Record], final: Bool) -> Publication.LockChange {
        if final { return book.tree.lock.map { isOwn($0) || options.lock.isDead($0) } ?? false ? .release : .keep }
        guard records.values.contains(where: { $0.activity != nil }) || holdsLock else { return .keep }
        var lock = options.lock.lock
        lock.nonce += "-" + surroundings.nonce()
        lock.purpose = "working on " + records.keys.sorted().prefix(5).map(\.text).joined(separator: ", ")
        return .take(lock)
    }

    private var holdsLock: Bool { book.tree.lock.map(isOwn) ?? false }

    private func isOwn(_ lock: Lock) -> Bool { lock.nonce.hasPrefix(options.lock.lock.nonce + "-") }

    /// Shows others that this operator still works, when nothing else was published for a while.
    mutating func renewLock(_ round: Round) async {
        guard holdsLock, let lockRenewed, lockRenewed.duration(to: surroundings.clock.now) >= Self.lockRenewal else {
            return
        }
        _ = await publish(records: [:], round: round, final: false)
    }

    /// Whether another operator is at work: then this one waits, out of courtesy. Safety does not rest on it.
    mutating func waitsForLock(_ round: inout Round) -> Bool {
        guard round.wantsToAct, let lock = book.tree.lock, !isOwn(lock), !options.lock.isDead(lock) else {
            foreignLock = nil
            return false
        }
        let moment = surroundings.clock.now
        if foreignLock?.lock != lock {
            foreignLock = (lock, moment)
            surroundings.say(.note("waiting for another operator: \(lock.text)"))
        }
        guard let since = foreignLock?.since, since.duration(to: moment) < Self.lockPatience else { return false }
        round.lockedBy = lock.text
        return true
    }
}
