import Instances
import Testing

/// Snapshots, and what is abandoned: the data has to be where the record says.
extension DeletionProofTests {
    /// The snapshot `old` is to be replaced by the one that the scene has.
    private func refusalOfSnapshot(_ bend: Bend) -> String? {
        refusal { evidence in
            evidence.condemn(.snapshot(SnapshotID("old")), because: .supersededBy(Scene.snapshot))
            bend(&evidence)
        } _: { evidence throws(ProofRefusal) in
            let old = Snapshot(
                id: SnapshotID("old"), name: "box-data-1", tags: Scene.tags(.data).thatCondemn, state: .available,
                sizeBytes: 1, sourceDisk: nil)
            return try SnapshotDeletionProof(record: evidence.record, fresh: old, copy: evidence.copy)
        }
    }

    @Test func `an older snapshot goes once the record has let go of it`() {
        #expect(refusalOfSnapshot { _ in } == nil)
        #expect(refusalOfSnapshot { $0.scene.record { $0.condemned = [] } }?.contains("does not condemn") == true)
        let inUse = "snapshot old is still in use by the record"
        let old = Scene.recorded(SnapshotID("old"), Scene.made)
        #expect(refusalOfSnapshot { $0.scene.record { $0.snapshots.append(old) } } == inUse)
        #expect(refusalOfSnapshot { $0.scene.record { $0.rootSnapshot = .ready(old) } } == inUse)
        #expect(
            refusalOfSnapshot { $0.scene.record { $0.rootSnapshot = .cutting(Scene.current, replacing: old) } } == inUse
        )
    }

    @Test func `the newer snapshot was read just now, is good and recorded`() {
        let text = "snapshot snapshot, which is to replace old, is not good"
        let bends: [Bend] = [
            { $0.snapshot = nil }, { $0.snapshot?.id = SnapshotID("x") }, { $0.snapshot?.state = .creating },
            { $0.snapshot?.tags = nil }, { $0.snapshot?.tags?.instance = InstanceUID("x") },
            { $0.snapshot?.tags?.condemned = true },
        ]
        for bend in bends { #expect(refusalOfSnapshot(bend) == text) }
    }

    @Test func `where the newer snapshot was forgotten, what came after it has to be good`() {
        func refusal(_ bend: Bend) -> String? {
            refusalOfSnapshot { evidence in
                evidence.condemn(.snapshot(SnapshotID("old")), because: .supersededBy(SnapshotID("forgotten")))
                evidence.scene.record { $0.data = .snapshot(Scene.snapshot) }
                bend(&evidence)
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.snapshot = nil } != nil)
        #expect(refusal { $0.snapshot?.state = .error } != nil)
        // A record that names no data at all may have been edited.
        let nothing = "the record names nothing that holds the data: snapshot old is kept"
        #expect(refusal { $0.scene.record { $0.data = .none } } == nothing)
    }

    @Test func `a root snapshot needs no copy of the data`() {
        for ground: Condemned.Ground in [.supersededBy(SnapshotID("forgotten")), .abandoned] {
            var evidence = Evidence()
            evidence.condemn(.snapshot(SnapshotID("old")), because: ground)
            evidence.scene.record { $0.data = .snapshot(Scene.snapshot) }
            for (role, isKept) in [(Tags.Role.root, false), (.data, true)] {
                let old = Snapshot(
                    id: SnapshotID("old"), name: "box-root-1", tags: Scene.tags(role).thatCondemn, state: .available,
                    sizeBytes: 1, sourceDisk: nil)
                let proof = try? SnapshotDeletionProof(record: evidence.record, fresh: old, copy: nil)
                #expect((proof == nil) == isKept)
            }
        }
        // But the root snapshot that replaced it, while the record names that.
        var evidence = Evidence()
        evidence.condemn(.snapshot(SnapshotID("old")), because: .supersededBy(Scene.snapshot))
        var old = evidence.snapshot!
        (old.id, old.tags) = (SnapshotID("old"), Scene.tags(.root).thatCondemn)
        #expect((try? SnapshotDeletionProof(record: evidence.record, fresh: old, copy: nil)) == nil)
        #expect((try? SnapshotDeletionProof(record: evidence.record, fresh: old, copy: evidence.copy)) != nil)
    }

    @Test func `what is abandoned stays while the copy that the record names is not there and good`() {
        func disk(_ bend: Bend) -> String? {
            refusalOfDisk { evidence in
                evidence.condemn(.disk(Scene.disk), because: .abandoned)
                evidence.scene.record { $0.data = .snapshot(Scene.snapshot) }
                evidence.disk.lastDetachedAt = nil
                bend(&evidence)
            }
        }
        func snapshot(_ bend: Bend) -> String? {
            refusalOfSnapshot { evidence in
                evidence.condemn(.snapshot(SnapshotID("old")), because: .abandoned)
                evidence.scene.record { $0.data = .restoring(Scene.snapshot, Scene.current) }
                bend(&evidence)
            }
        }
        #expect(disk { _ in } == nil && snapshot { _ in } == nil)
        let bends: [Bend] = [
            { $0.snapshot = nil }, { $0.snapshot?.id = SnapshotID("x") }, { $0.snapshot?.state = .creating },
            { $0.snapshot?.tags = nil }, { $0.snapshot?.tags?.instance = InstanceUID("x") },
            { $0.snapshot?.tags?.condemned = true }, { $0.scene.record { $0.data = .live(DiskID("x"), Scene.made) } },
        ]
        for bend in bends {
            #expect(disk(bend)?.hasSuffix("is not there or not good: disk disk is kept") == true)
            #expect(snapshot(bend)?.hasSuffix("is not there or not good: snapshot old is kept") == true)
        }
    }

    @Test func `the copy may be the disk that is in use, if nothing is wrong with it`() {
        func refusal(_ state: Disk.State) -> String? {
            var evidence = Evidence()
            evidence.condemn(.snapshot(SnapshotID("old")), because: .abandoned)
            evidence.scene.record { $0.data = .live(Scene.disk, Scene.made) }
            var (live, old) = (evidence.disk, evidence.snapshot!)
            live.state = state
            live.tags = Scene.tags(.data)
            old.id = SnapshotID("old")
            old.tags = Scene.tags(.data).thatCondemn
            do throws(ProofRefusal) {
                _ = try SnapshotDeletionProof(record: evidence.record, fresh: old, copy: .disk(live))
                return nil
            } catch { return error.description }
        }
        for state: Disk.State in [.available, .attached, .busy, .locked] { #expect(refusal(state) == nil) }
        for state: Disk.State in [.creating, .deleting, .error, .unknown("new")] { #expect(refusal(state) != nil) }
    }

    @Test func `an abandoned or approved snapshot needs no newer one, and no other reason fits`() {
        func refusal(_ ground: Condemned.Ground) -> String? {
            refusalOfSnapshot { evidence in
                evidence.condemn(.snapshot(SnapshotID("old")), because: ground)
                evidence.scene.record { $0.data = .none }
                evidence.snapshot = nil
            }
        }
        #expect(refusal(.abandoned) == nil)
        #expect(refusal(.approved(commit: "4f2c")) == nil)
        for ground: Condemned.Ground in [.savedIn(Scene.snapshot), .unwantedServer, .unneededRoot] {
            #expect(refusal(ground) == "snapshot old was condemned for a reason that fits no snapshot")
        }
    }
}
