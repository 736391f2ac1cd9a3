import Instances

/// What is to be done about each instance, and what holds that back.
extension Reconciler {
    mutating func decide(_ round: inout Round, approval: Approval) {
        let unlocked = unlocked(by: approval, in: round)
        for name in round.names {
            guard var entry = round.entries[name], entry.unknown == nil, !entry.isGivenUp else { continue }
            if unlocked.contains(name) { entry.situation.approval = approval.commit }
            if approval.names.contains(name),
                requires(
                    .lossIsToldFirst,
                    book.toldOfLoss(name, checked(entry.situation).explanation, before: approval.commit))
            {
                entry.situation.returnApproval = approval.commit
            }
            entry.decision = checked(entry.situation)
            if case .halt = entry.decision {
                entry.isDoubtful = !memory.halted(name, true)
            } else {
                _ = memory.halted(name, false)
            }
            recall(name, &entry)
            round.entries[name] = entry
        }
        for (name, block) in blocks(in: round, approval: approval) { round.entries[name]?.decision = .blocked(block) }
        awaitRecovery(&round)
    }

    private func blocks(in round: Round, approval: Approval?) -> [InstanceName: Block] {
        let entries = round.names.compactMap { round.entries[$0] }
        return guards(
            over: entries.filter { $0.unknown == nil }.map(\.situation),
            unseen: entries.filter { $0.unknown != nil }.map(\.situation), limits: limits, approval: approval)
    }

    /// A status branch without records beside resources that know an older one is most likely what a loss has left. What
    /// began here now would belong to this branch and the rest to the other, and no recovery brings the two together.
    private func awaitRecovery(_ round: inout Round) {
        guard holds(.recoveryComesFirst), book.records.isEmpty, book.unreadable.isEmpty,
            let instead = afterLoss(round) ?? beforeAllIsSeen(round)
        else { return }
        for name in round.names {
            guard case .publish = round.entries[name]?.decision else { continue }
            round.entries[name]?.decision = instead
        }
    }

    private func afterLoss(_ round: Round) -> Decision? {
        guard let lost = round.foreign.first(where: isWanted)?.name ?? lostEarlier(round) else { return nil }
        return .halt(
            Explanation(
                "RecoveryFirst",
                "nothing is begun on an empty status branch while resources of \(lost) exist that another one knows: "
                    + "settle \(lost) first, with `operator recover` or another name"))
    }

    /// A look that failed once may hide such resources. Whose provider stays silent holds nobody up for longer.
    private func beforeAllIsSeen(_ round: Round) -> Decision? {
        guard holds(.allIsSeenFirst) else { return nil }
        let unseen = round.names.first { name in
            round.entries[name].map { $0.unknown != nil && !$0.isGivenUp } ?? false
        }
        return unseen.map { name in
            .wait(
                Explanation(
                    "LookingFirst", "nothing is begun on an empty status branch before \(name) was looked at once more")
            )
        }
    }

    /// Whether it is of another lineage, and may belong to an instance of this configuration: also to one whose manifest
    /// is not understood at the moment, or that was not asked for.
    private func isWanted(_ resource: ForeignResource) -> Bool {
        guard resource.kind == .foreign else { return false }
        guard let configuration = configuration?.configuration, configuration.removalsAreCertain else { return true }
        return configuration.frozen.contains { $0.text == resource.name }
            || configuration.manifests.contains {
                ($0.name.text, $0.provider, $0.zone) == (resource.name, resource.provider, resource.zone)
            }
    }

    /// What cannot be looked at now, and was seen to be lost before.
    private func lostEarlier(_ round: Round) -> String? {
        round.names.first { name in
            round.entries[name]?.unknown != nil
                && book.status(of: name)?.conditions.stalled.reason == Explanation.unknownResources
        }?.text
    }

    /// Whose data may go: the instances that an approval names, and all whose last copy is asked for where it counts no
    /// fewer than these and whatever else waits for an approval: a number that another guard has asked for unlocks no
    /// last copy that happens to wait beside. Those whose last copy is asked for and that halt, are suspended until some
    /// day or are refused by their provider, and all whose provider is unreachable at the moment, count too: under the same
    /// commit they may go on later. A look at some instances only cannot tell how many there are.
    private func unlocked(by approval: Approval, in round: Round) -> Set<InstanceName> {
        guard approval.count > 0, options.only.isEmpty, configuration?.configuration.chosenFolders == nil else {
            return approval.names
        }
        let lastCopies = (roster?.subjects ?? []).filter { subject in
            let isKnown = subject.record != nil || subject.unreadable != nil
            return isKnown && subject.desired.asksForDestruction(of: subject.record)
        }.map(\.name)
        let unseen = round.names.filter { round.entries[$0]?.unknown != nil }
        let waiting = Set(lastCopies).union(unseen).union(blocks(in: round, approval: nil).keys)
        return requires(.numberCoversAll, approval.count >= waiting.count)
            ? approval.names.union(lastCopies) : approval.names
    }

    /// What failed before counts while it is what comes next, or is waited for. Once something else comes next it does
    /// not matter any more.
    private mutating func recall(_ name: InstanceName, _ entry: inout Round.Entry) {
        if entry.decision.isRest { memory.rested(name) }
        guard let setback = memory.setback(name) else { return }
        entry.isGivenUp = memory.isGivenUp(name, at: surroundings.clock.now)
        switch entry.decision {
        case .act(let action, _) where setback.action.map { $0 == action } ?? true: break
        case .publish where setback.action == nil: break
        case .wait where entry.isGivenUp: break
        case .wait: return
        case .act, .publish, .rest, .halt, .blocked:
            memory.succeeded(name)
            entry.isGivenUp = false
            return
        }
        entry.failure = Explanation("CallFailed", setback.error.message)
    }

    /// A decision that the second check refuses is no decision.
    func checked(_ situation: Situation) -> Decision {
        let decision = Instances.decide(situation)
        guard let refusal = check(decision, in: situation) else { return decision }
        return .halt(Explanation("CheckRefused", "a step was refused by the second check: \(refusal)"))
    }

    private var limits: GuardLimits {
        guard let guards = configuration?.configuration.settings.guards else { return options.limits }
        return options.limits.tightened(by: guards)
    }
}
