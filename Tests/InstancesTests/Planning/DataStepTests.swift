import Instances
import Testing

/// The way of the data from disk to snapshot, one state at a time.
@Suite struct DataStepTests {
    private static let older = Scene.recorded(SnapshotID("older"), Scene.made)
    private let attached = Disk.Attachment(server: Scene.server, phase: .attached)

    // MARK: The first disk

    @Test func `an empty disk is asked for, made once, and recorded before it is used`() {
        let empty = Scene.emptied
        #expect(empty.published?.data == .creating(Operation(epoch: 3, nonce: "nonce")))
        #expect(empty.bent { $0.situation.observation.namesakes = [.disk(DiskID("x"))] }.reason == "UnknownResources")
        let creating = Scene(.creating(Scene.current))
        #expect(creating.reason == "CreatingDataDisk")
        #expect(creating.action == nil)
        guard case .createDisk(let specification)? = creating.bent({ $0.situation.attempt = .unsent }).action else {
            Issue.record("no disk is made")
            return
        }
        #expect(specification.tags == Scene.tags(.data, Scene.current))
        #expect(specification.sizeBytes == bytesInGigabyte)
        #expect(specification.source == nil)
        let found = creating.bent { $0.addDisk(of: Scene.current) }
        #expect(found.published?.data == .live(Scene.disk, Scene.current))
    }

    @Test func `an empty disk that was not made, or failed, or is not wanted, is given up`() {
        let creating = Scene(.creating(Scene.current))
        #expect(creating.bent { $0.situation.attempt = .givenUp }.published?.data == DataRecord.none)
        let failed = creating.bent { scene in
            scene.addDisk(of: Scene.current)
            scene.disk { $0.state = .error }
        }
        #expect(failed.published?.data == DataRecord.none)
        #expect(failed.published?.condemned.map(\.ground) == [.abandoned])
        let unwanted = Scene(.creating(Scene.current), wanting: Scene.stopped)
        #expect(unwanted.bent { $0.situation.attempt = .refused }.published?.data == DataRecord.none)
        #expect(unwanted.reason == "CreatingDataDisk")
    }

    @Test(arguments: [Disk.State.creating, .busy, .deleting, .locked, .unknown("new")])
    func `a disk that is not ready yet is waited for`(state: Disk.State) {
        let scene = Scene(.creating(Scene.current)).bent { scene in
            scene.addDisk(of: Scene.current)
            scene.disk { $0.state = state }
        }
        #expect(scene.published == nil)
        #expect(scene.reason == "CreatingDataDisk")
    }

    @Test func `two disks of one operation stop the instance, and one of another operation is not taken`() {
        let creating = Scene(.creating(Scene.current)).bent { $0.addDisk(of: Scene.current) }
        let doubled = creating.bent { $0.addDisk(DiskID("second"), of: Scene.current) }
        #expect(doubled.reason == "Ambiguous")
        #expect(doubled.published == nil)
        let other = Scene(.creating(Scene.current)).bent { $0.addDisk(of: Scene.made) }
        #expect(other.published?.data.disk == nil)
        let role = creating.bent { $0.disk { $0.tags?.role = .root } }
        #expect(role.published?.data != .live(Scene.disk, Scene.current))
        let condemned = creating.bent { scene in
            scene.record { $0.condemn(.disk(Scene.disk), as: Scene.current, because: .abandoned) }
        }
        #expect(condemned.published?.data != .live(Scene.disk, Scene.current))
    }

    // MARK: Live

    @Test func `a live disk that cannot be read, or is not proven to be gone, is waited for`() {
        let unread = Scene.live.bent { $0.situation.observation.disks[Scene.disk] = .unknown("503") }
        #expect(unread.reason == "DataDiskUnknown")
        #expect(Scene.live.bent { $0.situation.observation.disks[Scene.disk] = nil }.reason == "DataDiskUnknown")
        #expect(Scene.live.bent { $0.seeGone(.disk(Scene.disk), times: 1) }.reason == "DataDiskUnknown")
    }

    @Test func `a live disk that is gone is never replaced by an empty one`() {
        let gone = Scene.live.bent { $0.seeGone(.disk(Scene.disk)) }
        #expect(gone.reason == "DataDiskMissing")
        #expect(gone.bent { $0.situation.approval = "4f2c" }.reason == "DataDiskMissing")
        let saved = gone.bent { $0.record { $0.snapshots = [Self.older] } }
        #expect(saved.reason == "DataDiskMissing")
        #expect(decide(saved.situation).explanation.message.hasSuffix("`Operator-Approve: box`"))
        #expect(saved.bent { $0.situation.approval = "4f2c" }.reason == "DataDiskMissing")
        #expect(
            saved.bent { $0.situation.returnApproval = "4f2c" }.published?.data
                == .restoring(Self.older.id, Operation(epoch: 3, nonce: "nonce")))
        #expect(saved.bent { $0.situation.returnApproval = "4f2c" }.published?.snapshots == [Self.older])
        // Of several it is the newest.
        let newer = Scene.recorded(Scene.snapshot, Scene.made)
        let both = saved.bent { scene in
            scene.record { $0.snapshots.append(newer) }
            scene.situation.returnApproval = "4f2c"
        }
        #expect(both.published?.data == .restoring(newer.id, Operation(epoch: 3, nonce: "nonce")))
    }

    @Test func `a live disk on another's server halts, on a condemned server of its own it does not`() {
        let elsewhere = Scene.live.bent { scene in
            scene.disk { $0.attachment = .init(server: ServerID("x"), phase: .attached) }
        }
        #expect(elsewhere.reason == "DataDiskElsewhere")
        let condemned = elsewhere.bent { scene in
            scene.record { $0.condemn(.server(ServerID("x")), as: Scene.made, because: .unwantedServer) }
        }
        #expect(condemned.reason != "DataDiskElsewhere")
        // A server that is being made, or was given up, is not every server.
        let making = elsewhere.bent { scene in
            scene.record { ($0.server, $0.root) = (.creating(Scene.current), .absent) }
            scene.addServer(of: Scene.current)
        }
        #expect(making.reason == "DataDiskElsewhere")
        #expect(elsewhere.bent { $0.addServer(of: Scene.made) }.reason == "DataDiskElsewhere")
    }

    @Test func `a stop begins under an operation of its own`() {
        let stop = Scene(.live(Scene.disk, Scene.made), wanting: Scene.stopped)
        let next = Operation(epoch: 3, nonce: "nonce")
        #expect(stop.published?.data == .quiescing(Scene.disk, next))
        #expect(stop.published?.activity == Activity(kind: .stop, operation: next, since: stop.situation.now))
    }

    // MARK: Quiescing

    private var quiescing: Scene { Scene(.quiescing(Scene.disk, Scene.current), wanting: Scene.stopped) }

    @Test func `the server is off, then the disk detached, then the server deleted, before a snapshot is cut`() {
        #expect(quiescing.action == .powerOff(Scene.server))
        let off = quiescing.bent { $0.server { $0.state = .stopped } }
        #expect(off.action == .detachDisk(Scene.disk, Scene.server))
        let detaching = off.bent { $0.disk { $0.attachment?.phase = .detaching } }
        #expect(detaching.reason == "Detaching")
        #expect(detaching.action == nil)
        let free = off.bent { $0.free() }
        #expect(free.published?.server == .absent)
        #expect(free.published?.condemned.map(\.resource) == [.server(Scene.server)])
        let gone = free.bent { scene in
            scene.record { ($0.server, $0.root) = (.absent, .absent) }
            scene.seeGone(.server(Scene.server))
        }
        #expect(
            gone.published?.data
                == .snapshotting(Scene.disk, Operation(epoch: 3, nonce: "nonce"), detachedAt: Scene.detachedAt))
    }

    @Test func `a server that may still be made is waited for before a snapshot is cut`() {
        let making = quiescing.bent { scene in
            scene.record { ($0.server, $0.root) = (.creating(Scene.made), .absent) }
            scene.situation.observation.servers = [:]
            scene.free()
        }
        #expect(making.reason == "CreatingServer")
        #expect(making.published == nil)
    }

    @Test func `a server that is kept stays off while the snapshot is cut`() {
        let kept = quiescing.bent { scene in
            scene.desire { $0.server.whenDisabled = .powerOff }
            scene.server { $0.state = .stopped }
            scene.free()
        }
        #expect(
            kept.published?.data
                == .snapshotting(Scene.disk, Operation(epoch: 3, nonce: "nonce"), detachedAt: Scene.detachedAt))
        #expect(kept.published?.server == .present(Scene.server, Scene.made))
    }

    @Test func `no snapshot is begun while the disk is busy or still attached somewhere`() {
        let alone = quiescing.bent { scene in
            scene.record { ($0.server, $0.root) = (.absent, .absent) }
            scene.seeGone(.server(Scene.server))
        }
        #expect(alone.reason == "Detaching")
        #expect(alone.bent { $0.free() }.reason == "Snapshotting")
        let attaching = alone.bent { scene in
            scene.free()
            scene.disk { $0.attachment = attached }
        }
        #expect(attaching.reason == "Detaching")
        let busy = alone.bent { scene in
            scene.free()
            scene.disk { $0.state = .busy }
        }
        #expect(busy.reason == "Detaching")
        let leaving = alone.bent { scene in
            scene.free()
            scene.disk { $0.attachment = .init(server: ServerID("x"), phase: .detaching) }
        }
        #expect(leaving.reason == "Detaching")
        #expect(leaving.published == nil)
    }

    @Test func `a server that was taken for gone and still holds a disk that is to be cut goes first`() {
        let back = quiescing.bent { $0.record { ($0.server, $0.root) = (.absent, .absent) } }
        #expect(back.published?.condemned.map(\.resource) == [.server(Scene.server)])
        let stranger = back.bent { $0.disk { $0.attachment?.server = ServerID("x") } }
        #expect(stranger.reason == "Detaching")
        #expect(stranger.published == nil)
    }

    @Test func `a disk that is not there, or damaged, while it is on its way to a snapshot is told as that`() {
        for scene in [quiescing, cutting] {
            let unread = scene.bent { $0.situation.observation.disks[Scene.disk] = .unknown("503") }
            #expect(unread.reason == "DataDiskUnknown")
            #expect(scene.bent { $0.seeGone(.disk(Scene.disk), times: 1) }.reason == "DataDiskUnknown")
            #expect(scene.bent { $0.seeGone(.disk(Scene.disk)) }.reason == "DataDiskMissing")
            #expect(scene.bent { $0.disk { $0.state = .error } }.reason == "DataDiskDamaged")
        }
    }

    @Test func `a disk that is wanted live again goes back, unless it was condemned`() {
        for data: DataRecord in [
            .quiescing(Scene.disk, Scene.current),
            .snapshotting(Scene.disk, Scene.current, detachedAt: Scene.detachedAt),
        ] {
            let scene = Scene(data)
            let next = Operation(epoch: 3, nonce: "nonce")
            #expect(scene.published?.data == .live(Scene.disk, next))
            let condemned = scene.bent { scene in
                scene.record { $0.condemn(.disk(Scene.disk), as: Scene.current, because: .savedIn(Scene.snapshot)) }
            }
            #expect(condemned.published?.data != .live(Scene.disk, next))
        }
        #expect(Scene.condemned.bent { $0.desire { $0.runtime = Runtime() } }.action != nil)
    }

    // MARK: Cutting

    private var cutting: Scene {
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
