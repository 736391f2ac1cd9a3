/// A server as a status tells it.
public struct ServerStatus: Hashable, Sendable {
    public var id: ServerID
    /// `running`, `stopped` …; `missing` where the provider does not know the recorded id, `unknown` where it could
    /// not be asked.
    public var state: String
    public var type: String
    public var publicIPv4: String?

    public init(id: ServerID, state: String, type: String, publicIPv4: String? = nil) {
        self.id = id
        self.state = state
        self.type = type
        self.publicIPv4 = publicIPv4
    }
}

/// A disk as a status tells it.
public struct StorageStatus: Hashable, Sendable {
    public enum Role: String, Hashable, Sendable, CaseIterable, Comparable {
        case root, data
        /// Attached to the instance's server without being the instance's; never touched.
        case other

        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
        private var rank: Int {
            switch self {
            case .root: 0
            case .data: 1
            case .other: 2
            }
        }
    }

    public var id: DiskID
    public var role: Role
    public var size: DiskSize
    public var state: String
    /// The instance's server boots from it.
    public var isBoot: Bool
    /// The operator deletes it when it deletes the server. A data disk goes only once its snapshot is verified.
    public var deleteOnTerminate: Bool
    public var attachedTo: ServerID?

    public init(
        id: DiskID, role: Role, size: DiskSize, state: String, isBoot: Bool, deleteOnTerminate: Bool,
        attachedTo: ServerID? = nil
    ) {
        self.id = id
        self.role = role
        self.size = size
        self.state = state
        self.isBoot = isBoot
        self.deleteOnTerminate = deleteOnTerminate
        self.attachedTo = attachedTo
    }
}

/// A snapshot as a status tells it.
public struct SnapshotStatus: Hashable, Sendable {
    public var id: SnapshotID
    public var role: StorageStatus.Role
    /// The disk it was cut from.
    public var sourceVolume: DiskID?
    public var size: DiskSize
    public var createdAt: Timestamp?
    public var state: String

    public init(
        id: SnapshotID, role: StorageStatus.Role, sourceVolume: DiskID?, size: DiskSize, createdAt: Timestamp?,
        state: String
    ) {
        self.id = id
        self.role = role
        self.sourceVolume = sourceVolume
        self.size = size
        self.createdAt = createdAt
        self.state = state
    }
}

/// A size that is written as gigabytes of 10^9 bytes, to the byte: `30`, `10.73741824`.
public struct DiskSize: Hashable, Sendable, CustomStringConvertible {
    /// Never negative.
    public let bytes: Int64

    public init(bytes: Int64) { self.bytes = max(0, bytes) }

    public var description: String {
        let (whole, rest) = bytes.quotientAndRemainder(dividingBy: bytesInGigabyte)
        guard rest != 0 else { return "\(whole)" }
        var digits = String(bytesInGigabyte + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    /// For people: `30 GB`, and below one `1.05 MB`.
    var words: String {
        guard bytes > 0, bytes < bytesInGigabyte else { return "\(self) GB" }
        let hundredths = (bytes + 5_000) / 10_000
        return "\(DiskSize(bytes: hundredths * (bytesInGigabyte / 100))) MB"
    }

    /// Reads ``description``.
    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }), let whole = Int64(parts[0]) else {
            return nil
        }
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard fraction.count <= 9, let rest = Int64(fraction + String(repeating: "0", count: 9 - fraction.count)) else {
            return nil
        }
        let (product, overflow) = whole.multipliedReportingOverflow(by: bytesInGigabyte)
        guard !overflow, product <= Int64.max - rest else { return nil }
        bytes = product + rest
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

extension Server.State {
    /// One word for a status.
    var word: String {
        switch self {
        case .starting: "starting"
        case .running: "running"
        case .stopping: "stopping"
        case .stopped: "stopped"
        case .stoppedInPlace: "stoppedInPlace"
        case .unresponsive: "unresponsive"
        case .locked: "locked"
        case .deleting: "deleting"
        case .unknown(let word): word
        }
    }
}

extension Disk.State {
    var word: String {
        switch self {
        case .creating: "creating"
        case .available: "available"
        case .attached: "attached"
        case .busy: "busy"
        case .deleting: "deleting"
        case .error: "error"
        case .locked: "locked"
        case .unknown(let word): word
        }
    }
}

extension Snapshot.State {
    var word: String {
        switch self {
        case .creating: "creating"
        case .available: "available"
        case .deleting: "deleting"
        case .error: "error"
        case .locked: "locked"
        case .unknown(let word): word
        }
    }
}
