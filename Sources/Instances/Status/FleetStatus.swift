/// Everything that one publication tells: all instances, and what belongs to none.
public struct FleetStatus: Hashable, Sendable {
    /// Of the status branch.
    public let lineage: OwnerID
    /// The commit of the configuration that was read last.
    public var commit: String
    /// In the order of their names, each name once.
    public let instances: [InstanceStatus]
    /// In the order of files and lines.
    public let diagnostics: [Diagnostic]
    /// In the order of places and ids.
    public let foreign: [ForeignResource]

    /// - Parameter instances: of two with one name the first counts.
    public init(
        lineage: OwnerID, commit: String, instances: [InstanceStatus], diagnostics: [Diagnostic] = [],
        foreign: [ForeignResource] = []
    ) {
        self.lineage = lineage
        self.commit = commit
        var names: Set<InstanceName> = []
        self.instances = instances.filter { names.insert($0.name).inserted }.sorted { $0.name < $1.name }
        self.diagnostics = diagnostics.sorted()
        self.foreign = foreign.sorted()
    }

    /// Instances that a manifest stands for: a retained one is kept, but nobody asks for it any more.
    public var wanted: Int { instances.count { $0.state != .retained } }
    public var ready: Int { instances.count { $0.isReady && $0.state != .retained } }
}

/// A resource that a provider's account holds and that no instance accounts for. Reported, never touched.
public struct ForeignResource: Hashable, Sendable, Comparable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Carries this branch's lineage, but no record names it.
        case orphan
        /// Not made by this operator.
        case foreign
    }

    public var kind: Kind
    public var resource: ResourceID
    public var name: String
    public var provider: String
    public var zone: String
    /// What is odd about it, for people; may be empty.
    public var note: String

    public init(kind: Kind, resource: ResourceID, name: String, provider: String, zone: String, note: String = "") {
        self.kind = kind
        self.resource = resource
        self.name = name
        self.provider = provider
        self.zone = zone
        self.note = note
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.provider, left.zone, left.resource, left.kind.rawValue, left.name)
            < (right.provider, right.zone, right.resource, right.kind.rawValue, right.name)
    }
}
