import Testing
import YAML

@testable import Instances

@Suite struct ManifestDecodeTests {
    @Test func `what is not written has its default`() throws {
        let file = decoded(ManifestSamples.smallest)
        #expect(file.diagnostics.isEmpty)
        #expect(file.frozen.isEmpty && !file.unreadable && !file.settingsInDoubt && file.settings == nil)
        let manifest = try #require(file.manifests.first)
        let expected = Manifest(
            name: try #require(InstanceName("box")), provider: "local", zone: "local",
            server: ServerManifest(type: "c1-m256", image: "counter"), source: manifest.source)
        #expect(file.manifests == [expected])
        #expect(manifest.runtime.enableInstanceServer)
        #expect(manifest.runtime.dataDiskState == .live)
        #expect(manifest.deletionPolicy == .retain)
        #expect(manifest.server.whenDisabled == .delete)
        #expect(manifest.server.publicIP == .dynamic)
        #expect(manifest.dataDisk == nil)
    }

    static let everyField = """
        apiVersion: operator/v1
        kind: Instance
        metadata:
          name: gpu-box
          labels: {team: ml, cost: "42"}
        spec:
          provider: scaleway
          zone: fr-par-2
          server:
            type: L4-1-24G
            image: ubuntu_jammy
            whenDisabled: powerOff
            cloudInit: |
              #cloud-config
              packages: [htop]
            publicIP: reserved
            privateNetworks: [Back end, db]
            firewall:
              name: shared
              inbound:
                - {protocol: tcp, ports: 22, from: 192.0.2.0/24}
                - {protocol: udp, ports: 80-443, from: "2001:DB8:0::/32"}
                - {protocol: icmp, from: 0.0.0.0/0}
            protected: true
          rootDisk:
            sizeGB: 30
            snapshot: {enable: true}
          dataDisk:
            sizeGB: 100
            snapshot: {keep: 1}
            iops: 15000
          deletionPolicy: snapshot
          suspend: {reason: moving house, until: 2026-12-31T18:00:00+01:00}
          runtime:
            enableInstanceServer: false
            dataDiskState: snapshot
        """

    @Test func `every field is read`() throws {
        let file = decoded(Self.everyField)
        #expect(file.diagnostics.isEmpty)
        let manifest = try #require(file.manifests.first)
        let firewall = Firewall(
            name: "shared",
            inbound: [
                FirewallRule(transport: .tcp, ports: 22...22, from: "192.0.2.0/24"),
                FirewallRule(transport: .udp, ports: 80...443, from: "2001:db8::/32"),
                FirewallRule(transport: .icmp, ports: nil, from: "0.0.0.0/0"),
            ])
        let expected = Manifest(
            name: try #require(InstanceName("gpu-box")), labels: ["team": "ml", "cost": "42"], provider: "scaleway",
            zone: "fr-par-2",
            server: ServerManifest(
                type: "L4-1-24G", image: "ubuntu_jammy", whenDisabled: .powerOff,
                cloudInit: "#cloud-config\npackages: [htop]\n", publicIP: .reserved,
                privateNetworks: ["Back end", "db"], firewall: firewall, protected: true),
            rootDisk: RootDiskManifest(sizeGB: 30, snapshotEnabled: true),
            dataDisk: DataDiskManifest(sizeGB: 100, keep: 1, iops: 15_000), deletionPolicy: .snapshot,
            suspend: Suspension(reason: "moving house", until: Timestamp("2026-12-31T17:00:00Z")),
            runtime: Runtime(enableInstanceServer: false, dataDiskState: .snapshot), source: manifest.source)
        #expect(file.manifests == [expected])
    }

    @Test func `a manifest knows where its fields are written`() throws {
        let source = try #require(decoded(Self.everyField, path: "teams/ml.yaml").manifests.first).source
        #expect(source.file == "teams/ml.yaml")
        #expect(source.document == Mark(line: 1, column: 1))
        #expect(source.mark(of: "spec.zone") == Mark(line: 8, column: 9))
        #expect(source.mark(of: "spec.dataDisk") == Mark(line: 28, column: 3), "a mapping is where its key is")
        #expect(source.mark(of: "spec.dataDisk.snapshot.keep") == Mark(line: 30, column: 22))
        #expect(source.mark(of: "spec.server.firewall.inbound[1].ports") == Mark(line: 22, column: 34))
        #expect(source.mark(of: "spec.server.colour") == Mark(line: 9, column: 3), "else the mapping around it")
        #expect(source.mark(of: "colour") == source.document)
    }

    @Test(arguments: [
        ("", true), ("enableInstanceServer: true", true), ("enableInstanceServer: false", false),
        ("instanceServerState: present", true), ("instanceServerState: absent", false),
    ])
    func `the server is asked for in either spelling`(line: String, isWanted: Bool) {
        let file = decoded(ManifestSamples.spec("runtime: {\(line)}"))
        #expect(file.diagnostics.isEmpty)
        #expect(file.manifests.map(\.runtime.enableInstanceServer) == [isWanted])
    }

    @Test(arguments: ["true", "false"], ["live", "snapshot"])
    func `both axes of runtime are independent`(enabled: String, state: String) {
        let runtime = "runtime: {enableInstanceServer: \(enabled), dataDiskState: \(state)}"
        let file = decoded(ManifestSamples.spec("dataDisk: {sizeGB: 1}\n\(runtime)"))
        #expect(file.diagnostics.isEmpty)
        #expect(file.manifests.map { "\($0.runtime.enableInstanceServer)" } == [enabled])
        #expect(file.manifests.map(\.runtime.dataDiskState.rawValue) == [state])
    }

    @Test func `a file may hold several documents`() {
        let text = ManifestSamples.instance("one") + "\n---\n" + ManifestSamples.instance("two") + "\n---\n# nothing\n"
        let file = decoded(text)
        #expect(file.manifests.map(\.name.text) == ["one", "two"])
        #expect(file.manifests.map(\.source.document.line) == [1, 9])
        #expect(file.diagnostics.isEmpty)
    }

    @Test func `a byte order mark and line feeds of other systems are read over`() {
        let windows = "\u{FEFF}" + ManifestSamples.smallest.replacing("\n", with: "\r\n")
        #expect(decoded(windows).manifests.map(\.name.text) == ["box"])
        #expect(messages(windows).isEmpty)
    }

    @Test func `text is kept whatever it looks like`() {
        let line = "$HOME `id` {{ .Values.x }} %s \\n"
        let file = decoded(ManifestSamples.server("cloudInit: '\(line)'"))
        #expect(file.manifests.first?.server.cloudInit == line)
    }
}
