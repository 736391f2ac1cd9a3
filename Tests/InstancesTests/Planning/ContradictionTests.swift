import Instances
import Testing

/// Signs that the record is old, or that somebody else acts in its name: then nothing is touched.
@Suite struct ContradictionTests {
    /// A stray resource of each kind with these tags.
    private func beside(_ tags: Tags) -> [Scene] {
        [
            Scene.live.bent { scene in
                scene.situation.observation.servers[ServerID("x")] = .seen(
                    Server(id: ServerID("x"), name: "n", tags: tags, state: .stopped, type: "c1-m64"))
            },
            Scene.live.bent { scene in
                scene.situation.observation.disks[DiskID("x")] = .seen(
                    Disk(id: DiskID("x"), name: "n", tags: tags, state: .available, sizeBytes: 1))
            },
            Scene.live.bent { scene in
                scene.situation.observation.snapshots[SnapshotID("x")] = .seen(
                    Snapshot(
                        id: SnapshotID("x"), name: "n", tags: tags, state: .available, sizeBytes: 1, sourceDisk: nil))
            },
        ]
    }

    private func tags(_ change: (inout Tags) -> Void) -> Tags {
        var tags = Scene.tags(.data)
        change(&tags)
        return tags
    }

    private func reasons(_ change: (inout Tags) -> Void) -> [String] { beside(tags(change)).map(\.reason) }

    @Test func `nothing is wrong with a disk of a known operation`() {
        #expect(Scene.live.reason == "Converged")
        let known = reasons { _ in }
        #expect(Set(known).isDisjoint(with: ["RecordIsOld", "UnknownOperation", "ForeignResource"]))
    }

    @Test func `a resource of a later epoch says that the record is old`() {
        #expect(
            reasons { $0.operation = Operation(epoch: 3, nonce: "next") } == [
                "RecordIsOld", "RecordIsOld", "RecordIsOld",
            ])
        // The operation that is under way is not later.
        #expect(!reasons { $0.operation = Scene.current }.contains("RecordIsOld"))
    }

    @Test func `neither a suspension nor an invalid manifest hides that`() {
        for scene in beside(tags { $0.operation = Operation(epoch: 3, nonce: "next") }) {
            let suspended = scene.bent { $0.desire { $0.suspend = Suspension(reason: nil, until: nil) } }
            #expect(suspended.reason == "RecordIsOld")
            #expect(scene.bent { $0.situation.desired = .frozen }.reason == "RecordIsOld")
        }
    }

    @Test func `a resource of an operation that the record never knew says that another record was there`() {
        let unknown = Operation(epoch: 2, nonce: "unknown")
        #expect(reasons { $0.operation = unknown } == ["UnknownOperation", "UnknownOperation", "UnknownOperation"])
        // What the record names may be older than the operations that it remembers.
        #expect(Scene.live.bent { $0.disk { $0.tags?.operation = unknown } }.reason == "Converged")
    }

    @Test func `what the record names and somebody has taken the tags from is left alone`() {
        #expect(Scene.live.bent { $0.disk { $0.tags = nil } }.reason == "TagsRemoved")
        #expect(Scene.live.bent { $0.server { $0.tags = nil } }.reason == "TagsRemoved")
        #expect(Scene.stored.bent { $0.snapshot { $0.tags = nil } }.reason == "TagsRemoved")
        #expect(Scene.condemned.bent { $0.disk { $0.tags = nil } }.reason == "TagsRemoved")
        // A root disk that the provider has just made has none yet.
        #expect(Scene.live.bent { $0.disk(Scene.root) { $0.tags = nil } }.reason == "Tagging")
        let leaving = Scene.stored.bent { scene in
            scene.situation.observation.disks[Scene.root] = .seen(
                Disk(id: Scene.root, name: "box", tags: nil, state: .available, sizeBytes: 1))
            scene.record { $0.condemn(.disk(Scene.root), as: Scene.current, because: .unneededRoot) }
        }
        #expect(leaving.reason == "Condemning")
        let beside = leaving.bent { $0.addDisk(of: Scene.made) }.bent { scene in
            scene.disk { $0.tags = nil }
            scene.record { $0.condemn(.disk(Scene.disk), as: Scene.current, because: .abandoned) }
        }
        #expect(beside.reason == "TagsRemoved")
    }

    @Test func `what the record names but another instance or owner has tagged is left alone`() {
        #expect(Scene.live.bent { $0.disk { $0.tags?.instance = InstanceUID("x") } }.reason == "ForeignResource")
        #expect(Scene.live.bent { $0.disk { $0.tags?.owner = OwnerID("x") } }.reason == "ForeignResource")
        #expect(Scene.live.bent { $0.server { $0.tags?.owner = OwnerID("x") } }.reason == "ForeignResource")
    }

    @Test func `a condemned tag on what the record uses says that the record was rolled back`() {
        #expect(Scene.live.bent { $0.disk { $0.tags?.condemned = true } }.reason == "RecordIsOld")
        #expect(Scene.live.bent { $0.disk(Scene.root) { $0.tags?.condemned = true } }.reason == "RecordIsOld")
        #expect(Scene.stored.bent { $0.snapshot { $0.tags?.condemned = true } }.reason == "RecordIsOld")
        // The record condemns it too: that is how every deletion looks.
        #expect(Scene.condemned.reason == "Deleting")
        // Nothing that the record uses.
        #expect(!reasons { $0.condemned = true }.contains("RecordIsOld"))
    }

    @Test func `what a record names twice is named once`() {
        let record = Scene.condemned.bent { scene in
            scene.record { record in
                record.root = .present(Scene.root, Scene.made, image: "counter")
                record.condemn(.disk(Scene.root), as: Scene.current, because: .unneededRoot)
            }
        }.situation.record
        #expect(record?.namedResources == [.disk(Scene.disk), .disk(Scene.root), .snapshot(Scene.snapshot)])
    }

    @Test func `another account halts what is recorded, and nothing seen there is believed`() {
        let other = Scene.live.bent { $0.situation.account = "other" }
        #expect(other.reason == "OtherAccount")
        let gone = other.bent { $0.seeGone(.server(Scene.server)) }
        #expect(gone.reason == "OtherAccount")
    }

    @Test func `an instance that holds nothing moves to another account, zone or provider`() {
        let empty = Scene.emptied
        #expect(empty.bent { $0.situation.account = "other" }.published?.account == "other")
        #expect(empty.bent { $0.desire { $0.zone = "other" } }.published?.zone == "other")
        #expect(empty.bent { $0.desire { $0.provider = "other" } }.published?.provider == "other")
        #expect(empty.bent { $0.desire { $0.zone = "other" } }.published?.server == .absent)
    }

    @Test func `an instance that holds something stays where it is`() {
        for scene in [Scene.live, .stored] {
            #expect(scene.bent { $0.desire { $0.zone = "other" } }.reason == "PlaceChanged")
            #expect(scene.bent { $0.desire { $0.provider = "other" } }.reason == "PlaceChanged")
        }
    }
}
