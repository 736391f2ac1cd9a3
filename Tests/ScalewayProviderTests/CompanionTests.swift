import HTTP
import Instances
import Reconciler
import Testing

@testable import ScalewayProvider

/// Addresses and security groups are deleted when they are this instance's, and nobody else has them.
@Suite struct CompanionTests {
    enum Kind: CaseIterable, Sendable {
        case address, firewall
    }

    private let id = CompanionID(Sample.id(1))

    private func tags(_ role: Tags.Role, of instance: InstanceUID = InstanceUID("fedcba9876543210")) throws -> Tags {
        Tags(
            owner: OwnerID("0123456789abcdef"), instance: instance, name: try #require(InstanceName("web")),
            role: role, operation: Operation(epoch: 1, nonce: "00"))
    }

    /// Has one companion, which may be in use by a server that is off, and does whatever it is asked.
    private func scaleway(_ kind: Kind, _ tags: [String], usedBy owner: Tags? = nil) -> ScriptedScaleway {
        let user = owner.map { _ in 2 }
        return ScriptedScaleway { address, _ in
            if address.contains("/servers/") {
                return .success(Response(200, "{\"server\": \(Sample.server(2, tags: owner?.words ?? []))}"))
            }
            switch (kind, address.contains("/ips/")) {
            case (.address, true):
                return .success(Response(200, "{\"ip\": \(Sample.address(1, tags: tags, usedBy: user))}"))
            case (.firewall, false):
                let group = Sample.securityGroup(1, tags: tags, usedBy: user)
                return .success(Response(200, "{\"security_group\": \(group)}"))
            case (.address, false), (.firewall, true): return .success(Self.absent)
            }
        }
    }

    private static let absent = Response(404, "{\"type\": \"not_found\", \"resource_id\": \"\(Sample.id(1))\"}")

    /// Why it is not deleted; nothing may have been changed then.
    private func refusal(_ scaleway: ScriptedScaleway) async throws -> ProviderError.Reason? {
        let provider = try scaleway.provider()
        let error = await #expect(throws: ProviderError.self) { try await provider.deleteCompanion(id) }
        #expect(scaleway.addresses.filter { !$0.hasPrefix("GET") } == [])
        return error?.reason
    }

    @Test(arguments: Kind.allCases) func `what is in use by nobody goes`(kind: Kind) async throws {
        let scaleway = scaleway(kind, try tags(.companion).words)
        try await scaleway.provider().deleteCompanion(id)
        #expect(scaleway.addresses.last?.hasPrefix("DELETE") == true)
    }

    @Test(arguments: Kind.allCases) func `what is of somebody else stays`(kind: Kind) async throws {
        #expect(try await refusal(scaleway(kind, [])) == .invalid)
    }

    @Test(arguments: Kind.allCases, [Tags.Role.server, .root, .data])
    func `what is marked as something else stays`(kind: Kind, role: Tags.Role) async throws {
        #expect(try await refusal(scaleway(kind, try tags(role).words)) == .invalid)
    }

    @Test(arguments: Kind.allCases)
    func `nothing is taken from another instance's server, though it is off`(kind: Kind) async throws {
        let other = try tags(.server, of: InstanceUID("0000000000000000"))
        #expect(try await refusal(scaleway(kind, try tags(.companion).words, usedBy: other)) == .inUse)
    }

    @Test(arguments: [(403, ProviderError.Reason.forbidden), (503, .unavailable)])
    func `an address that cannot be read is not taken for absent`(
        status: Int, reason: ProviderError.Reason
    ) async throws {
        // As a security group there is none of its id.
        let scaleway = ScriptedScaleway { address, _ in
            .success(address.contains("/ips/") ? Response(status, "") : Self.absent)
        }
        #expect(try await refusal(scaleway) == reason)
    }
}
