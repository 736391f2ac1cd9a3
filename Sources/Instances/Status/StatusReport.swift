/// Says in one value what is known of an instance and what is being done about it.
///
/// Equal facts give an equal status, byte for byte: times change only with what they date, and `observedCommit` only
/// when something else does.
///
/// - Parameters:
///   - manifest: `nil` where it was removed or is invalid.
///   - record: as it stands, or will stand with this publication, on the status branch.
///   - observation: `nil` where the provider could not be asked; then the facts last known stay, and Ready is Unknown.
///   - decision: `nil` where none could be made. For a record that cannot be read pass a halt that says so.
///   - failure: of the step that was tried, or of the observation; it will be tried again.
///   - previous: as read from the status branch; only its times, its history and the facts last known are used.
///   - commit: of the configuration.
public func report(
    name: InstanceName, manifest: Manifest?, record: Record?, observation: Observation?, decision: Decision?,
    failure: Explanation?, previous: InstanceStatus?, commit: String, now: Timestamp
) -> InstanceStatus {
    let verdict = Verdict(
        decision: decision, failure: failure, isObserved: observation != nil, previous: previous?.conditions)
    let facts =
        observation.map { StatusFacts($0, record: record, previous: previous) } ?? StatusFacts(keeping: previous)
    // An invalid manifest says nothing new; a removed one asks for nothing.
    let kept = decision == .rest(.frozen) ? previous : nil
    var status = InstanceStatus(
        name: name, observedCommit: previous?.observedCommit ?? commit,
        manifestFile: manifest.map { $0.source.file } ?? previous?.manifestFile,
        labels: manifest?.labels ?? previous?.labels ?? [:],
        provider: manifest?.provider ?? record?.provider ?? previous?.provider ?? "",
        zone: manifest?.zone ?? record?.zone ?? previous?.zone ?? "",
        desired: manifest.map(DesiredSummary.init) ?? kept?.desired,
        conditions: verdict.conditions(after: previous?.conditions, now: now), server: facts.server,
        otherServers: facts.otherServers, storages: facts.storages, snapshots: facts.snapshots,
        intents: record?.intents ?? [], waiting: waiting(decision, failure: failure), foreign: facts.foreign,
        history: previous?.history ?? [])
    status.remember(since: previous, commit: commit, now: now)
    if status != previous { status.observedCommit = commit }
    // A loss stays told, and under the commit that it was told under, until a decision says otherwise: a commit that
    // answers it would else seem to have come before the question.
    if let previous, previous.tellsOfLoss, isUndecided(decision) {
        status.conditions.stalled = previous.conditions.stalled
        status.observedCommit = previous.observedCommit
    }
    return status
}

/// Whether it is not known yet whether what was missing still is.
private func isUndecided(_ decision: Decision?) -> Bool {
    guard let decision else { return true }
    guard case .wait(let why) = decision else { return false }
    return Loss.isUndecided(why)
}

private func waiting(_ decision: Decision?, failure: Explanation?) -> Explanation? {
    let why: Explanation? =
        switch decision {
        case .wait(let why)?: failure ?? why
        case .blocked(let block)?: block.explanation
        case .publish?, .act?, nil: failure
        case .halt?, .rest?: nil
        }
    return why.map { Explanation($0.reason, terminalText($0.message, limit: Verdict.messageLimit)) }
}

extension InstanceStatus {
    /// Adds to the history what has changed since the status before.
    fileprivate mutating func remember(since previous: InstanceStatus?, commit: String, now: Timestamp) {
        if let previous, let drift = drift(from: previous) {
            history.append(Transition(at: now, reason: "Drift", message: drift, commit: commit))
        }
        let ready = conditions.ready
        if ready.reason != previous?.conditions.ready.reason {
            history.append(Transition(at: now, reason: ready.reason, message: ready.message, commit: commit))
        }
        history.removeFirst(max(0, history.count - Self.historyLength))
    }

    /// What changed by itself: everything was as wanted, nobody changed what is wanted, and now something is gone or
    /// in another state.
    private func drift(from previous: InstanceStatus) -> String? {
        guard previous.isReady, !isReady, conditions.ready.status != .isUnknown, previous.intents.isEmpty,
            previous.desired == desired
        else { return nil }
        var changes: [String] = []
        if let before = previous.server {
            if server?.id != before.id {
                changes.append("server \(before.id) is gone")
            } else if let server, server.state != before.state {
                changes.append("server \(before.id) was \(before.state) and is \(server.state)")
            }
        } else if let server {
            changes.append("server \(server.id) appeared")
        }
        changes += previous.storages.filter { before in !storages.contains { $0.id == before.id } }.map {
            "disk \($0.id) is gone"
        }
        changes += previous.snapshots.filter { before in !snapshots.contains { $0.id == before.id } }.map {
            "snapshot \($0.id) is gone"
        }
        guard !changes.isEmpty else { return nil }
        return terminalText(
            "not by the operator: " + changes.joined(separator: ", "), limit: Verdict.messageLimit)
    }
}

extension Record {
    /// What was begun and is not finished: the activity, and whatever may be in the making or is to be deleted.
    var intents: [Intent] {
        var intents: [Intent] = []
        if let activity {
            intents.append(
                Intent(kind: activity.kind.rawValue, operation: activity.operation, since: activity.since))
        }
        if case .creating(let operation) = server { intents.append(Intent(kind: "createServer", operation: operation)) }
        if case .creating(let operation, _) = root {
            intents.append(Intent(kind: "createRootDisk", operation: operation))
        }
        switch data {
        case .creating(let operation): intents.append(Intent(kind: "createDataDisk", operation: operation))
        case .restoring(_, let operation): intents.append(Intent(kind: "restoreDataDisk", operation: operation))
        case .snapshotting(_, let operation, _): intents.append(Intent(kind: "createSnapshot", operation: operation))
        case .none, .live, .quiescing, .deleting, .snapshot: break
        }
        if case .cutting(let operation, _) = rootSnapshot {
            intents.append(Intent(kind: "createRootSnapshot", operation: operation))
        }
        return intents
            + condemned.map { Intent(kind: "delete", operation: $0.operation, resource: $0.resource) }
    }
}
