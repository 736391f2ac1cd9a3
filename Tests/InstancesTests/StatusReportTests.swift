import Instances
import Testing
import YAML

@Suite struct StatusReportTests {
    private let name = InstanceName("web")!
    private let operation = Operation(epoch: 1, nonce: "8f2e6a0c41d7b953")
    private let start = Timestamp(seconds: 1_785_416_175)

    private func later(_ seconds: Int64) -> Timestamp { Timestamp(seconds: start.seconds + seconds) }

    private var manifest: Manifest {
        Manifest(
            name: name, labels: ["team": "ml"], provider: "local", zone: "local",
            server: ServerManifest(type: "c1-m256", image: "counter"), rootDisk: RootDiskManifest(sizeGB: 1),
            dataDisk: DataDiskManifest(sizeGB: 2), source: ManifestSource(file: "web.yaml"))
    }

    private var record: Record {
        Record(
            uid: InstanceUID("u1"), name: name, provider: "local", account: "default", zone: "local",
            operations: [operation], server: .present(ServerID("s1"), operation), data: .live(DiskID("d2"), operation))
    }

    private func tags(_ role: Tags.Role) -> Tags {
        Tags(owner: OwnerID("o"), instance: InstanceUID("u1"), name: name, role: role, operation: operation)
    }

    private func observation(_ state: Server.State = .running) -> Observation {
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

    private let converged = Decision.rest(.converged(Explanation("Converged", "running with its data disk")))
    private let stopping = Decision.act(.powerOff(ServerID("s1")), Explanation("PoweringOff", "powering off server s1"))

    private func status(
        _ decision: Decision?, of manifest: Manifest?? = nil, record: Record?? = nil, seeing: Observation?? = nil,
        failure: Explanation? = nil, after previous: InstanceStatus? = nil, commit: String = "c1", at seconds: Int64 = 0
    ) -> InstanceStatus {
        report(
            name: name, manifest: manifest ?? self.manifest, record: record ?? self.record,
            observation: seeing ?? observation(), decision: decision, failure: failure, previous: previous,
            commit: commit, now: later(seconds))
    }

    private func shape(_ status: InstanceStatus) -> [String] {
        [status.conditions.ready, status.conditions.reconciling, status.conditions.stalled].map {
            "\($0.status.rawValue) \($0.reason)"
        } + [status.state.text]
    }

    @Test func `each decision has its conditions and its state`() {
        let why = Explanation("DataDiskMissing", "the data disk d2 is gone")
        let settled = "False Settled"
        let free = "False Unhindered"
        #expect(shape(status(converged)) == ["True Converged", settled, free, "running"])
        #expect(shape(status(stopping)) == ["False PoweringOff", "True PoweringOff", free, "reconciling"])
        #expect(
            shape(status(.wait(Explanation("Detaching", "detaching")))) == [
                "False Detaching", "True Detaching", free, "reconciling",
            ])
        #expect(
            shape(status(.publish(record, Explanation("Stopping", "stopping")))) == [
                "False Stopping", "True Stopping", free, "reconciling",
            ])
        #expect(
            shape(status(.halt(why))) == ["False DataDiskMissing", settled, "True DataDiskMissing", "stalled"])
        #expect(
            shape(status(.blocked(Block(.lastCopy, "approve it")))) == [
                "False NeedsApproval", settled, "True NeedsApproval", "needs approval",
            ])
        #expect(
            shape(status(.rest(.suspended(Suspension(reason: "holiday"))))) == [
                "Unknown Suspended", settled, free, "suspended",
            ])
        #expect(
            shape(status(.rest(.frozen), of: .some(nil))) == [
                "False InvalidManifest", settled, "True InvalidManifest", "invalid manifest",
            ])
        #expect(shape(status(.rest(.retained), of: .some(nil))) == ["True Retained", settled, free, "retained"])
        #expect(shape(status(nil, seeing: .some(nil))) == ["Unknown NotObserved", settled, free, "unknown"])
    }

    @Test func `a failed step is said, and that it is tried again`() {
        let failed = status(stopping, failure: Explanation("QuotaExceeded", "quota of servers reached"))
        #expect(shape(failed) == ["False QuotaExceeded", "True Retrying", "False Unhindered", "failing"])
        #expect(failed.conditions.reconciling.message == "quota of servers reached")
        #expect(failed.waiting == Explanation("QuotaExceeded", "quota of servers reached"))
        let halted = status(.halt(Explanation("Odd", "odd")), failure: Explanation("QuotaExceeded", ""))
        #expect(shape(halted) == ["False Odd", "False Settled", "True Odd", "stalled"])
    }

    @Test func `the activity of the record names the state`() {
        var record = record
        for (kind, word) in zip(
            Activity.Kind.allCases,
            ["starting", "stopping", "changing", "snapshotting root", "growing", "cleaning up", "deleting"])
        {
            record.activity = Activity(kind: kind, operation: operation, since: start)
            #expect(status(stopping, record: record).state.text == word)
        }
    }

    @Test func `where nothing can be observed the facts last known stay and Ready is unknown`() {
        let before = status(.halt(Explanation("Odd", "two servers")))
        let unreachable = Explanation("ProviderUnreachable", "connection refused")
        let after = status(nil, seeing: .some(nil), failure: unreachable, after: before, commit: "c2", at: 60)
        #expect(after.conditions.ready.status == .isUnknown)
        #expect(after.conditions.ready.explanation == unreachable)
        #expect(after.conditions.stalled == before.conditions.stalled)
        #expect(after.server == before.server)
        #expect(after.storages == before.storages)
        // Decided on an empty observation in place of one that failed, it would say that all is gone.
        #expect(
            status(converged, seeing: .some(nil), failure: unreachable, after: before).conditions.ready.status
                == .isUnknown)
    }

    @Test func `nothing changed means the same bytes, whatever the time and the commit`() {
        for seed in UInt64(0)..<300 {
            var generator = StatusGenerator(seed: seed)
            let previous = generator.maybe { $0.status(name: name) }
            let record = generator.maybe { $0.record(name: name) }
            let seen = generator.maybe { $0.observation(of: record, name: name) }
            let decision = generator.maybe { $0.decision(record: self.record) }
            let failure = generator.maybe { Explanation("Failed", $0.text()) }
            let manifest = generator.maybe { _ in self.manifest }
            func round(_ previous: InstanceStatus?, _ seconds: Int64) -> InstanceStatus {
                report(
                    name: name, manifest: manifest, record: record, observation: seen, decision: decision,
                    failure: failure, previous: previous, commit: "c\(seconds)", now: later(seconds))
            }
            let first = round(previous, 0)
            let bytes = write(first.node)
            let second = round(first, 1)
            #expect(write(second.node) == bytes, "seed \(seed)")
            #expect(InstanceStatus(node: first.node, name: name) == first, "seed \(seed)")
        }
    }

    @Test func `times date the status of a condition, not its words`() {
        let first = status(stopping)
        let second = status(.wait(Explanation("Detaching", "detaching disk d2")), after: first, at: 10)
        #expect(second.conditions.ready.lastTransitionTime == start)
        #expect(second.conditions.ready.message == "detaching disk d2")
        let third = status(converged, after: second, at: 20)
        #expect(third.conditions.ready.lastTransitionTime == later(20))
        #expect(third.conditions.reconciling.lastTransitionTime == later(20))
        #expect(third.conditions.stalled.lastTransitionTime == start)
        #expect(third.since == later(20))
    }

    @Test func `the commit is the last one that changed anything here`() {
        let first = status(converged)
        #expect(status(converged, after: first, commit: "c2").observedCommit == "c1")
        var manifest = manifest
        manifest.server.cloudInit = "#cloud-config"
        #expect(status(converged, of: manifest, after: first, commit: "c2").observedCommit == "c2")
        #expect(status(stopping, after: first, commit: "c2").observedCommit == "c2")
    }

    @Test func `the history tells reasons as they come, the last twenty`() {
        var current = status(converged)
        #expect(current.history.map(\.reason) == ["Converged"])
        for step in 1...30 {
            let decision = Decision.wait(Explanation("Step\(step)", "step"))
            current = status(decision, after: current, commit: "c\(step)", at: Int64(step))
            current = status(decision, after: current, commit: "x", at: Int64(step) + 1000)
        }
        #expect(current.history.count == 20)
        #expect(current.history.first == Transition(at: later(11), reason: "Step11", message: "step", commit: "c11"))
        #expect(current.history.last?.reason == "Step30")
    }

    @Test func `what changed by itself is told as drift, what a commit asked for is not`() {
        let first = status(converged)
        let starting = Decision.act(.powerOn(ServerID("s1")), Explanation("PoweringOn", "powering on server s1"))
        let drifted = status(starting, seeing: observation(.stoppedInPlace), after: first, at: 5)
        #expect(drifted.history.map(\.reason) == ["Converged", "Drift", "PoweringOn"])
        #expect(drifted.history[1].message == "not by the operator: server s1 was running and is stoppedInPlace")
        var off = manifest
        off.runtime.enableInstanceServer = false
        let asked = status(stopping, of: off, seeing: observation(.stopping), after: first, at: 5)
        #expect(asked.history.map(\.reason) == ["Converged", "PoweringOff"])
        var gone = observation()
        gone.disks[DiskID("d2")] = .missing(times: 2)
        let lost = status(.halt(Explanation("DataDiskMissing", "gone")), seeing: gone, after: first, at: 5)
        #expect(lost.history[1].message == "not by the operator: disk d2 is gone")
    }

    @Test func `every disk is told, those that the provider made by itself too`() {
        var seen = observation()
        seen.foreignDisks = [
            Disk(
                id: DiskID("d0"), name: "scratch", tags: nil, state: .attached, sizeBytes: 400 * bytesInGigabyte,
                attachment: .init(server: ServerID("s1"), phase: .attached))
        ]
        let status = status(converged, seeing: seen)
        #expect(status.storages.map(\.id.text) == ["d1", "d2", "d0"])
        #expect(status.storages.map(\.role) == [.root, .data, .other])
        #expect(status.storages.map(\.isBoot) == [true, false, false])
        #expect(status.storages.map(\.deleteOnTerminate) == [true, false, false])
        let text = String(decoding: write(status.node, flow: .fitting(columns: 160)), as: UTF8.self)
        #expect(text.contains("\nstorageCount: 3\nstorageSizesGB: [1, 2, 400]\n"))
    }

    @Test func `a disk that could not be read is unknown, one that is proven absent is not told`() {
        let before = status(converged)
        var seen = observation()
        seen.disks[DiskID("d2")] = .unknown("timeout")
        let unread = status(converged, seeing: seen, after: before).storages
        #expect(unread.map(\.state) == ["attached", "unknown"])
        #expect(unread.last?.size == DiskSize(bytes: 2 * bytesInGigabyte))
        seen.disks[DiskID("d2")] = .missing(times: 1)
        #expect(status(converged, seeing: seen, after: before).storages == unread)
        seen.disks[DiskID("d2")] = .missing(times: 2)
        #expect(status(converged, seeing: seen, after: before).storages.map(\.id.text) == ["d1"])
    }

    @Test func `snapshots are told oldest first, with the disk they were cut from`() {
        var record = record
        record.snapshots = [
            SnapshotRecord(
                id: SnapshotID("p1"), operation: operation, sourceDisk: DiskID("d0"), sizeBytes: 7, createdAt: start)
        ]
        var seen = observation()
        func snapshot(_ id: String, _ seconds: Int64?) -> Snapshot {
            Snapshot(
                id: SnapshotID(id), name: id, tags: tags(.data), state: .available, sizeBytes: 7, sourceDisk: nil,
                createdAt: seconds.map(later))
        }
        for snapshot in [snapshot("p1", 5), snapshot("p0", 1), snapshot("p3", nil)] {
            seen.snapshots[snapshot.id] = .seen(snapshot)
        }
        let told = status(converged, record: record, seeing: seen).snapshots
        #expect(told.map(\.id.text) == ["p0", "p1", "p3"])
        #expect(told[1].sourceVolume == DiskID("d0"))
        seen.snapshots[SnapshotID("p1")] = .unknown("timeout")
        let unread = status(converged, record: record, seeing: seen).snapshots
        #expect(unread.contains { $0.id.text == "p1" && $0.state == "unknown" && $0.size.bytes == 7 })
    }

    @Test func `of several servers the recorded one is the server`() {
        var seen = observation()
        for id in ["s0", "s2"] {
            seen.servers[ServerID(id)] = .seen(
                Server(id: ServerID(id), name: "web", tags: tags(.server), state: .stopped, type: "c1-m256"))
        }
        let status = status(.halt(Explanation("TwoServers", "two")), seeing: seen)
        #expect(status.server?.id.text == "s1")
        #expect(status.otherServers.map(\.id.text) == ["s0", "s2"])
    }

    @Test func `intents are what the record has begun`() {
        var record = record
        record.activity = Activity(kind: .stop, operation: operation, since: start)
        record.server = .creating(operation)
        record.root = .creating(operation, from: SnapshotID("p1"))
        record.data = .snapshotting(DiskID("d2"), operation, detachedAt: nil)
        record.rootSnapshot = .cutting(operation, replacing: nil)
        record.condemned = [Condemned(resource: .disk(DiskID("d9")), operation: operation, ground: .abandoned)]
        #expect(
            status(stopping, record: record).intents.map(\.kind) == [
                "stop", "createServer", "createRootDisk", "createSnapshot", "createRootSnapshot", "delete",
            ])
        #expect(status(stopping, record: record).intents.last?.resource == .disk(DiskID("d9")))
        record.data = .restoring(SnapshotID("p1"), operation)
        #expect(status(stopping, record: record).intents.map(\.kind).contains("restoreDataDisk"))
        record.data = .creating(operation)
        #expect(status(stopping, record: record).intents.map(\.kind).contains("createDataDisk"))
    }

    @Test func `an invalid manifest keeps what was asked for last, a removed one asks for nothing`() {
        let before = status(converged)
        let frozen = status(.rest(.frozen), of: .some(nil), after: before)
        #expect(frozen.desired == before.desired)
        #expect(frozen.manifestFile == "web.yaml")
        #expect(frozen.labels == ["team": "ml"])
        let retained = status(.rest(.retained), of: .some(nil), after: before)
        #expect(retained.desired == nil)
        #expect(retained.manifestFile == nil)
    }

    @Test func `words from outside are visible and bounded`() {
        let page = String(repeating: "<p>", count: 10_000) + "\u{1b}[2J"
        let failed = status(stopping, failure: Explanation("CallFailed", "\u{1b}[31m\n" + page))
        #expect(failed.conditions.ready.message.hasPrefix("<U+001B>[31m<U+000A><p>"))
        #expect(failed.conditions.ready.message.count < 1100)
        #expect(failed.history.last?.message == failed.conditions.ready.message)
        #expect(failed.waiting?.message == failed.conditions.ready.message)
        let odd = status(converged, seeing: observation(.unknown("\u{202e}" + page)))
        #expect((odd.server?.state.count ?? 0) < 80)
    }

    @Test func `a flood of resources never makes a file that cannot be read back`() {
        var seen = observation()
        for number in 0..<3_000 {
            let snapshot = Snapshot(
                id: SnapshotID("6b1bd1f2-3f5f-4b7e-9d06-\(number)"), name: "x", tags: tags(.data), state: .available,
                sizeBytes: 10_500_000_001, sourceDisk: DiskID("d2"), createdAt: later(Int64(number)))
            let disk = Disk(
                id: DiskID("6b1bd1f2-3f5f-4b7e-9d06-\(number)"), name: "x", tags: tags(.data), state: .available,
                sizeBytes: 10_500_000_001)
            let server = Server(
                id: ServerID("6b1bd1f2-3f5f-4b7e-9d06-\(number)"), name: "x", tags: tags(.server), state: .running,
                type: String(repeating: "x", count: 5_000))
            seen.snapshots[snapshot.id] = .seen(snapshot)
            seen.disks[disk.id] = .seen(disk)
            seen.servers[server.id] = .seen(server)
            seen.namesakes.append(.disk(disk.id))
        }
        let flooded = status(converged, seeing: seen)
        let bytes = InstanceFile.bytes(name: name, lineage: OwnerID("l"), status: flooded, record: record)
        #expect(bytes.count < 1 << 19)
        #expect(InstanceFile(name: name, bytes: bytes).record == .success(record))
        #expect(flooded.snapshots.last?.createdAt == later(2_999))
    }
}

extension StatusGenerator {
    mutating func observation(of record: Record?, name: InstanceName) -> Observation {
        func sighting<Resource>(_ resource: Resource, _ generator: inout StatusGenerator) -> Sighting<Resource> {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: .unknown("timeout")
            case 1: .missing(times: Int.random(in: 1...3, using: &generator))
            default: .seen(resource)
            }
        }
        var observation = Observation()
        for id in list(upTo: 2, of: { $0.id(of: Server.self) }) + [record?.server.id].compactMap({ $0 }) {
            let server = Server(
                id: id, name: text(), tags: nil, state: pick([.running, .stopped, .unknown(text())]), type: text(),
                bootDisk: maybe { $0.id() }, publicIPv4: maybe { $0.text() })
            observation.servers[id] = sighting(server, &self)
        }
        for id in list(upTo: 3, of: { $0.id(of: Disk.self) }) + [record?.data.disk, record?.root.id].compactMap({ $0 })
        {
            let disk = Disk(
                id: id, name: text(), tags: nil, state: pick([.available, .attached, .unknown(text())]),
                sizeBytes: bytes())
            observation.disks[id] = sighting(disk, &self)
        }
        for id in list(upTo: 3, of: { $0.id(of: Snapshot.self) }) + (record?.snapshots.map(\.id) ?? []) {
            let snapshot = Snapshot(
                id: id, name: text(), tags: nil, state: pick([.available, .unknown(text())]), sizeBytes: bytes(),
                sourceDisk: maybe { $0.id() }, createdAt: maybe { $0.timestamp() })
            observation.snapshots[id] = sighting(snapshot, &self)
        }
        observation.namesakes = list(upTo: 2) { $0.resource() }
        return observation
    }

    mutating func decision(record: Record) -> Decision {
        let why = Explanation("Because", text())
        return pick([
            .rest(.converged(why)), .rest(.suspended(Suspension(reason: text()))), .rest(.frozen), .rest(.retained),
            .publish(record, why), .act(.powerOn(id()), why), .wait(why), .halt(why),
            .blocked(Block(.lastCopy, text())),
        ])
    }
}
