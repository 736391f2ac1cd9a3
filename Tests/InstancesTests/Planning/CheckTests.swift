import Instances
import Testing

/// The second check: what may be done, and everything near it that may not.
@Suite struct CheckTests {
    // MARK: Before anything is done

    @Test func `nothing is done without a record, an intent, the right account and leave to act`() {
        let action = Action.powerOff(Scene.server)
        #expect(Scene.live.refusal(of: action) == nil)
        #expect(
            Scene.live.bent { $0.situation.record = nil }.refusal(of: action)
                == "nothing may be done before there is a record")
        #expect(
            Scene.live.bent { $0.record { $0.activity = nil } }.refusal(of: action)
                == "nothing may be done before the intent is published")
        #expect(
            Scene.live.bent { $0.situation.account = "x" }.refusal(of: action)
                == "the credentials are for another account")
    }

    @Test func `nothing is done to what is frozen, suspended, or retained without a manifest`() {
        let action = Action.powerOff(Scene.server)
        let text = "the manifest says that nothing is to be changed"
        #expect(Scene.live.bent { $0.situation.desired = .frozen }.refusal(of: action) == text)
        #expect(Scene.live.bent { $0.situation.desired = .removed }.refusal(of: action) == text)
        let suspended = Scene.live.bent { $0.desire { $0.suspend = Suspension(reason: nil, until: nil) } }
        #expect(suspended.refusal(of: action) == text)
        let deleted = Scene.live.bent { scene in
            scene.situation.desired = .removed
            scene.record { $0.deletionPolicy = .snapshot }
        }
        #expect(deleted.refusal(of: action) == nil)
    }

    // MARK: Making

    private func refusal(ofServer bend: (inout ServerSpecification, inout Scene) -> Void) -> String? {
        var scene = Scene(.none)
        scene.record { $0.server = .creating(Scene.current) }
        var specification = ServerSpecification(
            name: "box", tags: Scene.tags(.server, Scene.current), type: "c1-m64", boot: .disk(Scene.root),
            configuration: manifest().server.configuration)
        bend(&specification, &scene)
        return scene.refusal(of: .createServer(specification))
    }

    @Test func `a server is made under the operation that awaits it, with its tags, from the recorded root disk`() {
        #expect(refusal { _, _ in } == nil)
        #expect(refusal { specification, _ in specification.boot = .image("counter", rootBytes: nil) } == nil)
        #expect(
            refusal { _, scene in scene.record { $0.server = .creating(Scene.made) } }
                == "the record awaits no such server")
        #expect(refusal { specification, _ in specification.boot = .disk(Scene.disk) } == "not the recorded root disk")
        #expect(
            refusal { _, scene in
                scene.record { $0.condemn(.disk(Scene.root), as: Scene.made, because: .unneededRoot) }
            } == "not the recorded root disk")
    }

    @Test func `no other disk is cut than the one that the record says`() {
        let other = DiskID("other")
        let scene = cuttable.bent { scene in
            scene.addDisk(other, of: Scene.made)
            scene.disk(other) { $0.lastDetachedAt = Scene.detachedAt }
        }
        let specification = SnapshotSpecification(name: "n", tags: Scene.tags(.data, Scene.current), disk: other)
        #expect(scene.refusal(of: .createSnapshot(specification)) == "the record awaits no snapshot of disk other")
    }

    @Test func `whatever is made carries owner, uid and name of the instance`() {
        let bends: [(inout Tags) -> Void] = [
            { $0.owner = OwnerID("x") }, { $0.instance = InstanceUID("x") }, { $0.name = InstanceName("x")! },
        ]
        for bend in bends {
            var tags = Scene.tags(.data, Scene.current)
            bend(&tags)
            let text = "the tags are not this instance's"
            #expect(
                refusal { specification, _ in
                    specification.tags = tags
                    specification.tags.role = .server
                } == text)
            #expect(
                Scene(.creating(Scene.current)).refusal(
                    of: .createDisk(DiskSpecification(name: "n", tags: tags, sizeBytes: 1, source: nil))) == text)
            #expect(
                cuttable.refusal(of: .createSnapshot(SnapshotSpecification(name: "n", tags: tags, disk: Scene.disk)))
                    == text)
            #expect(Scene.live.refusal(of: .tag(.disk(Scene.disk), tags)) == "not this instance's to tag")
        }
    }

    private func create(
        _ role: Tags.Role, _ operation: Operation = Scene.current, from source: SnapshotID? = nil
    ) -> Action {
        .createDisk(
            DiskSpecification(name: "n", tags: Scene.tags(role, operation), sizeBytes: 1, source: source))
    }

    @Test func `an empty disk is made only where the record awaits one and there never was data`() {
        let scene = Scene(.creating(Scene.current))
        #expect(scene.refusal(of: create(.data)) == nil)
        #expect(scene.refusal(of: create(.data, Scene.made)) == "the record awaits no empty disk")
        #expect(Scene.live.refusal(of: create(.data)) == "the record awaits no empty disk")
        let once = scene.bent { $0.record { $0.snapshots = [Scene.recorded(Scene.snapshot, Scene.made)] } }
        #expect(once.refusal(of: create(.data)) == "an empty disk is never made where there was data")
    }

    @Test func `a data disk is made from the snapshot that the record restores`() {
        let scene = Scene(.restoring(Scene.snapshot, Scene.current))
        #expect(scene.refusal(of: create(.data, from: Scene.snapshot)) == nil)
        let text = "the record awaits no disk from"
        #expect(scene.refusal(of: create(.data, from: SnapshotID("x"))) == "\(text) x")
        #expect(scene.refusal(of: create(.data, Scene.made, from: Scene.snapshot)) == "\(text) snapshot")
        #expect(scene.refusal(of: create(.data)) == "the record awaits no empty disk")
    }

    @Test func `a root disk is made from the root snapshot that the record says, and from nothing else`() {
        let scene = Scene(.none).bent { $0.record { $0.root = .creating(Scene.current, from: Scene.snapshot) } }
        #expect(scene.refusal(of: create(.root, from: Scene.snapshot)) == nil)
        #expect(scene.refusal(of: create(.root, from: SnapshotID("x"))) == "the record awaits no root disk from x")
        #expect(
            scene.refusal(of: create(.root, Scene.made, from: Scene.snapshot))
                == "the record awaits no root disk from snapshot")
        #expect(scene.refusal(of: create(.root)) == "no such disk is ever made")
        #expect(scene.refusal(of: create(.server, from: Scene.snapshot)) == "no such disk is ever made")
    }

    // MARK: Cutting

    private var cuttable: Scene {
        Scene(.snapshotting(Scene.disk, Scene.current, detachedAt: Scene.detachedAt), wanting: Scene.stopped)
    }

    private func cut(_ role: Tags.Role, _ disk: DiskID, _ operation: Operation = Scene.current) -> Action {
        .createSnapshot(SnapshotSpecification(name: "n", tags: Scene.tags(role, operation), disk: disk))
    }

    @Test func `a data disk is snapshotted detached, unused since, and as the record says`() {
        #expect(cuttable.refusal(of: cut(.data, Scene.disk)) == nil)
        let awaited = "the record awaits no snapshot of disk disk"
        #expect(cuttable.refusal(of: cut(.data, Scene.disk, Scene.made)) == awaited)
        #expect(Scene.live.refusal(of: cut(.data, Scene.disk)) == awaited)
        let attached = "the disk is, or was again, attached"
        let onServer = Disk.Attachment(server: Scene.server, phase: .attached)
        #expect(cuttable.bent { $0.disk { $0.attachment = onServer } }.refusal(of: cut(.data, Scene.disk)) == attached)
        #expect(
            cuttable.bent { $0.disk { $0.lastDetachedAt = Timestamp(seconds: 1) } }.refusal(of: cut(.data, Scene.disk))
                == attached)
        #expect(
            cuttable.bent { $0.seeGone(.disk(Scene.disk)) }.refusal(of: cut(.data, Scene.disk))
                == "the disk was not seen")
        #expect(cuttable.refusal(of: cut(.server, Scene.disk)) == "no such snapshot is ever cut")
        #expect(cuttable.refusal(of: cut(.companion, Scene.disk)) == "no such snapshot is ever cut")
    }

    @Test func `a root disk is snapshotted while its server is stopped`() {
        let scene = Scene(.none).bent { scene in
            scene.record { $0.rootSnapshot = .cutting(Scene.current, replacing: nil) }
            scene.server { $0.state = .stopped }
        }
        #expect(scene.refusal(of: cut(.root, Scene.root)) == nil)
        #expect(
            scene.bent { $0.server { $0.state = .running } }.refusal(of: cut(.root, Scene.root))
                == "a root disk is snapshotted only while its server is stopped")
        #expect(
            scene.bent { $0.seeGone(.server(Scene.server)) }.refusal(of: cut(.root, Scene.root))
                == "a root disk is snapshotted only while its server is stopped")
        let awaited = "the record awaits no root snapshot"
        #expect(scene.refusal(of: cut(.root, Scene.root, Scene.made)) == awaited)
        #expect(scene.bent { $0.record { $0.root = .absent } }.refusal(of: cut(.root, Scene.root)) == awaited)
        #expect(scene.bent { $0.record { $0.rootSnapshot = .none } }.refusal(of: cut(.root, Scene.root)) == awaited)
    }

    // MARK: Servers

    @Test func `only the recorded server is powered on, and only where the manifest asks for it`() {
        #expect(Scene.live.refusal(of: .powerOn(Scene.server)) == nil)
        let recorded = "only the recorded server is powered on"
        #expect(Scene.live.refusal(of: .powerOn(ServerID("x"))) == recorded)
        #expect(condemning(.server(Scene.server)).refusal(of: .powerOn(Scene.server)) == recorded)
        let asked = "the manifest does not ask for a running server"
        #expect(
            Scene(.live(Scene.disk, Scene.made), wanting: Scene.stopped).refusal(of: .powerOn(Scene.server)) == asked)
        let removed = Scene.live.bent { scene in
            scene.situation.desired = .removed
            scene.record { $0.deletionPolicy = .snapshot }
        }
        #expect(removed.refusal(of: .powerOn(Scene.server)) == asked)
    }

    @Test func `only servers in the record are changed, condemned ones too`() {
        let configuration = manifest().server.configuration
        for id in [Scene.server, ServerID("x")] {
            for action: Action in [
                .powerOff(id), .changeType(id, "c2-m128"), .configureServer(id, Scene.tags(.server), configuration),
            ] {
                #expect((Scene.live.refusal(of: action) == nil) == (id == Scene.server))
            }
        }
        let condemned = Scene.stored.bent { scene in
            scene.record { $0.condemn(.server(Scene.server), as: Scene.made, because: .unwantedServer) }
        }
        #expect(condemned.refusal(of: .powerOff(Scene.server)) == nil)
    }

    private func condemning(_ id: ResourceID) -> Scene {
        Scene.live.bent { $0.record { $0.condemn(id, as: Scene.made, because: .abandoned) } }
    }

    // MARK: Disks

    @Test func `only the live disk is attached, and only to the recorded server`() {
        #expect(Scene.live.refusal(of: .attachDisk(Scene.disk, Scene.server)) == nil)
        let live = "only the recorded live disk is ever attached"
        #expect(Scene.live.refusal(of: .attachDisk(DiskID("x"), Scene.server)) == live)
        #expect(condemning(.disk(Scene.disk)).refusal(of: .attachDisk(Scene.disk, Scene.server)) == live)
        #expect(
            Scene(.quiescing(Scene.disk, Scene.made)).refusal(of: .attachDisk(Scene.disk, Scene.server)) == live)
        #expect(
            Scene.live.refusal(of: .attachDisk(Scene.disk, ServerID("x"))) == "only the recorded server gets disks")
    }

    @Test func `disks are taken from stopped servers, never the root disk`() {
        let off = Scene.live.bent { $0.server { $0.state = .stopped } }
        #expect(off.refusal(of: .detachDisk(Scene.disk, Scene.server)) == nil)
        let may = "not a disk that may be detached"
        #expect(off.refusal(of: .detachDisk(Scene.root, Scene.server)) == may)
        #expect(off.refusal(of: .detachDisk(DiskID("x"), Scene.server)) == may)
        let stopped = "disks are detached only from stopped servers"
        #expect(Scene.live.refusal(of: .detachDisk(Scene.disk, Scene.server)) == stopped)
        #expect(off.refusal(of: .detachDisk(Scene.disk, ServerID("x"))) == stopped)
    }

    @Test func `disks in use grow and never shrink`() {
        func grow(_ id: DiskID, _ bytes: Int64) -> Action { .growDisk(id, bytes: bytes) }
        #expect(Scene.live.refusal(of: grow(Scene.disk, bytesInGigabyte + 1)) == nil)
        #expect(Scene.live.refusal(of: grow(Scene.disk, bytesInGigabyte)) == "disks only grow")
        #expect(Scene.live.refusal(of: grow(Scene.disk, 1)) == "disks only grow")
        #expect(Scene.live.refusal(of: grow(DiskID("x"), .max)) == "not a disk in use")
        #expect(condemning(.disk(Scene.disk)).refusal(of: grow(Scene.disk, .max)) == "not a disk in use")
        #expect(
            Scene.live.bent { $0.seeGone(.disk(Scene.disk)) }.refusal(of: grow(Scene.disk, .max)) == "disks only grow")
    }

    @Test func `only the data disk gets a speed`() {
        #expect(Scene.live.refusal(of: .setIOPS(Scene.disk, 5_000)) == nil)
        #expect(Scene.live.refusal(of: .setIOPS(Scene.root, 5_000)) == "only the data disk has a chosen speed")
    }

    // MARK: Tags and deletions

    @Test func `a tag goes to what the record names, and condemns only what the record condemns`() {
        var tags = Scene.tags(.data)
        #expect(Scene.live.refusal(of: .tag(.disk(Scene.disk), tags)) == nil)
        #expect(Scene.live.refusal(of: .tag(.disk(Scene.root), Scene.tags(.root))) == nil)
        for id in [ResourceID.disk(DiskID("x")), .companion(CompanionID("x"))] {
            #expect(Scene.live.refusal(of: .tag(id, tags)) == "not this instance's to tag")
        }
        tags.condemned = true
        #expect(
            Scene.live.refusal(of: .tag(.disk(Scene.disk), tags)) == "the record does not condemn disk disk")
        #expect(Scene.condemned.refusal(of: .tag(.disk(Scene.disk), tags)) == nil)
    }

    private func delete(_ id: ResourceID, _ ground: Condemned.Ground) -> Action {
        .delete(Condemned(resource: id, operation: Scene.current, ground: ground))
    }

    @Test func `only what the record condemns on this ground is deleted`() {
        let disk = ResourceID.disk(Scene.disk)
        #expect(Scene.condemned.refusal(of: delete(disk, .savedIn(Scene.snapshot))) == nil)
        #expect(
            Scene.condemned.refusal(of: delete(disk, .abandoned)) == "the record does not condemn disk disk")
        #expect(
            Scene.live.refusal(of: delete(disk, .savedIn(Scene.snapshot))) == "the record does not condemn disk disk")
    }

    @Test func `nothing in use is deleted, although it was condemned`() {
        func refusal(_ scene: Scene, _ id: ResourceID) -> String? {
            scene.bent { $0.record { $0.condemn(id, as: Scene.current, because: .abandoned) } }
                .refusal(of: delete(id, .abandoned))
        }
        #expect(refusal(.live, .server(Scene.server)) == "server server is in use")
        #expect(refusal(.live, .server(ServerID("x"))) == nil)
        #expect(refusal(.live, .disk(Scene.root)) == "root disk root is in use")
        #expect(refusal(.live, .disk(DiskID("x"))) == nil)
        #expect(refusal(.stored, .snapshot(Scene.snapshot)) == "snapshot snapshot is in use")
        #expect(refusal(.stored, .snapshot(SnapshotID("x"))) == nil)
        #expect(refusal(.live, .companion(CompanionID("x"))) == nil)
        #expect(refusal(.live, .disk(Scene.disk)) == "disk disk holds data that is not proven to be saved")
    }

    @Test func `the data disk is deleted only once its snapshot is recorded, of this disk, and seen to be available`() {
        let text = "disk disk holds data that is not proven to be saved"
        let bends: [(inout Scene) -> Void] = [
            { $0.record { $0.data = .snapshotting(Scene.disk, Scene.current, detachedAt: Scene.detachedAt) } },
            { $0.record { $0.snapshots = [] } }, { $0.record { $0.snapshots[0].sourceDisk = DiskID("x") } },
            { $0.record { $0.snapshots[0].id = SnapshotID("x") } }, { $0.snapshot { $0.state = .creating } },
            { $0.situation.observation.snapshots[Scene.snapshot] = .unknown("503") },
            { $0.record { $0.data = .deleting(Scene.disk, snapshot: SnapshotID("x"), Scene.made, detachedAt: nil) } },
        ]
        for bend in bends {
            #expect(
                Scene.condemned.bent(bend).refusal(of: delete(.disk(Scene.disk), .savedIn(Scene.snapshot))) == text)
        }
    }

    @Test func `the data disk is deleted on the ground that it is saved, and on no other`() {
        for ground: Condemned.Ground in [
            .abandoned, .unneededRoot, .approved(commit: "4f2c"), .savedIn(SnapshotID("x")),
        ] {
            let scene = Scene.condemned.bent { $0.record { $0.condemned[0].ground = ground } }
            #expect(
                scene.refusal(of: delete(.disk(Scene.disk), ground))
                    == "disk disk holds data that is not proven to be saved")
        }
    }

    @Test func `an address or firewall goes only if it is the instance's`() {
        let id = CompanionID("address")
        func refusal(_ tags: Tags?) -> String? {
            Scene.live.bent { scene in
                scene.situation.observation.companions[id] = Companion(
                    id: id, kind: .address, name: "n", tags: tags)
            }.refusal(of: .deleteCompanion(id))
        }
        var condemned = Scene.tags(.companion)
        condemned.condemned = true
        #expect(refusal(condemned) == nil)
        #expect(refusal(Scene.tags(.companion)) == "not condemned by its tag")
        var foreign = condemned
        foreign.instance = InstanceUID("x")
        #expect(refusal(foreign) == "not this instance's")
        #expect(refusal(nil) == "not this instance's")
    }
}
