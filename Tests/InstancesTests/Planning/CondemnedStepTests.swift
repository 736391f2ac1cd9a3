import Instances
import Testing

/// How what was condemned comes to its end.
@Suite struct CondemnedStepTests {
    private func condemning(_ id: ResourceID, _ change: (inout Scene) -> Void) -> Scene {
        Scene.live.bent { scene in
            change(&scene)
            scene.record { $0.condemn(id, as: Scene.made, because: .abandoned) }
        }
    }

    @Test func `a condemned disk is freed by its own stopped server only, tagged, deleted, and seen to be gone`() {
        let old = DiskID("old")
        func scene(_ change: (inout Disk) -> Void) -> Scene {
            condemning(.disk(old)) { scene in
                scene.addDisk(old, of: Scene.made)
                scene.disk(old, change)
            }
        }
        let condemned = scene { $0.tags?.condemned = true }
        #expect(condemned.action == .delete(condemned.situation.record!.condemned[0]))
        guard case .tag(.disk(old), let tags)? = scene({ _ in }).action else {
            Issue.record("it is not tagged first")
            return
        }
        #expect(tags.condemned)
        #expect(scene { $0.state = .deleting }.action == nil)
        #expect(scene { $0.attachment = .init(server: ServerID("x"), phase: .attached) }.action == nil)
        #expect(condemned.bent { $0.seeGone(.disk(old), times: 1) }.published == nil)
        #expect(condemned.bent { $0.seeGone(.disk(old)) }.published?.condemned == [])
        let another = condemned.bent { scene in
            scene.seeGone(.disk(old))
            scene.record { $0.condemn(.disk(DiskID("other")), as: Scene.made, because: .abandoned) }
        }
        #expect(another.published?.condemned.map(\.resource) == [.disk(DiskID("other"))])
        #expect(condemned.bent { $0.situation.observation.disks[old] = .unknown("503") }.reason == "Deleting")
    }

    @Test func `one that something else still holds delays no other, and each is deleted as what it is`() {
        let (linked, old) = (SnapshotID("linked"), DiskID("old"))
        let scene = condemning(.snapshot(linked)) { scene in
            scene.addSnapshot(linked, of: Scene.made)
            scene.snapshot(linked) { $0.isLinked = true }
            scene.addDisk(old, of: Scene.made)
            scene.disk(old) { $0.tags?.condemned = true }
        }.bent { $0.record { $0.condemn(.disk(old), as: Scene.current, because: .abandoned) } }
        #expect(
            scene.action == .delete(Condemned(resource: .disk(old), operation: Scene.current, ground: .abandoned)))
        let address = CompanionID("address")
        #expect(condemning(.companion(address)) { _ in }.action == .deleteCompanion(address))
    }

    /// Copies that a provider could not finish, beside a stop that is next.
    private func failed(_ disks: Int, _ snapshots: Int = 0, because ground: Condemned.Ground = .abandoned) -> Scene {
        Scene(.live(Scene.disk, Scene.made), wanting: Scene.stopped).bent { scene in
            for id in (0..<disks).map({ DiskID("failed-\($0)") }) {
                scene.addDisk(id, of: Scene.made)
                scene.disk(id) { $0.state = .error }
                scene.record { $0.condemn(.disk(id), as: Scene.made, because: ground) }
            }
            for id in (0..<snapshots).map({ SnapshotID("failed-\($0)") }) {
                scene.addSnapshot(id, of: Scene.made)
                scene.snapshot(id) { $0.state = .error }
                scene.record { $0.condemn(.snapshot(id), as: Scene.made, because: ground) }
            }
        }
    }

    @Test func `three failed copies are cleaned up before anything else, fewer come last`() {
        var tags = Scene.tags(.data)
        tags.condemned = true
        #expect(failed(2).reason == "Stopping")
        #expect(failed(3).action == .tag(.disk(DiskID("failed-0")), tags))
        #expect(failed(4).action == .tag(.disk(DiskID("failed-0")), tags))
        #expect(failed(0, 2).reason == "Stopping")
        #expect(failed(0, 3).action == .tag(.snapshot(SnapshotID("failed-0")), tags))
        #expect(failed(2, 1).action == .tag(.disk(DiskID("failed-0")), tags))
    }

    @Test func `what was condemned for another reason, or has not failed, is no failed copy`() {
        #expect(failed(3, because: .approved(commit: "4f2c")).reason == "Stopping")
        #expect(failed(0, 3, because: .approved(commit: "4f2c")).reason == "Stopping")
        #expect(failed(3).bent { $0.disk(DiskID("failed-1")) { $0.state = .available } }.reason == "Stopping")
        let good = failed(0, 3).bent { $0.snapshot(SnapshotID("failed-1")) { $0.state = .available } }
        #expect(good.reason == "Stopping")
        let servers = failed(2).bent { scene in
            scene.record { $0.condemn(.server(ServerID("x")), as: Scene.made, because: .abandoned) }
        }
        #expect(servers.reason == "Stopping")
    }

    @Test func `what was abandoned is not deleted while the data is not where the record says`() {
        let (old, copy) = (DiskID("old"), SnapshotID("copy"))
        let scene = condemning(.disk(old)) { scene in
            scene.addDisk(old, of: Scene.made)
            scene.disk(old) { $0.tags?.condemned = true }
        }
        #expect(scene.action != nil)
        #expect(scene.bent { $0.disk { $0.state = .creating } }.action == nil)
        let older = condemning(.snapshot(copy)) { scene in
            scene.situation.observation.snapshots[copy] = .seen(
                Snapshot(
                    id: copy, name: "old", tags: Scene.tags(.data), state: .available, sizeBytes: bytesInGigabyte,
                    sourceDisk: Scene.disk))
        }
        #expect(older.action != nil)
        #expect(older.bent { $0.disk { $0.state = .creating } }.action == nil)
    }

    @Test func `what a snapshot superseded is kept while that one is not good, and goes once it is forgotten`() {
        let (old, newer) = (SnapshotID("old"), SnapshotID("newer"))
        let scene = Scene.live.bent { scene in
            for id in [old, newer] {
                scene.situation.observation.snapshots[id] = .seen(
                    Snapshot(
                        id: id, name: "s", tags: Scene.tags(.data), state: .available, sizeBytes: bytesInGigabyte,
                        sourceDisk: Scene.disk))
            }
            scene.record { record in
                record.snapshots = [Scene.recorded(newer, Scene.made)]
                record.condemn(.snapshot(old), as: Scene.made, because: .supersededBy(newer))
            }
        }
        guard case .tag(.snapshot(old), _)? = scene.action else {
            Issue.record("it does not go")
            return
        }
        let vanished = scene.bent { $0.seeGone(.snapshot(newer)) }
        #expect(vanished.action == nil)
        #expect(vanished.published?.snapshots.isEmpty == true)
        let forgotten = vanished.bent { $0.record { $0.snapshots = [] } }
        guard case .tag(.snapshot(old), _)? = forgotten.action else {
            Issue.record("it stays for ever")
            return
        }
        #expect(forgotten.bent { $0.disk { $0.state = .creating } }.action == nil)
    }

    @Test func `a condemned disk on a server that is kept off is detached from it`() {
        func scene(on server: ServerID, _ phase: Disk.Attachment.Phase = .attached) -> Scene {
            condemning(.disk(DiskID("old"))) { scene in
                scene.addDisk(DiskID("old"), of: Scene.made)
                scene.disk(DiskID("old")) { $0.attachment = .init(server: server, phase: phase) }
                scene.desire { manifest in
                    manifest.server.whenDisabled = .powerOff
                    manifest.runtime.enableInstanceServer = false
                }
                scene.server { $0.state = .stopped }
            }
        }
        #expect(scene(on: Scene.server).action == .detachDisk(DiskID("old"), Scene.server))
        #expect(scene(on: Scene.server, .detaching).action == nil)
        #expect(scene(on: Scene.server, .detaching).reason == "Detaching")
        #expect(scene(on: ServerID("x")).action == nil)
        #expect(scene(on: ServerID("x")).reason == "Detaching")
    }

    @Test func `a condemned root disk without tags is claimed and condemned in one go`() {
        let scene = condemning(.disk(DiskID("old"))) { scene in
            scene.addDisk(DiskID("old"), of: Scene.made)
            scene.disk(DiskID("old")) { $0.tags = nil }
        }.bent { $0.record { $0.condemned[0].ground = .unneededRoot } }
        guard case .tag(.disk, let tags)? = scene.action else {
            Issue.record("it is not tagged")
            return
        }
        #expect(tags.condemned)
        #expect(tags.role == .root)
        let data = scene.bent { $0.record { $0.condemned[0].ground = .abandoned } }
        #expect(data.reason == "TagsRemoved")
    }

    @Test func `a condemned snapshot is tagged, deleted, and seen to be gone`() {
        let id = SnapshotID("old")
        let scene = condemning(.snapshot(id)) { $0.addSnapshot(id, of: Scene.made) }
        guard case .tag(.snapshot(id), _)? = scene.action else {
            Issue.record("it is not tagged first")
            return
        }
        let tagged = scene.bent { $0.snapshot(id) { $0.tags?.condemned = true } }
        #expect(tagged.action == .delete(tagged.situation.record!.condemned[0]))
        #expect(tagged.bent { $0.snapshot(id) { $0.state = .deleting } }.action == nil)
        #expect(tagged.bent { $0.seeGone(.snapshot(id), times: 1) }.published == nil)
        #expect(tagged.bent { $0.seeGone(.snapshot(id)) }.published?.condemned == [])
    }
}
