import Instances
import Testing

/// The way of the data from snapshot to disk, and its end.
@Suite struct RestoreTests {
    private static let older = Scene.recorded(SnapshotID("older"), Scene.made)

    // MARK: Stored and restored

    @Test func `data in a snapshot that cannot be read is waited for, and one that is gone stops the instance`() {
        let unread = Scene.stored.bent { $0.situation.observation.snapshots[Scene.snapshot] = .unknown("503") }
        #expect(unread.reason == "SnapshotUnknown")
        #expect(Scene.stored.bent { $0.seeGone(.snapshot(Scene.snapshot), times: 1) }.reason == "SnapshotUnknown")
        #expect(Scene.stored.bent { $0.seeGone(.snapshot(Scene.snapshot)) }.reason == "DataMissing")
    }

    @Test func `an older snapshot takes the place of a lost one only if it is available and a commit approves`() {
        let lost = Scene.stored.bent { scene in
            scene.record { $0.snapshots.insert(Self.older, at: 0) }
            scene.situation.observation.snapshots[Self.older.id] = .seen(
                Snapshot(
                    id: Self.older.id, name: "n", tags: Scene.tags(.data), state: .available, sizeBytes: 1,
                    sourceDisk: nil))
            scene.seeGone(.snapshot(Scene.snapshot))
        }
        #expect(lost.reason == "DataMissing")
        #expect(decide(lost.situation).explanation.message.contains("Snapshot older holds older content"))
        #expect(lost.bent { $0.situation.approval = "4f2c" }.reason == "DataMissing")
        let approved = lost.bent { $0.situation.returnApproval = "4f2c" }
        #expect(approved.published?.data == .snapshot(Self.older.id))
        #expect(approved.published?.snapshots.map(\.id) == [Self.older.id])
        // An approval means what was named, also where that cannot be read at the moment.
        let hidden = approved.bent { $0.snapshot(Self.older.id) { $0.state = .unknown("exporting") } }
        #expect(hidden.published == nil && hidden.reason == "SnapshotUnknown")
        let unasked = hidden.bent { $0.situation.returnApproval = nil }
        #expect(decide(unasked.situation).explanation.message.contains("Snapshot older holds older content"))
        // It has answered one question; whatever is missing next was not asked for.
        #expect(approved.published.map { approved.situation.published($0).returnApproval } == .some(nil))
        let broken = approved.bent { $0.snapshot(Self.older.id) { $0.state = .error } }
        #expect(broken.reason == "DataMissing")
        let alone = Scene.stored.bent { scene in
            scene.seeGone(.snapshot(Scene.snapshot))
            scene.situation.returnApproval = "4f2c"
        }
        #expect(alone.reason == "DataMissing")
    }

    private var restoring: Scene { Scene(.restoring(Scene.snapshot, Scene.current)) }

    @Test func `a disk is made from the snapshot, at least as large as it`() {
        let next = Operation(epoch: 3, nonce: "nonce")
        let wanted = Scene.stored.bent { $0.desire { $0.runtime = Runtime() } }
        #expect(wanted.published?.data == .restoring(Scene.snapshot, next))
        #expect(restoring.action == nil)
        #expect(restoring.reason == "Restoring")
        func size(_ bend: (inout Scene) -> Void) -> Int64? {
            let scene = restoring.bent { scene in
                scene.situation.attempt = .unsent
                bend(&scene)
            }
            guard case .createDisk(let disk)? = scene.action else { return nil }
            #expect(disk.source == Scene.snapshot)
            #expect(disk.tags == Scene.tags(.data, Scene.current))
            return disk.sizeBytes
        }
        #expect(size { _ in } == bytesInGigabyte)
        #expect(size { $0.desire { $0.dataDisk?.sizeGB = 3 } } == 3 * bytesInGigabyte)
        #expect(size { $0.snapshot { $0.sizeBytes = 5 * bytesInGigabyte } } == 5 * bytesInGigabyte)
        #expect(size { $0.snapshot { $0.state = .locked } } == nil)
        // Told as what it is, instead of being waited for.
        let damaged = restoring.bent { scene in
            scene.situation.attempt = .unsent
            scene.snapshot { $0.state = .error }
        }
        #expect(damaged.published?.data == .snapshot(Scene.snapshot))
        #expect(size { $0.situation.observation.snapshots[Scene.snapshot] = .unknown("503") } == nil)
    }

    @Test func `a restored disk is used only with the right source and size`() {
        let made = restoring.bent { scene in
            scene.addDisk(of: Scene.current)
            scene.disk { $0.source = Scene.snapshot }
        }
        #expect(made.published?.data == .live(Scene.disk, Scene.current))
        #expect(made.bent { $0.disk { $0.sizeBytes *= 2 } }.published?.data == .live(Scene.disk, Scene.current))
        var larger = Self.older
        larger.sizeBytes *= 2
        let beside = made.bent { $0.record { $0.snapshots.insert(larger, at: 0) } }
        #expect(beside.published?.data == .live(Scene.disk, Scene.current))
        #expect(made.bent { $0.disk { $0.source = SnapshotID("x") } }.reason == "DiskMismatch")
        #expect(made.bent { $0.disk { $0.source = nil } }.reason == "DiskMismatch")
        #expect(made.bent { $0.disk { $0.sizeBytes -= 1 } }.reason == "DiskMismatch")
        let failed = made.bent { $0.disk { $0.state = .error } }
        #expect(failed.published?.data == .snapshot(Scene.snapshot))
        #expect(failed.published?.condemned.map(\.ground) == [.abandoned])
        #expect(made.bent { $0.addDisk(DiskID("second"), of: Scene.current) }.reason == "Ambiguous")
    }

    @Test func `a restore that is not wanted any more, or whose call was given up, is back in its snapshot`() {
        let unwanted = restoring.bent { $0.desire { $0.runtime = Scene.stopped } }
        #expect(unwanted.published?.data == .snapshot(Scene.snapshot))
        let destroyed = restoring.bent { scene in
            scene.desire { $0.dataDisk = nil }
            scene.situation.approval = "4f2c"
        }
        // What lands later could not be told from data that somebody wants.
        #expect(destroyed.published == nil && destroyed.reason == "Restoring")
        #expect(destroyed.bent { $0.situation.attempt = .givenUp }.published?.data == .snapshot(Scene.snapshot))
        #expect(destroyed.bent { $0.situation.attempt = .refused }.published?.data == .snapshot(Scene.snapshot))
        #expect(restoring.bent { $0.situation.attempt = .givenUp }.published?.data == .snapshot(Scene.snapshot))
        // One that is attached may hold newer content: it is saved first.
        let used = unwanted.bent { scene in
            scene.addDisk(of: Scene.current)
            scene.disk { disk in
                disk.source = Scene.snapshot
                disk.attachment = .init(server: Scene.server, phase: .attached)
            }
        }
        #expect(used.published?.data == .live(Scene.disk, Scene.current))
        let gone = restoring.bent { scene in
            scene.situation.attempt = .unsent
            scene.seeGone(.snapshot(Scene.snapshot))
        }
        #expect(gone.published?.data == .snapshot(Scene.snapshot))
        let listed = restoring.bent { scene in
            scene.situation.attempt = .unsent
            scene.seeGone(.snapshot(Scene.snapshot), times: 1)
        }
        #expect(listed.published == nil)
    }

    // MARK: The end

    @Test func `data is destroyed only by an approved commit, and then disk and snapshots are condemned`() {
        for scene in [Scene.live, .stored] {
            let without = scene.bent { scene in
                scene.desire { $0.dataDisk = nil }
                scene.record { $0.snapshots = [Self.older] + $0.snapshots }
            }
            guard case .blocked(let block) = decide(without.situation) else {
                Issue.record("\(decide(without.situation))")
                return
            }
            #expect(block.kind == .lastCopy)
            #expect(block.message.contains("dataDisk was taken out of the manifest"))
            let approved = without.bent { $0.situation.approval = "4f2c" }.published
            #expect(approved?.data == DataRecord.none)
            #expect(approved?.snapshots == [])
            #expect(approved?.condemned.allSatisfy { $0.ground == .approved(commit: "4f2c") } == true)
            let all = (without.situation.record!.namedResources).filter { id in
                id != .server(Scene.server) && id != .disk(Scene.root)
            }
            #expect(approved?.condemned.map(\.resource).sorted() == all)
        }
        // A snapshot is data also where the record says that there is none.
        let snapshots = Scene.emptied.bent { scene in
            scene.record { $0.snapshots = [Self.older] }
            scene.desire { $0.dataDisk = nil }
        }
        #expect(snapshots.reason == "NeedsApproval")
    }

    @Test func `whoever is asked to give data up is told of every copy that would go too`() {
        let (early, old) = (SnapshotID("early"), SnapshotID("old"))
        func told(_ scene: Scene) -> String { decide(scene.situation).explanation.message }
        let lost = Scene.live.bent { $0.seeGone(.disk(Scene.disk)) }
        #expect(!told(lost).contains("copies"))
        let copies = lost.bent { scene in
            scene.addSnapshot(early, of: Scene.made)
            scene.addSnapshot(old, of: Scene.made)
            scene.record { $0.condemn(.snapshot(old), as: Scene.made, because: .supersededBy(Scene.snapshot)) }
        }
        let text = "would destroy copies that were given up earlier too: snapshot early, snapshot old"
        #expect(copies.reason == "DataDiskMissing")
        #expect(told(copies).contains(text))
        let stored = Scene.stored.bent { scene in
            scene.seeGone(.snapshot(Scene.snapshot))
            scene.addSnapshot(early, of: Scene.made)
        }
        #expect(stored.reason == "DataMissing")
        #expect(told(stored).contains("too: snapshot early"))
    }

    @Test func `of a disk that is lost while it is cut, the cut is offered, and destroyed only with an approval`() {
        let cut = SnapshotID("cut")
        let lost = Scene(.snapshotting(Scene.disk, Scene.current, detachedAt: Scene.detachedAt)).bent { scene in
            scene.seeGone(.disk(Scene.disk), times: 2)
            scene.situation.observation.snapshots[cut] = .seen(
                Snapshot(
                    id: cut, name: "box-data-2", tags: Scene.tags(.data, Scene.current), state: .available,
                    sizeBytes: bytesInGigabyte, sourceDisk: nil))
            scene.record { $0.snapshots = [Self.older] }
            scene.see(Self.older)
        }
        #expect(lost.reason == "DataDiskMissing")
        #expect(decide(lost.situation).explanation.message.contains("Snapshot cut may lack what was written last"))
        // While it cannot be seen as good, nothing is asked, and no approval means the older one.
        let unseen = lost.bent { scene in
            scene.situation.observation.snapshots[cut] = nil
            scene.situation.returnApproval = "4f2c"
        }
        #expect(unseen.reason == "Snapshotting")
        for state in [Snapshot.State.creating, .locked, .deleting, .unknown("new")] {
            let unclear = lost.bent { scene in
                scene.snapshot(cut) { $0.state = state }
                scene.situation.returnApproval = "4f2c"
            }
            #expect(unclear.reason == "Snapshotting")
        }
        let never = unseen.bent { $0.situation.attempt = .givenUp }.published?.data
        guard case .restoring(Self.older.id, _)? = never else {
            Issue.record("\(String(describing: never))")
            return
        }
        let approved = lost.bent { $0.situation.returnApproval = "4f2c" }.published
        #expect(approved?.snapshots.map(\.id) == [Self.older.id, cut])
        guard case .restoring(cut, _)? = approved?.data else {
            Issue.record("\(String(describing: approved?.data))")
            return
        }
        // One that failed, or of which there are two, is not offered.
        let twin = SnapshotID("twin")
        for bend: (inout Scene) -> Void in [
            { $0.snapshot(cut) { $0.state = .error } }, { $0.addSnapshot(twin, of: Scene.current) },
        ] {
            let other = lost.bent(bend).bent { $0.situation.returnApproval = "4f2c" }.published
            #expect(other?.snapshots == [Self.older])
        }
        let growing = lost.bent { scene in
            scene.snapshot(cut) { $0.state = .creating }
            scene.situation.returnApproval = "4f2c"
        }
        #expect(growing.published == nil && growing.reason == "Snapshotting")
        let destroyed = lost.bent { scene in
            scene.desire { $0.dataDisk = nil }
            scene.situation.approval = "4f2c"
        }.published
        #expect(destroyed?.condemned.map(\.resource).sorted() == [.snapshot(cut), .snapshot(Self.older.id)])
    }

    @Test func `an approval to destroy covers the older copies that nobody has recorded`() {
        let stray = SnapshotID("stray")
        let scene = Scene.live.bent { scene in
            scene.desire { $0.dataDisk = nil }
            scene.situation.approval = "4f2c"
            scene.record { $0.data = .live(Scene.disk, Scene.current) }
            scene.situation.observation.snapshots[stray] = .seen(
                Snapshot(
                    id: stray, name: "box-data-1", tags: Scene.tags(.data), state: .available,
                    sizeBytes: bytesInGigabyte, sourceDisk: Scene.disk))
        }
        let destroyed = scene.published
        #expect(destroyed?.condemned.map(\.resource) == [.disk(Scene.disk), .snapshot(stray)])
        #expect(destroyed?.condemned.allSatisfy { $0.ground == .approved(commit: "4f2c") } == true)
        // Somebody uses it.
        let used = DiskID("used")
        let withUsed = scene.bent { scene in
            scene.situation.observation.disks[used] = .seen(
                Disk(
                    id: used, name: "box-data-0", tags: Scene.tags(.data), state: .attached,
                    sizeBytes: bytesInGigabyte,
                    attachment: Disk.Attachment(server: ServerID("theirs"), phase: .attached)))
        }
        #expect(withUsed.published?.condemned.map(\.resource) == [.disk(Scene.disk), .snapshot(stray)])
        // Nobody does.
        let free = withUsed.bent { $0.disk(used) { ($0.state, $0.attachment) = (.available, nil) } }
        #expect(
            free.published?.condemned.map(\.resource) == [.disk(Scene.disk), .disk(used), .snapshot(stray)])
    }

    @Test func `an approval to destroy the data does not cover a root snapshot that another one replaced`() {
        let (image, old) = (SnapshotID("image"), SnapshotID("old"))
        let scene = Scene.stored.bent { scene in
            scene.desire { $0.dataDisk = nil }
            scene.situation.approval = "4f2c"
            scene.record { record in
                record.rootSnapshot = .ready(Scene.recorded(image, Scene.made))
                record.condemn(.snapshot(old), as: Scene.made, because: .supersededBy(image))
            }
        }
        #expect(
            scene.published?.condemned.map(\.ground) == [.supersededBy(image), .approved(commit: "4f2c")])
    }

    @Test func `a removed manifest does what its policy said, and destroys nothing without an approval`() {
        func removed(_ policy: DeletionPolicy) -> Scene {
            Scene.live.bent { scene in
                scene.situation.desired = .removed
                scene.record { $0.deletionPolicy = policy }
            }
        }
        #expect(decide(removed(.retain).situation) == .rest(.retained))
        #expect(removed(.snapshot).reason == "Stopping")
        #expect(removed(.delete).reason == "NeedsApproval")
        #expect(decide(removed(.delete).situation).explanation.message.contains("deletionPolicy delete"))
        let saved = Scene.stored.bent { scene in
            scene.situation.desired = .removed
            scene.record { ($0.deletionPolicy, $0.activity) = (.snapshot, nil) }
        }
        #expect(decide(saved.situation) == .rest(.retained))
        let empty = Scene.emptied.bent { scene in
            scene.situation.desired = .removed
            scene.record { ($0.deletionPolicy, $0.activity) = (.snapshot, nil) }
        }
        #expect(decide(empty.situation) == .rest(.forgotten))
        #expect(
            decide(empty.bent { $0.record { $0.deletionPolicy = .retain } }.situation) == .rest(.forgotten))
    }
}
