/// What a person asks for: one document of kind `Instance`. Decoded strictly; every field has its value.
public struct Manifest: Hashable, Sendable {
    public var name: InstanceName
    public var labels: [String: String]
    /// `local`, `scaleway`, or the name of an account that the host's configuration defines.
    public var provider: String
    public var zone: String
    public var server: ServerManifest
    public var rootDisk: RootDiskManifest
    public var dataDisk: DataDiskManifest?
    public var deletionPolicy: DeletionPolicy
    public var suspend: Suspension?
    public var runtime: Runtime
    /// Where it was read, for diagnostics about its relation to what exists.
    public var source: ManifestSource

    public init(
        name: InstanceName, labels: [String: String] = [:], provider: String, zone: String, server: ServerManifest,
        rootDisk: RootDiskManifest = RootDiskManifest(), dataDisk: DataDiskManifest? = nil,
        deletionPolicy: DeletionPolicy = .retain, suspend: Suspension? = nil, runtime: Runtime = Runtime(),
        source: ManifestSource = ManifestSource()
    ) {
        self.name = name
        self.labels = labels
        self.provider = provider
        self.zone = zone
        self.server = server
        self.rootDisk = rootDisk
        self.dataDisk = dataDisk
        self.deletionPolicy = deletionPolicy
        self.suspend = suspend
        self.runtime = runtime
        self.source = source
    }
}

/// `spec.server`.
public struct ServerManifest: Hashable, Sendable {
    /// The provider's name of a machine size: `L4-1-24G`, or `c1-m256` of the local provider.
    public var type: String
    /// The provider's name of an image; never a path or a URL.
    public var image: String
    public var whenDisabled: WhenDisabled
    /// Given to the guest at its first boot.
    public var cloudInit: String?
    public var publicIP: PublicIP
    /// Names of private networks, found or created, in the order of the interfaces.
    public var privateNetworks: [String]
    public var firewall: Firewall?
    /// The provider's own protection against power off and deletion by hand.
    public var protected: Bool

    public init(
        type: String, image: String, whenDisabled: WhenDisabled = .delete, cloudInit: String? = nil,
        publicIP: PublicIP = .dynamic, privateNetworks: [String] = [], firewall: Firewall? = nil,
        protected: Bool = false
    ) {
        self.type = type
        self.image = image
        self.whenDisabled = whenDisabled
        self.cloudInit = cloudInit
        self.publicIP = publicIP
        self.privateNetworks = privateNetworks
        self.firewall = firewall
        self.protected = protected
    }

    /// What is applied to a server after it was made and before it is powered on.
    public var configuration: ServerConfiguration {
        ServerConfiguration(
            cloudInit: cloudInit, publicIP: publicIP, privateNetworks: privateNetworks, firewall: firewall,
            protected: protected)
    }
}

/// What becomes of the server when `enableInstanceServer` is false.
public enum WhenDisabled: String, Hashable, Sendable, CaseIterable {
    case delete
    case powerOff
}

public enum PublicIP: String, Hashable, Sendable, CaseIterable {
    /// An address that comes with power on and goes with power off.
    case dynamic
    /// An address of the instance's own; it survives stop and start, and is billed meanwhile.
    case reserved
    case none
}

/// `spec.server.firewall`: what may come in. Everything else is dropped.
public struct Firewall: Hashable, Sendable {
    /// A firewall shared by all instances that name it; `nil` is the instance's own.
    public var name: String?
    public var inbound: [FirewallRule]

    public init(name: String? = nil, inbound: [FirewallRule]) {
        self.name = name
        self.inbound = inbound
    }
}

public struct FirewallRule: Hashable, Sendable {
    public enum Transport: String, Hashable, Sendable, CaseIterable { case tcp, udp, icmp, any }

    public var transport: Transport
    /// `nil` means all ports.
    public var ports: ClosedRange<Int>?
    /// CIDR notation, such as `0.0.0.0/0`.
    public var from: String

    public init(transport: Transport, ports: ClosedRange<Int>?, from: String) {
        self.transport = transport
        self.ports = ports
        self.from = from
    }
}

/// `spec.rootDisk`.
public struct RootDiskManifest: Hashable, Sendable {
    /// Gigabytes of 10^9 bytes; `nil` leaves the size to the provider and the image.
    public var sizeGB: Int?
    /// Take a snapshot after the first successful boot; later servers boot from a disk made from it.
    public var snapshotEnabled: Bool

    public init(sizeGB: Int? = nil, snapshotEnabled: Bool = false) {
        self.sizeGB = sizeGB
        self.snapshotEnabled = snapshotEnabled
    }
}

/// `spec.dataDisk`.
public struct DataDiskManifest: Hashable, Sendable {
    /// Gigabytes of 10^9 bytes.
    public var sizeGB: Int
    /// How many snapshots older than the newest proven one are kept.
    public var keep: Int
    /// Input and output operations a second, where the provider sells them by class.
    public var iops: Int?

    public init(sizeGB: Int, keep: Int = 0, iops: Int? = nil) {
        self.sizeGB = sizeGB
        self.keep = keep
        self.iops = iops
    }
}

/// What removing a manifest does to what it made.
public enum DeletionPolicy: String, Hashable, Sendable, CaseIterable {
    /// Nothing is touched any more.
    case retain
    /// As a stop: the data disk becomes a snapshot, everything else is deleted.
    case snapshot
    /// Everything is deleted, the data too; needs an approval.
    case delete
}

/// `spec.suspend`: observe and report, change nothing.
public struct Suspension: Hashable, Sendable {
    public var reason: String?
    /// Exclusive end; `nil` means until the key is taken out.
    public var until: Timestamp?

    public init(reason: String? = nil, until: Timestamp? = nil) {
        self.reason = reason
        self.until = until
    }
}

/// `spec.runtime`: two independent axes.
public struct Runtime: Hashable, Sendable {
    public enum DataDiskState: String, Hashable, Sendable, CaseIterable {
        /// The disk exists.
        case live
        /// A snapshot of it exists, the disk does not.
        case snapshot
    }

    /// The server exists and runs.
    public var enableInstanceServer: Bool
    public var dataDiskState: DataDiskState

    public init(enableInstanceServer: Bool = true, dataDiskState: DataDiskState = .live) {
        self.enableInstanceServer = enableInstanceServer
        self.dataDiskState = dataDiskState
    }
}

/// What is applied to a server besides its type, image and disks.
public struct ServerConfiguration: Hashable, Sendable {
    public var cloudInit: String?
    public var publicIP: PublicIP
    public var privateNetworks: [String]
    public var firewall: Firewall?
    public var protected: Bool

    public init(
        cloudInit: String? = nil, publicIP: PublicIP = .dynamic, privateNetworks: [String] = [],
        firewall: Firewall? = nil, protected: Bool = false
    ) {
        self.cloudInit = cloudInit
        self.publicIP = publicIP
        self.privateNetworks = privateNetworks
        self.firewall = firewall
        self.protected = protected
    }

    /// 16 hexadecimal digits that are equal for equal configurations, on every machine.
    ///
    /// A provider keeps it on the server once everything is applied, so that one listing tells whether there is
    /// anything to do. It guards against forgetting, not against malice, so FNV-1a is enough.
    public var digest: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ text: String) {
            for byte in Array(text.utf8) + [0xff] { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        }
        mix(cloudInit.map { "+" + $0 } ?? "-")
        mix(publicIP.rawValue)
        privateNetworks.forEach(mix)
        mix(firewall.map { "+" + ($0.name ?? "") } ?? "-")
        for rule in firewall?.inbound ?? [] {
            mix(rule.transport.rawValue)
            mix(rule.ports.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "*")
            mix(rule.from)
        }
        mix(protected ? "protected" : "open")
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
