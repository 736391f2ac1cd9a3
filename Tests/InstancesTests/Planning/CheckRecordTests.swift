import Instances
import Testing

/// What the second check says of a record before it is published.
@Suite struct CheckRecordTests {
    @Test func `a first record holds nothing`() {
        var scene = Scene.live
        let record = scene.situation.record!
        scene.situation.record = nil
        let decision = { (record: Record) in check(.publish(record, Explanation("Test", "test")), in: scene.situation) }
        #expect(decision(record) == "a first record holds nothing")
        #expect(decision(Scene(.none).situation.record!) == nil)
    }

    @Test func `the uid stays as long as the instance holds anything`() {
        let text = "the uid of an instance that holds something never changes"
        #expect(Scene.live.refusal { $0.uid = InstanceUID("x") } == text)
        let empty = Scene(.none).bent { $0.record { ($0.server, $0.root) = (.absent, .absent) } }
        #expect(empty.refusal { $0.uid = InstanceUID("x") } == nil)
        let saved = Scene.recorded(Scene.snapshot, Scene.made)
        let bends: [(inout Record) -> Void] = [
            { $0.server = .creating(Scene.made) }, { $0.root = .creating(Scene.made, from: Scene.snapshot) },
            { $0.data = .creating(Scene.made) }, { $0.snapshots = [saved] }, { $0.rootSnapshot = .ready(saved) },
            { $0.condemn(.disk(DiskID("x")), as: Scene.made, because: .abandoned) },
        ]
        for bend in bends {
            #expect(empty.bent { $0.record(bend) }.refusal { $0.uid = InstanceUID("x") } == text)
        }
    }

    @Test func `epochs never go back`() {
        #expect(Scene.live.refusal { $0.operations.removeLast() } == "epochs never go back")
        #expect(Scene.live.refusal { _ = $0.begin(nonce: "next", keeping: []) } == nil)
    }

    @Test(arguments: [
        ResourceID.server(ServerID("x")), .disk(DiskID("x")), .snapshot(SnapshotID("x")),
    ])
    func `what was condemned is forgotten only once it is proven to be gone`(id: ResourceID) {
        let scene = Scene.live.bent { $0.record { $0.condemn(id, as: Scene.made, because: .abandoned) } }
        func refusal(_ scene: Scene) -> String? { scene.refusal { $0.condemned = [] } }
        #expect(refusal(scene) == "\(id) was not proven to be gone")
        #expect(refusal(scene.bent { $0.seeGone(id, times: 1) }) == "\(id) was not proven to be gone")
        #expect(refusal(scene.bent { $0.seeGone(id) }) == nil)
    }

    @Test func `what stays condemned need not be gone`() {
        #expect(Scene.condemned.refusal { _ = $0.begin(nonce: "next", keeping: []) } == nil)
    }

    @Test func `a condemned address is forgotten once it is not listed any more`() {
        let id = CompanionID("address")
        let scene = Scene.live.bent { scene in
            scene.record { $0.condemn(.companion(id), as: Scene.made, because: .abandoned) }
        }
        #expect(scene.refusal { $0.condemned = [] } == nil)
        let listed = scene.bent { scene in
            scene.situation.observation.companions[id] = Companion(id: id, kind: .address, name: "n", tags: nil)
        }
        #expect(listed.refusal { $0.condemned = [] } == "companion address was not proven to be gone")
    }

    @Test func `what was condemned is never used again`() {
        let scene = Scene.condemned.bent { $0.seeGone(.disk(Scene.disk)) }
        #expect(
            scene.refusal { record in
                record.condemned = []
                record.data = .live(Scene.disk, Scene.made)
            } == "disk disk was condemned and is never used again")
    }

    @Test func `a snapshot leaves the record condemned or gone`() {
        let older = Scene.recorded(SnapshotID("older"), Scene.made)
        let scene = Scene.live.bent { $0.record { $0.snapshots = [older] } }
        #expect(scene.refusal { $0.snapshots = [] } == "snapshot older would be forgotten")
        let two = scene.bent { $0.record { $0.snapshots.append(Scene.recorded(Scene.snapshot, Scene.current)) } }
        #expect(two.refusal { $0.snapshots.removeFirst() } == "snapshot older would be forgotten")
        #expect(scene.bent { $0.seeGone(.snapshot(older.id), times: 1) }.refusal { $0.snapshots = [] } != nil)
        #expect(scene.bent { $0.seeGone(.snapshot(older.id)) }.refusal { $0.snapshots = [] } == nil)
        #expect(
            scene.refusal { record in
                record.condemn(.snapshot(older.id), as: Scene.made, because: .supersededBy(Scene.snapshot))
                record.snapshots = []
            } == nil)
    }

    @Test func `the last snapshot leaves only with an approval`() {
        func refusal(_ scene: Scene) -> String? {
            scene.refusal { record in
                record.condemn(.snapshot(Scene.snapshot), as: Scene.made, because: .approved(commit: "4f2c"))
                record.snapshots = []
                record.data = .none
            }
        }
        #expect(refusal(.stored) == "the last snapshot would go without an approval")
        #expect(refusal(Scene.stored.bent { $0.situation.approval = "4f2c" }) == nil)
    }

    @Test func `a data disk becomes its snapshot once it is proven to be gone`() {
        func refusal(_ scene: Scene, _ snapshot: SnapshotID = Scene.snapshot) -> String? {
            scene.refusal { $0.data = .snapshot(snapshot) }
        }
        #expect(refusal(.condemned) == "disk disk was not proven to be gone")
        let gone = Scene.condemned.bent { $0.seeGone(.disk(Scene.disk)) }
        #expect(refusal(gone) == nil)
        let forgotten = "disk disk would be forgotten without an approval"
        #expect(refusal(gone, SnapshotID("other")) == forgotten)
        #expect(refusal(.live) == forgotten)
        let other = "snapshot other, which holds the data, would be forgotten"
        #expect(refusal(.stored, SnapshotID("other")) == other)
    }

    @Test(arguments: [DataRecord.none, .creating(Scene.current), .restoring(Scene.snapshot, Scene.current)])
    func `a data disk is not forgotten without an approval`(data: DataRecord) {
        #expect(Scene.live.refusal { $0.data = data } == "disk disk would be forgotten without an approval")
        let refused = "disk disk would be forgotten without an approval"
        let destroying = Scene.live.bent { $0.situation.approval = "4f2c" }
        #expect(destroying.refusal { $0.data = data } == (data == .none ? nil : refused))
        let returning = Scene.live.bent { $0.situation.returnApproval = "4f2c" }
        #expect(returning.refusal { $0.data = data } == (data == .none ? refused : nil))
        #expect(Scene.live.refusal { $0.data = .quiescing(Scene.disk, Scene.current) } == nil)
    }
}
