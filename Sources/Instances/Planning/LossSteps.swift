/// The end of data: what is gone, and what is given up.
extension Planner {
    func diskLost(_ id: DiskID) -> Decision {
        if goal.data == .destroyed { return destroyData(alsoDisk: nil) }
        if let wait = untilCutIsKnown(of: id) { return wait }
        guard let newest = unverified(cutOf: id) ?? newestLeft else {
            return halt(
                Loss.disk,
                "data disk \(id) is gone and there is no snapshot of it. Nothing is made in its place: bring the disk back, "
                    + "or \(wayToGiveUp)\(copiesGivenUp)")
        }
        guard requires(.olderDataWaits, situation.returnApproval != nil) else {
            let time = newest.createdAt.map { " of \($0)" } ?? ""
            let worth = record.uses(newest.id) ? "holds older content" : "may lack what was written last"
            return halt(
                Loss.disk,
                "data disk \(id) is gone. Snapshot \(newest.id)\(time) \(worth); to go on from it commit with "
                    + "the trailer `Operator-Approve: \(record.name)`")
        }
        if let wait = untilAvailable(newest) { return wait }
        return begin(.start, "RestoringOlder", "approved: going on from snapshot \(newest.id)") { record, operation in
            if !record.uses(newest.id) { record.snapshots.append(newest) }
            record.noteVanished(.disk(id))
            record.data = .restoring(newest.id, operation)
        }
    }

    /// A question that is asked before the newest copy is seen would be about an older one.
    private func untilCutIsKnown(of disk: DiskID) -> Decision? {
        guard case .snapshotting(_, let operation, _) = record.data else { return nil }
        switch creation(snapshots(of: operation, role: .data)) {
        case .found(let cut) where cut.state == .available || cut.state == .error: return nil
        case .found(let cut):
            let doing = cut.state == .creating ? "still being cut" : "in state \(cut.state.word)"
            return wait("Snapshotting", "data disk \(disk) is gone; snapshot \(cut.id) of it is \(doing)")
        case .pending:
            return wait("Snapshotting", "data disk \(disk) is gone; waiting to see whether a snapshot of it was cut")
        case .doubled, .callable, .givenUp: return nil
        }
    }

    /// An approval alone would answer nothing: there is nothing to go on from.
    var wayToGiveUp: String {
        "give the data up by taking dataDisk out of the manifest, in a commit with the trailer `Operator-Approve: "
            + "\(record.name)`"
    }

    /// Copies that are in no question, and that would go with an answer to give the data up: worth a look before.
    var copiesGivenUp: String {
        let strays = record.unrecordedData(in: situation.observation).filter { !$0.isEmpty }.map(\.id)
        let superseded = record.condemned.filter { condemned in
            guard case .snapshot(let id) = condemned.resource, case .supersededBy = condemned.ground else {
                return false
            }
            return seen(id) != nil
        }
        let ids = (strays + superseded.map(\.resource)).map(\.description)
        guard !ids.isEmpty else { return "" }
        return ". That would destroy copies that were given up earlier too: \(ids.joined(separator: ", "))"
    }

    /// What was being cut of a disk when it was lost. Whether the disk was used afterwards nobody can tell any more, so it
    /// is no proof of anything; but it may be all there is.
    private var unverifiedCut: Snapshot? {
        guard case .snapshotting(_, let operation, _) = record.data else { return nil }
        let cut = snapshots(of: operation, role: .data)
        return cut.count == 1 ? cut.first : nil
    }

    private func unverified(cutOf disk: DiskID) -> SnapshotRecord? {
        guard let cut = unverifiedCut, cut.state == .available, let operation = cut.tags?.operation else { return nil }
        return SnapshotRecord(
            id: cut.id, operation: operation, sourceDisk: disk, sizeBytes: cut.sizeBytes, createdAt: cut.createdAt)
    }

    /// Only reached with an approval.
    func destroyData(alsoDisk disk: DiskID?) -> Decision {
        let commit = situation.approval ?? ""
        return begin(.destroy, "DestroyingData", "approved by commit \(commit): the data is destroyed") {
            record, operation in
            if let disk { record.condemn(.disk(disk), as: operation, because: .approved(commit: commit)) }
            for snapshot in record.snapshots {
                record.condemn(.snapshot(snapshot.id), as: operation, because: .approved(commit: commit))
            }
            record.snapshots = []
            record.data = .none
            // Nothing that is left behind could be told from data that somebody wants.
            for resource in strays(besides: record) {
                record.condemn(resource, as: operation, because: .approved(commit: commit))
            }
            // Condemned earlier because of a snapshot that is given up here too, or gone: the approval covers both.
            for index in record.condemned.indices {
                switch record.condemned[index].ground {
                case .supersededBy(let newer), .savedIn(let newer):
                    if !record.uses(newer) { record.condemned[index].ground = .approved(commit: commit) }
                case .unwantedServer, .unneededRoot, .abandoned, .approved: continue
                }
            }
        }
    }

    /// Copies that given-up operations have left, or that were being cut, and that a record does not name. None is newer
    /// than what was recorded: that would have halted the instance.
    private func strays(besides record: Record) -> [ResourceID] {
        record.unrecordedData(in: situation.observation).map(\.id).filter { id in
            guard case .disk(let disk) = id else { return true }
            return seen(disk)?.attachment == nil
        }
    }
}
