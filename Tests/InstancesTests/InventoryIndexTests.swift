import Instances
import Testing

/// Each instance's share of what a provider listed.
@Suite struct InventoryIndexTests {
    private var inventory: Inventory {
        var namesake = Scene.tags(.data)
        namesake.instance = InstanceUID("x")
        var stranger = namesake
        stranger.name = InstanceName("stranger")!
        func disk(_ id: String, _ tags: Tags?, on server: ServerID? = nil) -> Disk {
            Disk(
                id: DiskID(id), name: id, tags: tags, state: .available, sizeBytes: 1,
                attachment: server.map { .init(server: $0, phase: .attached) })
        }
        return Inventory(
            servers: [
                Server(
                    id: Scene.server, name: "box", tags: Scene.tags(.server), state: .running, type: "t",
                    bootDisk: DiskID("boot"))
            ],
            disks: [
                disk("disk", Scene.tags(.data), on: Scene.server), disk("boot", nil, on: Scene.server),
                disk("foreign", nil, on: Scene.server), disk("elsewhere", nil, on: ServerID("x")),
                disk("namesake", namesake), disk("stranger", stranger),
            ],
            snapshots: [
                Snapshot(
                    id: Scene.snapshot, name: "n", tags: Scene.tags(.data), state: .available, sizeBytes: 1,
                    sourceDisk: nil)
            ],
            companions: [
                Companion(id: CompanionID("own"), kind: .address, name: "n", tags: Scene.tags(.companion)),
                Companion(id: CompanionID("other"), kind: .address, name: "n", tags: nil),
            ])
    }

    private func share(_ record: Record?, answered: [ResourceID] = []) -> (Observation, [ResourceID]) {
        let share = InventoryIndex(inventory).share(of: InstanceName("box")!, record: record, answered: answered)
        return (share.observation, share.unlisted)
    }

    @Test func `an instance sees what carries its uid, its server's root disk, and foreign disks on its server`() {
        let (observation, unlisted) = share(Scene.live.situation.record)
        #expect(observation.seenServers.map(\.id) == [Scene.server])
        #expect(observation.seenDisks.map(\.id.text) == ["boot", "disk"])
        #expect(observation.seenSnapshots.map(\.id) == [Scene.snapshot])
        #expect(observation.foreignDisks.map(\.id.text) == ["foreign"])
        #expect(observation.companions.keys.map(\.text) == ["own"])
        #expect(observation.namesakes == [.disk(DiskID("namesake"))])
        // Recorded, but not listed: read by its id.
        #expect(unlisted == [.disk(Scene.root)])
    }

    @Test func `what is recorded or was answered but is not listed is read by its id`() {
        var record = Scene.emptied.situation.record!
        record.server = .present(ServerID("gone"), Scene.made)
        record.data = .live(DiskID("gone"), Scene.made)
        record.condemn(.snapshot(SnapshotID("gone")), as: Scene.made, because: .abandoned)
        record.snapshots = [Scene.recorded(SnapshotID("saved"), Scene.made)]
        record.rootSnapshot = .cutting(Scene.current, replacing: Scene.recorded(SnapshotID("image"), Scene.made))
        let (observation, unlisted) = share(record, answered: [.disk(DiskID("answered"))])
        #expect(
            unlisted == [
                .disk(DiskID("answered")), .disk(DiskID("gone")), .server(ServerID("gone")),
                .snapshot(SnapshotID("gone")), .snapshot(SnapshotID("image")), .snapshot(SnapshotID("saved")),
            ])
        #expect(observation.foreignDisks.isEmpty)
    }

    @Test func `an instance without a record sees its namesakes and nothing else`() {
        let (observation, unlisted) = share(nil)
        #expect(observation.seenServers.isEmpty)
        #expect(unlisted.isEmpty)
        #expect(observation.namesakes.count == 4)
    }

    @Test func `what carries the operator's tags and belongs to nobody known is a stranger`() {
        let index = InventoryIndex(inventory)
        #expect(
            index.strangers(knowing: [InstanceUID("uid")]).map(\.0)
                == [.disk(DiskID("namesake")), .disk(DiskID("stranger"))])
        #expect(index.strangers(knowing: [InstanceUID("uid"), InstanceUID("x")]).isEmpty)
        #expect(index.strangers(knowing: []).count == 5)
    }

    // MARK: Tags

    @Test func `tags are read back as they were written, condemned ones too`() {
        for condemned in [true, false] {
            var tags = Scene.tags(.root)
            tags.condemned = condemned
            #expect(Tags(words: tags.words) == tags)
            #expect(Tags(words: ["team=ml", "operator"] + tags.words.reversed()) == tags)
        }
    }

    @Test func `tags of which one is missing, doubled or unreadable are nobody's`() {
        let words = Scene.tags(.data).words
        for index in words.indices {
            var fewer = words
            let word = fewer.remove(at: index)
            let key = word.prefix { $0 != "=" }
            #expect(Tags(words: fewer) == nil, "without \(word)")
            #expect(Tags(words: words + [word]) == nil, "\(word) twice")
            #expect(Tags(words: words + ["\(key)=x"]) == nil, "another \(key)")
            #expect(Tags(words: fewer + ["\(key)="]) == nil, "an empty \(key)")
        }
        func replacing(_ key: String, _ value: String) -> Tags? {
            Tags(words: words.map { $0.hasPrefix(key + "=") ? "\(key)=\(value)" : $0 })
        }
        #expect(replacing("operator-epoch", "0") == nil)
        #expect(replacing("operator-epoch", "-1") == nil)
        #expect(replacing("operator-epoch", "1e3") == nil)
        #expect(replacing("operator-role", "boss") == nil)
        #expect(replacing("operator-name", "Box") == nil)
        #expect(replacing("operator-epoch", "7")?.operation.epoch == 7)
        #expect(Tags(words: words + ["operator-condemned=yes"])?.condemned == false)
    }
}
