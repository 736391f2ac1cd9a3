import Instances
import Reconciler
import Testing

@testable import ScalewayProvider

/// The address of an instance's own.
extension ConfiguringTests {
    @Test func `a reserved address survives stop, start and the server itself`() async throws {
        let reserved = ServerConfiguration(publicIP: .reserved)
        let first = try await makeServer(reserved)
        try await configure(first, reserved)
        let address = try #require(try await provider.server(first).publicIPv4)
        let companion = try #require(try await inventory().companions.first { $0.kind == .address })
        #expect(companion.usedBy == first)
        #expect(companion.tags == tags.companion)
        try await power(first, on: true)
        try await power(first, on: false)
        #expect(try await provider.server(first).publicIPv4 == address)

        await scaleway.ask("DELETE", "/instance/v1/zones/fr-par-1/servers/\(first)")
        let second = try await makeServer(reserved)
        try await configure(second, reserved)
        #expect(try await provider.server(second).publicIPv4 == address)
        #expect(try await inventory().companions.filter { $0.kind == .address }.count == 1)
    }

    @Test func `an address that is not reserved any more is taken from the server`() async throws {
        let id = try await makeServer()
        try await configure(id, ServerConfiguration(publicIP: .reserved))
        try await configure(id, ServerConfiguration(publicIP: .none))
        #expect(try await provider.server(id).publicIPv4 == nil)
        let companion = try #require(try await inventory().companions.first { $0.kind == .address })
        #expect(companion.usedBy == nil)
        try await provider.deleteCompanion(companion.id)
        #expect(try await inventory().companions.filter { $0.kind == .address }.isEmpty)
        try await provider.deleteCompanion(companion.id)
    }

    @Test func `an address that was made just now and is condemned is not taken up again`() async throws {
        let id = try await makeServer()
        try await configure(id, ServerConfiguration(publicIP: .reserved))
        try await configure(id, ServerConfiguration(publicIP: .none))
        let address = try #require(try await inventory().companions.first { $0.kind == .address })
        var condemned = try #require(address.tags)
        condemned.condemned = true
        try await provider.tag(.companion(address.id), with: condemned)
        let error = await #expect(throws: ProviderError.self) {
            try await configure(id, ServerConfiguration(publicIP: .reserved))
        }
        #expect(error?.reason == .conflict)
        #expect(try await inventory().companions.first { $0.id == address.id }?.usedBy == nil)
    }
}
