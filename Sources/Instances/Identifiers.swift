/// The name of an instance: what a person writes in `metadata.name`. Unique in its repository.
public struct InstanceName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// At most this many characters, so that `NAME-data` and the like stay under every provider's limit of 64.
    public static let longest = 40

    public let text: String

    /// - Returns: `nil` unless the text is `[a-z0-9]([a-z0-9-]*[a-z0-9])?` and at most ``longest`` characters.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.longest else { return nil }
        let dash = UInt8(ascii: "-")
        guard bytes.first != dash, bytes.last != dash else { return nil }
        guard bytes.allSatisfy({ $0 == dash || isLowercaseAlphanumeric($0) }) else { return nil }
        self.text = text
    }

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// A provider's name for a resource, or an identity that the operator minted. Opaque; compared, never parsed.
///
/// The phantom type keeps the id of a disk from being taken for the id of its snapshot.
public struct Identifier<Kind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) { self.text = text }
    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

public typealias ServerID = Identifier<Server>
public typealias DiskID = Identifier<Disk>
public typealias SnapshotID = Identifier<Snapshot>
public typealias CompanionID = Identifier<Companion>

/// Who made a resource: the lineage of one status branch, minted when the branch was born.
public typealias OwnerID = Identifier<Owner>
/// Which life of an instance a resource belongs to: minted at first sight, kept while anything of it is kept.
public typealias InstanceUID = Identifier<Record>

/// Tag of ``OwnerID``.
public enum Owner {}

/// One attempt at something that makes resources. Every resource carries it from its create call on.
///
/// The epoch orders operations of one instance; the nonce tells two operations of the same epoch apart, which exist
/// only when a status branch was rolled back.
public struct Operation: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Counts up from 1 in the life of an instance.
    public let epoch: Int
    /// 16 lower-case hexadecimal digits.
    public let nonce: String

    public init(epoch: Int, nonce: String) {
        self.epoch = epoch
        self.nonce = nonce
    }

    public var description: String { "\(epoch)-\(nonce)" }
    public static func < (left: Self, right: Self) -> Bool {
        (left.epoch, left.nonce) < (right.epoch, right.nonce)
    }
}

/// The id of any resource of a provider.
public enum ResourceID: Hashable, Sendable, Comparable, CustomStringConvertible {
    case server(ServerID)
    case disk(DiskID)
    case snapshot(SnapshotID)
    case companion(CompanionID)

    public var text: String {
        switch self {
        case .server(let id): id.text
        case .disk(let id): id.text
        case .snapshot(let id): id.text
        case .companion(let id): id.text
        }
    }

    /// `server`, `disk`, `snapshot` or `companion`.
    public var kind: String {
        switch self {
        case .server: "server"
        case .disk: "disk"
        case .snapshot: "snapshot"
        case .companion: "companion"
        }
    }

    public var description: String { "\(kind) \(text)" }
    public static func < (left: Self, right: Self) -> Bool { (left.rank, left.text) < (right.rank, right.text) }

    /// In the order of kinds by name.
    private var rank: Int {
        switch self {
        case .companion: 0
        case .disk: 1
        case .server: 2
        case .snapshot: 3
        }
    }
}

func isLowercaseAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
