import Glibc
import Instances
import Reconciler
import TestThreads
import Testing

@testable import LocalProvider
@testable import ProviderContract

@Suite(.runs(on: .programs)) struct StateDirectoryTests {
    @Test func `a directory keeps its identity, and another one has another`() async throws {
        let (first, second) = (try LocalHarness(), try LocalHarness())
        defer { for harness in [first, second] { harness.tearDown() } }
        let identity = try await first.provider.account()
        #expect(try await first.restarted().account() == identity)
        #expect(try await second.provider.account() != identity)
    }

    @Test func `many operators that come to a fresh directory at once see one identity`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let identities = try await withThrowingTaskGroup { group in
            for _ in 0..<16 { group.addTask { try await harness.restarted().account() } }
            var identities: Set<String> = []
            for try await identity in group { identities.insert(identity) }
            return identities
        }
        #expect(identities.count == 1)
        #expect(await harness.provider.list() == .complete(Inventory()))
        #expect(try FileSystem.entries(of: harness.directory + "/work") == [])
    }

    @Test func `a directory that lost its identity is not taken for a fresh one`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let disk = try await ProviderContract(harness).makeDisk()
        try FileSystem.removeTree(harness.directory + "/identity")
        await expect(.host) { () throws(ProviderError) in _ = try await harness.restarted().account() }
        await expectUnknown(harness.provider)
        await expect(.host) { () throws(ProviderError) in _ = try await harness.provider.disk(disk.id) }
    }

    @Test func `a directory that turns into another one holds nothing that could be called absent`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let disk = try await ProviderContract(harness).makeDisk()
        // As when its file system is unmounted.
        try FileSystem.rename(harness.directory, to: harness.directory + "-elsewhere")
        await expect(.host) { () throws(ProviderError) in _ = try await harness.provider.disk(disk.id) }
        await expectUnknown(harness.provider)
        #expect(!FileSystem.exists(harness.directory))
        _ = try await harness.restarted().account()
        await expect(.host) { () throws(ProviderError) in _ = try await harness.provider.disk(disk.id) }
    }

    @Test(arguments: ["relative/state", "", "/tmp/with\nnewline"])
    func `a directory has to be an absolute path`(path: String) async {
        let provider = LocalProvider(directory: path, programs: LocalHarness.programs, now: LocalHarness.wallClock)
        await expect(.invalid) { () throws(ProviderError) in _ = try await provider.account() }
    }

    @Test func `a path may be long and have commas, blanks and quotes`() async throws {
        let harness = try LocalHarness(folder: "a, \"b\" é,," + String(repeating: "x", count: 150))
        defer { harness.tearDown() }
        try await ProviderContract(harness).check(.life)
    }

    @Test(arguments: ["", "{", "{\"format\": 2}", "null", "[]"])
    func `metadata that cannot be read makes the listing unknown, never shorter`(text: String) async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let things = try await Things(harness)
        for (document, read) in things.documents {
            let original = try #require(try FileSystem.read(document))
            try harness.overwrite(document, Array(text.utf8))
            await expectUnknown(harness.provider)
            await expect(.host, read)
            try harness.overwrite(document, original)
        }
        guard case .complete = await harness.provider.list() else { throw ContractViolation("it stays unknown") }
    }

    @Test func `missing metadata makes the listing unknown, and its resource is not absent`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let things = try await Things(harness)
        for (document, read) in things.documents {
            try FileSystem.rename(document, to: document + ".away")
            await expectUnknown(harness.provider)
            await expect(.host, read)
            try FileSystem.rename(document + ".away", to: document)
        }
        let other = try #require(try FileSystem.read(things.documents[0].path))
        try harness.overwrite(things.documents[1].path, other)
        await expectUnknown(harness.provider)
    }

    @Test func `content that is missing or shorter than it was is an error, not an absence`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let things = try await Things(harness)
        let (disk, snapshot) = (things.disk, things.snapshot)
        let image = "\(harness.directory)/snapshots/\(snapshot.id).qcow2"
        try FileSystem.resize("\(harness.directory)/disks/\(disk.id).raw", toBytes: disk.sizeBytes - 512)
        try FileSystem.resize(image, toBytes: 4096)
        #expect(try await harness.provider.disk(disk.id).state == .error)
        #expect(try await harness.provider.snapshot(snapshot.id).state == .error)
        await expect(.host, saying: "\(disk.id) is damaged") { () throws(ProviderError) in
            _ = try await harness.provider.createSnapshot(
                SnapshotSpecification(name: "s", tags: things.contract.tags(.data), disk: disk.id))
        }
        for path in ["disks/\(disk.id).raw", "snapshots/\(snapshot.id).qcow2"] {
            try FileSystem.removeTree("\(harness.directory)/\(path)")
        }
        guard case .complete(let inventory) = await harness.provider.list() else { throw ContractViolation("no list") }
        #expect(inventory.disks.first { $0.id == disk.id }?.state == .error)
        #expect(inventory.snapshots.map(\.state) == [.error])
        await expect(.host) { () throws(ProviderError) in
            _ = try await harness.provider.createDisk(
                DiskSpecification(
                    name: "d", tags: things.contract.tags(.data), sizeBytes: nil, source: snapshot.id))
        }
        // They can still be deleted.
        try await things.contract.delete(disk.id)
    }

    @Test func `a snapshot that is longer than it was is not relied on`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let things = try await Things(harness)
        let image = "\(harness.directory)/snapshots/\(things.snapshot.id).qcow2"
        // qemu-img finds nothing wrong with it.
        try FileSystem.resize(image, toBytes: try #require(try FileSystem.size(of: image)) + 4096)
        #expect(try await harness.provider.snapshot(things.snapshot.id).state == .error)
        await expect(.host, saying: "\(things.snapshot.id) is damaged") { () throws(ProviderError) in
            _ = try await harness.provider.createDisk(
                DiskSpecification(
                    name: "d", tags: things.contract.tags(.data), sizeBytes: nil, source: things.snapshot.id))
        }
    }

    @Test func `a snapshot that is damaged inside is found out before anything relies on it`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let things = try await Things(harness)
        let image = "\(harness.directory)/snapshots/\(things.snapshot.id).qcow2"
        var bytes = try #require(try FileSystem.read(image, limitBytes: 16 << 20))
        // The tables that say where the content is begin after the header's first cluster.
        for index in 65_536..<(65_536 * 3) { bytes[index] = 0xa5 }
        try harness.overwrite(image, bytes)
        #expect(try await harness.provider.snapshot(things.snapshot.id).state == .error)
        await #expect(throws: ProofRefusal.self) {
            try await things.contract.delete(things.disk.id, savedIn: things.snapshot.id)
        }
        await expect(.host) { () throws(ProviderError) in
            _ = try await harness.provider.createDisk(
                DiskSpecification(
                    name: "d", tags: things.contract.tags(.data), sizeBytes: nil, source: things.snapshot.id))
        }
        #expect(try await harness.provider.disk(things.disk.id).state == .available)
    }

    @Test func `disks of a server whose folder somebody removed are detached once no machine writes to them`()
        async throws
    {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let (disk, server) = (try await contract.makeDisk(), try await contract.makeServer())
        try await contract.attach(disk.id, to: server.id)
        try await contract.boot(server.id)
        try FileSystem.removeTree("\(harness.directory)/servers/\(server.id)")
        _ = await harness.provider.list()
        #expect(try await harness.provider.disk(disk.id).attachment?.server == server.id)

        for process in LocalHarness.processes(of: server.id.text) { kill(process, SIGKILL) }
        let settled = try await contract.wait(
            for: "detached disk",
            { () async throws -> Disk in
                _ = await harness.provider.list()
                return try await harness.provider.disk(disk.id)
            }, until: { $0.state == .available })
        #expect(settled.attachment == nil)
        #expect(settled.lastDetachedAt != nil)
    }

    @Test func `every detach has a later time, even by a clock that stands still or goes back`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let (disk, server) = (try await contract.makeDisk(), try await contract.makeServer())
        var times: [Timestamp] = []
        for seconds: Int64 in [1_000_000, 1_000_000, 999_000] {
            let provider = harness.restarted(now: { Timestamp(seconds: seconds) })
            try await provider.attachDisk(disk.id, to: server.id)
            try await provider.detachDisk(disk.id, from: server.id)
            times.append(try #require(try await provider.disk(disk.id).lastDetachedAt))
        }
        #expect(times[0] < times[1] && times[1] < times[2], "\(times)")
    }

    @Test func `files of others are passed over`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        _ = try await harness.provider.account()
        for path in ["disks/notes.txt", "disks/.x.swp", "snapshots/lost+found", "servers/readme", "disks/dsk-1.raw"] {
            try FileSystem.create("\(harness.directory)/\(path)", [1])
        }
        #expect(await harness.provider.list() == .complete(Inventory()))
    }

    @Test func `growing that was interrupted is never undone`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let disk = try await ProviderContract(harness).makeDisk()
        // The file grew, and the operator died before it could write that down.
        try FileSystem.resize("\(harness.directory)/disks/\(disk.id).raw", toBytes: disk.sizeBytes * 4)
        #expect(try await harness.provider.disk(disk.id).sizeBytes == disk.sizeBytes * 4)
        await expect(.invalid) { () throws(ProviderError) in
            try await harness.provider.growDisk(disk.id, toBytes: disk.sizeBytes * 2)
        }
        try await harness.provider.growDisk(disk.id, toBytes: disk.sizeBytes * 5)
        #expect(try await harness.provider.disk(disk.id).sizeBytes == disk.sizeBytes * 5)
    }
}

func expectUnknown(_ provider: LocalProvider, _ location: SourceLocation = #_sourceLocation) async {
    if case .complete(let inventory) = await provider.list() {
        Issue.record("a listing that should be unknown: \(inventory)", sourceLocation: location)
    }
}

/// A disk with content, its snapshot, and a server.
struct Things {
    let contract: ProviderContract<LocalHarness>
    let disk: Disk
    let snapshot: Snapshot
    /// Path of each document, and a read of what it describes.
    let documents: [(path: String, read: () async throws(ProviderError) -> Void)]

    init(_ harness: LocalHarness) async throws {
        contract = ProviderContract(harness)
        let disk = try await contract.makeDisk()
        try await harness.write((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }, to: disk.id)
        let snapshot = try await contract.makeSnapshot(of: disk.id)
        let server = try await contract.makeServer()
        let provider = harness.provider
        documents = [
            (
                "\(harness.directory)/disks/\(disk.id).json",
                { () async throws(ProviderError) in _ = try await provider.disk(disk.id) }
            ),
            (
                "\(harness.directory)/snapshots/\(snapshot.id).json",
                { () async throws(ProviderError) in _ = try await provider.snapshot(snapshot.id) }
            ),
            (
                "\(harness.directory)/servers/\(server.id)/server.json",
                { () async throws(ProviderError) in _ = try await provider.server(server.id) }
            ),
        ]
        self.disk = disk
        self.snapshot = snapshot
    }
}
