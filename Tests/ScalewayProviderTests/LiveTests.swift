import FoundationEssentials
import HTTP
import Instances
import ProviderContract
import Reconciler
import ScalewayEmulator
import TestThreads
import Testing

@testable import ScalewayProvider

/// The emulator as a server, reached as the real API would be: through libcurl, paced and with retries.
@Suite(.runs(on: .programs), .serialized) struct LiveTests {
    /// Fast enough for a test, slow enough that every state on the way is seen.
    private static let timeScale = 0.005

    private func startEmulator() throws -> (server: ServerProcess, url: String) {
        let program = Workshop.programs + "/scaleway-emulator"
        let server = try ServerProcess([program, "--port", "0", "--time-scale", String(Self.timeScale)])
        let url = try #require(server.readLine().split(separator: " ").first)
        return (server, String(url))
    }

    private func account(_ url: String) throws -> (ScalewayAccount, HTTPClient) {
        let http = HTTPClient(configuration: ClientConfiguration())
        return (ScalewayAccount(try configuration(url), http: http), http)
    }

    private func configuration(_ url: String) throws -> ScalewayConfiguration {
        try ScalewayConfiguration.load(
            environment: [
                "SCW_ACCESS_KEY": EmulatorConfiguration.defaultAccessKey,
                "SCW_SECRET_KEY": EmulatorConfiguration.defaultSecretKey,
                "SCW_DEFAULT_PROJECT_ID": EmulatorConfiguration.defaultProject, "SCW_API_URL": url,
                "SCW_DEFAULT_ORGANIZATION_ID": EmulatorConfiguration.defaultProject,
            ]) { _ in nil }
    }

    @Test(arguments: [ContractClause.life, .listing])
    func `the contract is kept over a real connection`(clause: ContractClause) async throws {
        let (server, url) = try startEmulator()
        let (account, http) = try account(url)
        defer { http.shutdown() }
        try await ProviderContract(LiveHarness(provider: account.provider(zone: "fr-par-1"))).check(clause)
        withExtendedLifetime(server) {}
    }

    @Test func `a rate limit and a failing server are waited out`() async throws {
        let (server, url) = try startEmulator()
        let (account, http) = try account(url)
        defer { http.shutdown() }
        let faults = """
            [{"on": "GET /instance/v1/zones/*/servers", "when": {"nth": 1}, "do": "rate-limited"}, \
            {"on": "GET /block/v1/zones/*/volumes", "when": {"nth": 1}, "do": "drop-before"}, \
            {"on": "GET /block/v1/zones/*/snapshots", "when": {"nth": 1}, "do": "unavailable"}]
            """
        let added = try await http.send(
            Request(method: .post, url: url + "/_emulator/faults", body: Array(faults.utf8)))
        #expect(added.status == 200)
        guard case .complete = try await account.provider(zone: "fr-par-1").list() else {
            Issue.record("no listing")
            return
        }
        withExtendedLifetime(server) {}
    }

    @Test func `a create call is sent once, whatever becomes of it`() async throws {
        let (server, url) = try startEmulator()
        let (account, http) = try account(url)
        defer { http.shutdown() }
        let fault = #"{"on": "POST /block/v1/zones/*/volumes", "do": "drop-after"}"#
        _ = try await http.send(Request(method: .post, url: url + "/_emulator/faults", body: Array(fault.utf8)))
        let provider = try account.provider(zone: "fr-par-1")
        let error = await #expect(throws: ProviderError.self) {
            _ = try await provider.createDisk(
                DiskSpecification(name: "data", tags: LiveHarness.tags, sizeBytes: 1_000_000_000, source: nil))
        }
        #expect(error?.reason == .unknownOutcome)
        guard case .complete(let inventory) = await provider.list() else {
            Issue.record("no listing")
            return
        }
        #expect(inventory.disks.map(\.tags) == [LiveHarness.tags])
        withExtendedLifetime(server) {}
    }

    @Test func `a deletion is sent once, on the strength of what was just read`() async throws {
        let (server, url) = try startEmulator()
        let (account, http) = try account(url)
        defer { http.shutdown() }
        let provider = try account.provider(zone: "fr-par-1")
        var tags = LiveHarness.tags
        tags.condemned = true
        let made = try await provider.createDisk(
            DiskSpecification(name: "data", tags: tags, sizeBytes: 1_000_000_000, source: nil))
        var disk = made
        for _ in 0..<500 where disk.state != .available { disk = try await provider.disk(made.id) }
        let proof = try DiskDeletionProof(
            record: Record(
                uid: tags.instance, name: tags.name, provider: "scaleway", account: "", zone: "fr-par-1",
                condemned: [
                    Condemned(resource: .disk(disk.id), operation: tags.operation, ground: .approved(commit: "4f2c"))
                ]), fresh: disk, copy: nil)
        let fault = #"{"on": "DELETE /block/v1/zones/*/volumes/*", "when": {"nth": 1}, "do": "unavailable"}"#
        _ = try await http.send(Request(method: .post, url: url + "/_emulator/faults", body: Array(fault.utf8)))
        let error = await #expect(throws: ProviderError.self) { try await provider.deleteDisk(proof) }
        #expect(error?.reason == .unknownOutcome || error?.reason == .unavailable)
        #expect(try await provider.disk(disk.id).state == .available)
        withExtendedLifetime(server) {}
    }

    @Test func `nobody there is a message with the way out`() async throws {
        let (account, http) = try account("http://127.0.0.1:\(Workshop.freePort())")
        defer { http.shutdown() }
        let provider = try account.provider(zone: "fr-par-1")
        let doctor = ScalewayDoctor(account, provider: provider)
        let checks = await doctor.run { Timestamp(seconds: 0) }
        #expect(checks.map(\.outcome) == [.failure])
        #expect(checks.first?.text.contains("SCW_API_URL") == true)
    }
}

struct LiveHarness: ProviderHarness {
    let provider: ScalewayProvider
    let type = "DEV1-S"
    let otherType = "DEV1-M"
    let image = "ubuntu_jammy"
    let rootBytes: Int64? = 20_000_000_000
    let dataBytes: Int64 = 1_000_000_000
    let looks = 500

    static let tags = Tags(
        owner: OwnerID("0123456789abcdef"), instance: InstanceUID("fedcba9876543210"),
        name: InstanceName("web")!, role: .data, operation: Operation(epoch: 1, nonce: "00"))

    func pause() async throws { try await Task.sleep(for: .milliseconds(10)) }
    func write(_ content: [UInt8], to disk: DiskID) async throws {}
    func content(of disk: DiskID, bytes: Int) async throws -> [UInt8]? { nil }
    func booted(_ content: [UInt8]) -> [UInt8] { content }
    // Only clauses that do without are checked over a connection.
    func stripTags(from resource: ResourceID) async throws {}
    func addForeignTag(to resource: ResourceID) async throws {}
    func hasForeignTag(_ resource: ResourceID) async throws -> Bool { false }
}
