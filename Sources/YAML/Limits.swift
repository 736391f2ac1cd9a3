/// How much of a document is read before it is refused.
///
/// libyaml itself has no limit, and the time it takes to read nested flow collections grows with the square of their
/// depth: 100 KB of `[` cost it 12 seconds. Every limit is checked before the work that it limits.
public struct Limits: Hashable, Sendable {
    /// Size of a file.
    public var bytes: Int
    /// How many mappings and sequences may be inside each other.
    public var depth: Int
    /// What libyaml reports: one per scalar, two per mapping, sequence, document and file.
    public var events: Int
    /// Documents in one file, empty ones included.
    public var documents: Int

    public init(bytes: Int, depth: Int, events: Int, documents: Int) {
        self.bytes = bytes
        self.depth = depth
        self.events = events
        self.documents = documents
    }

    /// What a person writes. A manifest has about 1 KB, 100 events and four levels; a long cloud-init text fills the
    /// rest.
    public static let manifest = Limits(bytes: 64 << 10, depth: 16, events: 10_000, documents: 8)

    /// What the operator wrote: the state and the history of one instance, or an index of many. A mebibyte of short
    /// entries has about 150,000 events.
    public static let status = Limits(bytes: 1 << 20, depth: 16, events: 200_000, documents: 1)
}
