import Instances
import Testing
import YAML

@Suite struct StatusFactsTests: StatusSample {
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
