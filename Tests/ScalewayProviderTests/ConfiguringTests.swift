import HTTP
import Instances
import Reconciler
import ScalewayEmulator
import Testing

@testable import ScalewayProvider

/// What a server needs besides disks, against the emulator.
@Suite struct ConfiguringTests {
    let scaleway = EmulatedScaleway()
    let provider: ScalewayProvider
    let tags: Tags

    init() throws {
        provider = try scaleway.provider()
        tags = Tags(
            owner: OwnerID("0123456789abcdef"), instance: InstanceUID("fedcba9876543210"),
            name: try #require(InstanceName("web")), role: .server, operation: Operation(epoch: 1, nonce: "00"))
    }

    func makeServer(_ configuration: ServerConfiguration = ServerConfiguration()) async throws -> ServerID {
        let server = try await provider.createServer(
            ServerSpecification(
                name: "web", tags: tags, type: "DEV1-S", boot: .image("ubuntu_jammy", rootBytes: 20_000_000_000),
                configuration: configuration))
        await scaleway.wait(seconds: 10)
        return server.id
    }

    func configure(_ id: ServerID, _ configuration: ServerConfiguration) async throws {
        // An interface or an address may take a while to show.
        for _ in 0..<20 {
            let result = await outcome(try await provider.configureServer(id, tags: tags, as: configuration))
            guard case .failure(let error) = result, error.reason == .conflict else { return try result.get() }
            await scaleway.wait(seconds: 5)
        }
        try await provider.configureServer(id, tags: tags, as: configuration)
    }

    func inventory() async throws -> Inventory {
        guard case .complete(let inventory) = await provider.list() else { throw Missing() }
        return inventory
    }

    struct Missing: Error {}

    private func server(_ id: ServerID) async throws -> JSON {
        try #require(await scaleway.ask("GET", "/instance/v1/zones/fr-par-1/servers/\(id)").json?["server"])
    }

    func power(_ id: ServerID, on: Bool) async throws {
        if on { try await provider.powerOn(id) } else { try await provider.powerOff(id) }
        await scaleway.wait(seconds: 400)
    }

    @Test(arguments: ["/security_groups/", "/servers/"], ["syncing", "syncing_error", "new"])
    func `what spreads, or failed to, is not in place`(path: String, state: String) async throws {
        let wanted = ServerConfiguration(
            publicIP: .none, privateNetworks: ["lan"], firewall: Firewall(inbound: []))
        let id = try await makeServer(wanted)
        try await configure(id, wanted)
        let spreading = try ScalewayAccount(
            try EmulatedScaleway.configuration, transport: Spreading(scaleway, path: path, state: state)
        ).provider(zone: EmulatedScaleway.zone)
        let error = await #expect(throws: ProviderError.self) {
            try await spreading.configureServer(id, tags: tags, as: wanted)
        }
        #expect(error?.reason == .conflict)
        try await provider.configureServer(id, tags: tags, as: wanted)
    }

    @Test func `cloud-init is there before the first boot, and goes when it is taken out`() async throws {
        let id = try await makeServer()
        try await configure(id, ServerConfiguration(cloudInit: "#cloud-config\nhostname: wéb\n", publicIP: .none))
        let path = "/instance/v1/zones/fr-par-1/servers/\(id)/user_data/cloud-init"
        #expect(
            String(decoding: await scaleway.ask("GET", path).body, as: UTF8.self) == "#cloud-config\nhostname: wéb\n")
        try await configure(id, ServerConfiguration(publicIP: .none))
        #expect(await scaleway.ask("GET", path).status == 404)
    }

    @Test func `a server without an address gets none at power on`() async throws {
        let id = try await makeServer(ServerConfiguration(publicIP: .none))
        try await configure(id, ServerConfiguration(publicIP: .none))
        try await power(id, on: true)
        #expect(try await provider.server(id).publicIPv4 == nil)
    }

    @Test func `a dynamic address comes with power on`() async throws {
        let id = try await makeServer()
        try await configure(id, ServerConfiguration())
        #expect(try await provider.server(id).publicIPv4 == nil)
        try await power(id, on: true)
        let server = try await provider.server(id)
        #expect(server.publicIPv4 != nil)
        // It comes and goes without anybody having to do anything about the configuration.
        #expect(server.configurationDigest == ServerConfiguration().digest)
    }

    @Test func `private networks are found by name, made where missing, and left when taken out`() async throws {
        await scaleway.ask(
            "POST", "/vpc/v2/regions/fr-par/private-networks",
            ["name": "old", "project_id": .string(EmulatorConfiguration.defaultProject)])
        let id = try await makeServer()
        try await configure(id, ServerConfiguration(publicIP: .none, privateNetworks: ["old", "new"]))
        let networks = await scaleway.ask("GET", "/vpc/v2/regions/fr-par/private-networks").json?["private_networks"]
        let names = try #require(networks?.items?.compactMap { $0["name"]?.text })
        #expect(names.sorted() == ["new", "old"])
        #expect(try await self.server(id)["private_nics"]?.items?.count == 2)
        try await configure(id, ServerConfiguration(publicIP: .none, privateNetworks: ["new"]))
        let left = try await self.server(id)["private_nics"]?.items?.compactMap { $0["private_network_id"]?.text }
        let made = networks?.items?.first { $0["name"]?.text == "new" }?["id"]?.text
        #expect(left == made.map { [$0] })
        #expect(await scaleway.ask("GET", "/vpc/v2/regions/fr-par/private-networks").json?["total_count"]?.integer == 2)
    }

    @Test func `two networks of one name are not chosen between`() async throws {
        for _ in 0..<2 {
            await scaleway.ask(
                "POST", "/vpc/v2/regions/fr-par/private-networks",
                ["name": "lan", "project_id": .string(EmulatorConfiguration.defaultProject)])
        }
        let id = try await makeServer()
        let error = await #expect(throws: ProviderError.self) {
            try await provider.configureServer(id, tags: tags, as: ServerConfiguration(privateNetworks: ["lan"]))
        }
        #expect(error?.reason == .invalid)
    }

    private func rules(of group: String) async throws -> [String] {
        let answer = await scaleway.ask("GET", "/instance/v1/zones/fr-par-1/security_groups/\(group)/rules")
        return try #require(answer.json?["rules"]?.items).filter { $0["editable"] == .bool(true) }.map { rule in
            let ports = [rule["dest_port_from"]?.integer, rule["dest_port_to"]?.integer].compactMap { $0 }
            return
                "\(rule["protocol"]?.text ?? "") \(ports) \(rule["ip_range"]?.text ?? "") \(rule["action"]?.text ?? "")"
        }
    }

    private func group(of id: ServerID) async throws -> (id: String, policy: String?) {
        let group = try #require(try await server(id)["security_group"]?["id"]?.text)
        let answer = await scaleway.ask("GET", "/instance/v1/zones/fr-par-1/security_groups/\(group)")
        return (group, answer.json?["security_group"]?["inbound_default_policy"]?.text)
    }

    @Test func `a firewall drops everything but its rules`() async throws {
        let id = try await makeServer()
        let firewall = Firewall(inbound: [
            FirewallRule(transport: .tcp, ports: 80...80, from: "0.0.0.0/0"),
            FirewallRule(transport: .udp, ports: 60_000...61_000, from: "10.0.0.0/8"),
            FirewallRule(transport: .icmp, ports: nil, from: "::/0"),
        ])
        try await configure(id, ServerConfiguration(publicIP: .none, firewall: firewall))
        let (group, policy) = try await group(of: id)
        #expect(policy == "drop")
        #expect(
            try await rules(of: group) == [
                "TCP [80] 0.0.0.0/0 accept", "UDP [60000, 61000] 10.0.0.0/8 accept", "ICMP [] ::/0 accept",
            ])
        // Nothing is written a second time.
        await scaleway.forgetRequests()
        try await configure(id, ServerConfiguration(publicIP: .none, firewall: firewall))
        #expect(await scaleway.requests.filter { !$0.hasPrefix("GET") } == [])
    }

    @Test func `a firewall without rules lets ssh in`() async throws {
        let id = try await makeServer()
        try await configure(id, ServerConfiguration(publicIP: .none, firewall: Firewall(inbound: [])))
        let (group, _) = try await group(of: id)
        #expect(try await rules(of: group) == ["TCP [22] 0.0.0.0/0 accept", "TCP [22] ::/0 accept"])
    }

    @Test func `a firewall that is taken out leaves the project's default`() async throws {
        let id = try await makeServer()
        let before = try await group(of: id).id
        try await configure(id, ServerConfiguration(publicIP: .none, firewall: Firewall(inbound: [])))
        let own = try await group(of: id).id
        #expect(own != before)
        try await configure(id, ServerConfiguration(publicIP: .none))
        #expect(try await group(of: id).id == before)
        try await provider.deleteCompanion(CompanionID(own))
        #expect(try await inventory().companions.contains { $0.id == CompanionID(own) } == false)
    }

    @Test func `what a running server uses stays, what a stopped one has is taken from it`() async throws {
        let configuration = ServerConfiguration(publicIP: .reserved, firewall: Firewall(inbound: []))
        let id = try await makeServer()
        let usual = try await group(of: id).id
        try await configure(id, configuration)
        let companions = try await inventory().companions.filter { $0.tags != nil }
        #expect(companions.map(\.kind) == [.address, .firewall])
        try await power(id, on: true)
        for companion in companions {
            let error = await #expect(throws: ProviderError.self) {
                try await provider.deleteCompanion(companion.id)
            }
            #expect(error?.reason == .inUse)
        }
        try await power(id, on: false)
        for companion in companions { try await provider.deleteCompanion(companion.id) }
        #expect(try await inventory().companions.filter { $0.tags != nil } == [])
        #expect(try await group(of: id).id == usual)
    }

    @Test func `servers that name one firewall share it`() async throws {
        let shared = ServerConfiguration(publicIP: .none, firewall: Firewall(name: "web", inbound: []))
        let (one, two) = (try await makeServer(), try await makeServer())
        try await configure(one, shared)
        try await configure(two, shared)
        #expect(try await group(of: one).id == group(of: two).id)
    }

    @Test func `a security group of somebody else is not rewritten`() async throws {
        let made = await scaleway.ask(
            "POST", "/instance/v1/zones/fr-par-1/security_groups",
            ["name": "web", "project": .string(EmulatorConfiguration.defaultProject)])
        #expect(made.status == 201)
        let id = try await makeServer()
        await scaleway.forgetRequests()
        let configuration = ServerConfiguration(publicIP: .none, firewall: Firewall(name: "web", inbound: []))
        let error = await #expect(throws: ProviderError.self) {
            try await provider.configureServer(id, tags: tags, as: configuration)
        }
        #expect(error?.reason == .invalid)
        #expect(await scaleway.requests.filter { !$0.hasPrefix("GET") } == [])
    }

    @Test func `protection is lifted for a power off and put back`() async throws {
        let protected = ServerConfiguration(publicIP: .none, protected: true)
        let id = try await makeServer()
        try await configure(id, protected)
        try await power(id, on: true)
        #expect(try await provider.server(id).configurationDigest == protected.digest)
        try await power(id, on: false)
        #expect(try await provider.server(id).state == .stopped)
        #expect(try await provider.server(id).configurationDigest == nil)
        try await configure(id, protected)
        #expect(try await server(id)["protected"] == .bool(true))
        #expect(try await provider.server(id).configurationDigest == protected.digest)
    }

    @Test func `what somebody changes by hand shows in the listing`() async throws {
        let configuration = ServerConfiguration(publicIP: .none, privateNetworks: ["lan"])
        let id = try await makeServer()
        try await configure(id, configuration)
        await scaleway.wait(seconds: 100)
        #expect(try await inventory().servers.first?.configurationDigest == configuration.digest)
        let nic = try #require(try await server(id)["private_nics"]?.items?.first?["id"]?.text)
        await scaleway.ask("DELETE", "/instance/v1/zones/fr-par-1/servers/\(id)/private_nics/\(nic)")
        await scaleway.wait(seconds: 10)
        #expect(try await inventory().servers.first?.configurationDigest == nil)
        try await configure(id, configuration)
        #expect(try await inventory().servers.first?.configurationDigest == configuration.digest)
    }

    @Test func `the note about the configuration survives a change of tags`() async throws {
        let configuration = ServerConfiguration(publicIP: .none)
        let id = try await makeServer()
        try await configure(id, configuration)
        var condemned = tags
        condemned.condemned = true
        try await provider.tag(.server(id), with: condemned)
        let server = try await provider.server(id)
        #expect(server.tags == condemned)
        #expect(server.configurationDigest == configuration.digest)
    }

    @Test func `the image that a label meant is noted on the server`() async throws {
        let id = try await makeServer()
        let words = try #require(try await server(id)["tags"]?.items?.compactMap(\.text))
        let image = try #require(try await server(id)["image"]?["id"]?.text)
        #expect(words.contains("operator-image=\(image)"))
    }
}

/// Shows what is available below a path, a group of rules or the interfaces of a server, in another state.
private struct Spreading: Transport {
    let scaleway: EmulatedScaleway
    let path: String
    let state: String

    init(_ scaleway: EmulatedScaleway, path: String, state: String) {
        (self.scaleway, self.path, self.state) = (scaleway, path, state)
    }

    func send(_ request: Request) async throws(TransportFailure) -> Response {
        let response = try await scaleway.send(request)
        guard request.method == .get, request.url.contains(path), !request.url.contains("/rules") else {
            return response
        }
        let text = String(decoding: response.body, as: UTF8.self).replacing("\"available\"", with: "\"\(state)\"")
        return Response(status: response.status, headers: response.headers, body: Array(text.utf8))
    }
}
