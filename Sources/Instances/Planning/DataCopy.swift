/// A copy of the data that is to outlive a deletion, as it was read just before.
public enum DataCopy: Hashable, Sendable {
    case disk(Disk)
    case snapshot(Snapshot)

    public var id: ResourceID {
        switch self {
        case .disk(let disk): .disk(disk.id)
        case .snapshot(let snapshot): .snapshot(snapshot.id)
        }
    }

    private var tags: Tags? {
        switch self {
        case .disk(let disk): disk.tags
        case .snapshot(let snapshot): snapshot.tags
        }
    }

    private var isWhole: Bool {
        switch self {
        case .disk(let disk): [.available, .attached, .busy, .locked].contains(disk.state)
        case .snapshot(let snapshot): snapshot.state == .available
        }
    }

    /// Whether a record can count on it.
    fileprivate func isGood(for record: Record) -> Bool {
        isWhole && tags?.instance == record.uid && tags?.condemned == false
    }
}

extension Record {
    /// What holds the newest content of the data; `nil` where the record knows of none.
    private var dataHolder: ResourceID? {
        switch data {
        case .none, .creating: nil
        case .live(let disk, _), .quiescing(let disk, _), .snapshotting(let disk, _, _): .disk(disk)
        case .deleting(_, let snapshot, _, _), .snapshot(let snapshot), .restoring(let snapshot, _): .snapshot(snapshot)
        }
    }

    /// What has to be read by id, beside the condemned resource itself, before that is deleted: the copy that makes up
    /// for it. `nil` where its content does not count.
    public func copy(insteadOf condemned: Condemned) -> ResourceID? {
        switch condemned.ground {
        case .savedIn(let snapshot): .snapshot(snapshot)
        // One that has since been deleted, or given up, supersedes nothing any more; what came after it does.
        case .supersededBy(let snapshot): uses(snapshot) ? .snapshot(snapshot) : dataHolder
        case .abandoned: dataHolder
        case .unwantedServer, .unneededRoot, .approved: nil
        }
    }

    /// Whether what was abandoned or superseded is no more than a copy: somebody may have deleted the original since.
    ///
    /// - Parameters:
    ///   - role: of the condemned resource; only data is made up for.
    ///   - copy: what ``copy(insteadOf:)`` names, as it was seen; `nil` where it was not.
    func isMadeUpFor(_ condemned: Condemned, role: Tags.Role?, by copy: DataCopy?) -> Bool {
        switch condemned.ground {
        case .savedIn, .unwantedServer, .unneededRoot, .approved: return true
        case .supersededBy(let newer) where uses(newer): break
        case .supersededBy: if role != .data { return true }
        // Where there never was any data, nothing was lost with it.
        case .abandoned: if role != .data || dataHolder == nil { return true }
        }
        guard let copy, copy.id == self.copy(insteadOf: condemned) else { return false }
        return copy.isGood(for: self)
    }
}
