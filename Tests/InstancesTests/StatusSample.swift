import Instances

/// A suite about one instance that runs with its data disk, and what is reported of it.
protocol StatusSample {}

extension StatusSample {
    var name: InstanceName { InstanceName("web")! }
    var operation: Operation { Operation(epoch: 1, nonce: "8f2e6a0c41d7b953") }
    var start: Timestamp { Timestamp(seconds: 1_785_416_175) }

    func later(_ seconds: Int64) -> Timestamp { Timestamp(seconds: start.seconds + seconds) }

    var manifest: Manifest {
        Manifest(
            name: name, labels: ["team": "ml"], provider: "local", zone: "local",
            server: ServerManifest(type: "c1-m256", image: "counter"), rootDisk: RootDiskManifest(sizeGB: 1),
            dataDisk: DataDiskManifest(sizeGB: 2), source: ManifestSource(file: "web.yaml"))
    }

    var record: Record {
        Record(
            uid: InstanceUID("u1"), name: name, provider: "local", account: "default", zone: "local",
            operations: [operation], server: .present(ServerID("s1"), operation), data: .live(DiskID("d2"), operation))
    }

    func tags(_ role: Tags.Role) -> Tags {
        Tags(owner: OwnerID("o"), instance: InstanceUID("u1"), name: name, role: role, operation: operation)
    }

    func observation(_ state: Server.State = .running) -> Observation {
        let server = Server(
            id: ServerID("s1"), name: "web", tags: tags(.server), state: state, type: "c1-m256",
            bootDisk: DiskID("d1"), publicIPv4: "192.0.2.1")
        let attached = Disk.Attachment(server: server.id, phase: .attached)
        // Made by the provider together with the server: it carries no tags.
        let root = Disk(
            id: DiskID("d1"), name: "web", tags: nil, state: .attached, sizeBytes: bytesInGigabyte,
            attachment: attached)
        let data = Disk(
            id: DiskID("d2"), name: "web-data", tags: tags(.data), state: .attached, sizeBytes: 2 * bytesInGigabyte,
            attachment: attached)
        return Observation(
            servers: [server.id: .seen(server)], disks: [root.id: .seen(root), data.id: .seen(data)])
    }

    var converged: Decision { .rest(.converged(Explanation("Converged", "running with its data disk"))) }
    var stopping: Decision { .act(.powerOff(ServerID("s1")), Explanation("PoweringOff", "powering off server s1")) }

    func status(
        _ decision: Decision?, of manifest: Manifest?? = nil, record: Record?? = nil, seeing: Observation?? = nil,
        failure: Explanation? = nil, after previous: InstanceStatus? = nil, commit: String = "c1", at seconds: Int64 = 0
    ) -> InstanceStatus {
        report(
            name: name, manifest: manifest ?? self.manifest, record: record ?? self.record,
            observation: seeing ?? observation(), decision: decision, failure: failure, previous: previous,
            commit: commit, now: later(seconds))
    }
}
