import Instances
import Testing

/// A status branch that was rolled back to a moment before the disk that now holds the data was recorded.
@Suite struct RollbackTests {
    private let stopped = Runtime(enableInstanceServer: false, dataDiskState: .snapshot)

    /// The record awaits a disk that has long been made, attached and detached again; the server is gone, so that no
    /// epoch betrays the rollback.
    private func rolledBack(wasUsed: Bool) throws -> (situation: Situation, disk: DiskID, awaiting: Operation) {
        let start = firstSight(manifest()).arrived().wanting(stopped).arrived().wanting(Runtime())
        guard case .publish(let old, _) = decide(start), case .restoring(_, let operation) = old.data else {
            throw Unexpected()
        }
        var there = start.published(old).arrived()
        let disk = try #require(there.record?.data.disk)
        there.observation.servers = [:]
        guard case .seen(var data)? = there.observation.disks[disk] else { throw Unexpected() }
        (data.attachment, data.state) = (nil, .available)
        data.lastDetachedAt = wasUsed ? there.now : nil
        there.observation.disks = [disk: .seen(data)]
        there.record = old
        return (there, disk, operation)
    }

    private struct Unexpected: Error {}

    @Test func `a stop saves a restored disk that was used and makes no claim on the older snapshot`() throws {
        let (there, disk, operation) = try rolledBack(wasUsed: true)
        guard case .publish(let record, let why) = decide(there.wanting(stopped)) else { throw Unexpected() }
        #expect(why.reason == "DataDiskReady")
        #expect(record.data == .live(disk, operation))
    }

    @Test func `a stop drops a restored disk that was never used`() throws {
        let (there, _, _) = try rolledBack(wasUsed: false)
        #expect(decide(there.wanting(stopped)).explanation.reason == "RestoreCancelled")
    }

    @Test(arguments: [true, false])
    func `a data disk that was used and is not in the record halts, one that was not is cleaned up`(wasUsed: Bool)
        throws
    {
        var (there, _, _) = try rolledBack(wasUsed: wasUsed)
        let newest = try #require(there.record?.snapshots.last?.id)
        there.record?.data = .snapshot(newest)
        #expect(decide(there.wanting(stopped)).explanation.reason == (wasUsed ? "DataNotInRecord" : "CleaningUp"))
    }

    @Test func `a snapshot from before the rollback is not taken for one of the disk as it is now`() throws {
        let stopping = firstSight(manifest()).arrived().wanting(stopped)
        guard case .publish(let old, _) = decide(stopping), case .quiescing(let disk, let operation) = old.data,
            case .seen(var data)? = stopping.observation.disks[disk], let tags = data.tags
        else { throw Unexpected() }
        var there = stopping
        there.record = old
        there.record?.server = .absent
        there.record?.root = .absent
        (data.attachment, data.state, data.lastDetachedAt) = (nil, .available, there.now)
        there.observation.servers = [:]
        there.observation.disks = [disk: .seen(data)]
        var earlier = tags
        earlier.operation = operation
        let snapshot = Snapshot(
            id: SnapshotID("earlier"), name: "earlier", tags: earlier, state: .available, sizeBytes: data.sizeBytes,
            sourceDisk: disk)
        there.observation.snapshots[snapshot.id] = .seen(snapshot)
        there.fresh = ("uid", "after")
        guard case .publish(let next, let why) = decide(there) else { throw Unexpected() }
        #expect(why.reason == "Snapshotting")
        guard case .snapshotting(disk, let cut, _) = next.data else { throw Unexpected() }
        #expect(cut != operation)
        if case .publish(let record, _) = decide(there.published(next)) { #expect(record.snapshots.isEmpty) }
    }
}
