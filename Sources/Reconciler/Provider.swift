public import Instances

/// One account and zone of one cloud.
///
/// Listings are whole or unknown; there are no default implementations, so that a method nobody wrote can never look
/// like "nothing there". Calls that change something may be repeated by a later pass, may arrive late, and may have
/// been carried out although they threw: callers look again, they never assume.
public protocol Provider: Sendable {
    /// What it can do. Validation knows it, so that nothing is silently left out.
    var capabilities: Capabilities { get }

    /// What is billed and listed together: a project, an account, a directory. A record made in one account is never
    /// compared with the resources of another.
    ///
    /// - Throws: where the credentials cannot be verified; then nothing is known.
    func account() async throws(ProviderError) -> String

    /// Everything in the account and zone.
    func list() async -> Listing

    /// Reads by id. Only ``ProviderError/Reason/notFound`` thrown by these means absent.
    func server(_ id: ServerID) async throws(ProviderError) -> Server
    func disk(_ id: DiskID) async throws(ProviderError) -> Disk
    func snapshot(_ id: SnapshotID) async throws(ProviderError) -> Snapshot

    /// Checks that a manifest can be carried out here, before anything is made or stopped: type, image, sizes, quota.
    ///
    /// - Returns: what is wrong, for people; empty where all is well or cannot be known in advance.
    func validate(
        _ manifest: Manifest, for undertaking: Undertaking
    ) async throws(ProviderError) -> [ManifestProblem]

    /// Makes a server that is powered off. With an image the provider makes the root disk itself.
    func createServer(_ specification: ServerSpecification) async throws(ProviderError) -> Server
    /// Applies everything in the configuration and then stores its digest; repeating it is harmless.
    func configureServer(
        _ id: ServerID, tags: Tags, as configuration: ServerConfiguration
    ) async throws(ProviderError)
    /// The server is stopped.
    func changeType(of id: ServerID, to type: String) async throws(ProviderError)
    func powerOn(_ id: ServerID) async throws(ProviderError)
    /// Asks the guest first, cuts the power at a deadline; returns once that is under way.
    func powerOff(_ id: ServerID) async throws(ProviderError)
    /// Deletes the server and nothing else: every disk survives, detached.
    func deleteServer(_ proof: ServerDeletionProof) async throws(ProviderError)

    /// The server is stopped.
    func attachDisk(_ disk: DiskID, to server: ServerID) async throws(ProviderError)
    /// The server is stopped.
    func detachDisk(_ disk: DiskID, from server: ServerID) async throws(ProviderError)
    func createDisk(_ specification: DiskSpecification) async throws(ProviderError) -> Disk
    /// Grows, never shrinks.
    func growDisk(_ id: DiskID, toBytes bytes: Int64) async throws(ProviderError)
    /// The disk may be in use.
    func setIOPS(_ id: DiskID, to iops: Int) async throws(ProviderError)
    func deleteDisk(_ proof: DiskDeletionProof) async throws(ProviderError)

    func createSnapshot(_ specification: SnapshotSpecification) async throws(ProviderError) -> Snapshot
    func deleteSnapshot(_ proof: SnapshotDeletionProof) async throws(ProviderError)

    func deleteCompanion(_ id: CompanionID) async throws(ProviderError)

    /// Replaces the operator's tags on a resource and leaves tags of others alone.
    func tag(_ resource: ResourceID, with tags: Tags) async throws(ProviderError)
}

/// What is about to be done with a server, for which a manifest has to be right.
public enum Undertaking: Hashable, Sendable {
    /// A server is made. `fromImage`: its root disk comes from the manifest's image, not from a disk or snapshot that is
    /// there, which needs the image no more.
    case making(fromImage: Bool)
    /// A server that is there becomes one of the manifest's type, for which it is powered off.
    case changing(type: String)
}
