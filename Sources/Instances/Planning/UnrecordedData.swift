/// Copies of an instance's data that its record does not name.
///
/// A create call that was given up leaves such copies behind, and they are cleaned up. A record that somebody edited by
/// hand, or a merge of the status branch that went wrong, leaves them too, and then they may be all there is. What tells
/// them apart is the epoch: whatever was made before the newest content that the record names is older than it.
extension Record {
    /// The epoch of the operation that the newest recorded content belongs to; 0 where none is recorded.
    var contentEpoch: Int {
        switch data {
        case .none, .creating: 0
        case .live(_, let operation), .quiescing(_, let operation), .snapshotting(_, let operation, _),
            .deleting(_, _, let operation, _):
            operation.epoch
        case .snapshot(let id), .restoring(let id, _): snapshot(id)?.operation.epoch ?? 0
        }
    }

    /// Whether a disk holds nothing but what it was made with: nothing, or a snapshot that is recorded and still there.
    func holdsNothingOfItsOwn(_ disk: Disk, in observation: Observation) -> Bool {
        guard disk.attachment == nil, disk.lastDetachedAt == nil else { return false }
        guard let source = disk.source else { return true }
        return snapshot(source) != nil && !observation.misses(.snapshot(source))
    }

    /// What carries this instance's tags as data and is neither named here nor being made, in the order of ids.
    ///
    /// - Parameter condemned: what is condemned by its tag, instead of what is not.
    func unrecordedData(
        in observation: Observation, condemned: Bool = false
    ) -> [(id: ResourceID, operation: Operation, isEmpty: Bool)] {
        var found: [(id: ResourceID, operation: Operation, isEmpty: Bool)] = []
        func note(_ id: ResourceID, _ tags: Tags?, isEmpty: @autoclosure () -> Bool) {
            guard let tags, tags.role == .data, tags.condemned == condemned, !names(id),
                !operationsUnderWay.contains(tags.operation)
            else { return }
            found.append((id, tags.operation, isEmpty()))
        }
        for disk in observation.seenDisks {
            note(.disk(disk.id), disk.tags, isEmpty: holdsNothingOfItsOwn(disk, in: observation))
        }
        for snapshot in observation.seenSnapshots {
            note(.snapshot(snapshot.id), snapshot.tags, isEmpty: snapshot.state == .error)
        }
        return found
    }
}

/// A copy that may be newer than everything that the record names says that the record is wrong: to go on would boot old
/// content, or make an empty disk where data was.
func newerUnrecordedData(in situation: Situation, record: Record) -> Explanation? {
    guard record.data != .none || situation.wantsLiveData else { return nil }
    let isLost = record.data.disk.map { situation.observation.misses(.disk($0)) } ?? false
    let newer = record.unrecordedData(in: situation.observation).first { data in
        guard !data.isEmpty else { return false }
        // A disk of the very operation of the recorded one, which is not there, is that one.
        if isLost, case .disk = data.id, data.operation.epoch == record.contentEpoch { return true }
        return data.operation.epoch > record.contentEpoch
    }
    guard holds(.unrecordedDataHalts), let newer else { return nil }
    return Explanation(
        "DataNotInRecord",
        "\(newer.id) carries this instance's tags, may hold newer data than anything in the record, and the record does not "
            + "name it. Nothing is made or deleted: if the status branch was edited, bring the record back or run "
            + "`operator recover`; if this data is not wanted, delete \(newer.id) by hand")
}

extension Situation {
    fileprivate var wantsLiveData: Bool {
        guard case .manifest(let manifest) = desired else { return false }
        return manifest.dataDisk != nil && manifest.runtime.dataDiskState == .live
    }
}
