import Instances
import Testing

/// What is cleaned up, grown and pruned once server and data are where they should be.
@Suite struct UpkeepTests {
    private let next = Operation(epoch: 3, nonce: "nonce")

    // MARK: Snapshots

    @Test func `a snapshot that somebody made an image from stays, is told, and holds nothing up`() {
        let linked = Scene.live.bent { scene in
            scene.addSnapshot(SnapshotID("second"), of: Scene.made)
            scene.snapshot(SnapshotID("second")) { $0.isLinked = true }
            scene.record {
                $0.condemn(.snapshot(SnapshotID("second")), as: Scene.made, because: .abandoned)
            }
        }
        #expect(linked.reason == "Converged")
        #expect(
            decide(linked.situation).explanation.message.hasSuffix("such as an image made from it: snapshot second"))
        #expect(linked.bent { $0.desire { $0.dataDisk?.sizeGB = 3 } }.reason == "Growing")
        #expect(linked.bent { $0.snapshot(SnapshotID("second")) { $0.isLinked = false } }.reason == "Condemning")
    }

    private func saved(_ count: Int, keep: Int) -> Scene {
        Scene.live.bent { scene in
            scene.desire { $0.dataDisk?.keep = keep }
            for number in 0..<count {
                let id = SnapshotID("saved-\(number)")
                scene.addSnapshot(id, of: Scene.made)
                scene.record { $0.snapshots.append(Scene.recorded(id, Scene.made)) }
            }
        }
    }

    @Test func `older snapshots go down to what is to be kept, oldest first, once the newest is good`() {
        #expect(saved(3, keep: 2).reason == "Converged")
        let pruned = saved(3, keep: 1).published
        #expect(pruned?.snapshots.map(\.id.text) == ["saved-1", "saved-2"])
        #expect(
            pruned?.condemned == [
                Condemned(
                    resource: .snapshot(SnapshotID("saved-0")), operation: next,
                    ground: .supersededBy(SnapshotID("saved-2")))
            ])
        #expect(saved(3, keep: 0).published?.snapshots.map(\.id.text) == ["saved-2"])
        #expect(saved(1, keep: 0).reason == "Converged")
        let broken = saved(3, keep: 0).bent { $0.snapshot(SnapshotID("saved-2")) { $0.state = .error } }
        #expect(broken.published?.snapshots.count == 3)
    }

    @Test func `an older snapshot that holds the data is not pruned, however good the newest is`() {
        let returned = saved(2, keep: 0).bent { scene in
            scene.record { ($0.data, $0.server, $0.root) = (.snapshot(SnapshotID("saved-0")), .absent, .absent) }
            scene.desire { $0.runtime = Scene.stopped }
            (scene.situation.observation.servers, scene.situation.observation.disks) = ([:], [:])
        }
        #expect(returned.published?.snapshots.count == 2)
        let newest = returned.bent { $0.record { $0.data = .snapshot(SnapshotID("saved-1")) } }
        #expect(newest.published?.snapshots.map(\.id.text) == ["saved-1"])
    }

    @Test func `of what was removed no snapshot is pruned`() {
        let removed = saved(3, keep: 0).bent { scene in
            scene.record { ($0.data, $0.deletionPolicy) = (.snapshot(SnapshotID("saved-2")), .snapshot) }
            scene.record { ($0.server, $0.root) = (.absent, .absent) }
            (scene.situation.observation.servers, scene.situation.observation.disks) = ([:], [:])
            scene.situation.desired = .removed
        }
        #expect(removed.published?.snapshots.count == 3)
    }

    @Test func `nothing is pruned while the data is on its way`() {
        let scene = saved(3, keep: 0).bent { $0.record { $0.data = .quiescing(Scene.disk, Scene.current) } }
        #expect(scene.published?.snapshots.count == 3)
        // Or where the record says that there is none.
        let none = saved(3, keep: 0).bent { scene in
            scene.record { ($0.data, $0.server, $0.root) = (.none, .absent, .absent) }
            scene.desire { $0.runtime = Scene.stopped }
            (scene.situation.observation.servers, scene.situation.observation.disks) = ([:], [:])
        }
        #expect(none.published?.snapshots.count == 3)
    }

    @Test func `an older snapshot that somebody deleted is forgotten while the disk is live`() {
        let scene = saved(2, keep: 5)
        let gone = scene.bent { $0.seeGone(.snapshot(SnapshotID("saved-0"))) }
        #expect(gone.published?.snapshots.map(\.id.text) == ["saved-1"])
        let missed = scene.bent { $0.seeGone(.snapshot(SnapshotID("saved-0")), times: 1) }
        #expect(missed.published?.snapshots.count == 2)
    }

    @Test func `a root snapshot goes only with everything else`() {
        let root = Scene.recorded(SnapshotID("image"), Scene.made)
        func removed(_ policy: DeletionPolicy) -> Record? {
            Scene.emptied.bent { scene in
                scene.record { ($0.rootSnapshot, $0.deletionPolicy) = (.ready(root), policy) }
                scene.addSnapshot(root.id, of: Scene.made)
                scene.situation.desired = .removed
            }.published
        }
        #expect(removed(.delete)?.condemned.map(\.resource) == [.snapshot(root.id)])
        #expect(removed(.delete)?.rootSnapshot == RootSnapshotRecord.none)
        #expect(removed(.snapshot)?.rootSnapshot == .ready(root))
        #expect(removed(.retain) == nil)
    }

    // MARK: Growing

    @Test func `disks grow to what the manifest says and never shrink`() {
        func data(_ size: Int, _ change: (inout Scene) -> Void = { _ in }) -> Action? {
            Scene.live.bent { scene in
                scene.desire { $0.dataDisk?.sizeGB = size }
                change(&scene)
            }.action
        }
        #expect(data(2) == .growDisk(Scene.disk, bytes: 2 * bytesInGigabyte))
        #expect(data(1) == nil)
        #expect(data(1) { $0.disk { $0.sizeBytes = 2 * bytesInGigabyte } } == nil)
        #expect(data(2) { $0.disk { $0.state = .busy } } == nil)
        let off = Scene.live.bent { scene in
            scene.desire { manifest in
                manifest.server.whenDisabled = .powerOff
                manifest.runtime.enableInstanceServer = false
                manifest.dataDisk?.sizeGB = 2
            }
            scene.server { $0.state = .stopped }
            scene.free()
        }
        #expect(off.action == .growDisk(Scene.disk, bytes: 2 * bytesInGigabyte))
        let root = Scene.live.bent { $0.desire { $0.rootDisk.sizeGB = 3 } }
        #expect(root.action == .growDisk(Scene.root, bytes: 3 * bytesInGigabyte))
        #expect(root.bent { $0.disk(Scene.root) { $0.state = .busy } }.reason == "Growing")
        #expect(Scene.live.bent { $0.desire { $0.rootDisk.sizeGB = 1 } }.action == nil)
    }

    @Test func `a data disk gets the speed that is asked for once it is not busy`() {
        func scene(_ state: Disk.State) -> Scene {
            Scene.live.bent { scene in
                scene.desire { $0.dataDisk?.iops = 15_000 }
                scene.disk { ($0.iops, $0.state) = (5_000, state) }
            }
        }
        for state in [Disk.State.available, .attached] {
            #expect(scene(state).action == .setIOPS(Scene.disk, 15_000))
        }
        #expect(scene(.busy).action == nil)
        #expect(scene(.busy).reason == "ChangingSpeed")
    }
}

extension Scene {
    /// A snapshot of the data disk that an operation has made.
    mutating func addSnapshot(_ id: SnapshotID, of operation: Operation) {
        situation.observation.snapshots[id] = .seen(
            Snapshot(
                id: id, name: "box-data", tags: Self.tags(.data, operation), state: .available,
                sizeBytes: bytesInGigabyte, sourceDisk: Self.disk))
    }
}
