/// What a provider can do.
public struct Capabilities: Hashable, Sendable {
    /// Data disks can be snapshotted and made from snapshots.
    public var dataDiskSnapshots: Bool
    /// Servers can boot from a disk made from a snapshot of a root disk.
    public var rootDiskSnapshots: Bool
    public var growsDisks: Bool
    public var changesType: Bool
    public var cloudInit: Bool
    public var publicIP: Bool
    public var privateNetworks: Bool
    public var firewall: Bool
    public var protection: Bool
    public var iops: Bool
    /// Zones that exist; empty where they cannot be listed in advance.
    public var zones: [String]

    public init(
        dataDiskSnapshots: Bool, rootDiskSnapshots: Bool, growsDisks: Bool, changesType: Bool, cloudInit: Bool,
        publicIP: Bool, privateNetworks: Bool, firewall: Bool, protection: Bool, iops: Bool, zones: [String]
    ) {
        self.dataDiskSnapshots = dataDiskSnapshots
        self.rootDiskSnapshots = rootDiskSnapshots
        self.growsDisks = growsDisks
        self.changesType = changesType
        self.cloudInit = cloudInit
        self.publicIP = publicIP
        self.privateNetworks = privateNetworks
        self.firewall = firewall
        self.protection = protection
        self.iops = iops
        self.zones = zones
    }
}

/// A field of a manifest that a provider cannot carry out.
public struct ManifestProblem: Hashable, Sendable {
    /// Path of the field, such as `spec.server.type`.
    public var field: String
    public var text: String

    public init(field: String, text: String) {
        self.field = field
        self.text = text
    }
}

/// A server to be made.
public struct ServerSpecification: Hashable, Sendable {
    public enum Boot: Hashable, Sendable {
        /// The provider makes the root disk from the image; bytes, or `nil` for the provider's own size.
        case image(String, rootBytes: Int64?)
        /// An existing disk with role root.
        case disk(DiskID)
    }

    public var name: String
    public var tags: Tags
    public var type: String
    public var boot: Boot
    /// Applied later by a call of its own; what must be known at creation (such as the kind of address) is read here.
    public var configuration: ServerConfiguration

    public init(name: String, tags: Tags, type: String, boot: Boot, configuration: ServerConfiguration) {
        self.name = name
        self.tags = tags
        self.type = type
        self.boot = boot
        self.configuration = configuration
    }
}

/// A disk to be made.
public struct DiskSpecification: Hashable, Sendable {
    public var name: String
    public var tags: Tags
    /// Bytes; at least the size of the source. `nil`: as large as the source.
    public var sizeBytes: Int64?
    /// `nil` makes an empty disk.
    public var source: SnapshotID?
    public var iops: Int?

    public init(name: String, tags: Tags, sizeBytes: Int64?, source: SnapshotID?, iops: Int? = nil) {
        self.name = name
        self.tags = tags
        self.sizeBytes = sizeBytes
        self.source = source
        self.iops = iops
    }
}

/// A snapshot to be cut.
public struct SnapshotSpecification: Hashable, Sendable {
    public var name: String
    public var tags: Tags
    public var disk: DiskID

    public init(name: String, tags: Tags, disk: DiskID) {
        self.name = name
        self.tags = tags
        self.disk = disk
    }
}
