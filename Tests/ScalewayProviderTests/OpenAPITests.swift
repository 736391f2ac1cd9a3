import FoundationEssentials
import HTTP
import Instances
import ProviderContract
import Reconciler
import ScalewayEmulator
import TestThreads
import Testing

@testable import ScalewayProvider

/// Every request passes a proxy that holds it against Scaleway's OpenAPI documents.
///
/// What the documents say about answers is not to be trusted: they know no error, the wrong codes and no null.
@Suite(
    .runs(on: .programs),
    .enabled(
        if: Workshop.exists(Workshop.python) && Workshop.exists(Workshop.shared + "/tools/oaproxy.py"),
        "scripts/python-venv was not run, or ../shared is not here"))
struct OpenAPITests {
    /// A proxy knows one document; the path of a request says which.
    private struct Routed: Transport {
        let transport: HTTPTransport
        /// By the first part of the path.
        let proxies: [String: String]

        func send(_ request: Request) async throws(TransportFailure) -> Response {
            var request = request
            // "http:", the host with its port, and the path.
            let path = request.url.split(separator: "/", maxSplits: 2).last ?? ""
            let product = path.split(separator: "/").first.map(String.init) ?? ""
            if let proxy = proxies[product] { request.url = "\(proxy)/\(path)" }
            return try await transport.send(request)
        }
    }

    private struct Finding: Decodable {
        let m: String
        let p: String
        let req: [String]
    }

    private static let freed = "   server : None is not of type 'string'"

    private static let documents = [
        "instance": "derived_instance-v1.openapi.json", "block": "derived_block-v1.openapi.json",
        "vpc": "derived_vpc-v2.openapi.json", "marketplace": "derived_marketplace-v2.openapi.json",
        "iam": "derived_iam-v1alpha1.openapi.json",
    ]

    @Test func `every request keeps to the documents`() async throws {
        let folder = "/tmp/scaleway-openapi-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let emulator = try ServerProcess([
            Workshop.programs + "/scaleway-emulator", "--port", "0", "--time-scale", "0.005",
        ])
        let url = try #require(emulator.readLine().split(separator: " ").first.map(String.init))
        var processes = [emulator]
        var proxies: [String: String] = [:]
        for (product, document) in Self.documents {
            let port = Workshop.freePort()
            processes.append(
                try ServerProcess([
                    Workshop.python, Workshop.shared + "/tools/oaproxy.py",
                    Workshop.shared + "/data/scaleway-openapi/" + document, String(port), url,
                    "\(folder)/\(product).jsonl",
                ]))
            proxies[product] = "http://127.0.0.1:\(port)"
            try await waitFor(port)
        }

        let http = HTTPClient(configuration: ClientConfiguration())
        defer { http.shutdown() }
        try await exercise(url, http, proxies)
        try check(folder)
        withExtendedLifetime(processes) {}
    }

    private func waitFor(_ port: Int) async throws {
        // Reading a document takes a proxy some seconds.
        for _ in 0..<600 {
            if Workshop.isListening(port) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("no proxy on port \(port)")
    }

    private func exercise(_ url: String, _ http: HTTPClient, _ proxies: [String: String]) async throws {
        let clock = InterruptibleClock()
        let bucket = TokenBucket(rate: 1_000, burst: 1_000, clock: clock)
        let configuration = try ScalewayConfiguration.load(
            environment: [
                "SCW_ACCESS_KEY": EmulatorConfiguration.defaultAccessKey,
                "SCW_SECRET_KEY": EmulatorConfiguration.defaultSecretKey,
                "SCW_DEFAULT_PROJECT_ID": EmulatorConfiguration.defaultProject, "SCW_API_URL": url,
                "SCW_DEFAULT_ORGANIZATION_ID": EmulatorConfiguration.defaultProject,
            ]) { _ in nil }
        let account = ScalewayAccount(
            configuration,
            transport: Routed(transport: HTTPTransport(http: http, bucket: bucket, clock: clock), proxies: proxies))
        let provider = try account.provider(zone: "fr-par-1")
        for clause in [ContractClause.account, .life, .rootSnapshot, .listing, .growth, .type] {
            try await ProviderContract(LiveHarness(provider: provider)).check(clause)
        }
        try await configureAll(provider)
        _ = await ScalewayDoctor(account, provider: provider).run { Timestamp(seconds: 0) }
    }

    /// Each kind of configuration, put in place and taken away again.
    private func configureAll(_ provider: ScalewayProvider) async throws {
        var tags = LiveHarness.tags
        tags.role = .server
        let server = try await provider.createServer(
            ServerSpecification(
                name: "web", tags: tags, type: "DEV1-S", boot: .image("ubuntu_jammy", rootBytes: nil),
                configuration: ServerConfiguration()))
        let rich = ServerConfiguration(
            cloudInit: "#cloud-config\n", publicIP: .reserved, privateNetworks: ["lan"],
            firewall: Firewall(inbound: [
                FirewallRule(transport: .tcp, ports: 443...443, from: "0.0.0.0/0"),
                FirewallRule(transport: .any, ports: nil, from: "10.0.0.0/8"),
            ]), protected: true)
        for configuration in [rich, ServerConfiguration(publicIP: .none)] {
            for attempt in 0..<100 {
                let result = await outcome(
                    try await provider.configureServer(server.id, tags: tags, as: configuration))
                if case .failure(let error) = result, error.reason == .conflict, attempt < 99 {
                    try await Task.sleep(for: .milliseconds(20))
                } else {
                    try result.get()
                    break
                }
            }
        }
        guard case .complete(let inventory) = await provider.list() else { return }
        for companion in inventory.companions where companion.tags != nil {
            try await provider.deleteCompanion(companion.id)
        }
        let manifest = Manifest(
            name: tags.name, provider: "scaleway", zone: "fr-par-1",
            server: ServerManifest(type: "DEV1-S", image: "ubuntu_jamy"))
        _ = try await provider.validate(manifest, for: .making(fromImage: true))
    }

    private func check(_ folder: String) throws {
        var seen = 0
        for product in Self.documents.keys {
            let text = String(decoding: try Recordings.bytes(of: "\(folder)/\(product).jsonl"), as: UTF8.self)
            for line in text.split(separator: "\n") {
                let finding = try JSONDecoder().decode(Finding.self, from: Data(line.utf8))
                seen += 1
                // Recorded: an address is freed with null, which the document does not know.
                if finding.m == "PATCH", finding.p.contains("/ips/"), finding.req.last == Self.freed { continue }
                #expect(finding.req == [], "\(finding.m) \(finding.p)")
            }
        }
        #expect(seen > 200)
    }
}
