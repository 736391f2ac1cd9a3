import Instances
import Testing

/// Nothing is deleted without a proof, and a proof is refused where one thing is not as it has to be.
@Suite struct DeletionProofTests {
    typealias Bend = (inout Evidence) -> Void

    /// What a proof is made from.
    struct Evidence {
        var scene = Scene.condemned
        var server = Server(
            id: Scene.server, name: "box", tags: Scene.tags(.server).thatCondemn, state: .stopped, type: "c1-m64")
        var disk: Disk
        var data: Disk?
        var snapshot: Snapshot?

        init() {
            guard case .seen(let disk)? = scene.situation.observation.disks[Scene.disk],
                case .seen(let snapshot)? = scene.situation.observation.snapshots[Scene.snapshot]
            else { fatalError("the scene has both") }
            self.disk = disk
            self.snapshot = snapshot
        }

        /// Condemns it on another ground than the scene does.
        mutating func condemn(_ resource: ResourceID, because ground: Condemned.Ground) {
            scene.record { record in
                record.condemned = []
                record.condemn(resource, as: Scene.current, because: ground)
            }
        }

        var copy: DataCopy? { snapshot.map(DataCopy.snapshot) }

        var record: Record { scene.situation.record! }
    }

    private func refusal<Proof>(_ bend: Bend, _ make: (Evidence) throws(ProofRefusal) -> Proof) -> String? {
        var evidence = Evidence()
        bend(&evidence)
        do throws(ProofRefusal) {
            _ = try make(evidence)
            return nil
        } catch { return error.description }
    }

    // MARK: Disks

    private func refusalOfDisk(_ bend: Bend) -> String? {
        refusal(bend) { evidence throws(ProofRefusal) in
            try DiskDeletionProof(record: evidence.record, fresh: evidence.disk, copy: evidence.copy)
        }
    }

    @Test func `a saved, condemned and detached disk may be deleted, also a broken one`() {
        #expect(refusalOfDisk { _ in } == nil)
        #expect(refusalOfDisk { $0.disk.state = .error } == nil)
    }

    @Test func `a disk is condemned by the record and by its own tag, and is this instance's`() {
        #expect(refusalOfDisk { $0.scene.record { $0.condemned = [] } } == "the record does not condemn disk disk")
        #expect(
            refusalOfDisk { $0.condemn(.disk(DiskID("x")), because: .savedIn(Scene.snapshot)) }
                == "the record does not condemn disk disk")
        #expect(refusalOfDisk { $0.disk.tags = nil } == "disk disk is not this instance's")
        #expect(refusalOfDisk { $0.disk.tags?.instance = InstanceUID("x") } == "disk disk is not this instance's")
        #expect(
            refusalOfDisk { $0.disk.tags?.condemned = false } == "disk disk does not carry the tag that condemns it")
    }

    @Test(arguments: [Disk.State.creating, .attached, .busy, .deleting, .locked, .unknown("new")])
    func `a disk on which something is going on is kept`(state: Disk.State) {
        #expect(refusalOfDisk { $0.disk.state = state } == "disk disk is still attached or busy")
    }

    @Test func `a disk with an attachment is kept, whatever its state says`() {
        #expect(
            refusalOfDisk { $0.disk.attachment = .init(server: Scene.server, phase: .detaching) }
                == "disk disk is still attached or busy")
    }

    @Test func `the record says that this disk is saved in this snapshot`() {
        let text = "the record does not say that disk disk is saved in snapshot snapshot"
        for data: DataRecord in [
            .live(Scene.disk, Scene.made), .quiescing(Scene.disk, Scene.made),
            .snapshotting(Scene.disk, Scene.made, detachedAt: Scene.detachedAt), .snapshot(Scene.snapshot),
            .deleting(DiskID("x"), snapshot: Scene.snapshot, Scene.made, detachedAt: Scene.detachedAt),
            .deleting(Scene.disk, snapshot: SnapshotID("x"), Scene.made, detachedAt: Scene.detachedAt),
        ] {
            #expect(refusalOfDisk { $0.scene.record { $0.data = data } } == text, "\(data)")
        }
    }

    @Test func `the snapshot was read just now, is available and this instance's`() {
        #expect(refusalOfDisk { $0.snapshot = nil } == "snapshot snapshot was not read")
        #expect(refusalOfDisk { $0.snapshot?.id = SnapshotID("x") } == "snapshot snapshot was not read")
        for state: Snapshot.State in [.creating, .deleting, .error, .locked, .unknown("new")] {
            #expect(refusalOfDisk { $0.snapshot?.state = state } == "snapshot snapshot is not available")
        }
        let foreign = "snapshot snapshot is not this instance's"
        #expect(refusalOfDisk { $0.snapshot?.tags = nil } == foreign)
        #expect(refusalOfDisk { $0.snapshot?.tags?.instance = InstanceUID("x") } == foreign)
        #expect(refusalOfDisk { $0.snapshot?.tags?.condemned = true } == foreign)
    }

    @Test func `the snapshot is of this disk, as large, and the disk was not used since`() {
        let other = "snapshot snapshot is of another disk"
        #expect(refusalOfDisk { $0.snapshot?.sourceDisk = DiskID("x") } == other)
        #expect(refusalOfDisk { $0.snapshot?.sourceDisk = nil } == other)
        #expect(refusalOfDisk { $0.snapshot?.sizeBytes -= 1 } == "snapshot snapshot has another size")
        let again = "disk disk was attached again after snapshot snapshot was cut"
        #expect(refusalOfDisk { $0.disk.lastDetachedAt = Timestamp(seconds: 900_001) } == again)
        #expect(refusalOfDisk { $0.disk.lastDetachedAt = nil } == again)
    }

    @Test func `a root disk goes once no record boots from it`() {
        func refusal(_ bend: Bend) -> String? {
            refusalOfDisk { evidence in
                evidence.condemn(.disk(Scene.disk), because: .unneededRoot)
                evidence.scene.record { $0.data = .none }
                evidence.disk.tags?.role = .root
                bend(&evidence)
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.disk.tags?.role = .data } == "disk disk is not a root disk that can go")
        #expect(
            refusal { $0.scene.record { $0.root = .present(Scene.disk, Scene.made, image: "counter") } }
                == "disk disk is not a root disk that can go")
    }

    @Test func `an abandoned disk goes only if it was never attached and no record names it`() {
        func refusal(_ bend: Bend) -> String? {
            refusalOfDisk { evidence in
                evidence.condemn(.disk(Scene.disk), because: .abandoned)
                evidence.scene.record { $0.data = .none }
                evidence.disk.lastDetachedAt = nil
                bend(&evidence)
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.disk.lastDetachedAt = Scene.detachedAt } == "disk disk was in use")
        #expect(refusal { $0.scene.record { $0.data = .live(Scene.disk, Scene.made) } } == "disk disk was in use")
        #expect(
            refusal { $0.scene.record { $0.root = .present(Scene.disk, Scene.made, image: "counter") } }
                == "disk disk was in use")
    }

    @Test func `an approved disk goes once the record has let go of it`() {
        func refusal(_ data: DataRecord) -> String? {
            refusalOfDisk { evidence in
                evidence.condemn(.disk(Scene.disk), because: .approved(commit: "4f2c"))
                evidence.scene.record { $0.data = data }
            }
        }
        #expect(refusal(.none) == nil)
        #expect(refusal(.live(Scene.disk, Scene.made)) == "disk disk is still in use by the record")
    }

    @Test(arguments: [Condemned.Ground.unwantedServer, .supersededBy(Scene.snapshot)])
    func `no disk goes for the reason of something else`(ground: Condemned.Ground) {
        #expect(
            refusalOfDisk { $0.condemn(.disk(Scene.disk), because: ground) }
                == "disk disk was condemned for a reason that fits no disk")
    }

    // MARK: Servers

    private func refusalOfServer(_ bend: Bend) -> String? {
        refusal { evidence in
            evidence.condemn(.server(Scene.server), because: .unwantedServer)
            bend(&evidence)
        } _: { evidence throws(ProofRefusal) in
            try ServerDeletionProof(record: evidence.record, fresh: evidence.server, data: evidence.data)
        }
    }

    @Test func `a condemned and stopped server may be deleted`() {
        #expect(refusalOfServer { _ in } == nil)
        #expect(refusalOfServer { $0.data = $0.disk } == nil)
    }

    @Test func `a server is condemned by record and tag, this instance's, and a server`() {
        #expect(refusalOfServer { $0.scene.record { $0.condemned = [] } }?.contains("does not condemn") == true)
        let foreign = "server server is not this instance's"
        #expect(refusalOfServer { $0.server.tags = nil } == foreign)
        #expect(refusalOfServer { $0.server.tags?.instance = InstanceUID("x") } == foreign)
        #expect(refusalOfServer { $0.server.tags?.role = .data } == foreign)
        #expect(refusalOfServer { $0.server.tags?.condemned = false }?.contains("does not carry the tag") == true)
    }

    @Test(arguments: [
        Server.State.starting, .running, .stopping, .stoppedInPlace, .locked, .deleting, .unknown("new"),
    ])
    func `a server that is not stopped is kept`(state: Server.State) {
        #expect(refusalOfServer { $0.server.state = state } == "server is not stopped")
    }

    @Test func `a server in use, or with the data disk on it, is kept`() {
        #expect(
            refusalOfServer { $0.scene.record { $0.server = .present(Scene.server, Scene.made) } }
                == "server is still in use by the record")
        func attached(to server: String) -> String? {
            refusalOfServer { evidence in
                evidence.disk.attachment = .init(server: ServerID(server), phase: .attached)
                evidence.data = evidence.disk
            }
        }
        #expect(attached(to: "server") == "data disk disk is still attached to server server")
        #expect(attached(to: "another") == nil)
    }

    // MARK: Snapshots

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

extension Tags {
    fileprivate var thatCondemn: Tags {
        var tags = self
        tags.condemned = true
        return tags
    }
}
