import Instances
import Testing

/// What tags say of an instance whose record was lost: always for the side of more data.
@Suite struct RecoveryTests {
    private func tags(_ role: Tags.Role, _ epoch: Int, condemned: Bool = false) -> Tags {
        var tags = Scene.tags(role, Operation(epoch: epoch, nonce: "op-\(epoch)"))
        tags.condemned = condemned
        return tags
    }

    private func disk(
        _ id: String, _ epoch: Int, used: Bool = true, role: Tags.Role = .data, condemned: Bool = false
    ) -> Disk {
        Disk(
            id: DiskID(id), name: id, tags: tags(role, epoch, condemned: condemned), state: .available, sizeBytes: 1,
            lastDetachedAt: used ? Scene.detachedAt : nil)
    }

    private func snapshot(
        _ id: String, _ epoch: Int, of source: String? = nil, role: Tags.Role = .data,
        state: Snapshot.State = .available, condemned: Bool = false
    ) -> Snapshot {
        Snapshot(
            id: SnapshotID(id), name: id, tags: tags(role, epoch, condemned: condemned), state: state, sizeBytes: 1,
            sourceDisk: source.map(DiskID.init))
    }

    private func server(_ id: String, condemned: Bool = false, boot: String? = nil) -> Server {
        Server(
            id: ServerID(id), name: id, tags: tags(.server, 1, condemned: condemned), state: .running, type: "t",
            bootDisk: boot.map(DiskID.init))
    }

    private func proposal(_ inventory: Inventory) throws -> RecoveryProposal? {
        try proposeRecord(for: manifest(), inventory: inventory, account: "account", nonce: "recovery")
    }

    @Test(arguments: DeletionPolicy.allCases)
    func `what removing the manifest will do is the manifest's word`(policy: DeletionPolicy) throws {
        let proposal = try proposeRecord(
            for: manifest { $0.deletionPolicy = policy }, inventory: Inventory(disks: [disk("disk", 1)]),
            account: "account", nonce: "recovery")
        #expect(proposal?.record.deletionPolicy == policy)
    }

    private func refusal(_ inventory: Inventory) -> String? {
        do {
            _ = try proposal(inventory)
            return nil
        } catch { return "\(error)" }
    }

    @Test func `a disk that could not be made and was never used holds nothing`() throws {
        var broken = disk("broken", 2, used: false)
        broken.state = .error
        #expect(try proposal(Inventory(disks: [broken]))?.record.data == DataRecord.none)
        broken.source = SnapshotID("good")
        let saved = Inventory(disks: [broken], snapshots: [snapshot("good", 1)])
        #expect(try proposal(saved)?.record.data == .snapshot(SnapshotID("good")))
        // Without its source it may be all there is; and so may one that was in use.
        let onlyBroken = try #require(try proposal(Inventory(disks: [broken])))
        #expect(onlyBroken.record.data.disk == broken.id)
        #expect(onlyBroken.findings.contains { $0.contains("damaged") })
        #expect(!onlyBroken.findings.contains { $0.contains("holds the newest data") })
        broken.source = nil
        broken.attachment = .init(server: ServerID("s"), phase: .attached)
        #expect(try proposal(Inventory(disks: [broken]))?.record.data.disk == broken.id)
        broken.attachment = nil
        broken.lastDetachedAt = Scene.detachedAt
        #expect(try proposal(Inventory(disks: [broken]))?.record.data.disk == broken.id)
    }

    @Test func `everything of a running instance finds its place, under a new operation`() throws {
        let inventory = Inventory(
            servers: [server("server", boot: "root")], disks: [disk("root", 1, role: .root), disk("disk", 2)],
            snapshots: [snapshot("old", 1), snapshot("image", 2, role: .root)])
        let found = try #require(try proposal(inventory))
        let record = found.record
        #expect(
            found.findings == [
                "server server is the instance's server", "disk root is its root disk",
                "snapshot image is its root snapshot", "disk disk holds the newest data",
                "snapshots, oldest first: old",
            ])
        #expect(record.uid == InstanceUID("uid"))
        #expect(record.account == "account")
        #expect(record.server == .present(ServerID("server"), Operation(epoch: 1, nonce: "op-1")))
        #expect(record.root.id == DiskID("root"))
        #expect(record.rootSnapshot.verified?.id == SnapshotID("image"))
        #expect(record.rootSnapshot.verified?.image == "counter")
        #expect(record.data == .live(DiskID("disk"), Operation(epoch: 2, nonce: "op-2")))
        #expect(record.snapshots.map(\.id.text) == ["old"])
        #expect(record.operations.map(\.nonce) == ["op-1", "op-2", "recovery"])
        #expect(record.epoch == 3)
        #expect(record.condemned.isEmpty)
        #expect(record.activity == nil)
    }

    @Test func `operations are counted on from the record whose place it takes`() throws {
        var old = try #require(try proposal(Inventory(disks: [disk("disk", 2)]))).record
        old.operations.append(Operation(epoch: 9, nonce: "op-9"))
        func proposed(_ old: Record) throws -> Record? {
            try proposeRecord(
                for: manifest(), inventory: Inventory(disks: [disk("disk", 2)]), account: "account", nonce: "recovery",
                replacing: old)?.record
        }
        #expect(try proposed(old)?.epoch == 10)
        old.uid = InstanceUID("another life")
        #expect(try proposed(old)?.epoch == 3)
    }

    @Test func `while a snapshot or a disk is being made nobody can tell what holds the newest data`() throws {
        let growing = Inventory(disks: [disk("disk", 1)], snapshots: [snapshot("growing", 2, state: .creating)])
        #expect(refusal(growing) == "snapshot growing of box is still being made: run this again when it is done")
        var made = disk("made", 3, used: false)
        made.state = .creating
        let restoring = Inventory(disks: [made], snapshots: [snapshot("old", 2)])
        #expect(refusal(restoring) == "disk made of box is still being made: run this again when it is done")
        let root = snapshot("root", 2, role: .root, state: .creating)
        #expect(refusal(Inventory(disks: [disk("disk", 1)], snapshots: [root])) == nil)
        made.tags?.role = .root
        #expect(refusal(Inventory(disks: [disk("disk", 1), made])) == nil)
    }

    @Test func `nothing is proposed where nothing carries the name`() throws {
        #expect(try proposal(Inventory()) == nil)
        var foreign = disk("disk", 1)
        foreign.tags?.name = InstanceName("other")!
        #expect(try proposal(Inventory(disks: [foreign])) == nil)
        foreign.tags = nil
        #expect(try proposal(Inventory(disks: [foreign])) == nil)
    }

    @Test func `data without a disk is in the newest good snapshot`() throws {
        let inventory = Inventory(snapshots: [
            snapshot("newest", 3), snapshot("old", 1), snapshot("broken", 2, state: .error),
            snapshot("condemned", 5, condemned: true), snapshot("older image", 6, role: .root),
            snapshot("image", 8, role: .root), snapshot("old image", 7, role: .root),
            snapshot("broken image", 9, role: .root, state: .error),
        ])
        let record = try #require(try proposal(inventory)).record
        #expect(record.data == .snapshot(SnapshotID("newest")))
        #expect(record.snapshots.map(\.id.text) == ["old", "newest"])
        #expect(record.rootSnapshot.verified?.id == SnapshotID("image"))
        let alone = try #require(try proposal(Inventory(snapshots: [snapshot("s", 1)])))
        #expect(alone.record.rootSnapshot == RootSnapshotRecord.none)
        #expect(alone.findings == ["snapshot s holds the newest data", "snapshots, oldest first: s"])
    }

    @Test func `resources of several lives or owners are told apart by a person`() {
        var other = disk("disk", 1)
        other.tags?.instance = InstanceUID("x")
        #expect(refusal(Inventory(disks: [other], snapshots: [snapshot("s", 1)]))?.contains("several lives") == true)
        other = disk("disk", 1)
        other.tags?.owner = OwnerID("x")
        #expect(refusal(Inventory(disks: [other], snapshots: [snapshot("s", 1)]))?.contains("several lives") == true)
    }

    @Test func `two servers are told apart by a person, condemned ones stay condemned`() throws {
        #expect(refusal(Inventory(servers: [server("a"), server("b")]))?.contains("2 servers of box (a, b)") == true)
        let record = try #require(
            try proposal(Inventory(servers: [server("a"), server("b", condemned: true)], disks: [disk("disk", 1)]))
        ).record
        #expect(record.server.id == ServerID("a"))
        #expect(record.condemned.map(\.resource) == [.server(ServerID("b"))])
        #expect(record.condemned.map(\.ground) == [.unwantedServer])
        let condemned = try #require(try proposal(Inventory(servers: [server("b", condemned: true)])))
        #expect(condemned.findings.first == "server b was condemned and will be deleted")
    }

    @Test func `a root disk counts only if it is the only one, not condemned, and the server's`() throws {
        func root(_ inventory: Inventory) throws -> DiskID? { try proposal(inventory)?.record.root.id }
        let two = [disk("a", 1, role: .root), disk("b", 1, role: .root)]
        let data = [disk("data", 1)]
        #expect(try root(Inventory(disks: [two[0]])) == DiskID("a"))
        #expect(try root(Inventory(disks: two)) == nil)
        #expect(try root(Inventory(disks: [disk("data", 1)])) == nil)
        #expect(try root(Inventory(servers: [server("s", boot: "b")], disks: two + data)) == DiskID("b"))
        #expect(try root(Inventory(disks: [disk("a", 1, role: .root, condemned: true)])) == nil)
        #expect(try root(Inventory(servers: [server("s", boot: "x")], disks: [two[0]] + data)) == nil)
    }

    @Test func `of two data disks the one that was in use holds the data; of two in use nobody knows`() throws {
        let inventory = Inventory(disks: [disk("used", 1), disk("fresh", 2, used: false)])
        #expect(try proposal(inventory)?.record.data.disk == DiskID("used"))
        let refused = refusal(Inventory(disks: [disk("a", 1), disk("b", 2)]))
        #expect(refused?.contains("2 data disks of box (a, b)") == true)
        #expect(refusal(Inventory(disks: [disk("a", 1, used: false), disk("b", 2, used: false)])) != nil)
        var attached = disk("attached", 1, used: false)
        attached.attachment = .init(server: ServerID("s"), phase: .attached)
        let other = Inventory(disks: [attached, disk("fresh", 2, used: false)])
        #expect(try proposal(other)?.record.data.disk == DiskID("attached"))
    }

    @Test func `a disk beside a newer snapshot of another disk is left to a person`() throws {
        let disks = [disk("disk", 2)]
        let newer = Inventory(disks: disks, snapshots: [snapshot("s", 3, of: "other")])
        #expect(refusal(newer)?.contains("data disk disk is older than snapshot s and not its source") == true)
        let own = Inventory(disks: disks, snapshots: [snapshot("s", 3, of: "disk")])
        #expect(try proposal(own)?.record.data.disk == DiskID("disk"))
        let older = Inventory(disks: disks, snapshots: [snapshot("s", 2, of: "other")])
        #expect(try proposal(older)?.record.data.disk == DiskID("disk"))
    }

    @Test func `a condemned disk may hold newer data than any snapshot, and is saved anew before it goes`() throws {
        let saved = Inventory(
            disks: [disk("disk", 1, condemned: true)],
            snapshots: [snapshot("old", 1, of: "disk"), snapshot("s", 2, of: "disk")])
        let found = try #require(try proposal(saved))
        guard case .quiescing(DiskID("disk"), _) = found.record.data else {
            Issue.record("\(found.record.data)")
            return
        }
        #expect(found.record.condemned.map(\.resource) == [.disk(DiskID("disk"))])
        #expect(found.record.condemned.map(\.ground) == [.savedIn(SnapshotID("s"))])
        #expect(found.record.snapshots.map(\.id.text) == ["old", "s"])
        #expect(found.findings.first?.hasPrefix("disk disk was condemned, and may hold newer data") == true)
        var leaving = saved
        leaving.disks[0].state = .deleting
        #expect(try proposal(leaving)?.record.data == .snapshot(SnapshotID("s")))
        let two = Inventory(
            disks: [disk("disk", 1, condemned: true), disk("other", 2, condemned: true)], snapshots: saved.snapshots)
        #expect(refusal(two)?.contains("2 condemned data disks of box (disk, other)") == true)
        let live = Inventory(disks: [disk("live", 3)] + saved.disks, snapshots: saved.snapshots)
        #expect(try proposal(live)?.record.data.disk == DiskID("live"))
        #expect(
            try proposal(live)?.findings.contains { $0.hasPrefix("disk disk was condemned and is left alone") } == true)
    }

    @Test func `a condemned disk without a good snapshot is left to a person`() throws {
        let condemned = [disk("disk", 1, condemned: true)]
        #expect(refusal(Inventory(disks: condemned))?.contains("no good snapshot of it is there") == true)
        let saved = Inventory(disks: condemned, snapshots: [snapshot("s", 2, of: "disk")])
        #expect(try proposal(saved)?.record.data.disk == DiskID("disk"))
        let root = Inventory(disks: [disk("root", 1, role: .root, condemned: true)])
        #expect(try proposal(root)?.record.data == DataRecord.none)
    }

    /// Without the loss of the records the instance would halt before it.
    @Test func `a damaged snapshot that is newer than all good ones is left to a person`() throws {
        let damaged = Inventory(snapshots: [snapshot("s", 1), snapshot("damaged", 2, state: .error)])
        #expect(refusal(damaged)?.contains("snapshot damaged of box is newer than s and damaged") == true)
        let condemned = Inventory(snapshots: [
            snapshot("s", 1), snapshot("damaged", 2, state: .error, condemned: true),
        ])
        #expect(try proposal(condemned)?.record.data == .snapshot(SnapshotID("s")))
        let live = Inventory(disks: [disk("disk", 1)], snapshots: damaged.snapshots)
        #expect(try proposal(live)?.record.data.disk == DiskID("disk"))
    }

    // MARK: No data

    /// An empty disk would be made, and whatever is left would count as older than that.
    @Test func `where only damaged or condemned copies are left nothing is proposed`() throws {
        for left in [snapshot("s", 1, state: .error), snapshot("s", 1, condemned: true)] {
            let refused = refusal(Inventory(disks: [disk("root", 1, role: .root)], snapshots: [left]))
            #expect(refused?.contains("damaged or were about to be deleted (s)") == true)
        }
        let root = snapshot("s", 1, role: .root, state: .error)
        #expect(refusal(Inventory(snapshots: [root])) == nil)
        #expect(refusal(Inventory(snapshots: [root, snapshot("leaving", 1, state: .deleting)])) == nil)
        #expect(refusal(Inventory(disks: [disk("disk", 1)], snapshots: [snapshot("s", 1, state: .error)])) == nil)
    }

    @Test func `a server without any data says that there was some, unless none is wanted`() throws {
        let inventory = Inventory(servers: [server("server")])
        #expect(refusal(inventory)?.contains("no disk or snapshot of its data, so an empty disk") == true)
        func proposed(_ manifest: Manifest) throws -> RecoveryProposal? {
            try proposeRecord(for: manifest, inventory: inventory, account: "account", nonce: "recovery")
        }
        let told = "no disk or snapshot of its data is there: once a data disk is wanted an empty one is made"
        let off = Runtime(enableInstanceServer: true, dataDiskState: .snapshot)
        #expect(try proposed(manifest(off))?.findings.last == told)
        var without = manifest()
        without.dataDisk = nil
        #expect(try proposed(without)?.findings == ["server server is the instance's server"])
    }
}
