import Instances
import Testing

/// The snapshot of the root disk, and the root disks that are made from it.
@Suite struct RootSnapshotTests {
    private let next = Operation(epoch: 3, nonce: "nonce")
    private let image = SnapshotID("image")

    private func recorded(
        _ id: String = "image", of image: String = "counter", bytes: Int64 = bytesInGigabyte
    ) -> SnapshotRecord {
        SnapshotRecord(
            id: SnapshotID(id), operation: Scene.current, sourceDisk: Scene.root, sizeBytes: bytes,
            createdAt: nil, image: image)
    }

    private func running(_ change: (inout Scene) -> Void = { _ in }) -> Scene {
        Scene.live.bent { scene in
            scene.desire { $0.rootDisk.snapshotEnabled = true }
            change(&scene)
        }
    }

    // MARK: When

    @Test func `a root snapshot begins once the guest is ready, and only where one is wanted and missing`() {
        #expect(running().published?.rootSnapshot == .cutting(next, replacing: nil))
        #expect(Scene.live.reason == "Converged")
        #expect(
            running {
                $0.record { $0.rootSnapshot = .ready(self.recorded()) }; $0.seeImage()
            }.reason == "Converged")
        let other = running { scene in
            scene.record { $0.rootSnapshot = .ready(self.recorded(of: "older")) }
            scene.seeImage()
        }
        #expect(other.published?.rootSnapshot == .cutting(next, replacing: recorded(of: "older")))
        let off = running { $0.desire { $0.runtime.enableInstanceServer = false } }
        #expect(off.action == .powerOff(Scene.server))
    }

    @Test func `a guest that cannot say that it is ready has to run for a while`() {
        func after(_ seconds: Int64?) -> Scene {
            running { scene in
                scene.server { $0.guestReady = nil }
                scene.situation.secondsRunning = seconds
                scene.situation.bootSeconds = 60
            }
        }
        #expect(after(nil).reason == "Booting")
        #expect(after(59).reason == "Booting")
        #expect(after(60).reason == "SnapshottingRoot")
        let taken = after(nil).bent { scene in
            scene.record { $0.rootSnapshot = .ready(recorded()) }
            scene.seeImage()
        }
        #expect(taken.reason == "Converged")
    }

    // MARK: Cutting

    private func cutting(replacing: SnapshotRecord? = nil, _ change: (inout Scene) -> Void = { _ in }) -> Scene {
        running { scene in
            scene.record { $0.rootSnapshot = .cutting(Scene.current, replacing: replacing) }
            scene.server { $0.state = .stopped }
            change(&scene)
        }
    }

    @Test func `it is cut once, with the server off`() {
        #expect(cutting().action == nil)
        let unsent = cutting { $0.situation.attempt = .unsent }
        guard case .createSnapshot(let snapshot)? = unsent.action else {
            Issue.record("no snapshot is cut")
            return
        }
        #expect(snapshot.disk == Scene.root)
        #expect(snapshot.tags == Scene.tags(.root, Scene.current))
        #expect(unsent.bent { $0.server { $0.state = .stopping } }.action == nil)
    }

    @Test func `it is given up where it is not wanted any more or was not made; the older one stays`() {
        let older = recorded("older", of: "older")
        let bends: [(inout Scene) -> Void] = [
            { $0.situation.attempt = .givenUp }, { $0.desire { $0.rootDisk.snapshotEnabled = false } },
            { $0.desire { $0.runtime.enableInstanceServer = false } },
            { scene in
                scene.record { ($0.root, $0.server) = (.absent, .absent) }
                scene.free()
            },
        ]
        for bend in bends {
            #expect(cutting(replacing: older, bend).published?.rootSnapshot == .ready(older))
            #expect(cutting(bend).published?.rootSnapshot == RootSnapshotRecord.none)
        }
    }

    private func cut(replacing: SnapshotRecord? = nil, _ change: (inout Snapshot) -> Void = { _ in }) -> Scene {
        cutting(replacing: replacing) { scene in
            scene.seeImage()
            scene.snapshot(SnapshotID("image"), change: change)
        }
    }

    @Test func `a good one is recorded, and the older one condemned`() {
        #expect(cut().published?.rootSnapshot == .ready(recorded()))
        let replaced = cut(replacing: recorded("older", of: "older")).published
        #expect(replaced?.rootSnapshot == .ready(recorded()))
        #expect(replaced?.condemned.map(\.resource) == [.snapshot(SnapshotID("older"))])
        #expect(replaced?.condemned.map(\.ground) == [.supersededBy(image)])
    }

    @Test func `one that is not ready, not right or not alone is no root snapshot`() {
        for state: Snapshot.State in [.creating, .locked, .deleting, .unknown("new")] {
            #expect(cut { $0.state = state }.published == nil)
        }
        #expect(cut { $0.sourceDisk = Scene.disk }.reason == "SnapshotMismatch")
        #expect(cut { $0.sizeBytes = 1 }.reason == "SnapshotMismatch")
        let failed = cut(replacing: recorded("older")) { $0.state = .error }.published
        #expect(failed?.rootSnapshot == .ready(recorded("older")))
        #expect(decide(cut { $0.state = .error }.situation).explanation.isSpoiled)
        #expect(failed?.condemned.map(\.ground) == [.abandoned])
        #expect(cut { $0.tags?.role = .data }.published == nil)
        let doubled = cut().bent { scene in
            guard case .seen(var twin)? = scene.situation.observation.snapshots[SnapshotID("image")] else { return }
            twin.id = SnapshotID("twin")
            scene.situation.observation.snapshots[twin.id] = .seen(twin)
        }
        #expect(doubled.reason == "Ambiguous")
    }

    @Test func `one that was cut of a server that did not stay off is taken again`() {
        for state: Server.State in [.running, .starting, .stopping, .stoppedInPlace] {
            let spoiled = cut(replacing: recorded("older")).bent { $0.server { $0.state = state } }
            #expect(spoiled.reason == "RootSnapshotSpoiled")
            #expect(spoiled.published?.rootSnapshot == .ready(recorded("older")))
            #expect(spoiled.published?.condemned.map(\.resource) == [.snapshot(image)])
        }
    }

    @Test(arguments: [WhenDisabled.delete, .powerOff])
    func `a root disk that was asked for is not waited for once no server is wanted`(whenDisabled: WhenDisabled) {
        let dropped = Scene.stored.bent { scene in
            scene.record { ($0.server, $0.root) = (.absent, .creating(Scene.current, from: self.image)) }
            scene.desire { $0.server.whenDisabled = whenDisabled }
        }
        #expect(dropped.reason == "RootDiskNotNeeded")
        #expect(dropped.published?.root == .absent)
    }

    @Test func `one that somebody deleted is forgotten, once that is proven`() {
        let ready = running { $0.record { $0.rootSnapshot = .ready(self.recorded()) } }
        #expect(
            ready.bent { $0.seeGone(.snapshot(self.image), times: 1) }.published?.rootSnapshot
                != RootSnapshotRecord.none)
        #expect(ready.bent { $0.seeGone(.snapshot(self.image)) }.published?.rootSnapshot == RootSnapshotRecord.none)
    }

    // MARK: Root disks made from it

    private func absent(_ change: (inout Scene) -> Void = { _ in }) -> Scene {
        running { scene in
            scene.record { record in
                (record.server, record.root) = (.absent, .absent)
                record.rootSnapshot = .ready(self.recorded())
            }
            scene.situation.observation.servers = [:]
            scene.situation.observation.disks[Scene.root] = nil
            scene.seeImage()
            scene.free()
            change(&scene)
        }
    }

    @Test func `the next server boots from a disk made from it, if it is available and of this image`() {
        #expect(absent().published?.root == .creating(next, from: image))
        let kept = absent { scene in
            scene.record { $0.root = .present(Scene.root, Scene.made, image: "counter") }
            scene.addDisk(Scene.root, of: Scene.made)
        }
        #expect(kept.published?.root == .present(Scene.root, Scene.made, image: "counter"))
        #expect(kept.published?.server == .creating(next))
        #expect(absent { $0.desire { $0.server.image = "other" } }.published?.server == .creating(next))
        #expect(absent { $0.desire { $0.rootDisk.snapshotEnabled = false } }.published?.server == .creating(next))
    }

    /// What was installed since the first boot would be gone.
    @Test func `a root snapshot that cannot be read at the moment is no reason to start from the bare image`() {
        for state: Snapshot.State in [.locked, .creating, .deleting, .unknown("exporting")] {
            let scene = absent { $0.snapshot(SnapshotID("image")) { $0.state = state } }
            #expect(scene.published == nil && scene.reason == "RootSnapshotUnknown")
        }
        let unread = absent { $0.situation.observation.snapshots[SnapshotID("image")] = .unknown("503") }
        #expect(unread.published == nil && unread.reason == "RootSnapshotUnknown")
        let underWay = making { scene in
            scene.situation.attempt = .unsent
            scene.situation.observation.snapshots[SnapshotID("image")] = .unknown("503")
        }
        #expect(underWay.published == nil && underWay.reason == "RootSnapshotUnknown")
        let gone = absent { $0.seeGone(.snapshot(SnapshotID("image")), times: 1) }
        #expect(gone.published?.server != .creating(next))
        let broken = absent { $0.snapshot(SnapshotID("image")) { $0.state = .error } }
        #expect(broken.published?.root != .creating(next, from: image))
    }

    private func making(_ change: (inout Scene) -> Void = { _ in }) -> Scene {
        absent { scene in
            scene.record { $0.root = .creating(Scene.current, from: SnapshotID("image")) }
            change(&scene)
        }
    }

    @Test func `its root disk is made once, at least as large, and recorded when it is ready`() {
        #expect(making().action == nil)
        #expect(making().reason == "CreatingRootDisk")
        guard case .createDisk(let disk)? = making({ $0.situation.attempt = .unsent }).action else {
            Issue.record("no disk is made")
            return
        }
        #expect(disk.source == image)
        #expect(disk.tags == Scene.tags(.root, Scene.current))
        for (size, bytes) in [(1, 2 * bytesInGigabyte), (3, 3 * bytesInGigabyte)] {
            let sized = making { scene in
                scene.situation.attempt = .unsent
                scene.desire { $0.rootDisk.sizeGB = size }
                scene.snapshot(SnapshotID("image")) { $0.sizeBytes = 2 * bytesInGigabyte }
                scene.record { $0.rootSnapshot = .ready(self.recorded(bytes: 2 * bytesInGigabyte)) }
            }
            guard case .createDisk(let disk)? = sized.action else {
                Issue.record("no disk is made")
                return
            }
            #expect(disk.sizeBytes == bytes)
        }
        let made = making { scene in
            scene.addDisk(Scene.root, of: Scene.current)
            scene.disk(Scene.root) { $0.tags?.role = .root }
        }
        #expect(made.published?.root == .present(Scene.root, Scene.current, image: "counter"))
        #expect(made.bent { $0.disk(Scene.root) { $0.state = .creating } }.published == nil)
        let broken = made.bent { $0.disk(Scene.root) { $0.state = .error } }
        #expect(decide(broken.situation).explanation.isSpoiled)
        let failed = broken.published
        #expect(failed?.root == .absent)
        #expect(failed?.condemned.map(\.ground) == [.unneededRoot])
        let doubled = made.bent { scene in
            scene.addDisk(DiskID("twin"), of: Scene.current)
            scene.disk(DiskID("twin")) { $0.tags?.role = .root }
        }
        #expect(doubled.reason == "Ambiguous")
    }

    @Test func `a root disk that is not wanted, or was not made, is given up`() {
        #expect(making { $0.situation.attempt = .givenUp }.published?.root == .absent)
        let unwanted = making { scene in
            scene.situation.attempt = .unsent
            scene.desire { $0.server.image = "other" }
        }
        #expect(unwanted.published?.root == .absent)
        let older = making { scene in
            scene.situation.attempt = .unsent
            scene.record { $0.root = .creating(Scene.current, from: SnapshotID("older")) }
        }
        #expect(older.published?.root == .absent)
        let down = making { $0.desire { $0.runtime.enableInstanceServer = false } }
        #expect(down.published?.root == .absent)
    }
}

extension Scene {
    /// The root snapshot of the operation that is under way.
    fileprivate mutating func seeImage() {
        situation.observation.snapshots[SnapshotID("image")] = .seen(
            Snapshot(
                id: SnapshotID("image"), name: "n", tags: Self.tags(.root, Self.current), state: .available,
                sizeBytes: bytesInGigabyte, sourceDisk: Self.root))
    }
}
