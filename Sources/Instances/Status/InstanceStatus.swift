/// What is told of one instance: `status:` in its file on the status branch. Never read to decide anything about data;
/// that is the record's part.
///
/// Lists are in a fixed order, so that the same facts are the same bytes.
public struct InstanceStatus: Hashable, Sendable {
    /// How many transitions are kept; the history of the branch has the others.
    public static let historyLength = 20

    public var name: InstanceName
    /// The newest commit of the configuration that changed anything told here. A later one that changes nothing for
    /// this instance changes no byte of it.
    public var observedCommit: String
    /// The file that its manifest was read from; `nil` where there is none, or it is not known.
    public var manifestFile: String?
    public var labels: [String: String]
    public var provider: String
    public var zone: String
    /// What the manifest asks for; `nil` where it was removed or never could be read.
    public var desired: DesiredSummary?
    public var conditions: Conditions
    public var server: ServerStatus?
    /// Further servers that carry the instance's tags: on their way out, or one too many.
    public var otherServers: [ServerStatus]
    /// Every disk that the provider knows for the instance, those that the provider made by itself included.
    public var storages: [StorageStatus]
    public var snapshots: [SnapshotStatus]
    /// What is going on, from the record.
    public var intents: [Intent]
    /// What is waited for; `nil`: nothing.
    public var waiting: Explanation?
    /// Resources under the instance's name that are not its own. They are never touched.
    public var foreign: [ResourceID]
    /// The last transitions, oldest first.
    public var history: [Transition]

    public init(
        name: InstanceName, observedCommit: String, manifestFile: String? = nil, labels: [String: String] = [:],
        provider: String, zone: String, desired: DesiredSummary? = nil, conditions: Conditions,
        server: ServerStatus? = nil, otherServers: [ServerStatus] = [], storages: [StorageStatus] = [],
        snapshots: [SnapshotStatus] = [], intents: [Intent] = [], waiting: Explanation? = nil,
        foreign: [ResourceID] = [], history: [Transition] = []
    ) {
        self.name = name
        self.observedCommit = observedCommit
        self.manifestFile = manifestFile
        self.labels = labels
        self.provider = provider
        self.zone = zone
        self.desired = desired
        self.conditions = conditions
        self.server = server
        self.otherServers = otherServers
        self.storages = storages
        self.snapshots = snapshots
        self.intents = intents
        self.waiting = waiting
        self.foreign = foreign
        self.history = history
    }

    public var isReady: Bool { conditions.ready.status == .isTrue }
}

/// What a manifest asks for, beside what there is.
public struct DesiredSummary: Hashable, Sendable {
    public var enableInstanceServer: Bool
    /// `nil`: no data disk.
    public var dataDiskState: Runtime.DataDiskState?
    public var type: String
    public var image: String
    public var rootDiskSizeGB: Int?
    public var dataDiskSizeGB: Int?
    public var whenDisabled: WhenDisabled
    public var deletionPolicy: DeletionPolicy
    /// ``ServerConfiguration/digest`` of everything else: cloud-init, addresses, networks, firewall, protection.
    public var configuration: String

    public init(_ manifest: Manifest) {
        self.init(
            enableInstanceServer: manifest.runtime.enableInstanceServer,
            dataDiskState: manifest.dataDisk.map { _ in manifest.runtime.dataDiskState },
            type: manifest.server.type, image: manifest.server.image, rootDiskSizeGB: manifest.rootDisk.sizeGB,
            dataDiskSizeGB: manifest.dataDisk?.sizeGB, whenDisabled: manifest.server.whenDisabled,
            deletionPolicy: manifest.deletionPolicy, configuration: manifest.server.configuration.digest)
    }

    public init(
        enableInstanceServer: Bool, dataDiskState: Runtime.DataDiskState?, type: String, image: String,
        rootDiskSizeGB: Int?, dataDiskSizeGB: Int?, whenDisabled: WhenDisabled, deletionPolicy: DeletionPolicy,
        configuration: String
    ) {
        self.enableInstanceServer = enableInstanceServer
        self.dataDiskState = dataDiskState
        self.type = type
        self.image = image
        self.rootDiskSizeGB = rootDiskSizeGB
        self.dataDiskSizeGB = dataDiskSizeGB
        self.whenDisabled = whenDisabled
        self.deletionPolicy = deletionPolicy
        self.configuration = configuration
    }

    /// `running, data live`, for people.
    public var text: String {
        let server = enableInstanceServer ? "running" : "stopped"
        return dataDiskState.map { "\(server), data \($0.rawValue)" } ?? server
    }
}

/// A change worth remembering.
public struct Transition: Hashable, Sendable {
    public var at: Timestamp
    public var reason: String
    public var message: String
    /// Of the configuration.
    public var commit: String

    public init(at: Timestamp, reason: String, message: String, commit: String) {
        self.at = at
        self.reason = reason
        self.message = message
        self.commit = commit
    }
}

/// Something that was begun and is not finished.
public struct Intent: Hashable, Sendable {
    /// An ``Activity/Kind``, or `createServer`, `createRootDisk`, `createDataDisk`, `restoreDataDisk`,
    /// `createSnapshot`, `createRootSnapshot`, `delete`.
    public var kind: String
    public var operation: Operation
    public var since: Timestamp?
    /// What is to be deleted.
    public var resource: ResourceID?

    public init(kind: String, operation: Operation, since: Timestamp? = nil, resource: ResourceID? = nil) {
        self.kind = kind
        self.operation = operation
        self.since = since
        self.resource = resource
    }
}
