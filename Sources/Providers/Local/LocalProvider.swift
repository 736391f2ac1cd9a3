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

    private func work<Value: Sendable>(
        _ body: @escaping @Sendable (Cancellation) throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        let cancellation = Cancellation()
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

    @discardableResult
    private func enter() throws(ProviderError) -> String {
        let found = try state.identity()
        let first = identity.withLock { known in
            known = known ?? found
            return known
        }
        guard first == found else {
            throw ProviderError(.host, "\(state.path) was \(first ?? "") and has become \(found); is its disk mounted?")
        }
        return found
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
