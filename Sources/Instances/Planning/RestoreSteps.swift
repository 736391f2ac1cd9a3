/// The way of the data from a snapshot back to a disk.
extension Planner {
    func stored(_ id: SnapshotID) -> Decision? {
        switch sighting(id) {
        case .unknown(let why): return wait(Loss.undecided.snapshot, "snapshot \(id) cannot be read: \(why)")
        case .missing:
            return sighting(id).isGone
                ? snapshotLost(id) : wait(Loss.undecided.snapshot, "snapshot \(id) is not listed")
        case .seen(let snapshot) where isDamaged(snapshot) && goal.data != .destroyed:
            return halt(
                "SnapshotDamaged",
                "snapshot \(id), which holds the data, is damaged, says its provider; nothing is made from it or deleted: "
                    + "mend it, or delete it by hand to go on from an older one with an approval")
        case .seen:
            switch goal.data {
            case .snapshot, .none: return nil
            case .destroyed: return destroyData(alsoDisk: nil)
            case .live:
                return begin(.start, "Restoring", "making a data disk from snapshot \(id)") { record, operation in
                    record.data = .restoring(id, operation)
                }
            }
        }
    }

    private func isDamaged(_ snapshot: Snapshot) -> Bool {
        holds(.damagedSnapshotHalts) && snapshot.state == .error
    }

    private func snapshotLost(_ id: SnapshotID) -> Decision {
        if goal.data == .destroyed { return destroyData(alsoDisk: nil) }
        let older = newestLeft
        let rest =
            older.map {
                "Snapshot \($0.id) holds older content; to go on from it commit with the trailer "
                    + "`Operator-Approve: \(record.name)`"
            }
            ?? "Nothing is made in its place: bring it back, or \(wayToGiveUp)\(copiesGivenUp)"
        guard let older, requires(.olderDataWaits, situation.returnApproval != nil) else {
            return halt(Loss.snapshot, "snapshot \(id), which held the data, is gone. \(rest)")
        }
        if let wait = untilAvailable(older) { return wait }
        return publish("GoingOnFromOlder", "approved: going on from snapshot \(older.id)") { record in
            record.snapshots.removeAll { $0.id == id }
            record.noteVanished(.snapshot(id))
            record.data = .snapshot(older.id)
        }
    }

    /// The snapshot that a person is asked to go on from: also where it cannot be read at the moment, so that an approval
    /// never means an older one than was named.
    var newestLeft: SnapshotRecord? {
        record.snapshots.last { !sighting($0.id).isGone && seen($0.id)?.state != .error }
    }

    func untilAvailable(_ snapshot: SnapshotRecord) -> Decision? {
        guard seen(snapshot.id)?.state != .available else { return nil }
        return wait(
            Loss.undecided.snapshot, "approved, but snapshot \(snapshot.id) cannot be read as available at the moment")
    }

    func restore(_ id: SnapshotID, _ operation: Operation) -> Decision? {
        let made = disks(of: operation, role: .data)
        // One that was used holds newer content than the snapshot: the status branch was rolled back, and goes on from it.
        let isUsed = holds(.usedRestoreIsKept) && made.contains { $0.attachment != nil || $0.lastDetachedAt != nil }
        if goal.data == .snapshot || goal.data == .destroyed, !isUsed {
            // What lands after the snapshot is given up could not be told from data that somebody wants.
            if goal.data == .destroyed, case .pending = creation(made) {
                return wait("Restoring", "waiting to see whether the data disk was made")
            }
            return publish("RestoreCancelled", "the data is wanted in its snapshot again") { $0.data = .snapshot(id) }
        }
        switch creation(made) {
        case .doubled: return doubled("data disks", operation)
        case .found(let disk):
            let isRight =
                disk.source == id
                && requires(.sizeIsRight, disk.sizeBytes >= (record.snapshot(id)?.sizeBytes ?? 0))
            return adopt(disk, operation, then: { $0.data = .snapshot(id) }, verified: isRight)
        case .callable: return createFromSnapshot(id, operation)
        case .pending: return wait("Restoring", "waiting to see whether the data disk was made")
        case .givenUp:
            return publish("DataDiskNotMade", "the data disk was not made; trying again") { $0.data = .snapshot(id) }
        }
    }

    private func createFromSnapshot(_ id: SnapshotID, _ operation: Operation) -> Decision {
        switch sighting(id) {
        case .missing where sighting(id).isGone:
            return publish("SnapshotMissing", "snapshot \(id) is gone") {
                $0.data = .snapshot(id)
            }
        case .seen(let snapshot) where isDamaged(snapshot):
            return publish("SnapshotDamaged", "snapshot \(id) is damaged, says its provider") {
                $0.data = .snapshot(id)
            }
        case .seen(let snapshot) where snapshot.state == .available:
            let bytes = wantedDataBytes.map { max($0, snapshot.sizeBytes) }
            let specification = DiskSpecification(
                name: "\(record.name)-data", tags: tags(.data, operation), sizeBytes: bytes, source: id,
                iops: goal.manifest?.dataDisk?.iops)
            return act(.start, .createDisk(specification), "Restoring", "making a data disk from snapshot \(id)")
        default:
            return wait("Restoring", "snapshot \(id) cannot be read as available")
        }
    }
}
