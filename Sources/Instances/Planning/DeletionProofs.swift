/// Why a deletion was not permitted, for people.
public struct ProofRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// Permission to delete one server. Only a fresh read and the record can make one.
public struct ServerDeletionProof: Hashable, Sendable {
    public let server: ServerID

    /// - Parameters:
    ///   - record: as it stands at the head of the status branch; it condemns the server.
    ///   - fresh: read by id in the same step as the deletion.
    ///   - data: a fresh read of the recorded data disk; `nil` where there is none.
    public init(record: Record, fresh: Server, data: Disk?) throws(ProofRefusal) {
        server = fresh.id
        guard holds(.freshProof) else { return }
        try requireCondemned(.server(fresh.id), tags: fresh.tags, role: .server, in: record)
        guard fresh.state == .stopped else { throw ProofRefusal("\(fresh.id) is not stopped") }
        guard record.server.id != fresh.id else { throw ProofRefusal("\(fresh.id) is still in use by the record") }
        if let data, data.attachment?.server == fresh.id {
            throw ProofRefusal("data disk \(data.id) is still attached to server \(fresh.id)")
        }
    }
}

/// Permission to delete one disk: the proof that its content exists elsewhere, or never mattered.
public struct DiskDeletionProof: Hashable, Sendable {
    public let disk: DiskID

    /// - Parameters:
    ///   - record: as it stands at the head of the status branch; it condemns the disk.
    ///   - fresh: the disk, read by id in the same step as the deletion.
    ///   - copy: what the record names instead of it, read likewise; `nil` where it names nothing or nothing was found.
    public init(record: Record, fresh: Disk, copy: DataCopy?) throws(ProofRefusal) {
        disk = fresh.id
        guard holds(.freshProof) else { return }
        let resource = ResourceID.disk(fresh.id)
        let condemned = try requireCondemned(resource, tags: fresh.tags, role: nil, in: record)
        guard requires(.diskIsQuiet, fresh.attachment == nil), fresh.state == .available || fresh.state == .error else {
            throw ProofRefusal("\(resource) is still attached or busy")
        }
        switch condemned.ground {
        case .savedIn(let id):
            guard case .snapshot(let snapshot)? = copy else { throw ProofRefusal("snapshot \(id) was not read") }
            try Self.requireSaved(fresh, in: snapshot, recorded: id, record: record)
        case .unneededRoot:
            guard fresh.tags?.role == .root, record.root.id != fresh.id else {
                throw ProofRefusal("\(resource) is not a root disk that can go")
            }
        case .abandoned:
            guard record.data.disk != fresh.id, record.root.id != fresh.id,
                requires(.abandonedNeverUsed, fresh.lastDetachedAt == nil)
            else {
                throw ProofRefusal("\(resource) was in use")
            }
            try requireMadeUpFor(condemned, tags: fresh.tags, by: copy, record: record)
        case .approved:
            guard record.data.disk != fresh.id else { throw ProofRefusal("\(resource) is still in use by the record") }
        case .supersededBy, .unwantedServer:
            throw ProofRefusal("\(resource) was condemned for a reason that fits no disk")
        }
    }

    private static func requireSaved(
        _ disk: Disk, in snapshot: Snapshot, recorded id: SnapshotID, record: Record
    ) throws(ProofRefusal) {
        guard case .deleting(disk.id, snapshot: id, _, let detachedAt) = record.data else {
            throw ProofRefusal("the record does not say that disk \(disk.id) is saved in snapshot \(id)")
        }
        guard snapshot.id == id else { throw ProofRefusal("snapshot \(id) was not read") }
        guard requires(.snapshotIsAvailable, snapshot.state == .available) else {
            throw ProofRefusal("snapshot \(id) is not available")
        }
        guard snapshot.tags?.instance == record.uid, snapshot.tags?.condemned == false else {
            throw ProofRefusal("snapshot \(id) is not this instance's")
        }
        guard requires(.sourceIsRight, snapshot.sourceDisk == disk.id) else {
            throw ProofRefusal("snapshot \(id) is of another disk")
        }
        guard requires(.sizeIsRight, snapshot.sizeBytes == disk.sizeBytes) else {
            throw ProofRefusal("snapshot \(id) has another size")
        }
        guard requires(.unusedSinceCut, disk.lastDetachedAt == detachedAt) else {
            throw ProofRefusal("disk \(disk.id) was attached again after snapshot \(id) was cut")
        }
    }
}

/// Permission to delete one snapshot: the proof that a newer one is good, or that its content never mattered.
public struct SnapshotDeletionProof: Hashable, Sendable {
    public let snapshot: SnapshotID

    /// - Parameters:
    ///   - record: as it stands at the head of the status branch; it condemns the snapshot.
    ///   - fresh: read by id in the same step as the deletion.
    ///   - copy: what the record names instead of it, read likewise; `nil` where it names nothing or nothing was found.
    public init(record: Record, fresh: Snapshot, copy: DataCopy?) throws(ProofRefusal) {
        snapshot = fresh.id
        guard holds(.freshProof) else { return }
        let resource = ResourceID.snapshot(fresh.id)
        let condemned = try requireCondemned(resource, tags: fresh.tags, role: nil, in: record)
        guard !record.uses(fresh.id) else { throw ProofRefusal("\(resource) is still in use by the record") }
        switch condemned.ground {
        case .supersededBy(let id) where record.uses(id):
            guard record.isMadeUpFor(condemned, role: fresh.tags?.role, by: copy) else {
                throw ProofRefusal("snapshot \(id), which is to replace \(fresh.id), is not good")
            }
        case .supersededBy, .abandoned:
            try requireMadeUpFor(condemned, tags: fresh.tags, by: copy, record: record)
        case .approved:
            break
        case .savedIn, .unwantedServer, .unneededRoot:
            throw ProofRefusal("\(resource) was condemned for a reason that fits no snapshot")
        }
    }
}

extension Record {
    /// Whether a snapshot is one that the instance could be restored from.
    func uses(_ snapshot: SnapshotID) -> Bool {
        snapshots.contains { $0.id == snapshot } || rootSnapshot.verified?.id == snapshot
    }
}

/// What is condemned may be all there is, if somebody deleted what the record names since.
private func requireMadeUpFor(
    _ condemned: Condemned, tags: Tags?, by copy: DataCopy?, record: Record
) throws(ProofRefusal) {
    guard requires(.holderIsRead, record.isMadeUpFor(condemned, role: tags?.role, by: copy)) else {
        let why =
            record.copy(insteadOf: condemned).map {
                "\($0), which the record says holds the data, is not there or not good"
            }
            ?? "the record names nothing that holds the data"
        throw ProofRefusal("\(why): \(condemned.resource) is kept")
    }
}

/// What every deletion needs: the record and the resource's own tag both condemn it, and it is this instance's.
@discardableResult
private func requireCondemned(
    _ resource: ResourceID, tags: Tags?, role: Tags.Role?, in record: Record
) throws(ProofRefusal) -> Condemned {
    guard let condemned = record.condemned.first(where: { $0.resource == resource }) else {
        throw ProofRefusal("the record does not condemn \(resource)")
    }
    guard let tags, tags.instance == record.uid, role == nil || tags.role == role else {
        throw ProofRefusal("\(resource) is not this instance's")
    }
    guard requires(.condemnedByTag, tags.condemned) else {
        throw ProofRefusal("\(resource) does not carry the tag that condemns it")
    }
    return condemned
}
