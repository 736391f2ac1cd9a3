import HTTP
import Instances
import Reconciler
import ScalewayEmulator
import TestThreads
import Testing

@testable import ScalewayProvider

/// What goes wrong on the way is an error of the right kind; it is never absence and never success.
@Suite(.runs(on: .programs)) struct FaultTests {
    private let scaleway = EmulatedScaleway()
    private let provider: ScalewayProvider
    private let tags: Tags

    init() throws {
        provider = try scaleway.provider()
        tags = Tags(
            owner: OwnerID("0123456789abcdef"), instance: InstanceUID("fedcba9876543210"),
            name: try #require(InstanceName("web")), role: .data, operation: Operation(epoch: 1, nonce: "00"))
    }

    private func makeDisk() async throws -> Disk {
        let disk = try await provider.createDisk(
            DiskSpecification(name: "data", tags: tags, sizeBytes: 1_000_000_000, source: nil))
        await scaleway.wait(seconds: 10)
        return disk
    }

    private static let readFaults: [(String, ProviderError.Reason)] = [
        ("server-error", .unavailable), ("unavailable", .unavailable), ("not-json", .unavailable),
        ("drop-before", .unavailable), ("drop-after", .unavailable), ("unauthenticated", .unauthorized),
        ("forbidden", .forbidden), ("rate-limited", .rateLimited(retryAfter: nil)), ("locked", .conflict),
        // Not about the disk that was asked for.
        ("not-found", .unavailable),
    ]

    @Test(arguments: readFaults) func `a read that fails is not absence`(
        fault: String, reason: ProviderError.Reason
    ) async throws {
        let disk = try await makeDisk()
        try await scaleway.add(fault: ["on": "GET /block/v1/zones/*/volumes/*", "do": .string(fault)])
        let error = await #expect(throws: ProviderError.self) { _ = try await provider.disk(disk.id) }
        #expect(error?.reason == reason)
    }

    private static let listings = [
        "instance/v1/zones/*/servers", "block/v1/zones/*/volumes", "block/v1/zones/*/snapshots",
        "instance/v1/zones/*/ips",
        "instance/v1/zones/*/security_groups",
    ]

    @Test(arguments: listings, readFaults.map(\.0)) func `one listing that fails makes all unknown`(
        listing: String, fault: String
    ) async throws {
        try await scaleway.add(fault: ["on": .string("GET /\(listing)"), "do": .string(fault)])
        guard case .unknown(let reason) = await provider.list() else {
            Issue.record("complete")
            return
        }
        #expect(reason.hasPrefix("cannot list"))
    }

    @Test(arguments: [3, 40]) func `a listing that is cut off is unknown`(bytes: Int) async throws {
        _ = try await makeDisk()
        try await scaleway.add(
            fault: ["on": "GET /block/v1/zones/*/volumes", "do": ["truncate": .integer(bytes)]])
        guard case .unknown = await provider.list() else {
            Issue.record("complete")
            return
        }
    }

    @Test func `a listing that lacks an item is unknown`() async throws {
        _ = try await makeDisk()
        try await scaleway.add(fault: ["on": "GET /block/v1/zones/*/volumes", "do": ["omit": ["count": 1]]])
        guard case .unknown(let reason) = await provider.list() else {
            Issue.record("complete")
            return
        }
        #expect(reason.contains("after 0 of 1"))
    }

    private static let changes: [(String, ProviderError.Reason, Bool)] = [
        ("server-error", .unknownOutcome, false), ("unavailable", .unknownOutcome, false),
        ("not-json", .unknownOutcome, false), ("drop-before", .unknownOutcome, false),
        ("drop-after", .unknownOutcome, true), ("unauthenticated", .unauthorized, false),
        ("forbidden", .forbidden, false), ("quota", .quota, false), ("out-of-stock", .capacity, false),
        ("rate-limited", .rateLimited(retryAfter: nil), false), ("transient", .conflict, false),
        ("not-found", .invalid, false),
    ]

    @Test(arguments: changes) func `a create call that fails says whether it may have been carried out`(
        fault: String, reason: ProviderError.Reason, isCarriedOut: Bool
    ) async throws {
        try await scaleway.add(fault: ["on": "POST /block/v1/zones/*/volumes", "do": .string(fault)])
        let error = await #expect(throws: ProviderError.self) { _ = try await makeDisk() }
        #expect(error?.reason == reason)
        // What was made is found by its tags.
        guard case .complete(let inventory) = await provider.list() else {
            Issue.record("no listing")
            return
        }
        #expect(inventory.disks.compactMap(\.tags) == (isCarriedOut ? [tags] : []))
    }

    @Test func `a create call that is cut off in the answer is an unknown outcome`() async throws {
        try await scaleway.add(fault: ["on": "POST /block/v1/zones/*/snapshots", "do": ["truncate": 20]])
        let disk = try await makeDisk()
        let error = await #expect(throws: ProviderError.self) {
            _ = try await provider.createSnapshot(SnapshotSpecification(name: "cut", tags: tags, disk: disk.id))
        }
        #expect(error?.reason == .unknownOutcome)
    }

    @Test func `what is of another project is neither ours nor absent`() async throws {
        let other = "33333333-3333-4333-8333-333333333333"
        let shared = EmulatedScaleway(EmulatorConfiguration(projects: [EmulatorConfiguration.defaultProject, other]))
        let made = await shared.ask(
            "POST", "/block/v1/zones/fr-par-1/volumes",
            ["name": "theirs", "project_id": .string(other), "from_empty": ["size": 1_000_000_000]])
        let id = try #require(made.json?["id"]?.text)
        let provider = try shared.provider()
        let error = await #expect(throws: ProviderError.self) { _ = try await provider.disk(DiskID(id)) }
        #expect(error?.reason == .forbidden)
        guard case .complete(let inventory) = await provider.list() else {
            Issue.record("no listing")
            return
        }
        #expect(inventory.disks.isEmpty)
    }

    @Test(arguments: [Sample.volume(2), Sample.volume(1).replacing("fr-par-1", with: "fr-par-2")])
    func `an answer about something else is no answer`(answer: String) async throws {
        let scaleway = ScriptedScaleway { _, _ in .success(Response(200, answer)) }
        let provider = try scaleway.provider()
        let error = await #expect(throws: ProviderError.self) { _ = try await provider.disk(DiskID(Sample.id(1))) }
        #expect(error?.reason == .unavailable)
    }

    @Test func `the account is not known while the key is not accepted`() async throws {
        try await scaleway.add(fault: ["on": "GET /instance/**", "do": "unauthenticated"])
        let error = await #expect(throws: ProviderError.self) { _ = try await provider.account() }
        #expect(error?.reason == .unauthorized)
    }
}
