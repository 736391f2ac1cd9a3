import Instances
import Testing

/// What operations have made that were given up: it is cleaned up, and nothing that may still be wanted.
@Suite struct AbandonedTests {
    private let next = Operation(epoch: 3, nonce: "nonce")

    @Test func `what a given-up operation has made is condemned, its servers before all else`() {
        let left = Scene(.live(Scene.disk, Scene.current)).bent { scene in
            scene.addDisk(DiskID("second"), of: Scene.made)
            scene.addSnapshot(SnapshotID("second"), of: Scene.made)
        }
        #expect(
            left.published?.condemned == [
                Condemned(resource: .disk(DiskID("second")), operation: next, ground: .abandoned),
                Condemned(resource: .snapshot(SnapshotID("second")), operation: next, ground: .abandoned),
            ])
        #expect(
            left.bent { $0.addServer(of: Scene.made) }.published?.condemned == [
                Condemned(resource: .server(ServerID("new")), operation: next, ground: .unwantedServer)
            ])
    }

    @Test func `a root disk of a deleted server is waited for until it is let go of`() {
        let root = DiskID("root-of-late")
        func left(_ phase: Disk.Attachment.Phase?) -> Scene {
            Scene.live.bent { scene in
                scene.record { $0.operations.append(self.next) }
                scene.situation.observation.disks[root] = .seen(
                    Disk(
                        id: root, name: "root", tags: Scene.tags(.root, Scene.made), state: .attached,
                        sizeBytes: bytesInGigabyte,
                        attachment: phase.map { Disk.Attachment(server: ServerID("late"), phase: $0) }))
            }
        }
        for phase in [nil, Disk.Attachment.Phase.detaching] {
            #expect(left(phase).published?.condemned.map(\.resource) == [.disk(root)])
        }
        #expect(left(.attached).published?.condemned.map(\.resource) != [.disk(root)])
    }

    @Test func `a server that is not needed waits until its root disk can be read`() {
        func late(_ root: Sighting<Disk>?) -> Scene {
            Scene.live.bent { scene in
                scene.addServer(of: Scene.made)
                let id = ServerID("new")
                guard case .seen(var server)? = scene.situation.observation.servers[id] else { return }
                server.bootDisk = DiskID("its root")
                scene.situation.observation.servers[id] = .seen(server)
                scene.situation.observation.disks[DiskID("its root")] = root
            }
        }
        for root: Sighting<Disk> in [.unknown("503"), .missing(times: 1)] {
            #expect(late(root).published == nil)
            #expect(late(root).reason == "CleaningUp")
        }
        #expect(late(.missing(times: 2)).published != nil)
    }

    @Test func `what may still be adopted is not abandoned`() {
        let creating = Scene.live.bent { scene in
            scene.record { $0.rootSnapshot = .cutting(Scene.current, replacing: nil) }
            scene.desire { $0.rootDisk.snapshotEnabled = true }
            scene.server { $0.state = .stopped }
            scene.addSnapshot(SnapshotID("x"), of: Scene.current)
            scene.snapshot(SnapshotID("x")) { $0.tags?.role = .root }
        }
        #expect(creating.published?.condemned.isEmpty ?? true)
        for data: DataRecord in [.creating(Scene.current), .restoring(Scene.snapshot, Scene.current)] {
            let scene = Scene(data).bent { $0.addDisk(of: Scene.current) }
            #expect(scene.published?.condemned.contains { $0.resource == .disk(Scene.disk) } != true)
        }
    }

    @Test func `a disk that was ever attached is reported, never abandoned, unless it is a root disk`() {
        func scene(_ change: (inout Disk) -> Void) -> Scene {
            Scene.live.bent { scene in
                scene.addDisk(DiskID("second"), of: Scene.made)
                scene.disk(DiskID("second"), change)
            }
        }
        #expect(scene { $0.lastDetachedAt = Scene.detachedAt }.reason == "Converged")
        #expect(scene { $0.attachment = .init(server: ServerID("x"), phase: .attached) }.reason == "Converged")
        let root = scene { disk in
            disk.lastDetachedAt = Scene.detachedAt
            disk.tags?.role = .root
        }
        #expect(root.published?.condemned.map(\.ground) == [.unneededRoot])
        #expect(scene { $0.tags = nil }.reason == "Converged")
    }

    @Test func `a disk made from a snapshot that is not recorded goes only if newer content is live`() {
        func scene(_ live: Operation, _ change: (inout Disk) -> Void = { _ in }) -> Scene {
            Scene(.live(Scene.disk, live)).bent { scene in
                scene.addDisk(DiskID("second"), of: Scene.made)
                scene.disk(DiskID("second")) { $0.source = SnapshotID("lost") }
                scene.disk(DiskID("second"), change)
            }
        }
        #expect(scene(Scene.made).reason == "Converged")
        #expect(scene(Scene.current).published?.condemned.map(\.resource) == [.disk(DiskID("second"))])
        // Whoever used it may want it.
        #expect(scene(Scene.current) { $0.lastDetachedAt = Scene.detachedAt }.reason == "Converged")
        let elsewhere = Disk.Attachment(server: ServerID("x"), phase: .attached)
        #expect(scene(Scene.current) { $0.attachment = elsewhere }.reason == "Converged")
    }

    @Test func `a root snapshot that was given up goes, however new it is`() {
        let scene = Scene.live.bent { scene in
            scene.addSnapshot(SnapshotID("image"), of: Scene.current)
            scene.snapshot(SnapshotID("image")) { $0.tags?.role = .root }
        }
        #expect(scene.published?.condemned.map(\.resource) == [.snapshot(SnapshotID("image"))])
        let diskless = scene.bent { scene in
            scene.desire { $0.dataDisk = nil }
            scene.record { $0.data = .none }
            scene.situation.observation.disks[Scene.disk] = nil
        }
        #expect(diskless.published?.condemned.map(\.resource) == [.snapshot(SnapshotID("image"))])
    }

    @Test func `the untagged root disk of an abandoned server goes with it, nobody else's does`() {
        func scene(_ tags: Tags?) -> Scene {
            Scene.live.bent { scene in
                scene.addServer(of: Scene.made)
                scene.addDisk(DiskID("boot"), of: Scene.made)
                scene.disk(DiskID("boot")) { disk in
                    disk.tags = tags
                    disk.attachment = .init(server: ServerID("new"), phase: .attached)
                }
                guard case .seen(var server)? = scene.situation.observation.servers[ServerID("new")] else { return }
                server.bootDisk = DiskID("boot")
                scene.situation.observation.servers[server.id] = .seen(server)
            }
        }
        #expect(
            scene(nil).published?.condemned.map(\.resource) == [.server(ServerID("new")), .disk(DiskID("boot"))])
        #expect(scene(Scene.tags(.root)).published?.condemned.map(\.resource) == [.server(ServerID("new"))])
    }

    @Test func `a stray snapshot is kept while the newest content is not seen to be safe`() {
        func condemned(_ scene: Scene, _ change: (inout Scene) -> Void = { _ in }) -> [ResourceID] {
            let bent = scene.bent { scene in
                scene.addSnapshot(SnapshotID("stray"), of: Scene.made)
                change(&scene)
            }
            return bent.published?.condemned.map(\.resource) ?? []
        }
        let stray = [ResourceID.snapshot(SnapshotID("stray"))]
        #expect(condemned(Scene(.live(Scene.disk, Scene.current))) == stray)
        #expect(condemned(.stored) == stray)
        #expect(condemned(.stored) { $0.snapshot { $0.state = .locked } } == [])
        #expect(
            condemned(
                .emptied.bent {
                    $0.desire {
                        $0.dataDisk = nil; $0.runtime = Scene.stopped
                    }
                }) == [])
    }

    @Test func `the create call that comes next is that of the data, then of the snapshot, the server, the root disk`()
    {
        let creating = Operation(epoch: 9, nonce: "x")
        func record(_ change: (inout Record) -> Void) -> Operation? {
            Scene.live.bent { $0.record(change) }.situation.record?.creating
        }
        #expect(record { _ in } == nil)
        for data: DataRecord in [
            .creating(creating), .restoring(Scene.snapshot, creating),
            .snapshotting(Scene.disk, creating, detachedAt: nil),
        ] { #expect(record { ($0.data, $0.server) = (data, .creating(Scene.made)) } == creating) }
        #expect(record { $0.rootSnapshot = .cutting(creating, replacing: nil) } == creating)
        #expect(record { $0.server = .creating(creating) } == creating)
        #expect(record { $0.root = .creating(creating, from: Scene.snapshot) } == creating)
    }
}
