public import Instances
public import Reconciler

/// What the contract suite has to know about a provider, and what it has to do behind the provider's back.
public protocol ProviderHarness: Sendable {
    associatedtype Subject: Provider

    var provider: Subject { get }

    var type: String { get }
    /// Another type that a server can be changed to.
    var otherType: String { get }
    var image: String { get }
    /// Bytes; `nil` leaves the size of the root disk to the provider.
    var rootBytes: Int64? { get }
    /// Bytes of the smallest data disk, and a step by which disks can grow.
    var dataBytes: Int64 { get }

    /// Lets some time pass, real or virtual, between two looks at something that is to change.
    func pause() async throws
    /// Looks before a change is given up on.
    var looks: Int { get }

    /// Puts content at the start of a disk that is attached to nothing.
    func write(_ content: [UInt8], to disk: DiskID) async throws
    /// Reads it back; `nil` where content cannot be seen.
    func content(of disk: DiskID, bytes: Int) async throws -> [UInt8]?
    /// What a boot of the image makes of the content of the server's first data disk.
    func booted(_ content: [UInt8]) -> [UInt8]

    /// Takes all tags from a resource, as a person with access to the account can.
    func stripTags(from resource: ResourceID) async throws
    /// Adds a tag that is not the operator's, and tells whether it is there.
    func addForeignTag(to resource: ResourceID) async throws
    func hasForeignTag(_ resource: ResourceID) async throws -> Bool
}

/// The provider does not keep the contract.
public struct ContractViolation: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
