import FoundationEssentials
import Glibc
import Instances
import ProviderContract
import Reconciler

@testable import LocalProvider

/// A local provider in a folder of its own. What it started is killed and removed at the end.
final class LocalHarness: ProviderHarness {
    let directory: String
    let provider: LocalProvider

    let type = "c1-m16"
    let otherType = "c2-m32"
    let image = "counter"
    let rootBytes: Int64? = nil
    let dataBytes: Int64 = 1 << 20
    let looks = 1000

    init(
        images: String? = nil, programs: LocalProvider.Programs = LocalHarness.programs,
        powerOffDeadline: Duration = .seconds(20), folder: String = "state"
    ) throws {
        directory = try Self.temporaryFolder() + "/" + folder
        provider = Self.provider(directory, images: images, programs: programs, powerOffDeadline: powerOffDeadline)
    }

    /// Another operator in the same directory, as after a restart.
    func restarted(
        powerOffDeadline: Duration = .seconds(20), programs: LocalProvider.Programs = LocalHarness.programs,
        now: @escaping @Sendable () -> Timestamp = LocalHarness.wallClock
    ) -> LocalProvider {
        Self.provider(directory, images: nil, programs: programs, powerOffDeadline: powerOffDeadline, now: now)
    }

    private static func provider(
        _ directory: String, images: String?, programs: LocalProvider.Programs, powerOffDeadline: Duration,
        now: @escaping @Sendable () -> Timestamp = wallClock
    ) -> LocalProvider {
        LocalProvider(
            directory: directory, images: images, programs: programs, powerOffDeadline: powerOffDeadline, now: now)
    }

    static let programs = LocalProvider.Programs(searchPath: "/usr/bin:/usr/local/bin")

    static let wallClock: @Sendable () -> Timestamp = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    static func temporaryFolder() throws -> String {
        var template = Array("/tmp/local-provider-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileSystem.failure("make", "/tmp") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Kills every machine of this directory and removes it.
    func tearDown() {
        let state = StateDirectory(path: directory)
        for id in (try? FileSystem.entries(of: directory + "/servers")) ?? [] {
            for process in Self.processes(of: id) { kill(process, SIGKILL) }
        }
        try? FileSystem.removeTree(String(state.path[..<(state.path.lastIndex(of: "/") ?? state.path.endIndex)]))
    }

    static func processes(of server: String) -> [pid_t] {
        ((try? FileSystem.entries(of: "/proc")) ?? []).compactMap { pid_t($0) }.filter { process in
            guard let bytes = try? FileSystem.read("/proc/\(process)/cmdline") else { return false }
            return bytes.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == server }
        }
    }

    // MARK: ProviderHarness

    func pause() async throws { try await Task.sleep(for: .milliseconds(10)) }

    func write(_ content: [UInt8], to disk: DiskID) async throws {
        let file = Descriptor(open("\(directory)/disks/\(disk).raw", O_WRONLY | O_CLOEXEC))
        guard pwrite(file.raw, content, content.count, 0) == content.count else {
            throw FileSystem.failure("write", disk.text)
        }
    }

    func content(of disk: DiskID, bytes: Int) async throws -> [UInt8]? {
        let file = Descriptor(open("\(directory)/disks/\(disk).raw", O_RDONLY | O_CLOEXEC))
        var content = [UInt8](repeating: 0, count: bytes)
        guard pread(file.raw, &content, bytes, 0) == bytes else { throw FileSystem.failure("read", disk.text) }
        return content
    }

    func booted(_ content: [UInt8]) -> [UInt8] {
        let count = content[..<4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) } &+ 1
        return (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * UInt32($0))) } + content[4...]
    }

    func stripTags(from resource: ResourceID) async throws { try retag(resource) { _ in [] } }
    func addForeignTag(to resource: ResourceID) async throws { try retag(resource) { $0 + ["team=ml"] } }
    func hasForeignTag(_ resource: ResourceID) async throws -> Bool {
        var found = false
        try retag(resource) { tags in
            found = tags.contains("team=ml")
            return tags
        }
        return found
    }

    /// Edits the metadata by hand.
    private func retag(_ resource: ResourceID, _ change: ([String]) -> [String]) throws {
        let kind: StateDirectory.Kind =
            switch resource {
            case .server: .server
            case .disk: .disk
            default: .snapshot
            }
        let path = "\(directory)/\(StateDirectory.metadata(kind, resource.text))"
        switch kind {
        case .server: try edit(path, ServerMetadata.self, resource.text, change)
        case .disk: try edit(path, DiskMetadata.self, resource.text, change)
        case .snapshot: try edit(path, SnapshotMetadata.self, resource.text, change)
        }
    }

    private func edit<Document: Metadata>(
        _ path: String, _ type: Document.Type, _ id: String, _ change: ([String]) -> [String]
    ) throws {
        guard let bytes = try FileSystem.read(path) else { throw FileSystem.failure("read", path) }
        var document = try Document(bytes: bytes, path: path, expected: id)
        document.tags = change(document.tags)
        try overwrite(path, document.encoded)
    }

    func overwrite(_ path: String, _ bytes: [UInt8]) throws {
        try FileSystem.removeTree(path)
        try FileSystem.create(path, bytes)
    }
}
