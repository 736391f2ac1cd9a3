import Dispatch
public import Instances
public import Reconciler
import Synchronization

/// Machines of this host: servers are QEMU processes, disks and snapshots are files in one state directory.
///
/// The machines live on when the operator exits and are found again. Several operators may use one directory at once.
/// All of its work blocks, so each call runs on a thread of its own.
public final class LocalProvider: Provider {
    /// The only zone.
    public static let zone = "local"

    /// Where the programs are that it needs, as absolute paths.
    public struct Programs: Hashable, Sendable {
        /// `qemu-system-x86_64`
        public var machine: String?
        /// `qemu-img`
        public var image: String?

        public init(machine: String?, image: String?) {
            self.machine = machine
            self.image = image
        }

        /// Looks for them in the folders of a `PATH`.
        public init(searchPath: String) {
            let folders = searchPath.split(separator: ":").filter { $0.hasPrefix("/") }
            func find(_ name: String) -> String? { folders.map { "\($0)/\(name)" }.first(where: FileSystem.isProgram) }
            self.init(machine: find("qemu-system-x86_64"), image: find("qemu-img"))
        }
    }

    let state: StateDirectory
    let images: ImageFolder
    let programs: Programs
    let powerOffDeadline: Duration
    let now: @Sendable () -> Timestamp
    let stops = Stops()
    /// As first seen. A directory that turns into another one, as when its file system is unmounted, is noticed.
    private let identity = Mutex<String?>(nil)
    /// What every call is a part of.
    private let everything = Cancellation()

    /// - Parameters:
    ///   - directory: absolute; made at the first call.
    ///   - images: folder of the images that manifests may name, besides the built-in `counter`.
    ///   - powerOffDeadline: how long a guest may take to shut down before its power is cut.
    ///   - now: the wall clock, for what is remembered.
    public init(
        directory: String, images: String? = nil, programs: Programs, powerOffDeadline: Duration = .seconds(20),
        now: @escaping @Sendable () -> Timestamp
    ) {
        state = StateDirectory(path: directory)
        self.images = ImageFolder(path: images)
        self.programs = programs
        self.powerOffDeadline = powerOffDeadline
        self.now = now
    }

    public var capabilities: Capabilities {
        Capabilities(
            dataDiskSnapshots: true, rootDiskSnapshots: true, growsDisks: true, changesType: true, cloudInit: false,
            publicIP: false, privateNetworks: false, firewall: false, protection: false, iops: false,
            zones: [Self.zone])
    }

    public func account() async throws(ProviderError) -> String {
        try await work { (_) throws(ProviderError) in try self.enter() }
    }

    /// Runs one call on a thread of its own, in a directory that is still the one it was.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (Cancellation) throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        try await work { (cancellation) throws(ProviderError) in
            _ = try self.enter()
            return try body(cancellation)
        }
    }

    /// The same, with nobody else working on these resources meanwhile.
    func change<Value: Sendable>(
        _ ids: [String], _ body: @escaping @Sendable (Cancellation) throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        try await run { (cancellation) throws(ProviderError) in
            let lease = try self.state.lease(ids)
            defer { withExtendedLifetime(lease) {} }
            return try body(cancellation)
        }
    }

    /// The same, on a server and its disks. Nobody attaches or detaches one, because that takes the server too.
    func change<Value: Sendable>(
        withDisksOf id: ServerID,
        _ body: @escaping @Sendable (ServerMetadata, Cancellation) throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        try await change([id.text]) { (cancellation) throws(ProviderError) in
            let server = try self.require(id)
            let lease = try self.state.lease(server.disks)
            defer { withExtendedLifetime(lease) {} }
            return try body(server, cancellation)
        }
    }

    /// Makes the new version of one document visible.
    func replace(_ document: some Metadata, _ kind: StateDirectory.Kind) throws(ProviderError) {
        var changes = Changes()
        try changes.put(document, kind)
        try Workspace(state).commit(changes)
    }

    private func work<Value: Sendable>(
        _ body: @escaping @Sendable (Cancellation) throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        let cancellation = Cancellation(partOf: everything)
        let result: Result<Value, ProviderError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "local-provider").async {
                    continuation.resume(returning: Result { () throws(ProviderError) in try body(cancellation) })
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// Nobody waits for an answer any more: a copy under way is broken off, and what it has written so far is thrown away.
    public func shutdown() { everything.cancel() }

    @discardableResult
    private func enter() throws(ProviderError) -> String {
        guard let known = identity.withLock({ $0 }) else {
            let found = try state.identity()
            return identity.withLock { known in
                known = known ?? found
                return found
            }
        }
        guard try state.recordedIdentity() == known else {
            throw ProviderError(.host, "\(state.path) is not what it was, \(known); is its file system mounted?")
        }
        return known
    }

    // MARK: What it needs

    private static let installation = "apt-get install qemu-system-x86 qemu-utils"

    func machineProgram() throws(ProviderError) -> String {
        guard let program = programs.machine, FileSystem.isProgram(program) else {
            throw ProviderError(.host, "qemu-system-x86_64 is missing; install it: \(Self.installation)")
        }
        return program
    }

    func imageTool(_ cancellation: Cancellation) throws(ProviderError) -> DiskImageTool {
        guard let program = programs.image, FileSystem.isProgram(program) else {
            throw ProviderError(.host, "qemu-img is missing; install it: \(Self.installation)")
        }
        return DiskImageTool(program: program, cancellation: cancellation)
    }
}
