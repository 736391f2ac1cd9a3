import FoundationEssentials
import HTTP
import Instances
import Reconciler
import ScalewayEmulator
import Testing

@testable import ScalewayProvider

/// A typo costs a message, not a half-made server.
@Suite struct ValidationTests {
    private let scaleway = EmulatedScaleway()

    private func manifest(_ change: (inout Manifest) -> Void = { _ in }) throws -> Manifest {
        var manifest = Manifest(
            name: try #require(InstanceName("web")), provider: "scaleway", zone: "fr-par-1",
            server: ServerManifest(type: "DEV1-S", image: "ubuntu_jammy"), dataDisk: DataDiskManifest(sizeGB: 10))
        change(&manifest)
        return manifest
    }

    private func problems(
        for undertaking: Undertaking = .making(fromImage: true), _ change: (inout Manifest) -> Void
    ) async throws -> [String] {
        try await scaleway.provider().validate(try manifest(change), for: undertaking).map { "\($0.field): \($0.text)" }
    }

    @Test func `a good manifest has no problems`() async throws {
        #expect(
            try await problems {
                $0.server.privateNetworks = ["lan", "back_end.1"]
                $0.server.firewall = Firewall(
                    name: "web",
                    inbound: [FirewallRule(transport: .tcp, ports: 80...443, from: "2001:db8::/32")])
                $0.dataDisk?.iops = 15_000
                $0.rootDisk.sizeGB = 20
            } == [])
    }

    @Test(arguments: [
        ("DEV1-s", "spec.server.type: there is no type 'DEV1-s' in this zone; did you mean 'DEV1-S'?"),
        ("L4-1-24GB", "spec.server.type: there is no type 'L4-1-24GB' in this zone; did you mean 'L4-1-24G'?"),
        ("m5.large", "spec.server.type: there is no type 'm5.large' in this zone"),
        ("", "spec.server.type: there is no type '' in this zone"),
    ])
    func `a type that does not exist is named, with the nearest that does`(type: String, text: String) async throws {
        #expect(try await problems { $0.server.type = type } == [text])
    }

    @Test(arguments: [
        ("ubuntu_jamy", "spec.server.image: there is no image 'ubuntu_jamy' in fr-par-1; did you mean 'ubuntu_jammy'?"),
        ("../../etc", "spec.server.image: there is no image '../../etc' in fr-par-1"),
        (Sample.id(1), "spec.server.image: there is no image \(Sample.id(1)) in fr-par-1"),
    ])
    func `an image that does not exist is named`(image: String, text: String) async throws {
        #expect(try await problems { $0.server.image = image } == [text])
    }

    @Test func `an image for other processors is no image`() async throws {
        let images = await scaleway.ask(
            "GET", "/marketplace/v2/local-images?zone=fr-par-1&type=instance_sbs&page_size=100")
        let labels = Dictionary(grouping: try #require(images.json?["local_images"]?.items)) { $0["label"]?.text ?? "" }
        let label = try #require(labels.first { $0.value.allSatisfy { $0["arch"]?.text == "x86_64" } }?.key)
        let problems = try await problems {
            $0.server.type = "BASIC2-A2C-4G"
            $0.server.image = label
        }
        #expect(
            problems == ["spec.server.image: image '\(label)' does not exist for BASIC2-A2C-4G (arm64) in fr-par-1"])
    }

    @Test func `an image of the project's own is known by its id`() async throws {
        let images = await scaleway.ask(
            "GET", "/marketplace/v2/local-images?image_label=ubuntu_jammy&zone=fr-par-1&type=instance_sbs")
        let image = try #require(
            images.json?["local_images"]?.items?.first { $0["arch"]?.text == "arm64" }?["id"]?.text)
        #expect(
            try await problems { $0.server.image = image } == [
                "spec.server.image: image \(image) is for arm64, DEV1-S is x86_64"
            ])
    }

    @Test func `an image has to be there and to make root disks of block storage`() async throws {
        let id = Sample.id(7)
        func answer(_ state: String, _ kind: String) async throws -> [String] {
            let emulated = EmulatedScaleway()
            try await emulated.add(
                fault: [
                    "on": "GET /instance/v1/zones/*/images/*",
                    "do": [
                        "status": 200,
                        "body": [
                            "image": [
                                "id": .string(id), "arch": "x86_64", "state": .string(state),
                                "root_volume": ["volume_type": .string(kind)],
                            ]
                        ],
                    ],
                ])
            return try await emulated.provider()
                .validate(manifest { $0.server.image = id }, for: .making(fromImage: true)).map(\.text)
        }
        #expect(try await answer("available", "sbs_snapshot") == [])
        #expect(try await answer("creating", "sbs_snapshot") == ["image \(id) is in state creating"])
        #expect(try await answer("available", "unified").first?.contains("root disk of kind unified") == true)
    }

    @Test func `a retired image is no matter where nothing is made from it`() async throws {
        #expect(try await problems(for: .making(fromImage: false)) { $0.server.image = "retired" } == [])
        #expect(try await problems(for: .changing(type: "DEV1-M")) { $0.server.image = "retired" } == [])
    }

    @Test func `what would leave a server off that gets another type is found out while it runs`() async throws {
        #expect(
            try await problems(for: .changing(type: "DEV1-S")) { $0.server.type = "DEV1-X" }.first?
                .hasPrefix("spec.server.type: there is no type 'DEV1-X'") == true)
        #expect(
            try await problems(for: .changing(type: "DEV1-S")) { $0.server.type = "BASIC2-A2C-4G" } == [
                "spec.server.type: BASIC2-A2C-4G is arm64, and what is on the root disk is for x86_64; the server stays "
                    + "DEV1-S, as it is"
            ])
        try await scaleway.add(
            fault: [
                "on": "GET /instance/v1/zones/*/products/servers/availability",
                "do": [
                    "status": 200, "body": ["servers": ["DEV1-M": ["availability": "shortage"]], "total_count": 1],
                ],
            ])
        #expect(
            try await problems(for: .changing(type: "DEV1-S")) { $0.server.type = "DEV1-M" } == [
                "spec.server.type: fr-par-1 has no DEV1-M left at the moment; the server stays DEV1-S, as it is"
            ])
    }

    @Test func `every field is checked in one go`() async throws {
        let found = try await problems {
            $0.server.type = "DEV1-X"
            $0.rootDisk.sizeGB = 0
            $0.dataDisk = DataDiskManifest(sizeGB: 10_001, iops: 3_000)
            $0.server.privateNetworks = ["a", "a", "b c"]
            $0.server.firewall = Firewall(
                name: "no spaces",
                inbound: [
                    FirewallRule(transport: .tcp, ports: 22...22, from: "everywhere"),
                    FirewallRule(transport: .icmp, ports: 1...2, from: "10.0.0.0/8"),
                ])
        }
        #expect(
            found.map { $0.prefix { $0 != ":" } } == [
                "spec.server.type", "spec.rootDisk.sizeGB", "spec.dataDisk.sizeGB", "spec.dataDisk.iops",
                "spec.server.privateNetworks", "spec.server.privateNetworks", "spec.server.firewall.name",
                "spec.server.firewall.inbound", "spec.server.firewall.inbound",
            ])
    }

    @Test func `a server has at most eight private networks`() async throws {
        let found = try await problems { $0.server.privateNetworks = (0..<9).map { "net\($0)" } }
        #expect(found == ["spec.server.privateNetworks: DEV1-S can be in 8 private networks"])
    }

    @Test func `another zone is another provider`() async throws {
        #expect(try await problems { $0.zone = "fr-par-2" } == ["spec.zone: this account was asked about fr-par-1"])
    }

    @Test func `a quota of nothing is told in advance`() async throws {
        await scaleway.ask("POST", "/_emulator/quotas", ["servers": 0])
        let found = try await problems { _ in }
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("spec.server.type: the organization's quota for servers is 0") == true)
    }

    @Test(arguments: [(1, true), (2, false)])
    func `a quota that is used up is told in advance`(limit: Int, isProblem: Bool) async throws {
        let emulated = scaleway
        _ = await emulated.ask(
            "POST", "/instance/v1/zones/fr-par-1/servers",
            [
                "name": "theirs", "commercial_type": "DEV1-S", "image": "ubuntu_jammy",
                "project": .string(EmulatorConfiguration.defaultProject),
            ])
        await emulated.ask("POST", "/_emulator/quotas", ["servers": .integer(limit)])
        let found = try await problems { _ in }
        #expect(found.isEmpty != isProblem, "\(found)")
        #expect(found.allSatisfy { $0.contains("quota for servers is 1, and this project has 1 in fr-par-1") })
    }

    @Test func `a quota that has come free refuses nobody`() async throws {
        let emulated = scaleway
        let servers = "/instance/v1/zones/fr-par-1/servers"
        let made = await emulated.ask(
            "POST", servers,
            [
                "name": "theirs", "commercial_type": "DEV1-S", "image": "ubuntu_jammy",
                "project": .string(EmulatorConfiguration.defaultProject),
            ])
        await emulated.ask("POST", "/_emulator/quotas", ["servers": 1])
        let provider = try emulated.provider()
        let manifest = try manifest()
        #expect(try await provider.validate(manifest, for: .making(fromImage: true)).count == 1)
        await emulated.ask("DELETE", "\(servers)/\(try #require(made.json?["server"]?["id"]?.text))")
        #expect(try await provider.validate(manifest, for: .making(fromImage: true)) == [])
    }

    @Test(arguments: [nil, EmulatorConfiguration.defaultProject])
    func `the organization of a quota is the project's, unless it is configured`(organization: String?) async throws {
        let emulated = scaleway
        let base = try EmulatedScaleway.configuration
        let configuration = try ScalewayConfiguration.load(
            environment: [
                "SCW_ACCESS_KEY": base.accessKey, "SCW_SECRET_KEY": base.secretKey.reveal(),
                "SCW_DEFAULT_PROJECT_ID": base.projectID, "SCW_DEFAULT_ORGANIZATION_ID": organization ?? "",
            ]) { _ in nil }
        await emulated.ask("POST", "/_emulator/quotas", ["servers": 0])
        let provider = try ScalewayAccount(configuration, transport: emulated).provider(zone: EmulatedScaleway.zone)
        #expect(try await provider.validate(try manifest(), for: .making(fromImage: true)).count == 1)
        let asked = await emulated.requests.contains { $0.hasPrefix("GET /account/v3/projects/") }
        #expect(asked == (organization == nil))
    }

    /// `limits` as the API's document has them: one for each place.
    @Test(arguments: [
        (#"{"global": true, "limit": 3}"#, 3 as Int?), (#"{"zone": "fr-par-1", "limit": 2}"#, 2),
        (#"{"region": "fr-par", "limit": 4}"#, 4), (#"{"region": "nl-ams", "limit": 4}"#, 9),
        (#"{"zone": "fr-par-2", "limit": 4}"#, 9), (#"{"zone": "fr-par-1", "unlimited": true}"#, nil),
    ])
    func `the limit of a place comes before the general one`(place: String, limit: Int?) throws {
        let text = #"{"name": "servers", "limit": 9, "limits": [\#(place)]}"#
        let quotum = try JSONDecoder().decode(Quotum.self, from: Data(text.utf8))
        #expect(ServerQuota.all.limit(in: [quotum], try #require(Zone("fr-par-1"))) == limit)
    }

    @Test(arguments: [
        ("servers_type_l4_1_24g", 0, true), ("instances.L4-1-24G", 0, true), ("servers_type_l4_1_24g", 1, false),
        ("servers_type_l4_2_24g", 0, false), ("volumes", 0, false),
    ])
    func `the quota of a type is found by its words`(name: String, limit: Int, isProblem: Bool) async throws {
        let emulated = scaleway
        try await emulated.add(
            fault: [
                "on": "GET /iam/v1alpha1/quota",
                "do": [
                    "status": 200,
                    "body": ["quota": [["name": .string(name), "limit": .integer(limit)]], "total_count": 1],
                ],
            ])
        let found = try await problems { $0.server.type = "L4-1-24G" }
        #expect(found.contains { $0.hasPrefix("spec.server.type") } == isProblem, "\(found)")
    }

    @Test(arguments: ["forbidden", "server-error", "not-found", "drop-before"])
    func `quotas that cannot be read are no problem`(fault: String) async throws {
        let emulated = scaleway
        try await emulated.add(fault: ["on": "GET /iam/**", "do": .string(fault)])
        #expect(try await problems { _ in } == [])
    }

    @Test(arguments: ["not-found", "not-json", "forbidden"])
    func `an image list that cannot be read is an error, not a missing image`(fault: String) async throws {
        let emulated = scaleway
        try await emulated.add(fault: ["on": "GET /marketplace/v2/local-images", "do": .string(fault)])
        let provider = try emulated.provider()
        let manifest = try manifest()
        await #expect(throws: ProviderError.self) {
            _ = try await provider.validate(manifest, for: .making(fromImage: true))
        }
    }

    @Test func `a catalogue that cannot be read is an error, not a verdict`() async throws {
        try await scaleway.add(fault: ["on": "GET /instance/v1/zones/*/products/servers", "do": "server-error"])
        let provider = try scaleway.provider()
        let manifest = try manifest()
        let error = await #expect(throws: ProviderError.self) {
            _ = try await provider.validate(manifest, for: .making(fromImage: true))
        }
        #expect(error?.reason == .unavailable)
    }

    @Test(arguments: [
        ("GET /instance/v1/zones/*/products/servers", "ubuntu_jammy"),
        ("GET /marketplace/v2/local-images", "ubuntu_jammy"),
        ("GET /instance/v1/zones/*/images/*", Sample.id(7)),
    ])
    func `what the catalogue fails to say to one manifest it is not asked again for the next`(
        call: String, image: String
    ) async throws {
        try await scaleway.add(fault: ["on": .string(call), "do": "server-error"])
        let provider = try scaleway.provider()
        let manifest = try manifest { $0.server.image = image }
        for _ in 0..<3 {
            await #expect(throws: ProviderError.self) {
                _ = try await provider.validate(manifest, for: .making(fromImage: true))
            }
        }
        let last = String(call.split(separator: "/").last { $0 != "*" } ?? "")
        #expect(await scaleway.requests.filter { $0.contains("/\(last)") && $0.hasPrefix("GET") }.count == 1)
    }

    @Test func `two hundred manifests ask for the catalogue once`() async throws {
        let provider = try scaleway.provider()
        let manifest = try manifest()
        await withTaskGroup { group in
            for _ in 0..<200 {
                group.addTask { _ = try? await provider.validate(manifest, for: .making(fromImage: true)) }
            }
        }
        #expect(await scaleway.requests.count < 6)
    }

    @Test(arguments: [
        "0.0.0.0/0", "10.0.0.0/8", "203.0.113.7", "203.0.113.7/32", "::/0", "2001:db8::/32", "::1",
        "1:2:3:4:5:6:7:8/128",
    ])
    func `a range of addresses is one`(text: String) { #expect(isAddressRange(text)) }

    @Test(arguments: [
        "", "/", "any", "10.0.0/8", "10.0.0.0/33", "256.0.0.0/8", "10.0.0.0/", "10.0.0.0/8/8", "01.2.3.4", "::/129",
        ":::",
        "1::2::3", "1:2:3:4:5:6:7", "g::", "10.0.0.0/-1", "12345::",
    ])
    func `anything else is no range of addresses`(text: String) { #expect(!isAddressRange(text)) }
}
