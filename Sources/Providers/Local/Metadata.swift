import FoundationEssentials
import Instances
import Reconciler

/// What the state directory remembers of one server, in `servers/ID/server.json`.
struct ServerMetadata: Metadata {
    var format = MetadataFormat()
    var id: String
    var name: String
    var tags: [String]
    var type: String
    /// The image that the root disk once came from, so that the built-in guest is recognised.
    var image: String
    var bootDisk: String
    /// In the order in which the guest sees them.
    var dataDisks: [String]
    var configurationDigest: String?
    var createdAt: StoredTime
    /// It was started and nobody asked it to stop since.
    var poweredOn = false
    /// Set while the machine is asked to stop; the power is cut when the deadline after it has passed.
    var powerOffRequestedAt: StoredTime?

    var disks: [String] { [bootDisk] + dataDisks }
}

/// What the state directory remembers of one disk, in `disks/ID.json`; its bytes are beside it in `ID.raw`.
struct DiskMetadata: Metadata {
    var format = MetadataFormat()
    var id: String
    var name: String
    var tags: [String]
    /// The file is never shorter. It is longer where growing was interrupted, and then its length counts.
    var sizeBytes: Int64
    /// The server that it is attached to. The server names the disk too; both change in one step.
    var server: String?
    var snapshot: String?
    /// The image that its content once came from, if it is a root disk.
    var image: String?
    var createdAt: StoredTime
    var lastDetachedAt: StoredTime?

    /// Takes it from its server, at a time that differs from that of every earlier detach.
    mutating func detach(at now: Timestamp) {
        let earliest = lastDetachedAt.map { $0.timestamp.microseconds + 1 } ?? now.microseconds
        server = nil
        lastDetachedAt = StoredTime(Timestamp(microseconds: max(now.microseconds, earliest)))
    }
}

/// What the state directory remembers of one snapshot, in `snapshots/ID.json`; its content is in `ID.qcow2`.
struct SnapshotMetadata: Metadata {
    var format = MetadataFormat()
    var id: String
    var name: String
    var tags: [String]
    /// Of the disk that it was cut from.
    var sizeBytes: Int64
    /// Length of the file, which never changes: a shorter one is damaged.
    var fileBytes: Int64
    var disk: String
    var image: String?
    var createdAt: StoredTime
}

/// One of the JSON documents of the state directory.
protocol Metadata: Codable, Sendable {
    var id: String { get }
    var tags: [String] { get set }
}

extension Metadata {
    var encoded: [UInt8] {
        get throws(ProviderError) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            do { return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")] } catch {
                throw ProviderError(.host, "metadata of \(id) cannot be written: \(error)")
            }
        }
    }

    /// - Parameter expected: the id that the file's name says.
    init(bytes: [UInt8], path: String, expected: String) throws(ProviderError) {
        do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
            throw ProviderError(
                .host, "\(path) cannot be read, so nothing is known about \(expected); restore it from a backup")
        }
        guard id == expected else { throw ProviderError(.host, "\(path) speaks of \(id), not of \(expected)") }
    }

    /// With the operator's words replaced and those of others left.
    func tagged(_ new: Tags) -> Self {
        var copy = self
        copy.tags = tags.filter { !$0.hasPrefix("operator-") } + new.words
        return copy
    }
}

/// The version of the documents. A document of another version is not guessed at.
struct MetadataFormat: Codable {
    static let current = 1

    init() {}
    init(from decoder: any Decoder) throws {
        let version = try decoder.singleValueContainer().decode(Int.self)
        guard version == Self.current else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "version \(version) is not known"))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Self.current)
    }
}

/// A ``Timestamp`` as RFC 3339 text.
struct StoredTime: Codable, Hashable {
    let timestamp: Timestamp

    init(_ timestamp: Timestamp) { self.timestamp = timestamp }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let timestamp = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
        }
        self.timestamp = timestamp
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(timestamp.description)
    }
}
