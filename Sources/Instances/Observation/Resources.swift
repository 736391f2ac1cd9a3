/// A server as a provider answered it.
public struct Server: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        case starting
        /// Powered on. Whether the guest is ready is ``Server/guestReady``.
        case running
        case stopping
        /// Powered off and released: its disks can be detached and it can be deleted.
        case stopped
        /// The guest shut itself down; the machine is kept and billed. Needs a power off to become ``stopped``.
        case stoppedInPlace
        /// Powered on and at a standstill, for this reason: paused, crashed, deaf. Its power can be cut.
        case unresponsive(String)
        /// Held by the provider; nothing can be done with it.
        case locked
        case deleting
        /// A word that we do not know. Never taken for any of the above.
        case unknown(String)
    }

    public var id: ServerID
    public var name: String
    /// `nil`: not made by the operator.
    public var tags: Tags?
    public var state: State
    public var type: String
    /// `true` once the guest has said so, `false` while it boots, `nil` where the provider cannot know.
    public var guestReady: Bool?
    public var bootDisk: DiskID?
    public var publicIPv4: String?
    /// ``ServerConfiguration/digest`` of what was applied last and is still in place; `nil`: not or only partly applied.
    public var configurationDigest: String?
    public var createdAt: Timestamp?

    public init(
        id: ServerID, name: String, tags: Tags?, state: State, type: String, guestReady: Bool? = nil,
        bootDisk: DiskID? = nil, publicIPv4: String? = nil, configurationDigest: String? = nil,
        createdAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.tags = tags
        self.state = state
        self.type = type
        self.guestReady = guestReady
        self.bootDisk = bootDisk
        self.publicIPv4 = publicIPv4
        self.configurationDigest = configurationDigest
        self.createdAt = createdAt
    }
}

/// A disk as a provider answered it.
public struct Disk: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        case creating
        /// Settled and attached to nothing.
        case available
        /// Attached, being attached or being detached; see ``Disk/attachment``.
        case attached
        /// Changing size, being snapshotted and the like: settles by itself.
        case busy
        case deleting
        case error
        case locked
        case unknown(String)
    }

    public struct Attachment: Hashable, Sendable {
        public enum Phase: Hashable, Sendable { case attaching, attached, detaching }
        public var server: ServerID
        public var phase: Phase

        public init(server: ServerID, phase: Phase) {
            self.server = server
            self.phase = phase
        }
    }

    public var id: DiskID
    public var name: String
    public var tags: Tags?
    public var state: State
    public var sizeBytes: Int64
    public var attachment: Attachment?
    /// The snapshot that it was made from.
    public var source: SnapshotID?
    /// When it was last detached; changes with every detach. `nil`: never attached.
    public var lastDetachedAt: Timestamp?
    public var iops: Int?
    public var createdAt: Timestamp?

    public init(
        id: DiskID, name: String, tags: Tags?, state: State, sizeBytes: Int64, attachment: Attachment? = nil,
        source: SnapshotID? = nil, lastDetachedAt: Timestamp? = nil, iops: Int? = nil, createdAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.tags = tags
        self.state = state
        self.sizeBytes = sizeBytes
        self.attachment = attachment
        self.source = source
        self.lastDetachedAt = lastDetachedAt
        self.iops = iops
        self.createdAt = createdAt
    }
}

/// A snapshot as a provider answered it.
public struct Snapshot: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        case creating
        case available
        case deleting
        case error
        case locked
        case unknown(String)
    }

    public var id: SnapshotID
    public var name: String
    public var tags: Tags?
    public var state: State
    public var sizeBytes: Int64
    /// The disk it was cut from; `nil` once that disk is deleted, with some providers.
    public var sourceDisk: DiskID?
    public var createdAt: Timestamp?
    /// Something of somebody else's rests on it, so that the provider would refuse to delete it.
    public var isLinked: Bool

    public init(
        id: SnapshotID, name: String, tags: Tags?, state: State, sizeBytes: Int64, sourceDisk: DiskID?,
        createdAt: Timestamp? = nil, isLinked: Bool = false
    ) {
        self.id = id
        self.name = name
        self.tags = tags
        self.state = state
        self.sizeBytes = sizeBytes
        self.sourceDisk = sourceDisk
        self.createdAt = createdAt
        self.isLinked = isLinked
    }
}

/// What a server needs besides disks and outlives it: a reserved address, a firewall.
public struct Companion: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case address, firewall, privateNetwork }

    public var id: CompanionID
    public var kind: Kind
    public var name: String
    public var tags: Tags?
    public var usedBy: ServerID?

    public init(id: CompanionID, kind: Kind, name: String, tags: Tags?, usedBy: ServerID? = nil) {
        self.id = id
        self.kind = kind
        self.name = name
        self.tags = tags
        self.usedBy = usedBy
    }
}

/// One gigabyte as manifests and clouds count it: 10^9 bytes.
public let bytesInGigabyte: Int64 = 1_000_000_000
