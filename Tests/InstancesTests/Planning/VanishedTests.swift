import Instances
import Testing

/// What was recorded, was not found, and is there again: whoever brought it back wants it.
@Suite struct VanishedTests {
    private static let kept = Scene.recorded(SnapshotID("kept"), Scene.made)

    /// Data on a disk, an older snapshot, and a root snapshot.
    private var live: Scene {
        Scene(.live(Scene.disk, Scene.current)).bent { scene in
            scene.record { $0.snapshots = [Self.kept] }
            scene.see(Self.kept)
            scene.record { $0.activity = nil }
        }
    }

    /// Publishes what is decided until a call or a rest comes, then brings the resource back and does so again.
    private func returned(_ id: ResourceID, to scene: Scene) -> Scene {
        var scene = scene
        let before = scene.situation.observation
        scene.seeGone(id)
        scene.publishAll()
        switch id {
        case .disk(let disk): scene.situation.observation.disks[disk] = before.disks[disk]
        case .snapshot(let snapshot): scene.situation.observation.snapshots[snapshot] = before.snapshots[snapshot]
        case .server, .companion: break
        }
        scene.publishAll()
        return scene
    }

    @Test func `an older snapshot that comes back is told and stays`() {
        let scene = returned(.snapshot(Self.kept.id), to: live)
        #expect(scene.situation.record?.condemned == [])
        #expect(scene.situation.record?.vanished == [.snapshot(Self.kept.id)])
        #expect(decide(scene.situation).isRest)
        #expect(decide(scene.situation).explanation.message.contains("not in its record: snapshot kept"))
    }

    @Test func `a root snapshot that comes back is told and stays`() {
        let id = SnapshotID("of-root")
        let scene = live.bent { scene in
            var recorded = Scene.recorded(id, Scene.made)
            recorded.image = "another"
            scene.record { $0.rootSnapshot = .ready(recorded) }
            scene.see(recorded)
            scene.snapshot(id) { $0.tags?.role = .root }
        }
        let back = returned(.snapshot(id), to: scene)
        #expect(back.situation.record?.condemned == [])
        #expect(decide(back.situation).explanation.message.contains("it was missing and came back: snapshot of-root"))
    }

    @Test func `a root disk that comes back is told and stays`() {
        let scene = Scene.stored.bent { scene in
            scene.record { $0.root = .present(Scene.root, Scene.made, image: "counter") }
            scene.situation.observation.disks[Scene.root] = .seen(
                Disk(
                    id: Scene.root, name: "box", tags: Scene.tags(.root), state: .available,
                    sizeBytes: bytesInGigabyte, lastDetachedAt: Scene.detachedAt))
        }
        let back = returned(.disk(Scene.root), to: scene)
        #expect(back.situation.record?.root == .absent)
        #expect(back.situation.record?.condemned == [])
        #expect(decide(back.situation).explanation.message.contains("it was missing and came back: disk root"))
    }

    @Test func `the newest snapshot stays that comes back after a person has gone on from an older one`() {
        var stored = Scene.stored.bent { scene in
            scene.record { $0.snapshots = [Self.kept] + $0.snapshots }
            scene.see(Self.kept)
            scene.seeGone(.snapshot(Scene.snapshot))
            scene.situation.returnApproval = "4f2c"
        }
        stored.publishAll()
        #expect(stored.situation.record?.data == .snapshot(Self.kept.id))
        let vanished = [ResourceID.snapshot(Scene.snapshot)]
        #expect(stored.situation.record?.vanished == vanished)
        // Started again since, by a later operation.
        var back = live.bent { scene in
            let later = Operation(epoch: 9, nonce: "later")
            scene.record { record in
                record.operations.append(later)
                record.data = .live(Scene.disk, later)
                record.vanished = vanished
            }
            scene.see(Scene.recorded(Scene.snapshot, Scene.current))
        }
        back.publishAll()
        #expect(back.situation.record?.condemned == [])
        #expect(decide(back.situation).explanation.message.contains("snapshot snapshot"))
    }

    @Test func `a disk is noted that was missed when a person went on from a snapshot`() {
        var lost = live.bent { scene in
            scene.seeGone(.disk(Scene.disk))
            scene.situation.returnApproval = "4f2c"
        }
        lost.publishAll()
        #expect(lost.situation.record?.vanished == [.disk(Scene.disk)])
    }

    @Test func `a snapshot is noted that was missed before its disk was deleted`() {
        let scene = Scene.condemned.bent { $0.seeGone(.snapshot(Scene.snapshot)) }
        #expect(scene.published?.vanished == [.snapshot(Scene.snapshot)])
        #expect(scene.published?.snapshots == [])
    }

    @Test func `so many are remembered, the newest of them, and none that an approval has condemned`() {
        var record = Scene.live.situation.record!
        for number in 0..<Record.vanishedRemembered + 2 { record.noteVanished(.snapshot(SnapshotID("\(number)"))) }
        record.noteVanished(.snapshot(SnapshotID("9")))
        #expect(record.vanished.count == Record.vanishedRemembered)
        #expect(record.vanished.first == .snapshot(SnapshotID("2")))
        #expect(record.vanished.last == .snapshot(SnapshotID("9")))
        record.condemn(.snapshot(SnapshotID("9")), as: Scene.current, because: .approved(commit: "4f2c"))
        #expect(!record.vanished.contains(.snapshot(SnapshotID("9"))))
    }
}

extension Scene {
    fileprivate mutating func publishAll() {
        for _ in 0..<20 {
            guard let published else { return }
            situation = situation.published(published)
        }
    }
}
