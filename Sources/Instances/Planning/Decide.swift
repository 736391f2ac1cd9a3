/// Decides the one next thing for an instance. Pure: the same situation gives the same decision on every machine.
///
/// Level-triggered: it never needs the answer of an earlier call, so a crash at any point is only forgotten memory. At
/// most one thing is decided at a time; the next look sees its effect and decides anew, so nothing rests on a guess.
public func decide(_ situation: Situation) -> Decision {
    guard let record = situation.record else { return decideFirstSight(situation) }
    if let halt = contradiction(in: situation, record: record) { return .halt(halt) }
    switch situation.desired {
    case .frozen:
        return .rest(.frozen)
    case .manifest(let manifest):
        if manifest.deletionPolicy != record.deletionPolicy { return recordPolicy(of: manifest, in: record) }
        if let suspension = manifest.activeSuspension(at: situation.now) { return .rest(.suspended(suspension)) }
        guard manifest.provider == record.provider, manifest.zone == record.zone,
            requires(.otherAccountHalts, record.account == situation.account)
        else {
            return decideMove(of: record, to: manifest, in: situation)
        }
        return Planner(situation, record, Goal(manifest: manifest, record: record)).decide()
    case .removed:
        guard let goal = Goal(removed: record) else {
            let isLeft = !record.isEmpty || !situation.observation.companions.isEmpty
            return .rest(isLeft ? .retained : .forgotten)
        }
        return Planner(situation, record, goal).decide()
    }
}

extension Manifest {
    /// The suspension, unless it has ended.
    func activeSuspension(at now: Timestamp) -> Suspension? {
        guard let suspend else { return nil }
        if let until = suspend.until, until <= now { return nil }
        return suspend
    }
}

/// First of all, because it counts when the manifest is not there any more: also of one that was suspended until then, or
/// never came to rest.
private func recordPolicy(of manifest: Manifest, in record: Record) -> Decision {
    var changed = record
    changed.deletionPolicy = manifest.deletionPolicy
    let policy = manifest.deletionPolicy.rawValue
    return .publish(
        changed, Explanation("PolicyRecorded", "should its manifest be removed, its deletionPolicy is \(policy)"))
}

private func decideFirstSight(_ situation: Situation) -> Decision {
    switch situation.desired {
    case .frozen: return .rest(.frozen)
    case .removed: return .rest(.forgotten)
    case .manifest(let manifest):
        // Also where nothing is to be changed: it tells of a record that was lost.
        guard situation.observation.namesakes.isEmpty else { return .halt(unknownNamesakes(situation)) }
        if let suspension = manifest.activeSuspension(at: situation.now) { return .rest(.suspended(suspension)) }
        let record = Record(
            uid: InstanceUID(situation.fresh.uid), name: situation.name, provider: manifest.provider,
            account: situation.account, zone: manifest.zone, deletionPolicy: manifest.deletionPolicy)
        return .publish(record, Explanation("FirstSeen", "seen for the first time"))
    }
}

/// A manifest that names another place. An instance that holds nothing simply moves.
private func decideMove(of record: Record, to manifest: Manifest, in situation: Situation) -> Decision {
    guard record.isEmpty else {
        let place = "\(record.provider)/\(record.zone)"
        return .halt(
            Explanation(
                "PlaceChanged",
                "everything of this instance is in \(place), the manifest now says \(manifest.provider)/\(manifest.zone); "
                    + "a disk cannot move: set provider and zone back to \(place)"))
    }
    var moved = record
    moved.provider = manifest.provider
    moved.zone = manifest.zone
    moved.account = situation.account
    return .publish(
        moved,
        Explanation(
            "Moved",
            "holds nothing yet; now in \(manifest.provider)/\(manifest.zone), account \(situation.account)"))
}

extension Explanation {
    /// The reason of a halt before resources that carry the instance's name and are in no record.
    package static let unknownResources = "UnknownResources"
}

func unknownNamesakes(_ situation: Situation) -> Explanation {
    let found = situation.observation.namesakes.sorted().prefix(5).map(\.description).joined(separator: ", ")
    return Explanation(
        Explanation.unknownResources,
        "resources tagged with the name \(situation.name) exist that this status branch knows nothing of (\(found)); "
            + "they may hold data, so nothing is made or deleted. If the status branch was lost or replaced, bring it "
            + "back or run `operator recover`; if they belong to another repository, choose another name")
}
