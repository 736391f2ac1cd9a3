import HTTP
import Instances
import Reconciler
import Testing

@testable import ScalewayProvider

/// What the provider knows better than to ask for.
@Suite struct DiskTests {
    private let server = ServerID(Sample.id(1))
    private let disk = DiskID(Sample.id(2))

    /// Has a server that is off and knows of no data disk, and a disk; does whatever it is asked.
    private func scaleway(_ volume: String) -> ScriptedScaleway {
        ScriptedScaleway { address, _ in
            if address.contains("/volumes/") { return .success(Response(200, volume)) }
            return .success(Response(200, "{\"server\": \(Sample.server(1))}"))
        }
    }

    @Test func `a disk is not asked to become smaller`() async throws {
        let scaleway = scaleway(Sample.volume(2))
        let provider = try scaleway.provider()
        let error = await #expect(throws: ProviderError.self) {
            try await provider.growDisk(disk, toBytes: 999_999_999)
        }
        #expect(error?.reason == .invalid)
        #expect(scaleway.addresses.filter { !$0.hasPrefix("GET") } == [])
    }

    @Test func `a disk that says it is attached is not detached because its server does not know about it`()
        async throws
    {
        let attached = Sample.volume(2, status: "in_use", references: Sample.reference(1, "attached"))
        let scaleway = scaleway(attached)
        let provider = try scaleway.provider()
        let error = await #expect(throws: ProviderError.self) { try await provider.detachDisk(disk, from: server) }
        #expect(error?.reason == .conflict)
        #expect(scaleway.addresses.filter { !$0.hasPrefix("GET") } == [])
    }

    @Test func `a disk that is on its way out is let go`() async throws {
        let leaving = Sample.volume(2, status: "in_use", references: Sample.reference(1, "detaching"))
        let scaleway = scaleway(leaving)
        try await scaleway.provider().detachDisk(disk, from: server)
        #expect(scaleway.addresses.filter { !$0.hasPrefix("GET") } == [])
    }
}
