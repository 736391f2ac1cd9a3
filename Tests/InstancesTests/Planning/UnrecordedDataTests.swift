import Instances
import Testing

/// Data that the record does not name: what a given-up call left is cleaned up, what an edited record forgot is not.
@Suite struct UnrecordedDataTests {
    /// What a scene's cloud holds, under a record that somebody has edited.
    private func edited(_ scene: Scene, _ change: (inout Record) -> Void) -> Scene {
        scene.bent { scene in scene.record(change) }
    }

    private func condemned(by scene: Scene) -> [ResourceID] { scene.published?.condemned.map(\.resource) ?? [] }

    @Test func `no empty disk is made where a disk or a snapshot says that there was data`() {
        let live = edited(Scene.live) { ($0.data, $0.snapshots) = (.none, []) }
        #expect(live.reason == "DataNotInRecord")
        let stored = edited(Scene(.snapshot(Scene.snapshot))) { ($0.data, $0.snapshots) = (.none, []) }
        #expect(stored.reason == "DataNotInRecord")
        // A disk that was restored and never attached holds data too.
        let restored = edited(Scene(.none)) { _ in }.bent { scene in
            scene.situation.observation.disks[Scene.disk] = .seen(
                Disk(
                    id: Scene.disk, name: "box-data", tags: Scene.tags(.data), state: .available,
                    sizeBytes: bytesInGigabyte, source: Scene.snapshot))
        }
        #expect(restored.reason == "DataNotInRecord")
    }

    @Test func `a record without data is no reason to delete data`() {
        for wanting in [Scene.stopped, Runtime(enableInstanceServer: false)] {
            let stored = edited(Scene(.snapshot(Scene.snapshot), wanting: wanting)) {
                ($0.data, $0.snapshots) = (.none, [])
            }
            #expect(condemned(by: stored).isEmpty)
            #expect(stored.action == nil)
            // It stands in the way of nothing but a disk that would be made instead of it.
            #expect((stored.reason == "DataNotInRecord") == (wanting.dataDiskState == .live))
            #expect(stored.bent { $0.desire { $0.dataDisk = nil } }.reason != "DataNotInRecord")
            let removed = stored.bent { scene in
                scene.situation.desired = .removed
                scene.record { $0.deletionPolicy = .snapshot }
            }
            #expect(removed.reason != "DataNotInRecord")
        }
    }

    @Test func `newer data halts, what failed, was condemned or is empty does not`() {
        let copy = SnapshotID("copy")
        func newer(_ change: (inout Snapshot) -> Void) -> String {
            Scene.live.bent { scene in
                scene.addSnapshot(copy, of: Scene.current)
                scene.snapshot(copy, change: change)
            }.reason
        }
        #expect(newer { _ in } == "DataNotInRecord")
        #expect(newer { $0.state = .error } == "Converged")
        #expect(newer { $0.tags?.condemned = true } == "Converged")
        let empty = Scene.live.bent { $0.addDisk(DiskID("empty"), of: Scene.current) }
        #expect(condemned(by: empty) == [.disk(DiskID("empty"))])
    }

    @Test func `a record that names an older snapshot than there is halts`() {
        let older = SnapshotID("older")
        let scene = Scene(.snapshot(Scene.snapshot)).bent { scene in
            scene.situation.observation.snapshots[older] = .seen(
                Snapshot(
                    id: older, name: "box-data-1", tags: Scene.tags(.data), state: .available,
                    sizeBytes: bytesInGigabyte, sourceDisk: nil))
            scene.record { record in
                record.snapshots = [Scene.recorded(older, Scene.made)]
                record.data = .snapshot(older)
            }
        }
        #expect(scene.reason == "DataNotInRecord")
    }

    @Test func `what was made before the newest content goes once that was seen`() {
        let stray = SnapshotID("stray")
        let scene = Scene.stored.bent { scene in
            scene.situation.observation.snapshots[stray] = .seen(
                Snapshot(
                    id: stray, name: "box-data-1", tags: Scene.tags(.data), state: .available,
                    sizeBytes: bytesInGigabyte, sourceDisk: nil))
            scene.record { $0.activity = nil }
        }
        #expect(condemned(by: scene) == [.snapshot(stray)])
        #expect(!condemned(by: scene.bent { $0.snapshot { $0.state = .unknown("odd") } }).contains(.snapshot(stray)))
    }

    @Test func `a copy with the live disk's own operation is left alone and told`() {
        let copy = SnapshotID("copy")
        let scene = Scene.live.bent { scene in
            scene.situation.observation.snapshots[copy] = .seen(
                Snapshot(
                    id: copy, name: "by hand", tags: Scene.tags(.data), state: .available,
                    sizeBytes: bytesInGigabyte, sourceDisk: Scene.disk))
        }
        #expect(scene.reason == "Converged")
        #expect(condemned(by: scene).isEmpty)
        #expect(decide(scene.situation).explanation.message.contains("left alone"))
        #expect(decide(scene.situation).explanation.message.contains("copy"))
        #expect(!decide(Scene.stored.situation).explanation.message.contains("left alone"))
        // One that somebody condemned is no less in no record; one that goes already needs no word.
        let condemned = scene.bent { $0.snapshot(copy) { $0.tags?.condemned = true } }
        #expect(decide(condemned.situation).explanation.message.contains("record: snapshot copy"))
        let leaving = condemned.bent { $0.snapshot(copy) { $0.state = .deleting } }
        #expect(!decide(leaving.situation).explanation.message.contains("left alone"))
    }

    @Test func `a record that was edited to name another disk halts, and gives nothing up`() {
        let edited = edited(Scene.live) { $0.data = .live(DiskID("typo"), Scene.made) }.bent { scene in
            scene.situation.observation.disks[DiskID("typo")] = .missing(times: 2)
        }
        #expect(edited.reason == "DataNotInRecord")
        let approved = edited.bent { scene in
            scene.desire { $0.dataDisk = nil }
            scene.situation.approval = "4f2c"
        }
        #expect(approved.reason == "DataNotInRecord")
        // A copy that a late call has made and nobody used is no data.
        let unused = edited.bent { scene in
            scene.disk { disk in
                (disk.attachment, disk.lastDetachedAt, disk.state) = (nil, nil, .available)
            }
        }
        #expect(unused.reason == "DataDiskMissing")
    }

    @Test func `a disk that was restored from a snapshot which is gone since is the newest data there is`() {
        let later = Operation(epoch: 3, nonce: "later")
        let cancelled = Scene.stored.bent { scene in
            scene.situation.observation.disks[DiskID("restored")] = .seen(
                Disk(
                    id: DiskID("restored"), name: "box-data", tags: Scene.tags(.data, later), state: .available,
                    sizeBytes: bytesInGigabyte, source: Scene.snapshot))
            scene.record { $0.operations.append(later) }
        }
        #expect(condemned(by: cancelled) == [.disk(DiskID("restored"))])
        #expect(cancelled.bent { $0.seeGone(.snapshot(Scene.snapshot)) }.reason == "DataNotInRecord")
    }

    @Test func `damaged data is told, and nothing is made from it or deleted`() {
        #expect(Scene.live.bent { $0.disk { $0.state = .error } }.reason == "DataDiskDamaged")
        #expect(Scene.stored.bent { $0.snapshot { $0.state = .error } }.reason == "SnapshotDamaged")
        let restoring = Scene(.snapshot(Scene.snapshot)).bent { $0.snapshot { $0.state = .error } }
        #expect(restoring.reason == "SnapshotDamaged")
        let stopping = Scene(.quiescing(Scene.disk, Scene.current), wanting: Scene.stopped)
        #expect(stopping.bent { $0.disk { $0.state = .error } }.reason == "DataDiskDamaged")
    }

    @Test func `an approval to destroy the data covers what was condemned for a snapshot that goes with it`() {
        let old = SnapshotID("old")
        let scene = Scene.stored.bent { scene in
            scene.record { $0.condemn(.snapshot(old), as: Scene.made, because: .supersededBy(Scene.snapshot)) }
            scene.desire { $0.dataDisk = nil }
            scene.situation.approval = "4f2c"
        }
        #expect(scene.published?.condemned.allSatisfy { $0.ground == .approved(commit: "4f2c") } == true)
        #expect(scene.published?.condemned.map(\.resource).contains(.snapshot(old)) == true)
    }

    @Test func `damage does not stand in the way of giving the data up with an approval`() {
        let givenUp: (inout Scene) -> Void = { scene in
            scene.desire { $0.dataDisk = nil }
            scene.situation.approval = "4f2c"
        }
        let live = Scene.live.bent { $0.disk { $0.state = .error } }.bent(givenUp)
        #expect(live.published?.condemned.map(\.resource).contains(.disk(Scene.disk)) == true)
        let stored = Scene.stored.bent { $0.snapshot { $0.state = .error } }.bent(givenUp)
        #expect(stored.published?.condemned.map(\.resource) == [.snapshot(Scene.snapshot)])
    }

    @Test func `a disk that somebody has attached elsewhere during a stop is told`() {
        let scene = Scene(.quiescing(Scene.disk, Scene.current), wanting: Scene.stopped).bent { scene in
            scene.disk { $0.attachment = .init(server: ServerID("other"), phase: .attached) }
        }
        #expect(decide(scene.situation).explanation.message.contains("attached to server other"))
        #expect(scene.action == nil)
    }

    @Test func `a server that the record awaits may have the disk already, where the status branch was rolled back`() {
        let stopping = Scene(.quiescing(Scene.disk, Scene.current), wanting: Scene.stopped)
        for scene in [stopping, Scene.live] {
            #expect(scene.bent { $0.record { $0.server = .creating(Scene.made) } }.reason == "ServerMade")
        }
    }
}
