import Instances
import Testing

/// From the cut of a snapshot until the disk is gone.
extension DataStepTests {
    // MARK: Cutting

    var cutting: Scene {
        Scene(.snapshotting(Scene.disk, Scene.current, detachedAt: Scene.detachedAt), wanting: Scene.stopped)
    }

    /// With the snapshot that the operation has made.
    private func cut(_ change: (inout Snapshot) -> Void = { _ in }) -> Scene {
        cutting.bent { scene in
            scene.situation.observation.snapshots[Scene.snapshot] = .seen(
                Snapshot(
                    id: Scene.snapshot, name: "n", tags: Scene.tags(.data, Scene.current), state: .available,
                    sizeBytes: bytesInGigabyte, sourceDisk: Scene.disk))
            scene.snapshot(change: change)
        }
    }

    @Test func `a snapshot is asked for once`() {
        #expect(cutting.reason == "Snapshotting")
        #expect(cutting.action == nil)
        for attempt in [Attempt.unsent, .refused] {
            guard case .createSnapshot(let snapshot)? = cutting.bent({ $0.situation.attempt = attempt }).action else {
                Issue.record("no snapshot is cut")
                return
            }
            #expect(snapshot.tags == Scene.tags(.data, Scene.current))
            #expect(snapshot.disk == Scene.disk)
        }
        let again = cutting.bent { $0.situation.attempt = .givenUp }
        #expect(
            again.published?.data
                == .snapshotting(Scene.disk, Operation(epoch: 3, nonce: "nonce"), detachedAt: Scene.detachedAt))
    }

    @Test func `a disk that was attached since is quiesced again`() {
        let again = DataRecord.quiescing(Scene.disk, Operation(epoch: 3, nonce: "nonce"))
        #expect(cut().bent { $0.disk { $0.attachment = attached } }.published?.data == again)
        #expect(cut().bent { $0.disk { $0.lastDetachedAt = Timestamp(seconds: 1) } }.published?.data == again)
        let condemned = Scene.condemned
        #expect(condemned.bent { $0.disk { $0.attachment = attached } }.published?.data == again)
        #expect(condemned.bent { $0.disk { $0.lastDetachedAt = nil } }.published?.data == again)
    }

    @Test func `a good snapshot is recorded, and only then is the disk condemned`() {
        let published = cut().published
        #expect(
            published?.data
                == .deleting(Scene.disk, snapshot: Scene.snapshot, Scene.current, detachedAt: Scene.detachedAt))
        #expect(published?.snapshots == [Scene.recorded(Scene.snapshot, Scene.current)])
        #expect(
            published?.condemned == [
                Condemned(
                    resource: .disk(Scene.disk), operation: Scene.current, ground: .savedIn(Scene.snapshot))
            ])
    }

    @Test func `a disk that was condemned for an earlier snapshot is now saved in this one`() {
        let before = cut().bent { scene in
            scene.record { $0.condemn(.disk(DiskID("x")), as: Scene.made, because: .abandoned) }
            scene.record { $0.condemn(.disk(Scene.disk), as: Scene.made, because: .savedIn(Self.older.id)) }
        }
        #expect(before.published?.condemned.map(\.ground) == [.abandoned, .savedIn(Scene.snapshot)])
    }

    @Test(arguments: [Snapshot.State.creating, .locked, .deleting, .unknown("new")])
    func `a snapshot that is not available yet is waited for`(state: Snapshot.State) {
        let scene = cut { $0.state = state }
        #expect(scene.reason == "Snapshotting")
        #expect(scene.published == nil)
        let words = ["is being cut", "is in state locked", "is in state deleting", "is in state new"]
        #expect(words.contains { decide(scene.situation).explanation.message.hasSuffix($0) })
    }

    @Test func `a snapshot that failed is condemned and cut again; the disk stays`() {
        let failed = cut { $0.state = .error }.published
        #expect(
            failed?.data
                == .snapshotting(Scene.disk, Operation(epoch: 3, nonce: "nonce"), detachedAt: Scene.detachedAt))
        #expect(failed?.condemned.map(\.resource) == [.snapshot(Scene.snapshot)])
        #expect(failed?.snapshots == [])
    }

    @Test func `a snapshot of another disk, of another size or a second one stops the instance`() {
        #expect(cut { $0.sourceDisk = DiskID("x") }.reason == "SnapshotMismatch")
        #expect(cut { $0.sourceDisk = nil }.reason == "SnapshotMismatch")
        #expect(cut { $0.sizeBytes = 0 }.reason == "SnapshotMismatch")
        let second = cut().bent { scene in
            scene.situation.observation.snapshots[SnapshotID("x")] = .seen(
                Snapshot(
                    id: SnapshotID("x"), name: "n", tags: Scene.tags(.data, Scene.current), state: .available,
                    sizeBytes: bytesInGigabyte, sourceDisk: Scene.disk))
        }
        #expect(second.reason == "Ambiguous")
    }

    @Test func `a snapshot of another operation or role, or a condemned one, is not taken for it`() {
        #expect(cut { $0.tags?.operation = Scene.made }.reason == "Snapshotting")
        #expect(cut { $0.tags?.role = .root }.reason == "Snapshotting")
        let condemned = cut().bent { scene in
            scene.record { $0.condemn(.snapshot(Scene.snapshot), as: Scene.current, because: .abandoned) }
        }
        #expect(condemned.reason == "Snapshotting")
    }

    // MARK: Deleting

    @Test func `a saved disk is condemned by its tag, then deleted, then seen to be gone`() {
        let untagged = Scene.condemned.bent { $0.disk { $0.tags?.condemned = false } }
        var tags = Scene.tags(.data)
        tags.condemned = true
        #expect(untagged.action == .tag(.disk(Scene.disk), tags))
        #expect(Scene.condemned.action == .delete(Scene.condemned.situation.record!.condemned[0]))
        #expect(Scene.condemned.bent { $0.disk { $0.state = .deleting } }.reason == "Deleting")
        #expect(Scene.condemned.bent { $0.disk { $0.state = .deleting } }.action == nil)
        #expect(Scene.condemned.bent { $0.seeGone(.disk(Scene.disk), times: 1) }.reason == "DeletingDataDisk")
        let unread = Scene.condemned.bent { $0.situation.observation.disks[Scene.disk] = .unknown("503") }
        #expect(unread.reason == "DeletingDataDisk")
        let gone = Scene.condemned.bent { scene in
            scene.seeGone(.disk(Scene.disk))
            scene.record { $0.condemn(.disk(DiskID("x")), as: Scene.made, because: .abandoned) }
        }.published
        #expect(gone?.data == .snapshot(Scene.snapshot))
        #expect(gone?.condemned.map(\.resource) == [.disk(DiskID("x"))])
        #expect(gone?.snapshots.map(\.id) == [Scene.snapshot])
    }

    @Test func `a disk is kept while its snapshot is not seen to be available`() {
        for sighting: Sighting<Snapshot> in [.unknown("503"), .missing(times: 1)] {
            let scene = Scene.condemned.bent { $0.situation.observation.snapshots[Scene.snapshot] = sighting }
            #expect(scene.reason == "DeletingDataDisk")
            #expect(scene.action == nil)
        }
        #expect(Scene.condemned.bent { $0.snapshot { $0.state = .locked } }.action == nil)
    }

    @Test
    func `a snapshot that is damaged, or smaller than its disk has grown since, is cut again before the disk goes`() {
        let again = DataRecord.snapshotting(
            Scene.disk, Operation(epoch: 3, nonce: "nonce"), detachedAt: Scene.detachedAt)
        let damaged = Scene.condemned.bent { scene in
            scene.snapshot { $0.state = .error }
            scene.record { $0.snapshots.insert(Self.older, at: 0) }
        }.published
        #expect(damaged?.data == again)
        #expect(damaged?.snapshots == [Self.older])
        #expect(damaged?.condemned.map(\.resource) == [.disk(Scene.disk), .snapshot(Scene.snapshot)])
        let grown = Scene.condemned.bent { $0.disk { $0.sizeBytes *= 2 } }.published
        #expect(grown?.data == again)
        #expect(grown?.snapshots.map(\.id) == [Scene.snapshot])
    }

    @Test func `only what ended in an error at the provider is followed by a pause`() {
        let failed = Scene(.creating(Scene.current)).bent { scene in
            scene.addDisk(of: Scene.current)
            scene.disk { $0.state = .error }
        }
        #expect(decide(failed.situation).explanation.isSpoiled)
        #expect(!decide(firstSight(manifest())).explanation.isSpoiled)
        let stop = Scene(.live(Scene.disk, Scene.made), wanting: Scene.stopped)
        #expect(!decide(stop.situation).explanation.isSpoiled)
        let spoiled = [
            cut { $0.state = .error }, cutting.bent { $0.situation.attempt = .givenUp },
            Scene.condemned.bent { $0.snapshot { $0.state = .error } },
            Scene.condemned.bent { $0.disk { $0.sizeBytes *= 2 } }, cut(),
        ].map { decide($0.situation).explanation.isSpoiled }
        #expect(spoiled == [true, false, true, false, false])
    }

    @Test func `a snapshot that somebody deleted before the disk went is cut again`() {
        let scene = Scene.condemned.bent { scene in
            scene.seeGone(.snapshot(Scene.snapshot))
            scene.record { $0.snapshots.insert(Self.older, at: 0) }
        }
        #expect(
            scene.published?.data
                == .snapshotting(Scene.disk, Operation(epoch: 3, nonce: "nonce"), detachedAt: Scene.detachedAt))
        #expect(scene.published?.snapshots.map(\.id) == [Self.older.id])
    }
}
