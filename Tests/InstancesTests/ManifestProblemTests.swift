import Testing
import YAML

@testable import Instances

/// What a valid manifest asks for and cannot have: of its provider, and of what exists already.
@Suite struct ManifestProblemTests {
    private static let everything = Capabilities(
        dataDiskSnapshots: true, rootDiskSnapshots: true, growsDisks: true, changesType: true, cloudInit: true,
        publicIP: true, privateNetworks: true, firewall: true, protection: true, iops: true, zones: [])
    private static let nothing = Capabilities(
        dataDiskSnapshots: false, rootDiskSnapshots: false, growsDisks: false, changesType: false, cloudInit: false,
        publicIP: false, privateNetworks: false, firewall: false, protection: false, iops: false, zones: ["local"])

    private func manifest(_ text: String) throws -> Manifest { try #require(decoded(text).manifests.first) }

    @Test func `a provider that can do everything has no problem with anything`() throws {
        #expect(try manifest(ManifestDecodeTests.everyField).problems(with: Self.everything).isEmpty)
    }

    @Test func `the smallest manifest asks for nothing special`() throws {
        #expect(try manifest(ManifestSamples.smallest).problems(with: Self.nothing).isEmpty)
        let disk = "dataDisk: {sizeGB: 1}\nruntime: {enableInstanceServer: false}"
        #expect(try manifest(ManifestSamples.spec(disk)).problems(with: Self.nothing).isEmpty)
    }

    @Test func `what a provider cannot do is named at its field`() throws {
        let manifest = try manifest(ManifestDecodeTests.everyField)
        let said = diagnostics(manifest.problems(with: Self.nothing), of: manifest)
        #expect(
            said.map(\.description) == [
                "a.yaml:8:9: error: scaleway has no zone fr-par-2: there is local",
                "a.yaml:13:16: error: scaleway has no cloud-init: remove it",
                "a.yaml:16:15: error: scaleway has no choice of public addresses: remove the line",
                "a.yaml:17:5: error: scaleway has no private networks: remove them",
                "a.yaml:18:5: error: scaleway has no firewall: remove it",
                "a.yaml:24:16: error: scaleway has no protection against deletion by hand: write false",
                "a.yaml:27:24: error: scaleway has no snapshots of root disks: write false",
                "a.yaml:30:22: error: scaleway has no snapshots of data disks: remove the line",
                "a.yaml:31:11: error: scaleway has no disks of chosen speed: remove the line",
                "a.yaml:32:19: error: scaleway has no snapshots of data disks: write retain",
                "a.yaml:36:20: error: scaleway has no snapshots of data disks: write live",
            ])
        #expect(said.allSatisfy { $0.instance == manifest.name })
    }

    @Test func `a public address that nobody asked for is no problem`() throws {
        #expect(try manifest(ManifestSamples.server("publicIP: none")).problems(with: Self.nothing).isEmpty)
        #expect(try manifest(ManifestSamples.server("publicIP: dynamic")).problems(with: Self.nothing).count == 1)
        #expect(try manifest(ManifestSamples.server("publicIP: reserved")).problems(with: Self.nothing).count == 1)
    }

    @Test func `a zone or provider that does not exist says what was meant`() throws {
        let manifest = try manifest(ManifestDecodeTests.everyField.replacing("scaleway", with: "scalway"))
        var capabilities = Self.everything
        capabilities.zones = ["fr-par-1", "fr-par-3", "pl-waw-2"]
        #expect(
            manifest.problems(with: capabilities).map(\.text) == [
                "scalway has no zone fr-par-2: there is fr-par-1, fr-par-3, pl-waw-2"
            ])
        capabilities.zones = ["fr-par-2"]
        #expect(manifest.problems(with: capabilities).isEmpty)
        #expect(
            manifest.problems(withProviders: ["local", "scaleway"]) == [
                ManifestProblem(
                    field: "spec.provider", text: "there is no provider scalway here: did you mean scaleway?")
            ])
        #expect(manifest.problems(withProviders: ["scalway"]).isEmpty)
    }

    @Test func `a problem at a field that is not written stands at the mapping around it`() throws {
        let manifest = try manifest(ManifestSamples.smallest)
        let problem = ManifestProblem(field: "spec.dataDisk.sizeGB", text: "x\u{1B}")
        #expect(diagnostics([problem], of: manifest).map(\.description) == ["a.yaml:4:1: error: x<U+001B>"])
    }
}

@Suite struct ManifestRecordTests {
    private static let operation = Operation(epoch: 1, nonce: "0000000000000001")

    private func manifest(_ fragment: String) throws -> Manifest {
        try #require(decoded(ManifestSamples.spec(fragment)).manifests.first)
    }

    private func record(provider: String = "local", zone: String = "local") throws -> Record {
        let name = try #require(InstanceName("box"))
        return Record(uid: InstanceUID("u"), name: name, provider: provider, account: "a", zone: zone)
    }

    private func snapshot(gigabytes: Int64, image: String? = nil) -> SnapshotRecord {
        SnapshotRecord(
            id: SnapshotID("snap"), operation: Self.operation, sourceDisk: DiskID("disk"),
            sizeBytes: gigabytes * bytesInGigabyte, createdAt: nil, image: image)
    }

    private func said(_ manifest: Manifest, _ record: Record, _ observation: Observation? = nil) -> [String] {
        diagnostics(manifest.problems(against: record, observation), of: manifest).map(\.description)
    }

    @Test func `where nothing is left everything may change`() throws {
        #expect(said(try manifest(""), try record(provider: "scaleway", zone: "fr-par-1")).isEmpty)
    }

    @Test func `an instance with data stays at its provider and in its zone`() throws {
        var record = try record(provider: "scaleway", zone: "fr-par-1")
        record.snapshots = [snapshot(gigabytes: 1)]
        #expect(
            said(try manifest(""), record) == [
                "a.yaml:4:1: error: spec.zone was fr-par-1 and its data is there: it cannot move to local. "
                    + "Write fr-par-1 again, or give the new machine another metadata.name",
                "a.yaml:5:13: error: spec.provider was scaleway and its data is there: it cannot move to local. "
                    + "Write scaleway again, or give the new machine another metadata.name",
            ])
    }

    @Test func `an instance without data stays while something of it is left`() throws {
        var record = try record(zone: "elsewhere")
        record.server = .present(ServerID("s"), Self.operation)
        #expect(
            said(try manifest(""), record) == [
                "a.yaml:4:1: error: spec.zone was elsewhere and what was made for it is there: it cannot move to local. "
                    + "Write elsewhere again, or give the new machine another metadata.name"
            ])
    }

    @Test func `a data disk does not shrink below its snapshot`() throws {
        var record = try record()
        record.data = .snapshot(SnapshotID("snap"))
        record.snapshots = [snapshot(gigabytes: 20), snapshot(gigabytes: 100)]
        #expect(
            said(try manifest("dataDisk: {sizeGB: 99}"), record) == [
                "a.yaml:7:22: error: spec.dataDisk.sizeGB is 99 and the data disk has 100 GB: disks grow and never "
                    + "shrink. Write 100 or more"
            ])
        #expect(said(try manifest("dataDisk: {sizeGB: 100}"), record).isEmpty)
        #expect(said(try manifest("dataDisk: {sizeGB: 101}"), record).isEmpty)
        #expect(said(try manifest(""), record).isEmpty, "taking it out is for an approval to allow")
    }

    @Test func `a disk that is seen does not shrink`() throws {
        var observation = Observation()
        for (id, bytes) in [("disk", 50 * bytesInGigabyte + 1), ("root", 10 * bytesInGigabyte)] {
            observation.disks[DiskID(id)] = .seen(
                Disk(id: DiskID(id), name: id, tags: nil, state: .available, sizeBytes: bytes))
        }
        var record = try record()
        record.data = .live(DiskID("disk"), Self.operation)
        record.root = .present(DiskID("root"), Self.operation, image: "counter")
        let smaller = try manifest("dataDisk: {sizeGB: 50}\nrootDisk: {sizeGB: 9}")
        #expect(
            said(smaller, record, observation) == [
                "a.yaml:7:22: error: spec.dataDisk.sizeGB is 50 and the data disk has 51 GB: disks grow and never "
                    + "shrink. Write 51 or more",
                "a.yaml:8:22: error: spec.rootDisk.sizeGB is 9 and the root disk has 10 GB: disks grow and never "
                    + "shrink. Write 10 or more",
            ])
        #expect(said(smaller, record).isEmpty)
    }

    @Test func `an image does not change under a root disk`() throws {
        var record = try record()
        record.root = .present(DiskID("root"), Self.operation, image: "debian")
        #expect(
            said(try manifest(""), record) == [
                "a.yaml:6:34: error: spec.server.image was debian when root disk root was made, and a change to "
                    + "counter would lose what is on it. Write debian again; or, to begin anew, first write "
                    + "enableInstanceServer: false with whenDisabled: delete, and change the image once the root disk "
                    + "is gone"
            ])
        record.rootSnapshot = .ready(snapshot(gigabytes: 10, image: "debian"))
        #expect(
            said(try manifest("rootDisk: {snapshot: {enable: true}}"), record).first?.contains(
                "whenDisabled: delete and rootDisk.snapshot.enable: false, and change") == true)
        record.rootSnapshot = .none
        record.root = .present(DiskID("root"), Self.operation, image: "counter")
        #expect(said(try manifest(""), record).isEmpty)
        record.root = .absent
        #expect(said(try manifest(""), record).isEmpty)
    }

    @Test func `an image does not change under a root snapshot`() throws {
        var record = try record()
        record.rootSnapshot = .ready(snapshot(gigabytes: 10, image: "debian"))
        #expect(
            said(try manifest("rootDisk: {sizeGB: 5, snapshot: {enable: true}}"), record) == [
                "a.yaml:6:34: error: spec.server.image was debian when root snapshot snap was taken, and one of "
                    + "counter would take its place. Write debian again; or, to begin anew, write "
                    + "rootDisk.snapshot.enable: false until the first server of counter runs",
                "a.yaml:7:22: error: spec.rootDisk.sizeGB is 5 and the root disk has 10 GB: disks grow and never "
                    + "shrink. Write 10 or more",
            ])
        #expect(said(try manifest(""), record).isEmpty, "it is kept, and nothing takes its place")
        let enabled = try manifest("rootDisk: {snapshot: {enable: true}}")
        record.root = .present(DiskID("root"), Self.operation, image: "counter")
        #expect(said(enabled, record).isEmpty, "the first server runs")
        record.root = .absent
        record.rootSnapshot = .ready(snapshot(gigabytes: 10, image: "counter"))
        #expect(said(enabled, record).isEmpty)
    }
}
