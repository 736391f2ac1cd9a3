import HTTP
import Instances
import Reconciler
import ScalewayEmulator
import Testing

@testable import ProviderContract
@testable import ScalewayProvider

/// Servers in every state that the real API knows, and in some that it may know one day.
@Suite struct PowerTests {
    private let scaleway = EmulatedScaleway()
    private let provider: ScalewayProvider
    private let tags: Tags

    init() throws {
        provider = try scaleway.provider()
        tags = Tags(
            owner: OwnerID("0123456789abcdef"), instance: InstanceUID("fedcba9876543210"),
            name: try #require(InstanceName("web")), role: .server, operation: Operation(epoch: 1, nonce: "00"))
    }

    private func makeServer(type: String = "DEV1-S") async throws -> ServerID {
        let server = try await provider.createServer(
            ServerSpecification(
                name: "web", tags: tags, type: type, boot: .image("ubuntu_jammy", rootBytes: nil),
                configuration: ServerConfiguration(publicIP: .none)))
        await scaleway.wait(seconds: 10)
        return server.id
    }

    private func reason(_ call: () async throws -> Void) async -> ProviderError.Reason? {
        do { try await call() } catch { return (error as? ProviderError)?.reason }
        return nil
    }

    @Test func `a new server is off, and says which disk it boots from`() async throws {
        let id = try await makeServer()
        let server = try await provider.server(id)
        #expect(server.state == .stopped)
        let root = try await provider.disk(try #require(server.bootDisk))
        #expect(root.attachment == Disk.Attachment(server: id, phase: .attached))
        #expect(root.tags == nil, "Scaleway makes root disks without tags")
        var mine = tags
        mine.role = .root
        try await provider.tag(.disk(root.id), with: mine)
        #expect(try await provider.disk(root.id).tags == mine)
    }

    @Test func `a guest that shut itself down is powered off for good`() async throws {
        let id = try await makeServer()
        try await provider.powerOn(id)
        await scaleway.wait(seconds: 100)
        await scaleway.ask("POST", "/_emulator/servers/\(id)/shutdown")
        await scaleway.wait(seconds: 100)
        #expect(try await provider.server(id).state == .stoppedInPlace)
        try await provider.powerOff(id)
        await scaleway.wait(seconds: 400)
        #expect(try await provider.server(id).state == .stopped)
    }

    @Test func `a guest that shut itself down is powered on again`() async throws {
        let id = try await makeServer()
        try await provider.powerOn(id)
        await scaleway.wait(seconds: 100)
        await scaleway.ask("POST", "/_emulator/servers/\(id)/shutdown")
        await scaleway.wait(seconds: 100)
        try await provider.powerOn(id)
        await scaleway.wait(seconds: 100)
        #expect(try await provider.server(id).state == .running)
    }

    @Test func `what is under way is waited for`() async throws {
        let id = try await makeServer()
        try await provider.powerOn(id)
        #expect(try await provider.server(id).state == .starting)
        try await provider.powerOn(id)
        #expect(await reason { try await provider.powerOff(id) } == .conflict)
        #expect(await reason { try await provider.changeType(of: id, to: "DEV1-M") } == .conflict)
        await scaleway.wait(seconds: 100)
        try await provider.powerOff(id)
        #expect(try await provider.server(id).state == .stopping)
        #expect(await reason { try await provider.powerOn(id) } == .conflict)
    }

    @Test func `a locked server is waited for`() async throws {
        let id = try await makeServer()
        await scaleway.ask("POST", "/_emulator/locks", ["id": .string(id.text)])
        #expect(await reason { try await provider.powerOn(id) } == .conflict)
    }

    @Test(arguments: ["locked", "hibernated"]) func `nothing is asked of a server in a state that is not known`(
        state: String
    ) async throws {
        let scaleway = ScriptedScaleway { _, _ in
            .success(Response(200, "{\"server\": \(Sample.server(1, state: state))}"))
        }
        let provider = try scaleway.provider()
        let id = ServerID(Sample.id(1))
        #expect(await reason { try await provider.powerOn(id) } == .conflict)
        #expect(await reason { try await provider.powerOff(id) } == .conflict)
        #expect(await reason { try await provider.detachDisk(DiskID(Sample.id(2)), from: id) } == .conflict)
        #expect(scaleway.addresses.allSatisfy { $0.hasPrefix("GET") })
    }

    @Test(arguments: ["running", "starting", "stopping", "stopped in place", "locked", "hibernated"])
    func `what needs a server to be off is not even asked of one that is not`(state: String) async throws {
        let contract = ProviderContract(try ScalewayHarness())
        let words = contract.tags(.server, condemned: true).words
        func scaleway(_ state: String) -> ScriptedScaleway {
            ScriptedScaleway { address, _ in
                if address.contains("/volumes/") { return .success(Response(200, Sample.volume(2))) }
                return .success(Response(200, "{\"server\": \(Sample.server(1, state: state, tags: words))}"))
            }
        }
        let (id, disk) = (ServerID(Sample.id(1)), DiskID(Sample.id(2)))
        // It was off when it was proven that it may go.
        let proof = try ServerDeletionProof(
            record: contract.record(condemning: .server(id), .unwantedServer),
            fresh: try await scaleway("stopped").provider().server(id), data: nil)
        let asked = scaleway(state)
        let provider = try asked.provider()
        #expect(await reason { try await provider.attachDisk(disk, to: id) } == .conflict)
        #expect(await reason { try await provider.detachDisk(disk, from: id) } == .conflict)
        #expect(await reason { try await provider.changeType(of: id, to: "DEV1-M") } == .conflict)
        #expect(await reason { try await provider.deleteServer(proof) } == .conflict)
        #expect(asked.addresses.filter { !$0.hasPrefix("GET") } == [])
    }

    @Test(arguments: [(Sample.project, Sample.id(77)), ("fr-par-1", "fr-par-2")])
    func `nobody knows what became of a server that was made elsewhere`(place: String, other: String) async throws {
        let scaleway = ScriptedScaleway { address, _ in
            guard address.hasPrefix("POST") else { return .success(Response(503, "")) }
            return .success(Response(201, "{\"server\": \(Sample.server(1).replacing(place, with: other))}"))
        }
        let provider = try scaleway.provider()
        let specification = ServerSpecification(
            name: "web", tags: tags, type: "DEV1-S", boot: .disk(DiskID(Sample.id(2))),
            configuration: ServerConfiguration())
        #expect(await reason { _ = try await provider.createServer(specification) } == .unknownOutcome)
    }

    @Test func `a type that is sold out makes no server`() async throws {
        await scaleway.ask(
            "POST", "/_emulator/stock", ["zone": "fr-par-1", "type": "GP1-XS", "in_stock": false])
        await #expect(throws: ProviderError.self) { try await makeServer(type: "GP1-XS") }
        #expect(await reason { _ = try await makeServer(type: "GP1-XS") } == .capacity)
        #expect(await scaleway.requests.contains { $0.hasPrefix("POST") } == false)
    }

    @Test func `a type that is sold out between creation and power on is waited for`() async throws {
        let id = try await makeServer()
        try await scaleway.add(fault: ["on": "POST /instance/v1/zones/*/servers/*/action", "do": "out-of-stock"])
        #expect(await reason { try await provider.powerOn(id) } == .capacity)
        #expect(try await provider.server(id).state == .stopped)
    }

    @Test func `a quota is a reason`() async throws {
        await scaleway.ask("POST", "/_emulator/quotas", ["servers": 0])
        #expect(await reason { _ = try await makeServer() } == .quota)
    }

    @Test func `the root disk is not detached, whatever the API allows`() async throws {
        let id = try await makeServer()
        let root = try #require(try await provider.server(id).bootDisk)
        await scaleway.forgetRequests()
        #expect(await reason { try await provider.detachDisk(root, from: id) } == .invalid)
        #expect(await scaleway.requests.allSatisfy { $0.hasPrefix("GET") })
    }

    @Test func `a data disk does not become what a server boots from`() async throws {
        let id = try await makeServer()
        let root = try #require(try await provider.server(id).bootDisk)
        await scaleway.ask(
            "POST", "/instance/v1/zones/fr-par-1/servers/\(id)/detach-volume", ["volume_id": .string(root.text)])
        let disk = try await provider.createDisk(
            DiskSpecification(name: "data", tags: tags, sizeBytes: 1_000_000_000, source: nil))
        await scaleway.wait(seconds: 100)
        #expect(await reason { try await provider.attachDisk(disk.id, to: id) } == .conflict)
        #expect(try await provider.disk(disk.id).attachment == nil)
    }

    @Test func `nothing ever terminates a server or sends its map of disks`() async throws {
        let seen = try await bodies()
        #expect(!seen.contains { $0.contains("terminate") })
        let patches = seen.filter { $0.hasPrefix("PATCH") && $0.contains("/servers/") }
        #expect(!patches.isEmpty)
        #expect(!patches.contains { $0.contains("volumes") })
    }

    /// Everything that is sent in the life of a server.
    private func bodies() async throws -> [String] {
        let id = try await makeServer()
        try await provider.configureServer(id, tags: tags, as: ServerConfiguration(publicIP: .none, protected: true))
        try await provider.changeType(of: id, to: "DEV1-M")
        try await provider.powerOn(id)
        await scaleway.wait(seconds: 100)
        try await provider.powerOff(id)
        await scaleway.wait(seconds: 400)
        return await scaleway.sentBodies
    }

    @Test func `a server that boots from a disk needs no image`() async throws {
        let disk = try await provider.createDisk(
            DiskSpecification(name: "root", tags: tags, sizeBytes: 20_000_000_000, source: nil, iops: 15_000))
        await scaleway.wait(seconds: 10)
        #expect(try await provider.disk(disk.id).iops == 15_000)
        try await provider.setIOPS(disk.id, to: 5_000)
        await scaleway.wait(seconds: 10)
        #expect(try await provider.disk(disk.id).iops == 5_000)
        await scaleway.forgetRequests()
        let server = try await provider.createServer(
            ServerSpecification(
                name: "web", tags: tags, type: "DEV1-S", boot: .disk(disk.id), configuration: ServerConfiguration()))
        #expect(server.bootDisk == disk.id)
        #expect(await scaleway.requests.contains { $0.contains("marketplace") } == false)
        let created = try #require(await scaleway.sentBodies.last)
        #expect(!created.contains("image"))
        #expect(created.contains("\"dynamic_ip_required\":true"))
    }
}
