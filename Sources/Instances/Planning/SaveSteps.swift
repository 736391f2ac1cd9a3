/// The way of the data from a disk to a snapshot.
extension Planner {
    /// Whether the disk may still go back to its server: never once it was condemned, because a late deletion may land.
    private func canTurnBack(_ disk: DiskID) -> Bool {
        goal.data == .live && requires(.condemnedIsNeverUsed, !record.condemns(.disk(disk)))
    }

    /// Whether somebody may have asked for the disk to be detached. Such a call can land late, and would take the disk from
    /// under a guest: so it is detached first, and attached again.
    private func mayBeLeaving(_ disk: Disk) -> Bool {
        guard holds(.detachIsFinished), let server, disk.attachment?.server == server.id else { return false }
        return server.state == .stopped
    }

    private func turnBack(_ disk: DiskID) -> Decision {
        begin(.start, "StopCancelled", "the data disk is wanted live again") { record, operation in
            record.data = .live(disk, operation)
        }
    }

    func quiesce(_ id: DiskID, _ operation: Operation) -> Decision? {
        guard let disk = seen(id) else { return unseenDisk(id) }
        if isDamaged(disk), goal.data != .destroyed { return damaged(disk) }
        if canTurnBack(id), !mayBeLeaving(disk) { return turnBack(id) }
        if let attachment = disk.attachment, attachment.phase == .attached, !isOurs(attachment.server) {
            // As while the disk is live: a server of this instance that was given up goes first.
            if isAbandoned(attachment.server), let step = condemnAbandonedServers() { return step }
            // It may only look so: a reference to a server that is gone takes a while to go too.
            return wait("Detaching", elsewhere(id, attachment.server))
        }
        if goal.data == .destroyed { return destroyData(alsoDisk: id) }
        let deletesServer = goal.server == .absent && holds(.serverGoesFirst)
        if holds(.diskIsQuiet), let step = bringDown(deleting: deletesServer, detaching: disk) { return step }
        guard requires(.diskIsQuiet, disk.attachment == nil && disk.state == .available) else {
            let doing = disk.attachment == nil ? "in state \(disk.state.word)" : "being detached"
            return wait("Detaching", "data disk \(id) is \(doing)")
        }
        // The operation is minted together with the moment of the detachment: a snapshot that carries it was cut after
        // that moment, also where the status branch was rolled back to before one.
        guard holds(.cutIsMintedLate) else {
            return publish("Snapshotting", "data disk \(id) is detached; a snapshot can be cut") { record in
                record.data = .snapshotting(id, operation, detachedAt: disk.lastDetachedAt)
            }
        }
        return begin(.stop, "Snapshotting", "data disk \(id) is detached; a snapshot can be cut") { record, operation in
            record.data = .snapshotting(id, operation, detachedAt: disk.lastDetachedAt)
        }
    }

    func cut(_ id: DiskID, _ operation: Operation, _ detachedAt: Timestamp?) -> Decision? {
        guard let disk = seen(id) else { return unseenDisk(id) }
        if goal.data == .destroyed { return giveUp(id, cutUnder: operation) }
        if isDamaged(disk) { return damaged(disk) }
        if canTurnBack(id) { return turnBack(id) }
        guard requires(.diskIsQuiet, disk.attachment == nil),
            requires(.unusedSinceCut, disk.lastDetachedAt == detachedAt)
        else { return startOver(id) }
        switch creation(snapshots(of: operation, role: .data)) {
        case .doubled: return doubled("snapshots", operation)
        case .found(let snapshot): return judge(snapshot, of: disk, operation, detachedAt)
        case .callable:
            let specification = SnapshotSpecification(
                name: "\(record.name)-data-\(operation.epoch)", tags: tags(.data, operation), disk: id)
            return act(.stop, .createSnapshot(specification), "Snapshotting", "cutting a snapshot of data disk \(id)")
        case .pending: return wait("Snapshotting", "waiting to see whether the snapshot was cut")
        case .givenUp: return cutAgain(id, detachedAt, "the snapshot was not cut; trying again")
        }
    }

    /// Only reached with an approval. What lands after it could not be told from data that somebody wants.
    private func giveUp(_ id: DiskID, cutUnder operation: Operation) -> Decision {
        if case .pending = creation(snapshots(of: operation, role: .data)) {
            return wait("Snapshotting", "waiting to see whether the snapshot was cut, to give it up too")
        }
        return destroyData(alsoDisk: id)
    }

    private func judge(
        _ snapshot: Snapshot, of disk: Disk, _ operation: Operation, _ detachedAt: Timestamp?
    ) -> Decision {
        switch snapshot.state {
        case .creating where holds(.snapshotIsAvailable), .locked, .unknown, .deleting:
            let doing = snapshot.state == .creating ? "being cut" : "in state \(snapshot.state.word)"
            return wait("Snapshotting", "snapshot \(snapshot.id) of data disk \(disk.id) is \(doing)")
        case .error:
            return cutAgain(
                disk.id, detachedAt, "snapshot \(snapshot.id) failed; the disk is kept, trying again", isSpoiled: true
            ) {
                $0.condemn(.snapshot(snapshot.id), as: operation, because: .abandoned)
            }
        case .available, .creating:
            guard requires(.sourceIsRight, snapshot.sourceDisk == disk.id),
                requires(.sizeIsRight, snapshot.sizeBytes == disk.sizeBytes)
            else {
                return halt(
                    "SnapshotMismatch",
                    "snapshot \(snapshot.id) does not have the source or size of data disk \(disk.id); the disk is kept. "
                        + "Delete the snapshot by hand, and another is cut"
                )
            }
            return publish("SnapshotVerified", "snapshot \(snapshot.id) is good; disk \(disk.id) can go") { record in
                record.snapshots.append(
                    SnapshotRecord(
                        id: snapshot.id, operation: operation, sourceDisk: disk.id, sizeBytes: snapshot.sizeBytes,
                        createdAt: snapshot.createdAt))
                record.condemn(.disk(disk.id), as: operation, because: .savedIn(snapshot.id))
                record.recondemn(disk.id, savedIn: snapshot.id)
                record.data = .deleting(disk.id, snapshot: snapshot.id, operation, detachedAt: detachedAt)
            }
        }
    }

    private func cutAgain(
        _ disk: DiskID, _ detachedAt: Timestamp?, _ message: String, isSpoiled: Bool = false,
        _ change: (inout Record) -> Void = { _ in }
    ) -> Decision {
        begin(.stop, "SnapshotRetried", message, isSpoiled: isSpoiled) { record, operation in
            change(&record)
            record.data = .snapshotting(disk, operation, detachedAt: detachedAt)
        }
    }

    /// The disk was attached after the cut began: what was cut may not be the newest content.
    private func startOver(_ disk: DiskID) -> Decision {
        begin(.stop, "DiskUsedAgain", "data disk \(disk) was attached again; a new snapshot will be cut") {
            record, operation in record.data = .quiescing(disk, operation)
        }
    }

    func drop(
        _ id: DiskID, savedIn snapshot: SnapshotID, _ operation: Operation, _ detachedAt: Timestamp?
    ) -> Decision? {
        let copy = sighting(snapshot)
        switch sighting(id) {
        case .unknown(let why): return wait("DeletingDataDisk", "data disk \(id) cannot be read: \(why)")
        case .missing:
            guard sighting(id).isGone else { return wait("DeletingDataDisk", "making sure that disk \(id) is gone") }
            return publish("DataInSnapshot", "data disk \(id) is gone; snapshot \(snapshot) holds the data") { record in
                record.condemned.removeAll { $0.resource == .disk(id) }
                record.data = .snapshot(snapshot)
            }
        case .seen(let disk):
            guard requires(.diskIsQuiet, disk.attachment == nil),
                requires(.unusedSinceCut, disk.lastDetachedAt == detachedAt)
            else { return startOver(id) }
            if copy.isGone {
                return cutAgain(id, detachedAt, "snapshot \(snapshot) was deleted by somebody; cutting a new one") {
                    record in
                    record.noteVanished(.snapshot(snapshot))
                    record.snapshots.removeAll { $0.id == snapshot }
                }
            }
            if case .seen(let copy) = copy, copy.state == .error {
                return cutAgain(
                    id, detachedAt, "snapshot \(snapshot) is damaged, says its provider; cutting a new one",
                    isSpoiled: true
                ) { record in
                    record.snapshots.removeAll { $0.id == snapshot }
                    record.condemn(.snapshot(snapshot), as: operation, because: .abandoned)
                }
            }
            guard case .seen(let copy) = copy, requires(.snapshotIsAvailable, copy.state == .available) else {
                return wait("DeletingDataDisk", "disk \(id) is kept: snapshot \(snapshot) cannot be read as available")
            }
            guard requires(.sizeIsRight, copy.sizeBytes == disk.sizeBytes) else {
                return cutAgain(id, detachedAt, "disk \(id) has grown since it was cut; cutting a new snapshot")
            }
            return deletion(of: .disk(id), tags: disk.tags, kind: .stop, isBusy: disk.state == .deleting)
        }
    }
}

extension Record {
    /// A disk that was condemned for an earlier snapshot is now saved in this one.
    fileprivate mutating func recondemn(_ disk: DiskID, savedIn snapshot: SnapshotID) {
        for index in condemned.indices where condemned[index].resource == .disk(disk) {
            condemned[index].ground = .savedIn(snapshot)
        }
    }
}
