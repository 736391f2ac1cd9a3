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

    func refusal<Proof>(_ bend: Bend, _ make: (Evidence) throws(ProofRefusal) -> Proof) -> String? {
        var evidence = Evidence()
        bend(&evidence)
        do throws(ProofRefusal) {
            _ = try make(evidence)
            return nil
        } catch { return error.description }
    }

    // MARK: Disks

    func refusalOfDisk(_ bend: Bend) -> String? {
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
}

extension Tags {
    var thatCondemn: Tags {
        var tags = self
        tags.condemned = true
        return tags
    }
}
