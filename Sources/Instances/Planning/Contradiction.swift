/// Looks for what should be impossible: signs that the record is old, or that somebody else acts in its name.
///
/// - Returns: why the instance must halt; `nil` where record and observation can both be true.
func contradiction(in situation: Situation, record: Record) -> Explanation? {
    if holds(.otherAccountHalts), !record.isEmpty, record.account != situation.account {
        return Explanation(
            "OtherAccount",
            "recorded in account \(record.account), but the credentials are for \(situation.account); nothing seen there "
                + "says anything about this instance: use the credentials of \(record.account)")
    }
    let untagged = record.namedResources.first { lacksTags($0, record, situation.observation) }
    if holds(.removedTagsHalt), let id = untagged {
        return Explanation(
            "TagsRemoved",
            "\(id) is in the record but does not carry the operator's tags any more, so it may belong to somebody else by "
                + "now; nothing is touched: give the tags back that were taken from it, or delete it by hand")
    }
    let resources = taggedResources(situation.observation)
    for (id, tags) in resources {
        if let why = contradiction(of: id, tags, record: record, owner: situation.owner) { return why }
    }
    return newerUnrecordedData(in: situation, record: record)
}

/// Whether somebody took the tags from a resource that had them from its create call on. A root disk that the provider
/// made by itself had none at first.
private func lacksTags(_ id: ResourceID, _ record: Record, _ observation: Observation) -> Bool {
    switch id {
    case .server(let id):
        guard case .seen(let server)? = observation.servers[id] else { return false }
        return server.tags == nil
    case .disk(let disk):
        let isRoot =
            record.root.id == disk || record.condemned.contains { $0.resource == id && $0.ground == .unneededRoot }
        guard !isRoot, case .seen(let seen)? = observation.disks[disk] else { return false }
        return seen.tags == nil
    case .snapshot(let id):
        guard case .seen(let snapshot)? = observation.snapshots[id] else { return false }
        return snapshot.tags == nil
    case .companion: return false
    }
}

/// Everything seen that carries the operator's tags, in a fixed order.
func taggedResources(_ observation: Observation) -> [(id: ResourceID, tags: Tags)] {
    var tagged: [(id: ResourceID, tags: Tags)] = []
    func note(_ id: ResourceID, _ tags: Tags?) {
        if let tags { tagged.append((id, tags)) }
    }
    for server in observation.seenServers { note(.server(server.id), server.tags) }
    for disk in observation.seenDisks { note(.disk(disk.id), disk.tags) }
    for snapshot in observation.seenSnapshots { note(.snapshot(snapshot.id), snapshot.tags) }
    return tagged
}

private let recover =
    "the status branch was probably rolled back or edited; nothing is touched: bring the branch back, or run "
    + "`operator recover`"

private func contradiction(
    of id: ResourceID, _ tags: Tags, record: Record, owner: OwnerID
) -> Explanation? {
    guard requires(.foreignHalts, tags.instance == record.uid && tags.owner == owner) else {
        return Explanation("ForeignResource", "\(id) is in the record but its tags say it is not this instance's")
    }
    guard holds(.oldRecordHalts) else { return nil }
    if holds(.newerEpochHalts), tags.operation.epoch > record.epoch {
        return Explanation(
            "RecordIsOld", "\(id) was made by a later operation (\(tags.operation)) than the record knows; \(recover)")
    }
    let known = record.operations.contains(tags.operation) || record.names(id)
    // Operations older than those remembered cannot be told from unknown ones.
    if holds(.unknownOperationHalts), !known {
        return Explanation("UnknownOperation", "\(id) was made by an unknown operation (\(tags.operation)); \(recover)")
    }
    if holds(.condemnedTagHalts), tags.condemned, !record.condemns(id), record.names(id) {
        return Explanation("RecordIsOld", "\(id) is condemned by its tag but in use by the record; \(recover)")
    }
    return nil
}

extension Record {
    /// Whether the record speaks of this resource.
    public func names(_ id: ResourceID) -> Bool {
        if condemns(id) { return true }
        switch id {
        case .server(let id): return server.id == id
        case .disk(let id): return data.disk == id || root.id == id
        case .snapshot(let id): return uses(id)
        case .companion: return false
        }
    }

    /// Every resource that the record speaks of, in a fixed order: what must be read by id where a listing lacks it.
    public var namedResources: [ResourceID] {
        var ids: [ResourceID] = condemned.map(\.resource)
        if let id = server.id { ids.append(.server(id)) }
        if let id = data.disk { ids.append(.disk(id)) }
        if let id = root.id { ids.append(.disk(id)) }
        for snapshot in snapshots { ids.append(.snapshot(snapshot.id)) }
        if let id = rootSnapshot.verified?.id { ids.append(.snapshot(id)) }
        var once: [ResourceID] = []
        for id in ids where !once.contains(id) { once.append(id) }
        return once
    }
}
