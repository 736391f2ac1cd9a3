/// What the status branch remembers of one instance: enough to go on after any crash, and to refuse when the cloud and
/// the memory disagree.
///
/// Its parts are sum types, so that a state that makes no sense cannot be written down.
public struct Record: Hashable, Sendable {
    /// How many past operations are remembered, besides those that something which was seen still carries. A request
    /// of an operation older than these that lands after all makes the instance halt instead of being cleaned up;
    /// requests that late have never been seen.
    public static let operationsRemembered = 32
    /// How many vanished resources are remembered.
    public static let vanishedRemembered = 32

    public var uid: InstanceUID
    public var name: InstanceName
    public var provider: String
    /// The provider's account that everything was made in.
    public var account: String
    public var zone: String
    /// Every operation that may have made something, oldest first; the last is the current one.
    public var operations: [Operation]
    public var server: ServerRecord
    public var root: RootRecord
    public var data: DataRecord
    /// Verified snapshots of the data disk, oldest first. The last one is the newest content, unless the data is live.
    public var snapshots: [SnapshotRecord]
    public var rootSnapshot: RootSnapshotRecord
    /// To be deleted, never to be used again.
    public var condemned: [Condemned]
    /// What was recorded here until its provider did not find it any more, oldest first. It may come back, from a support
    /// desk or after a mistake of the provider: then it is nobody's left-over, and is never condemned without an approval.
    public var vanished: [ResourceID] = []
    /// What is going on: published before the first call that changes anything, taken out when settled.
    public var activity: Activity?
    /// What the last manifest said, for the time when there is none.
    public var deletionPolicy: DeletionPolicy

    public init(
        uid: InstanceUID, name: InstanceName, provider: String, account: String, zone: String,
        operations: [Operation] = [], server: ServerRecord = .absent, root: RootRecord = .absent,
        data: DataRecord = .none, snapshots: [SnapshotRecord] = [], rootSnapshot: RootSnapshotRecord = .none,
        condemned: [Condemned] = [], activity: Activity? = nil, deletionPolicy: DeletionPolicy = .retain
    ) {
        self.uid = uid
        self.name = name
        self.provider = provider
        self.account = account
        self.zone = zone
        self.operations = operations
        self.server = server
        self.root = root
        self.data = data
        self.snapshots = snapshots
        self.rootSnapshot = rootSnapshot
        self.condemned = condemned
        self.activity = activity
        self.deletionPolicy = deletionPolicy
    }

    /// The epoch of the current operation; 0 before the first.
    public var epoch: Int { operations.last?.epoch ?? 0 }

    /// Whether losing everything that is recorded would lose data.
    public var holdsData: Bool {
        switch data {
        case .none, .creating: !snapshots.isEmpty
        default: true
        }
    }

    /// Whether nothing is left that a provider holds.
    public var isEmpty: Bool {
        server == .absent && root == .absent && data == .none && snapshots.isEmpty && rootSnapshot == .none
            && condemned.isEmpty
    }

    /// Starts a new operation, which becomes the current one.
    ///
    /// - Parameter carried: operations that something still carries; they are not forgotten.
    public mutating func begin(nonce: String, keeping carried: Set<Operation>) -> Operation {
        let operation = Operation(epoch: epoch + 1, nonce: nonce)
        let recent = operations.suffix(Self.operationsRemembered - 1)
        operations = operations.dropLast(recent.count).filter(carried.contains) + recent + [operation]
        return operation
    }

    /// The recorded snapshot of the data that has this id.
    func snapshot(_ id: SnapshotID) -> SnapshotRecord? { snapshots.first { $0.id == id } }

    public func condemns(_ resource: ResourceID) -> Bool { condemned.contains { $0.resource == resource } }

    public mutating func condemn(_ resource: ResourceID, as operation: Operation, because ground: Condemned.Ground) {
        guard !condemns(resource) else { return }
        vanished.removeAll { $0 == resource }
        condemned.append(Condemned(resource: resource, operation: operation, ground: ground))
    }

    /// Notes that something recorded is not there any more. What the record says of it is the caller's to change.
    package mutating func noteVanished(_ resource: ResourceID) {
        vanished = vanished.filter { $0 != resource }.suffix(Self.vanishedRemembered - 1) + [resource]
    }
}

public enum ServerRecord: Hashable, Sendable {
    case absent
    /// The call that makes it may have been sent.
    case creating(Operation)
    case present(ServerID, Operation)

    public var id: ServerID? {
        guard case .present(let id, _) = self else { return nil }
        return id
    }
}

/// The disk that the server boots from.
public enum RootRecord: Hashable, Sendable {
    case absent
    /// Being made from the root snapshot, for the next server.
    case creating(Operation, from: SnapshotID)
    /// `image` is what the manifest said when it was first made.
    case present(DiskID, Operation, image: String)

    public var id: DiskID? {
        guard case .present(let id, _, _) = self else { return nil }
        return id
    }
}

/// Where the newest content of the data disk is, or how far it is on its way between disk and snapshot.
public enum DataRecord: Hashable, Sendable {
    /// There never was any, or it was destroyed by an approved commit.
    case none
    /// An empty disk is being made.
    case creating(Operation)
    case live(DiskID, Operation)
    /// Being taken from its server, to be snapshotted.
    case quiescing(DiskID, Operation)
    /// Detached since `detachedAt`; the snapshot is being cut under the operation.
    case snapshotting(DiskID, Operation, detachedAt: Timestamp?)
    /// The snapshot is verified and holds the newest content; the disk is condemned.
    case deleting(DiskID, snapshot: SnapshotID, Operation, detachedAt: Timestamp?)
    /// The newest content is in the snapshot; there is no disk.
    case snapshot(SnapshotID)
    /// A disk is being made from the snapshot.
    case restoring(SnapshotID, Operation)

    /// The disk that is on its way to a snapshot, whose attachment has to be known for sure.
    public var leavingDisk: DiskID? {
        switch self {
        case .quiescing, .snapshotting, .deleting: disk
        case .none, .creating, .live, .snapshot, .restoring: nil
        }
    }

    /// The disk that holds, or until now held, the newest content.
    public var disk: DiskID? {
        switch self {
        case .live(let id, _), .quiescing(let id, _), .snapshotting(let id, _, _), .deleting(let id, _, _, _): id
        case .none, .creating, .snapshot, .restoring: nil
        }
    }
}

public enum RootSnapshotRecord: Hashable, Sendable {
    case none
    /// The server is being powered off, the snapshot cut, the server powered on again. `replacing` stays until then.
    case cutting(Operation, replacing: SnapshotRecord?)
    case ready(SnapshotRecord)

    /// The verified snapshot that servers can boot from.
    public var verified: SnapshotRecord? {
        switch self {
        case .none: nil
        case .cutting(_, let replacing): replacing
        case .ready(let snapshot): snapshot
        }
    }
}

/// A snapshot that was read as available, with the right parent and size.
public struct SnapshotRecord: Hashable, Sendable {
    public var id: SnapshotID
    public var operation: Operation
    public var sourceDisk: DiskID
    public var sizeBytes: Int64
    public var createdAt: Timestamp?
    /// Of a root disk: the image that it once came from.
    public var image: String?

    public init(
        id: SnapshotID, operation: Operation, sourceDisk: DiskID, sizeBytes: Int64, createdAt: Timestamp?,
        image: String? = nil
    ) {
        self.id = id
        self.operation = operation
        self.sourceDisk = sourceDisk
        self.sizeBytes = sizeBytes
        self.createdAt = createdAt
        self.image = image
    }
}

/// A resource that will be deleted, and why that loses nothing.
public struct Condemned: Hashable, Sendable {
    public enum Ground: Hashable, Sendable {
        /// A data disk whose content this snapshot holds.
        case savedIn(SnapshotID)
        /// A snapshot that is older than this verified one.
        case supersededBy(SnapshotID)
        /// A server that is not wanted, or whose creation was given up. Servers hold no data.
        case unwantedServer
        /// The root disk of a server that is gone.
        case unneededRoot
        /// Made by an operation that was given up, and never used.
        case abandoned
        /// A commit with an approval said so.
        case approved(commit: String)
    }

    public var resource: ResourceID
    /// The operation that condemned it.
    public var operation: Operation
    public var ground: Ground

    public init(resource: ResourceID, operation: Operation, ground: Ground) {
        self.resource = resource
        self.operation = operation
        self.ground = ground
    }
}

/// The intent that is published before anything is changed.
public struct Activity: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case start, stop, change, snapshotRoot, grow, cleanUp, destroy
    }

    public var kind: Kind
    public var operation: Operation
    public var since: Timestamp

    public init(kind: Kind, operation: Operation, since: Timestamp) {
        self.kind = kind
        self.operation = operation
        self.since = since
    }
}
