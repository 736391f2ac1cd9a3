import Glibc
import Instances
import Reconciler
import TestThreads
import Testing

@testable import LocalProvider
@testable import ProviderContract

@Suite(.runs(on: .programs)) struct MachineTests {
    @Test func `a machine lives on when its operator is gone, and is found again`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let server = try await contract.makeServer()
        try await contract.boot(server.id)

        let later = harness.restarted()
        let found = try await later.server(server.id)
        #expect(found.state == .running)
        #expect(found.guestReady == true)
        try await later.powerOff(server.id)
        _ = try await contract.state(of: server.id, .stopped)
        #expect(LocalHarness.processes(of: server.id.text).isEmpty)
    }

    @Test func `a number in a pid file is not a machine`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let (crashed, running) = (try await contract.makeServer(), try await contract.makeServer())
        try await contract.boot(crashed.id)
        try await contract.boot(running.id)
        let process = try #require(LocalHarness.processes(of: crashed.id.text).first)
        kill(process, SIGKILL)
        let state = try await contract.wait(for: "end", { try await harness.provider.server(crashed.id).state }) {
            $0 != .running
        }
        #expect(state == .stoppedInPlace)

        // Its number is given to somebody else: to us, and to another machine of the same operator.
        let other = try #require(LocalHarness.processes(of: running.id.text).first)
        for number in [getpid(), other, 1] {
            try harness.overwrite("\(harness.directory)/servers/\(crashed.id)/pid", Array("\(number)\n".utf8))
            #expect(try await harness.provider.server(crashed.id).state == .stoppedInPlace)
        }
        try await harness.provider.powerOff(crashed.id)
        #expect(try await harness.provider.server(crashed.id).state == .stopped)
        #expect(try await harness.provider.server(running.id).state == .running)
        try await contract.boot(crashed.id)
    }

    @Test func `a machine is found without its pid file`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let server = try await contract.makeServer()
        try await contract.boot(server.id)
        try FileSystem.removeTree("\(harness.directory)/servers/\(server.id)/pid")
        #expect(try await harness.provider.server(server.id).state == .running)
        try await contract.stop(server.id)
        #expect(LocalHarness.processes(of: server.id.text).isEmpty)
    }

    @Test func `a machine of a copied directory is not the original's`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let server = try await contract.makeServer()
        try await contract.boot(server.id)
        let copy = harness.directory + "-copy"
        let outcome = try ChildProcess(program: "/bin/cp", arguments: ["-a", harness.directory, copy])
            .run(deadline: .seconds(30), Cancellation())
        try #require(outcome.status == 0)
        let other = LocalProvider(directory: copy, programs: LocalHarness.programs, now: LocalHarness.wallClock)
        #expect(try await other.server(server.id).state == .stoppedInPlace)
        try await other.powerOff(server.id)
        #expect(try await harness.provider.server(server.id).state == .running)
    }

    @Test func `a guest that shut itself down is told from one that was asked to`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let server = try await contract.makeServer()
        try await harness.provider.tag(.server(server.id), with: contract.tags(.server, condemned: true))
        let proof = try ServerDeletionProof(
            record: contract.record(condemning: .server(server.id), .unwantedServer),
            fresh: try await harness.provider.server(server.id), data: nil)
        try await contract.boot(server.id)
        try pressButton(harness, server.id)
        let state = try await contract.wait(for: "end", { try await harness.provider.server(server.id).state }) {
            $0 != .running && $0 != .starting
        }
        #expect(state == .stoppedInPlace)
        await expect(.conflict) { () throws(ProviderError) in try await harness.provider.deleteServer(proof) }
        try await harness.provider.powerOff(server.id)
        #expect(try await harness.provider.server(server.id).state == .stopped)
        try await harness.provider.deleteServer(proof)
    }

    @Test func `a machine that ends is never seen as one at a standstill, however closely it is watched`() async throws
    {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let server = try await ProviderContract(harness).makeServer()
        for _ in 0..<4 {
            try await ProviderContract(harness).boot(server.id)
            try pressButton(harness, server.id)
            let seen = try await withThrowingTaskGroup(of: Set<Server.State>.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        var seen: Set<Server.State> = []
                        while !seen.contains(.stoppedInPlace) {
                            seen.insert(try await harness.provider.server(server.id).state)
                        }
                        return seen
                    }
                }
                return try await group.reduce(into: Set<Server.State>()) { $0.formUnion($1) }
            }
            #expect(seen.isSubset(of: [.running, .starting, .stoppedInPlace]))
            try await harness.provider.powerOff(server.id)
        }
    }

    @Test func `a guest that ignores the button loses its power at the deadline, though nobody looks`() async throws {
        let images = try deafImage()
        defer { images.remove() }
        let harness = try LocalHarness(images: images.folder, powerOffDeadline: .seconds(1))
        defer { harness.tearDown() }
        let server = try await deafServer(harness)
        try await harness.provider.powerOff(server)
        _ = try await ProviderContract(harness).wait(for: "end", { LocalHarness.processes(of: server.text) }) {
            $0.isEmpty
        }
        #expect(try await harness.provider.server(server).state == .stopped)
    }

    @Test func `many stop at once, and none is started before it has stopped`() async throws {
        let images = try deafImage()
        defer { images.remove() }
        // Far away: however slow the machine is, all four are on their way when they are listed.
        let harness = try LocalHarness(images: images.folder, powerOffDeadline: .seconds(600))
        defer { harness.tearDown() }
        var servers: [ServerID] = []
        for _ in 0..<4 { servers.append(try await deafServer(harness)) }
        for server in servers { try await harness.provider.powerOff(server) }
        guard case .complete(let inventory) = await harness.provider.list() else { throw ContractViolation("no list") }
        #expect(inventory.servers.map(\.state) == [.stopping, .stopping, .stopping, .stopping])
        await #expect(throws: ProviderError.self) { try await harness.provider.powerOn(servers[0]) }
        let later = harness.restarted(powerOffDeadline: .zero)
        for server in servers { try await later.powerOff(server) }
        for server in servers { #expect(try await later.server(server).state == .stopped) }
    }

    @Test func `a deadline that an operator left behind is kept by the next one`() async throws {
        let images = try deafImage()
        defer { images.remove() }
        let harness = try LocalHarness(images: images.folder, powerOffDeadline: .seconds(600))
        defer { harness.tearDown() }
        let (seen, stopped) = (try await deafServer(harness), try await deafServer(harness))
        for server in [seen, stopped] { try await harness.provider.powerOff(server) }

        let later = harness.restarted(powerOffDeadline: .zero)
        try await later.powerOff(stopped)
        #expect(try await later.server(stopped).state == .stopped)
        // Looking is enough.
        #expect(try await later.server(seen).state == .stopping)
        _ = try await ProviderContract(harness).state(of: seen, .stopped)
    }

    @Test func `a machine that hangs is not taken for one that runs, and can be stopped`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let server = try await ProviderContract(harness).makeServer()
        try await ProviderContract(harness).boot(server.id)
        let process = try #require(LocalHarness.processes(of: server.id.text).first)
        kill(process, SIGSTOP)
        guard case .unresponsive = try await harness.provider.server(server.id).state else {
            throw ContractViolation("a stopped process is taken for a machine that runs")
        }
        let later = harness.restarted(powerOffDeadline: .zero)
        try await later.powerOff(server.id)
        #expect(try await later.server(server.id).state == .stopped)
    }

    @Test func `two operators that start one machine get one machine`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let server = try await ProviderContract(harness).makeServer()
        let providers = [harness.provider, harness.restarted(), harness.restarted()]
        for _ in 0..<5 {
            let refusals = await withTaskGroup(of: ProviderError.Reason?.self) { group in
                for provider in providers {
                    group.addTask {
                        do throws(ProviderError) { try await provider.powerOn(server.id) } catch { return error.reason }
                        return nil
                    }
                }
                var refusals: [ProviderError.Reason] = []
                for await reason in group { if let reason { refusals.append(reason) } }
                return refusals
            }
            #expect(refusals.allSatisfy { $0 == .conflict } && refusals.count < providers.count)
            #expect(LocalHarness.processes(of: server.id.text).count == 1)
            try await ProviderContract(harness).stop(server.id)
        }
    }

    @Test func `a disk that another process writes to is left alone`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let (disk, server) = (try await contract.makeDisk(), try await contract.makeServer())
        let proof = try await contract.proof(disk.id)
        let path = "\(harness.directory)/disks/\(disk.id).raw"
        let folder = try LocalHarness.temporaryFolder()
        defer { try? FileSystem.removeTree(folder) }
        let stranger = Machine(id: "stranger-\(disk.id)", folder: folder, bootDisk: path)
        let type = try #require(MachineType("c1-m16"))
        try stranger.start(
            Machine.Board(type: type, disks: [("disk", path)], isCounter: true), .tcg,
            program: try harness.provider.machineProgram(), Cancellation())
        defer { try? stranger.cut() }

        await expect(.inUse) { () throws(ProviderError) in try await harness.provider.deleteDisk(proof) }
        await expect(.inUse) { () throws(ProviderError) in
            try await harness.provider.attachDisk(disk.id, to: server.id)
        }
        await expect(.conflict) { () throws(ProviderError) in
            _ = try await harness.provider.createSnapshot(
                SnapshotSpecification(name: "s", tags: contract.tags(.data), disk: disk.id))
        }
        try stranger.cut()
        try await contract.attach(disk.id, to: server.id)
        try stranger.start(
            Machine.Board(type: type, disks: [("disk", path)], isCounter: true), .tcg,
            program: try harness.provider.machineProgram(), Cancellation())
        await expect(.conflict) { () throws(ProviderError) in try await harness.provider.powerOn(server.id) }
        #expect(try await harness.provider.server(server.id).state == .stopped)
    }

    @Test func `a disk grows under a running machine, which keeps it from being snapshotted`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let contract = ProviderContract(harness)
        let (disk, server) = (try await contract.makeDisk(), try await contract.makeServer())
        try await contract.attach(disk.id, to: server.id)
        try await contract.boot(server.id)
        try await harness.provider.growDisk(disk.id, toBytes: disk.sizeBytes * 3)
        #expect(try await harness.provider.disk(disk.id).sizeBytes == disk.sizeBytes * 3)
        #expect(try FileSystem.size(of: "\(harness.directory)/disks/\(disk.id).raw") == disk.sizeBytes * 3)
        await expect(.conflict) { () throws(ProviderError) in
            _ = try await harness.provider.createSnapshot(
                SnapshotSpecification(name: "s", tags: contract.tags(.data), disk: disk.id))
        }
        // Nor does it come or go under it.
        let other = try await contract.makeDisk()
        await expect(.conflict) { () throws(ProviderError) in
            try await harness.provider.detachDisk(disk.id, from: server.id)
        }
        await expect(.conflict) { () throws(ProviderError) in
            try await harness.provider.attachDisk(other.id, to: server.id)
        }
        #expect(try await harness.provider.disk(disk.id).attachment?.server == server.id)
        #expect(try await harness.provider.disk(other.id).attachment == nil)
        try await contract.stop(server.id)
    }

    @Test func `a log that has grown long is emptied while the machine runs`() async throws {
        let harness = try LocalHarness()
        defer { harness.tearDown() }
        let server = try await ProviderContract(harness).makeServer()
        try await ProviderContract(harness).boot(server.id)
        let log = "\(harness.directory)/servers/\(server.id)/serial.log"
        try FileSystem.resize(log, toBytes: 17 << 20)
        _ = await harness.provider.list()
        #expect(try FileSystem.size(of: log) == 0)
    }

    // MARK: Steps

    private func pressButton(_ harness: LocalHarness, _ server: ServerID) throws {
        guard var monitor = try MachineMonitor(folder: "\(harness.directory)/servers/\(server)") else {
            throw ContractViolation("the machine has no monitor")
        }
        try monitor.pressPowerButton()
    }

    /// A folder with the image `deaf`: a boot sector that stops the processor at once and for ever.
    private func deafImage() throws -> Images {
        let images = try Images()
        let code: [UInt8] = [0xfa, 0xf4, 0xeb, 0xfd]  // cli; hlt; jmp to the hlt
        let sector = code + [UInt8](repeating: 0, count: 506) + [0x55, 0xaa]
        try images.write("deaf.raw", sector + [UInt8](repeating: 0, count: 1 << 20))
        return images
    }

    private func deafServer(_ harness: LocalHarness) async throws -> ServerID {
        let server = try await harness.provider.createServer(
            ServerSpecification(
                name: "deaf", tags: ProviderContract(harness).tags(.server), type: "c1-m32",
                boot: .image("deaf", rootBytes: nil), configuration: ServerConfiguration()))
        let running = try await ProviderContract(harness).boot(server.id)
        #expect(running.guestReady == nil)
        return server.id
    }
}

/// Expects a call to be refused for one reason.
func expect(
    _ reason: ProviderError.Reason, saying words: String = "", at location: SourceLocation = #_sourceLocation,
    _ call: () async throws(ProviderError) -> Void
) async {
    do throws(ProviderError) {
        try await call()
        Issue.record("not refused", sourceLocation: location)
    } catch {
        #expect(error.reason == reason, "\(error)", sourceLocation: location)
        #expect(words.isEmpty || error.message.contains(words), "\(error)", sourceLocation: location)
    }
}
