import HTTP
import Instances
import Reconciler
import ScalewayEmulator
import Testing

@testable import ScalewayProvider

/// What instances share by a name that Scaleway would give to many.
@Suite struct SharingTests {
    private let scaleway = EmulatedScaleway()
    private let provider: ScalewayProvider
    private let tags: Tags

    init() throws {
        provider = try scaleway.provider()
        tags = Tags(
            owner: OwnerID("0123456789abcdef"), instance: InstanceUID("fedcba9876543210"),
            name: try #require(InstanceName("web")), role: .server, operation: Operation(epoch: 1, nonce: "00"))
    }

    private static let networks = "/vpc/v2/regions/fr-par/private-networks"
    private static let groups = "/instance/v1/zones/fr-par-1/security_groups"

    private func makeServer() async throws -> ServerID {
        let server = try await provider.createServer(
            ServerSpecification(
                name: "web", tags: tags, type: "DEV1-S", boot: .image("ubuntu_jammy", rootBytes: 20_000_000_000),
                configuration: ServerConfiguration(publicIP: .none)))
        await scaleway.wait(seconds: 10)
        return server.id
    }

    /// As another process of the same operator makes it.
    @discardableResult
    private func makeNetwork() async throws -> String {
        let made = await scaleway.ask(
            "POST", Self.networks,
            [
                "name": "lan", "project_id": .string(EmulatorConfiguration.defaultProject),
                "tags": .array(SharedTags(owner: tags.owner).words.map { .string($0) }),
            ])
        await scaleway.wait(seconds: 1)
        return try #require(made.json?["id"]?.text)
    }

    private func networks() async throws -> [String] {
        try #require(await scaleway.ask("GET", Self.networks).json?["private_networks"]?.items)
            .compactMap { $0["id"]?.text }
    }

    private let inLan = ServerConfiguration(publicIP: .none, privateNetworks: ["lan"])

    private func network(of id: ServerID) async throws -> String? {
        let server = await scaleway.ask("GET", "/instance/v1/zones/fr-par-1/servers/\(id)").json?["server"]
        return server?["private_nics"]?.items?.first?["private_network_id"]?.text
    }

    @Test func `of two networks that were made at once the older one is kept`() async throws {
        let older = try await makeNetwork()
        try await makeNetwork()
        let id = try await makeServer()
        try await provider.configureServer(id, tags: tags, as: inLan)
        #expect(try await network(of: id) == older)
        #expect(try await networks() == [older])
    }

    @Test func `a network that somebody uses stays, and the older one is used from then on`() async throws {
        let newer = try await makeNetwork()
        let first = try await makeServer()
        try await provider.configureServer(first, tags: tags, as: inLan)
        await scaleway.wait(seconds: -1_000)
        let older = try await makeNetwork()
        await scaleway.wait(seconds: 1_000)
        let second = try await makeServer()
        try await provider.configureServer(second, tags: tags, as: inLan)
        #expect(try await network(of: second) == older)
        #expect(Set(try await networks()) == [older, newer])
    }

    @Test func `a network that another operator made in the same moment is found after our own`() async throws {
        let meddler = Meddler(scaleway) { request in
            guard request.method == .post, request.url.hasSuffix("/private-networks") else { return }
            try await makeNetwork()
        }
        let provider = try ScalewayAccount(try EmulatedScaleway.configuration, transport: meddler)
            .provider(zone: EmulatedScaleway.zone)
        let id = try await makeServer()
        try await provider.configureServer(id, tags: tags, as: inLan)
        let left = try await networks()
        #expect(left.count == 1)
        #expect(try await network(of: id) == left.first)
    }

    @Test func `what listings do not show yet is not made again`() async throws {
        for list in [
            "/instance/v1/zones/*/ips", "/vpc/v2/regions/*/private-networks", "/instance/v1/zones/*/security_groups",
        ] {
            try await scaleway.add(
                fault: ["on": .string("GET " + list), "do": ["omit": ["count": 1, "hide": true]]])
        }
        let id = try await makeServer()
        let configuration = ServerConfiguration(
            publicIP: .reserved, privateNetworks: ["lan"], firewall: Firewall(inbound: []))
        for _ in 0..<3 {
            _ = await outcome(try await provider.configureServer(id, tags: tags, as: configuration))
            await scaleway.wait(seconds: 10)
        }
        let made = await scaleway.sentBodies.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        for list in ["/instance/v1/zones/fr-par-1/ips", Self.networks, Self.groups] {
            #expect(made.filter { $0 == "POST \(list)" }.count == 1, "\(list)")
        }
    }

    @Test(arguments: [
        "/instance/v1/zones/fr-par-1/ips", "/vpc/v2/regions/fr-par/private-networks",
        "/instance/v1/zones/fr-par-1/security_groups",
    ])
    func `what a call without an answer may have made is looked for, not made again`(collection: String) async throws {
        try await scaleway.add(
            fault: [
                "on": .string("POST " + collection.replacing("fr-par-1", with: "*").replacing("fr-par", with: "*")),
                "when": ["nth": 1], "do": ["late": 1.5],
            ])
        let id = try await makeServer()
        let configuration = ServerConfiguration(
            publicIP: .reserved, privateNetworks: ["lan"], firewall: Firewall(inbound: []))
        for _ in 0..<6 {
            _ = await outcome(try await provider.configureServer(id, tags: tags, as: configuration))
            await scaleway.wait(seconds: 0.4)
        }
        await scaleway.wait(seconds: 10)
        try await provider.configureServer(id, tags: tags, as: configuration)
        let made = await scaleway.sentBodies.filter { $0.hasPrefix("POST \(collection) ") }
        #expect(made.count == 1)
    }

    @Test func `of two security groups that were made at once the older one is kept`() async throws {
        var made: [String] = []
        for _ in 0..<2 {
            let answer = await scaleway.ask(
                "POST", Self.groups,
                [
                    "name": "web", "project": .string(EmulatorConfiguration.defaultProject),
                    "tags": .array(SharedTags(owner: tags.owner).words.map { .string($0) }),
                ])
            made.append(try #require(answer.json?["security_group"]?["id"]?.text))
            await scaleway.wait(seconds: 1)
        }
        let id = try await makeServer()
        let configuration = ServerConfiguration(publicIP: .none, firewall: Firewall(name: "web", inbound: []))
        let result = await outcome(try await provider.configureServer(id, tags: tags, as: configuration))
        if case .failure = result {
            await scaleway.wait(seconds: 10)
            try await provider.configureServer(id, tags: tags, as: configuration)
        }
        let left = try #require(await scaleway.ask("GET", Self.groups).json?["security_groups"]?.items)
            .filter { $0["name"]?.text == "web" }.compactMap { $0["id"]?.text }
        #expect(left == Array(made.prefix(1)))
    }
}

/// Does something else right before some requests.
private final class Meddler: Transport {
    private let scaleway: EmulatedScaleway
    private let meddle: @Sendable (Request) async throws -> Void

    init(_ scaleway: EmulatedScaleway, _ meddle: @escaping @Sendable (Request) async throws -> Void) {
        self.scaleway = scaleway
        self.meddle = meddle
    }

    func send(_ request: Request) async throws(TransportFailure) -> Response {
        do { try await meddle(request) } catch { throw .notSent("\(error)") }
        return try await scaleway.send(request)
    }
}
