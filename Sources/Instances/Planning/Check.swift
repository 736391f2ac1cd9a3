/// Looks at a decision before it is carried out and refuses what must never happen. It shares nothing with the planner
/// but the values, and never repairs: a refusal halts the instance.
///
/// - Returns: why the decision is refused; `nil` where it may be carried out.
public func check(_ decision: Decision, in situation: Situation) -> String? {
    guard holds(.decisionIsChecked) else { return nil }
    switch decision {
    case .rest, .wait, .halt, .blocked: return nil
    case .publish(let record, _): return checkRecord(record, after: situation.record, in: situation)
    case .act(let action, _):
        guard let record = situation.record else { return "nothing may be done before there is a record" }
        guard requires(.intentFirst, record.activity != nil) else {
            return "nothing may be done before the intent is published"
        }
        if situation.isHandsOff { return "the manifest says that nothing is to be changed" }
        guard requires(.otherAccountHalts, record.account == situation.account) else {
            return "the credentials are for another account"
        }
        return checkAction(action, record: record, situation: situation)
    }
}

extension Situation {
    /// Whether nothing may be changed: suspended, unreadable, or retained without a manifest.
    fileprivate var isHandsOff: Bool {
        switch desired {
        case .frozen: true
        case .manifest(let manifest): manifest.activeSuspension(at: now) != nil
        case .removed: record.map { $0.deletionPolicy == .retain } ?? true
        }
    }
}

// MARK: Actions

private func checkAction(_ action: Action, record: Record, situation: Situation) -> String? {
    switch action {
    case .createServer(let specification):
        guard record.server == .creating(specification.tags.operation) else {
            return "the record awaits no such server"
        }
        guard checkOwn(specification.tags, record, situation) else { return "the tags are not this instance's" }
        if case .disk(let disk) = specification.boot {
            guard record.root.id == disk, !record.condemns(.disk(disk)) else { return "not the recorded root disk" }
        }
        return nil
    case .createDisk(let specification): return checkCreate(specification, record, situation)
    case .createSnapshot(let specification): return checkCut(specification, record, situation)
    case .powerOn(let id):
        guard record.server.id == id, !record.condemns(.server(id)) else {
            return "only the recorded server is powered on"
        }
        guard case .manifest(let manifest) = situation.desired, manifest.runtime.enableInstanceServer else {
            return "the manifest does not ask for a running server"
        }
        return nil
    case .powerOff(let id), .configureServer(let id, _, _), .changeType(let id, _):
        return record.names(.server(id)) ? nil : "server \(id) is not in the record"
    case .attachDisk(let disk, let server):
        guard requires(.recordedBeforeUse, record.data.isLive(on: disk)),
            requires(.condemnedIsNeverUsed, !record.condemns(.disk(disk)))
        else {
            return "only the recorded live disk is ever attached"
        }
        return record.server.id == server ? nil : "only the recorded server gets disks"
    case .detachDisk(let disk, let server):
        guard record.names(.disk(disk)), record.root.id != disk else { return "not a disk that may be detached" }
        guard case .seen(let seen)? = situation.observation.servers[server], seen.state == .stopped else {
            return "disks are detached only from stopped servers"
        }
        return nil
    case .growDisk(let disk, let bytes):
        guard record.names(.disk(disk)), !record.condemns(.disk(disk)) else { return "not a disk in use" }
        guard case .seen(let seen)? = situation.observation.disks[disk], seen.sizeBytes < bytes else {
            return "disks only grow"
        }
        return nil
    case .setIOPS(let disk, _): return record.data.disk == disk ? nil : "only the data disk has a chosen speed"
    case .tag(.companion(let id), let tags):
        let isOwn = situation.observation.companions[id]?.tags?.instance == record.uid
        return isOwn && checkOwn(tags, record, situation) ? nil : "not this instance's to tag"
    case .tag(let resource, let tags):
        guard record.names(resource), checkOwn(tags, record, situation) else { return "not this instance's to tag" }
        return tags.condemned && !record.condemns(resource) ? "the record does not condemn \(resource)" : nil
    case .delete(let condemned): return checkDelete(condemned, record, situation)
    case .deleteCompanion(let id):
        guard let tags = situation.observation.companions[id]?.tags, tags.instance == record.uid else {
            return "not this instance's"
        }
        return requires(.companionsAreCondemned, tags.condemned) ? nil : "not condemned by its tag"
    }
}

private func checkOwn(_ tags: Tags, _ record: Record, _ situation: Situation) -> Bool {
    tags.owner == situation.owner && tags.instance == record.uid && tags.name == record.name
}

private func checkCreate(_ specification: DiskSpecification, _ record: Record, _ situation: Situation) -> String? {
    let operation = specification.tags.operation
    guard checkOwn(specification.tags, record, situation) else { return "the tags are not this instance's" }
    switch (specification.tags.role, specification.source) {
    case (.data, nil):
        guard record.data == .creating(operation) else { return "the record awaits no empty disk" }
        return requires(.emptyDiskIsFirst, record.snapshots.isEmpty)
            ? nil : "an empty disk is never made where there was data"
    case (.data, let source?):
        return record.data == .restoring(source, operation) ? nil : "the record awaits no disk from \(source)"
    case (.root, let source?):
        return record.root == .creating(operation, from: source) ? nil : "the record awaits no root disk from \(source)"
    default: return "no such disk is ever made"
    }
}

private func checkCut(_ specification: SnapshotSpecification, _ record: Record, _ situation: Situation) -> String? {
    let operation = specification.tags.operation
    guard checkOwn(specification.tags, record, situation) else { return "the tags are not this instance's" }
    guard case .seen(let disk)? = situation.observation.disks[specification.disk] else {
        return "the disk was not seen"
    }
    switch specification.tags.role {
    case .data:
        guard case .snapshotting(disk.id, operation, let detachedAt) = record.data else {
            return "the record awaits no snapshot of disk \(disk.id)"
        }
        let isQuiet = requires(.diskIsQuiet, disk.attachment == nil)
        let isUnused = requires(.unusedSinceCut, disk.lastDetachedAt == detachedAt)
        return isQuiet && isUnused ? nil : "the disk is, or was again, attached"
    case .root:
        guard case .cutting(operation, _) = record.rootSnapshot, record.root.id == disk.id else {
            return "the record awaits no root snapshot"
        }
        guard let server = record.server.id, case .seen(let seen)? = situation.observation.servers[server],
            seen.state == .stopped
        else { return "a root disk is snapshotted only while its server is stopped" }
        return nil
    case .server, .companion: return "no such snapshot is ever cut"
    }
}

private func checkDelete(_ condemned: Condemned, _ record: Record, _ situation: Situation) -> String? {
    guard requires(.condemnedFirst, record.condemned.contains(condemned)) else {
        return "the record does not condemn \(condemned.resource)"
    }
    switch condemned.resource {
    case .server(let id): return record.server.id == id ? "server \(id) is in use" : nil
    case .snapshot(let id): return record.uses(id) ? "snapshot \(id) is in use" : nil
    case .companion: return nil
    case .disk(let id):
        if record.root.id == id { return "root disk \(id) is in use" }
        guard record.data.disk == id else { return nil }
        guard case .deleting(id, let snapshot, _, _) = record.data, condemned.ground == .savedIn(snapshot),
            record.snapshots.contains(where: { $0.id == snapshot && $0.sourceDisk == id }),
            case .seen(let copy)? = situation.observation.snapshots[snapshot],
            requires(.snapshotIsAvailable, copy.state == .available)
        else { return "disk \(id) holds data that is not proven to be saved" }
        return nil
    }
}

extension DataRecord {
    fileprivate func isLive(on disk: DiskID) -> Bool {
        guard case .live(disk, _) = self else { return false }
        return true
    }
}

// MARK: Records

private func checkRecord(_ new: Record, after old: Record?, in situation: Situation) -> String? {
    guard let old else { return new.holdsData ? "a first record holds nothing" : nil }
    guard new.uid == old.uid || old.isEmpty else { return "the uid of an instance that holds something never changes" }
    guard new.epoch >= old.epoch else { return "epochs never go back" }
    for condemned in old.condemned where !new.condemns(condemned.resource) {
        guard situation.observation.provesGone(condemned.resource) else {
            return "\(condemned.resource) was not proven to be gone"
        }
    }
    for id in new.namedResources where holds(.condemnedIsNeverUsed) && old.condemns(id) && !new.condemns(id) {
        return "\(id) was condemned and is never used again"
    }
    if let why = checkData(new, after: old, in: situation) { return why }
    guard case .snapshot(let holder) = new.data, new.snapshot(holder) == nil else { return nil }
    return "snapshot \(holder), which holds the data, would be forgotten"
}

/// Nothing that may hold the newest content leaves the record without a proof or an approval.
private func checkData(_ new: Record, after old: Record, in situation: Situation) -> String? {
    for snapshot in old.snapshots where !new.snapshots.contains(where: { $0.id == snapshot.id }) {
        guard new.condemns(.snapshot(snapshot.id)) || situation.observation.provesGone(.snapshot(snapshot.id)) else {
            return "snapshot \(snapshot.id) would be forgotten"
        }
        guard requires(.lastCopyWaits, situation.approval != nil || new.data != .none) else {
            return "the last snapshot would go without an approval"
        }
    }
    guard let disk = old.data.disk, new.data.disk != disk else { return nil }
    if case .snapshot(let snapshot) = new.data, case .deleting(disk, snapshot, _, _) = old.data {
        return situation.observation.provesGone(.disk(disk)) ? nil : "disk \(disk) was not proven to be gone"
    }
    // Destroying it is one question, putting older content in its place another.
    let isApproved =
        new.data == .none
        ? requires(.lastCopyWaits, situation.approval != nil)
        : requires(.olderDataWaits, situation.returnApproval != nil)
    return isApproved ? nil : "disk \(disk) would be forgotten without an approval"
}

extension Observation {
    fileprivate func provesGone(_ resource: ResourceID) -> Bool {
        switch resource {
        case .server(let id): servers[id]?.isGone ?? false
        case .disk(let id): disks[id]?.isGone ?? false
        case .snapshot(let id): snapshots[id]?.isGone ?? false
        case .companion(let id): companions[id] == nil
        }
    }
}
