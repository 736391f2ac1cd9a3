import Instances

extension Reconciler {
    /// Publishes what has to be known before anything is done, then does it.
    ///
    /// - Returns: whether anything moved, so that the next look is worth taking at once.
    mutating func advance(_ round: inout Round, until deadline: Stopwatch.Moment) async -> Bool {
        // A look can take longer than there was time for; nothing new is begun after it.
        if waitsForLock(&round) || isOver(deadline) { return false }
        let moved = await publishRecords(&round)
        guard requires(.publishedFirst, round.unpublished == nil), !surroundings.isStopping() else { return moved }
        return await act(&round) || moved
    }

    // MARK: Records

    /// A record to be published, with the decision that follows once it is.
    private struct Draft {
        var record: Record
        var situation: Situation
        var next: Decision
        /// What ended in an error at the provider, so that a pause is due before it is made again.
        var spoiled: Explanation?
    }

    /// Longer than any row of decisions that only change the record.
    private static var draftsInARow: Int { 16 }

    /// Follows an instance's decisions as long as they only change its record: all of them are one push, because nothing
    /// is done in between.
    private func draft(_ entry: Round.Entry, _ name: InstanceName) -> Draft? {
        guard case .publish = entry.decision else { return nil }
        var situation = entry.situation
        var next = entry.decision
        var spoiled: Explanation?
        for _ in 0..<Self.draftsInARow {
            guard case .publish(let record, let explanation) = next else { break }
            if explanation.isSpoiled { spoiled = explanation }
            surroundings.say(.step(name, explanation))
            situation = situation.published(record)
            situation.owner = owner
            situation.fresh = (surroundings.nonce(), surroundings.nonce())
            next = checked(situation)
        }
        return situation.record.map { Draft(record: $0, situation: situation, next: next, spoiled: spoiled) }
    }

    private mutating func publishRecords(_ round: inout Round) async -> Bool {
        var drafts: [InstanceName: Draft] = [:]
        var draftRound = round
        for name in round.names {
            guard let entry = round.entries[name], isReady(entry, name), let draft = draft(entry, name) else {
                continue
            }
            drafts[name] = draft
            draftRound.entries[name]?.take(draft.next, in: draft.situation)
        }
        guard !drafts.isEmpty else { return false }
        let before = book.records
        let outcome = await publish(
            records: drafts.mapValues { $0.record }, round: draftRound, final: !draftRound.isUnsettled)
        if let why = outcome.failure { round.unpublished = why }
        for name in (holds(.publishedFirst) ? outcome.written : Set(drafts.keys)).sorted() {
            guard let draft = drafts[name] else { continue }
            let old = Set(before[name]?.operations ?? [])
            for operation in draft.record.operations where !old.contains(operation) { memory.minted(operation) }
            if let spoiled = draft.spoiled {
                memory.spoiled(
                    name, ProviderError(.unavailable, spoiled.message), at: surroundings.clock.now, jitter: jitter())
                round.entries[name]?.failure = spoiled
            }
            // Another operator may have begun the branch meanwhile: what comes next would carry a lineage that is not
            // the branch's, so it is decided anew.
            guard requires(.tagsAreOfTheBranch, draft.situation.owner == owner) else { continue }
            round.entries[name]?.take(draft.next, in: draft.situation)
            if draft.next.isRest { memory.rested(name) }
        }
        return !outcome.written.isEmpty
    }

    // MARK: Calls

    private mutating func act(_ round: inout Round) async -> Bool {
        var calls: [Call] = []
        for name in round.names {
            guard let entry = round.entries[name], let provider = entry.provider,
                isReady(entry, name),
                case .act(let action, let explanation) = entry.decision, let record = entry.situation.record,
                // A push that lost its race may have shown that somebody else decided otherwise.
                requires(.publishedFirst, book.records[name] == record)
            else { continue }
            surroundings.say(.step(name, explanation))
            if let operation = action.creates { memory.sent(operation, at: surroundings.clock.now) }
            calls.append(Call(name: name, action: action, applier: Applier(provider: provider, record: record)))
        }
        guard !calls.isEmpty else { return false }
        var moved = false
        for (call, result) in await Call.all(calls) {
            switch result {
            case .success(let made):
                if let operation = call.action.creates, let made { memory.answered(operation, with: made) }
                memory.succeeded(call.name)
                moved = true
            case .failure(let error):
                failed(call, error, &round)
            }
        }
        return moved
    }

    /// From 0 up to 1.
    private func jitter() -> Double { Double(surroundings.random() >> 11) / Double(1 << 53) }

    private func isReady(_ entry: Round.Entry, _ name: InstanceName) -> Bool {
        entry.unknown == nil && !entry.isGivenUp && memory.isReady(name, at: surroundings.clock.now)
    }

    private mutating func failed(_ call: Call, _ error: ProviderError, _ round: inout Round) {
        if let operation = call.action.creates, error.reason != .unknownOutcome { memory.refused(operation) }
        memory.setBack(call.name, call.action, error, at: surroundings.clock.now, jitter: jitter())
        let explanation = Explanation("CallFailed", error.message)
        surroundings.say(.failed(call.name, explanation))
        round.entries[call.name]?.failure = explanation
        round.entries[call.name]?.isGivenUp = memory.isGivenUp(call.name, at: surroundings.clock.now)
    }
}

/// One call to a provider for one instance.
struct Call: Sendable {
    /// How many calls are under way at a time in one pass. Each waits for a provider, not for this machine; the
    /// providers' own rate limits are kept by their adapters.
    static let atATime = 64

    var name: InstanceName
    var action: Action
    var applier: Applier

    typealias Outcome = Result<ResourceID?, ProviderError>

    /// Carries all of them out, many at a time, and answers in the order of names.
    static func all(_ calls: [Call]) async -> [(Call, Outcome)] {
        await withTaskGroup(of: (Call, Outcome).self) { group in
            var rest = calls[...]
            var outcomes: [(Call, Outcome)] = []
            for call in rest.prefix(atATime) { group.addTask { (call, await call.outcome()) } }
            rest = rest.dropFirst(atATime)
            for await outcome in group {
                outcomes.append(outcome)
                if let next = rest.popFirst() { group.addTask { (next, await next.outcome()) } }
            }
            return outcomes.sorted { $0.0.name < $1.0.name }
        }
    }

    private func outcome() async -> Outcome {
        do { return .success(try await applier.apply(action)) } catch { return .failure(error) }
    }
}
