/// The way of the data between disk and snapshot. Every case is a place that a crash can leave it in.
extension Planner {
    func dataStep() -> Decision? {
        switch record.data {
        case .none: beginCreating()
        case .creating(let operation): create(operation)
        case .live(let disk, _): live(disk)
        case .quiescing(let disk, let operation): quiesce(disk, operation)
        case .snapshotting(let disk, let operation, let detachedAt): cut(disk, operation, detachedAt)
        case .deleting(let disk, let snapshot, let operation, let detachedAt):
            drop(disk, savedIn: snapshot, operation, detachedAt)
        case .snapshot(let snapshot): stored(snapshot)
        case .restoring(let snapshot, let operation): restore(snapshot, operation)
        }
    }

    // MARK: The first disk

    private func beginCreating() -> Decision? {
        guard goal.data == .live else { return nil }
        guard requires(.namesakesHalt, situation.observation.namesakes.isEmpty) else {
            return .halt(unknownNamesakes(situation))
        }
        return begin(.start, "CreatingDataDisk", "making an empty data disk") { record, operation in
            record.data = .creating(operation)
        }
    }

    private func create(_ operation: Operation) -> Decision? {
        switch creation(disks(of: operation, role: .data)) {
        case .doubled:
            return doubled("data disks", operation)
        case .found(let disk):
            return adopt(disk, operation, then: { $0.data = .none }, verified: true)
        case .callable where goal.data != .live:
            return publish("DataDiskNotNeeded", "the data disk is not wanted any more") { $0.data = .none }
        case .callable:
            let specification = DiskSpecification(
                name: "\(record.name)-data", tags: tags(.data, operation), sizeBytes: wantedDataBytes, source: nil,
                iops: goal.manifest?.dataDisk?.iops)
            return act(.start, .createDisk(specification), "CreatingDataDisk", "making an empty data disk")
        case .pending:
            return wait("CreatingDataDisk", "waiting to see whether the data disk was made")
        case .givenUp:
            return publish("DataDiskNotMade", "the data disk was not made; trying again") { $0.data = .none }
        }
    }

    /// Records a disk that an operation made, once it is ready.
    func adopt(
        _ disk: Disk, _ operation: Operation, then fallBack: (inout Record) -> Void, verified: Bool
    ) -> Decision {
        switch disk.state {
        case .creating where holds(.diskIsReady), .busy, .deleting, .locked, .unknown:
            return wait("CreatingDataDisk", "data disk \(disk.id) is being made")
        case .available, .attached, .creating:
            guard verified else {
                return halt(
                    "DiskMismatch",
                    "disk \(disk.id) does not have the source or size it was made with, so it is neither used nor deleted: "
                        + "if it holds nothing that counts, delete it by hand, and another is made")
            }
            // Only a mutant: a server that is there gets the disk before the record says so.
            if !holds(.recordedBeforeUse), let server, server.state == .stopped, let step = attach(disk, to: server) {
                return step
            }
            return publish("DataDiskReady", "data disk \(disk.id) is ready") { $0.data = .live(disk.id, operation) }
        case .error:
            return publish("DataDiskFailed", "data disk \(disk.id) could not be made; trying again", isSpoiled: true) {
                record in
                record.condemn(.disk(disk.id), as: operation, because: .abandoned)
                fallBack(&record)
            }
        }
    }

    var wantedDataBytes: Int64? { goal.manifest?.dataDisk.map { Int64($0.sizeGB) * bytesInGigabyte } }

    // MARK: Live

    private func live(_ id: DiskID) -> Decision? {
        switch sighting(id) {
        case .unknown(let why): return wait(Loss.undecided.disk, "data disk \(id) cannot be read: \(why)")
        case .missing:
            return sighting(id).isGone ? diskLost(id) : wait(Loss.undecided.disk, "data disk \(id) is not listed")
        case .seen(let disk):
            if holds(.diskElsewhereHalts), let attachment = disk.attachment, !isOurs(attachment.server) {
                // A server of this instance that was given up, because it seemed to be gone: it goes first.
                if isAbandoned(attachment.server), let step = condemnAbandonedServers() { return step }
                return halt("DataDiskElsewhere", elsewhere(id, attachment.server))
            }
            // Damage does not stand in the way of a person who gives the data up.
            return isDamaged(disk) && goal.data != .destroyed ? damaged(disk) : leaveLive(disk)
        }
    }

    private func leaveLive(_ disk: Disk) -> Decision? {
        switch goal.data {
        case .live, .none: return nil
        case .snapshot:
            return begin(.stop, "Stopping", "the data disk is to become a snapshot") { record, operation in
                record.data = .quiescing(disk.id, operation)
            }
        case .destroyed:
            return destroyData(alsoDisk: disk.id)
        }
    }

    /// Whether the record names a server, or awaits it: where the status branch was rolled back it may be in use already.
    func isOurs(_ server: ServerID) -> Bool {
        if case .creating(let operation) = record.server, servers(of: operation).contains(where: { $0.id == server }) {
            return true
        }
        return record.server.id == server || record.condemns(.server(server))
    }

    func elsewhere(_ disk: DiskID, _ server: ServerID) -> String {
        "data disk \(disk) is attached to server \(server), which is not this instance's: detach it"
    }

    func isDamaged(_ disk: Disk) -> Bool { holds(.damagedDiskHalts) && disk.state == .error }

    func damaged(_ disk: Disk) -> Decision {
        halt(
            "DataDiskDamaged",
            "data disk \(disk.id) is damaged, says its provider; nothing is done to it and no snapshot is replaced: mend it, "
                + "or delete it by hand to go on from the newest snapshot with an approval")
    }

    func unseenDisk(_ id: DiskID) -> Decision {
        switch sighting(id) {
        case .unknown(let why): wait(Loss.undecided.disk, "data disk \(id) cannot be read: \(why)")
        default: sighting(id).isGone ? diskLost(id) : wait(Loss.undecided.disk, "data disk \(id) is not listed")
        }
    }
}
