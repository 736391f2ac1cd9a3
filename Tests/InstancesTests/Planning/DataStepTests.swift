import Instances
import Testing

/// The way of the data from disk to snapshot, one state at a time. `SnapshotStepTests.swift` goes on from the cut.
@Suite struct DataStepTests {
    static let older = Scene.recorded(SnapshotID("older"), Scene.made)
    let attached = Disk.Attachment(server: Scene.server, phase: .attached)

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
        let saved = gone.bent { scene in
            scene.record { $0.snapshots = [Self.older] }
            scene.see(Self.older)
        }
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
            scene.see(newer)
            scene.situation.returnApproval = "4f2c"
        }
        #expect(both.published?.data == .restoring(newer.id, Operation(epoch: 3, nonce: "nonce")))
        // That it cannot be read at the moment makes no older one of it; that it is gone does.
        #expect(both.bent { $0.snapshot(newer.id) { $0.state = .locked } }.reason == "SnapshotUnknown")
        let unread = both.bent { $0.situation.observation.snapshots[newer.id] = .unknown("503") }
        #expect(unread.reason == "SnapshotUnknown")
        let second = both.bent { $0.seeGone(.snapshot(newer.id)) }
        #expect(second.published?.data == .restoring(Self.older.id, Operation(epoch: 3, nonce: "nonce")))
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
            let gone = scene.bent { scene in
                scene.seeGone(.disk(Scene.disk))
                scene.situation.attempt = .givenUp
            }
            #expect(gone.reason == "DataDiskMissing")
            #expect(scene.bent { $0.disk { $0.state = .error } }.reason == "DataDiskDamaged")
        }
    }

    @Test func `an approval to destroy the data waits for no snapshot, and for no repair`() {
        for scene in [quiescing, cutting] {
            let givenUp = scene.bent { scene in
                scene.desire { $0.dataDisk = nil }
                (scene.situation.approval, scene.situation.attempt) = ("4f2c", .givenUp)
            }
            for state in [Disk.State.available, .error] {
                let published = givenUp.bent { $0.disk { $0.state = state } }.published
                #expect(published?.data == DataRecord.none)
                #expect(published?.condemned.map(\.resource) == [.disk(Scene.disk)])
            }
            #expect(givenUp.bent { $0.situation.approval = nil }.reason == "NeedsApproval")
            // It was condemned for a snapshot that somebody has deleted since.
            let saved = givenUp.bent { scene in
                scene.record { $0.condemn(.disk(Scene.disk), as: Scene.made, because: .savedIn(SnapshotID("gone"))) }
            }
            #expect(saved.published?.condemned.map(\.ground) == [.approved(commit: "4f2c")])
        }
        // What was being cut goes too, also where nobody knows yet whether it was.
        let pending = cutting.bent { scene in
            scene.desire { $0.dataDisk = nil }
            (scene.situation.approval, scene.situation.attempt) = ("4f2c", .unsettled)
        }
        #expect(pending.reason == "Snapshotting")
        #expect(pending.published == nil)
        let cut = pending.bent { $0.addSnapshot(Scene.snapshot, of: Scene.current) }
        #expect(cut.published?.condemned.map(\.resource) == [.disk(Scene.disk), .snapshot(Scene.snapshot)])
    }

    @Test func `a disk that may be being detached is detached before it goes back`() {
        let next = Operation(epoch: 3, nonce: "nonce")
        let off = Scene(.quiescing(Scene.disk, Scene.current)).bent { $0.server { $0.state = .stopped } }
        #expect(off.action == .detachDisk(Scene.disk, Scene.server))
        #expect(off.bent { $0.disk { $0.attachment?.phase = .detaching } }.reason == "Detaching")
        #expect(off.bent { $0.free() }.published?.data == .live(Scene.disk, next))
        // Disks are detached only from servers that are off.
        let running = off.bent { $0.server { $0.state = .running } }
        #expect(running.published?.data == .live(Scene.disk, next))
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
}
