import Instances
import Testing

/// What the planner does where things are not as they were left.
@Suite struct PlannerTests {
    private let stopped = Runtime(enableInstanceServer: false, dataDiskState: .snapshot)

    private func reasons(_ situation: Situation) -> [String] {
        Projection(of: situation).steps.map(\.explanation.reason)
    }

    // MARK: Manifests

    @Test func `a server that is to be kept is powered off and not deleted`() {
        let there = firstSight(manifest { $0.server.whenDisabled = .powerOff }).arrived()
        let off = there.wanting(Runtime(enableInstanceServer: false, dataDiskState: .live))
        #expect(reasons(off) == ["PoweringOff"])
        #expect(off.arrived().observation.seenServers.map(\.state) == [.stopped])
    }

    @Test func `a change of type stops, changes and starts`() {
        var there = firstSight(manifest()).arrived()
        there.desired = .manifest(manifest { $0.server.type = "c2-m128" })
        #expect(reasons(there) == ["PoweringOff", "ChangingType", "PoweringOn"])
    }

    @Test func `a data disk gets the speed that the manifest names, and keeps its own where it names none`() {
        var there = firstSight(manifest { $0.dataDisk?.iops = 5_000 }).arrived()
        #expect(there.observation.seenDisks.compactMap(\.iops) == [5_000])
        there.desired = .manifest(manifest { $0.dataDisk?.iops = 15_000 })
        #expect(reasons(there) == ["ChangingSpeed"])
        there = there.arrived()
        #expect(there.observation.seenDisks.compactMap(\.iops) == [15_000])
        there.desired = .manifest(manifest())
        #expect(reasons(there).isEmpty)
    }

    @Test func `a plan that grows the disks comes to an end`() {
        var there = firstSight(manifest()).arrived()
        there.desired = .manifest(manifest { $0.dataDisk?.sizeGB = 3 })
        #expect(reasons(there) == ["Growing"])
        #expect(there.arrived().observation.seenDisks.contains { $0.sizeBytes == 3 * bytesInGigabyte })
    }

    @Test func `a suspended instance is left alone until the suspension ends`() {
        var there = firstSight(manifest()).arrived()
        let until = Timestamp(seconds: there.now.seconds + 60)
        there.desired = .manifest(
            manifest(stopped) { $0.suspend = Suspension(reason: "moving", until: until) })
        #expect(decide(there) == .rest(.suspended(Suspension(reason: "moving", until: until))))
        there.now = until
        #expect(!reasons(there).isEmpty)
    }

    @Test func `a suspended instance is not even begun`() {
        let suspension = Suspension(reason: "not yet", until: nil)
        var situation = firstSight(manifest { $0.suspend = suspension })
        #expect(decide(situation) == .rest(.suspended(suspension)))
        // Which does not hide that its record was lost.
        situation.observation.namesakes = [.disk(DiskID("lost"))]
        #expect(decide(situation).explanation.reason == "UnknownResources")
    }

    @Test func `what removing the manifest will do is recorded while there is one`() {
        var there = firstSight(manifest()).arrived()
        #expect(there.record?.deletionPolicy == .retain)
        there.desired = .manifest(manifest { $0.deletionPolicy = .snapshot })
        #expect(reasons(there).isEmpty)
        #expect(there.arrived().record?.deletionPolicy == .snapshot)
    }

    @Test func `so it is of one that is suspended, waits, or asks for an approval`() {
        let suspension = Suspension(reason: nil, until: nil)
        let changes: [(inout Manifest) -> Void] = [
            { $0.suspend = suspension }, { $0.dataDisk = nil }, { $0.zone = "elsewhere" },
        ]
        for change in changes {
            let scene = Scene.live.bent { scene in
                scene.desire(change)
                scene.desire { $0.deletionPolicy = .snapshot }
            }
            #expect(scene.published?.deletionPolicy == .snapshot)
            #expect(scene.published?.data == scene.situation.record?.data)
        }
    }

    @Test(arguments: [0, 1])
    func `as many older snapshots are kept as the manifest says`(keep: Int) {
        var situation = firstSight(manifest { $0.dataDisk?.keep = keep }).arrived()
        for round in 1...3 {
            situation.fresh = ("uid", "round-\(round)")
            situation = situation.wanting(stopped).arrived()
            situation = situation.wanting(Runtime()).arrived()
        }
        #expect(situation.record?.snapshots.count == keep + 1)
        #expect(situation.observation.seenSnapshots.count == keep + 1)
    }

    // MARK: What others did

    @Test func `a guest that shut itself down is started again`() throws {
        var there = firstSight(manifest()).arrived()
        var server = try #require(there.observation.seenServers.first)
        server.state = .stoppedInPlace
        there.observation.servers[server.id] = .seen(server)
        #expect(reasons(there) == ["PoweringOn"])
    }

    @Test func `a snapshot that is gone makes no empty disk`() throws {
        var there = firstSight(manifest()).arrived().wanting(stopped).arrived()
        let snapshot = try #require(there.record?.snapshots.last)
        there.observation.snapshots[snapshot.id] = .missing(times: Observation.readsThatProveAbsence)
        there = there.wanting(Runtime())
        #expect(decide(there).explanation.reason == "DataMissing")
        #expect(reasons(there).isEmpty)
    }

    @Test(arguments: [Runtime.DataDiskState.live, .snapshot])
    func `data that is gone is given up by an approved commit that takes dataDisk out`(
        kept: Runtime.DataDiskState
    ) throws {
        var there = firstSight(manifest()).arrived()
        if kept == .snapshot { there = there.wanting(stopped).arrived() }
        if let disk = there.record?.data.disk { there.observation.disks[disk] = .missing(times: 2) }
        if let snapshot = there.record?.snapshots.last { there.observation.snapshots[snapshot.id] = .missing(times: 2) }
        #expect(decide(there).explanation.reason == (kept == .live ? "DataDiskMissing" : "DataMissing"))
        there.desired = .manifest(manifest { $0.dataDisk = nil })
        #expect(decide(there).explanation.reason == "NeedsApproval")
        there.approval = "commit"
        let end = Projection(of: there)
        #expect(end.end.explanation.reason == "Converged")
        // Who reads the plan is told, although hardly anything is left to delete.
        #expect(end.steps.first?.explanation.reason == "DestroyingData")
        #expect(end.steps.first?.action == nil)
        #expect(end.situation.record?.data == DataRecord.none)
        #expect(end.situation.record?.snapshots == [])
    }

    @Test func `a disk is missing only once reading it by id has said so twice`() throws {
        var there = firstSight(manifest()).arrived()
        let disk = try #require(there.record?.data.disk)
        there.observation.disks[disk] = .missing(times: 1)
        #expect(decide(there).explanation.reason == "DataDiskUnknown")
        there.observation.disks[disk] = .missing(times: 2)
        #expect(decide(there).explanation.reason == "DataDiskMissing")
    }

    @Test func `a server that was taken for gone and still holds the data disk goes, and a new one gets the disk`()
        throws
    {
        var there = firstSight(manifest()).arrived()
        let old = try #require(there.record?.server.id)
        there.record?.server = .absent
        #expect(decide(there).explanation.reason == "CleaningUp")
        let after = there.arrived()
        #expect(after.observation.seenServers.map(\.state) == [.running])
        let server = try #require(after.record?.server.id)
        #expect(server != old)
        #expect(after.observation.seenDisks.first { $0.tags?.role == .data }?.attachment?.server == server)
        // Of somebody else's server the disk is not taken.
        var stranger = try #require(there.observation.seenServers.first)
        stranger.tags = nil
        there.observation.servers[old] = .seen(stranger)
        #expect(decide(there).explanation.reason == "DataDiskElsewhere")
    }

    @Test func `of two reserved addresses the one that is not in use goes`() throws {
        var there = firstSight(manifest { $0.server.publicIP = .reserved }).arrived()
        let server = try #require(there.record?.server.id)
        var tags = try #require(there.observation.seenServers.first?.tags)
        tags.role = .companion
        func address(_ id: String, usedBy server: ServerID?) -> Companion {
            Companion(id: CompanionID(id), kind: .address, name: "192.0.2.1", tags: tags, usedBy: server)
        }
        there.observation.companions = [CompanionID("b"): address("b", usedBy: server)]
        #expect(reasons(there).isEmpty)
        there.observation.companions[CompanionID("a")] = address("a", usedBy: nil)
        #expect(decide(there).explanation.reason == "Condemning")
        // Without one in use, the next server gets the older one.
        there.observation.companions[CompanionID("b")] = address("b", usedBy: nil)
        #expect(there.arrived().observation.companions.keys.map(\.text) == ["a"])
    }

    @Test func `a server whose creation was given up lets go of the root disk before the next one is made`() throws {
        var there = firstSight(manifest()).arrived().wanting(
            Runtime(enableInstanceServer: false, dataDiskState: .live)
        ).arrived()
        // Made under an operation that was given up, it boots from the disk that the record names.
        let operation = try #require(there.record?.operations.last)
        let root = DiskID("root")
        var late = Server(
            id: ServerID("late"), name: "late", tags: nil, state: .stopped, type: "c1-m256", bootDisk: root)
        late.tags = Tags(
            owner: there.owner, instance: try #require(there.record?.uid), name: there.name, role: .server,
            operation: operation)
        var tags = late.tags
        tags?.role = .root
        there.record?.root = .present(root, operation, image: "image")
        there.observation.servers[late.id] = .seen(late)
        there.observation.disks[root] = .seen(
            Disk(
                id: root, name: "root", tags: tags, state: .attached, sizeBytes: 1,
                attachment: Disk.Attachment(server: late.id, phase: .attached)))
        there.desired = .manifest(manifest())
        #expect(reasons(there).prefix(2) == ["Condemning", "Deleting"])
        // The same disk condemned is no reason to wait for ever either.
        there.record?.condemn(.disk(root), as: operation, because: .unneededRoot)
        there.record?.root = .absent
        #expect(reasons(there).prefix(2) == ["Condemning", "Deleting"])
    }

    // MARK: Old records

    @Test func `a resource of a later operation, or of an unknown one, halts`() throws {
        var there = firstSight(manifest()).arrived()
        var stranger = try #require(there.observation.seenServers.first)
        let epoch = try #require(there.record?.epoch)
        stranger.id = ServerID("stranger")
        for (operation, reason) in [
            (Operation(epoch: epoch + 1, nonce: "later"), "RecordIsOld"),
            (Operation(epoch: epoch, nonce: "unknown"), "UnknownOperation"),
        ] {
            stranger.tags?.operation = operation
            there.observation.servers[stranger.id] = .seen(stranger)
            #expect(decide(there).explanation.reason == reason)
        }
    }

    @Test func `what an operation of long ago has left is cleaned up, however many came after it`() throws {
        var there = firstSight(manifest()).arrived()
        var left = try #require(there.observation.seenServers.first)
        left.id = ServerID("left")
        left.tags?.operation = try #require(there.record).operations[0]
        there.observation.servers[left.id] = .seen(left)
        for round in 1...Record.operationsRemembered {
            there.fresh = ("uid", "round-\(round)")
            there.desired = .manifest(manifest(Runtime(enableInstanceServer: true, dataDiskState: .snapshot)))
            guard case .publish(let stopping, _) = decide(there) else { break }
            there = there.published(stopping)
            there.fresh = ("uid", "round-\(round)-back")
            there.desired = .manifest(manifest())
            guard case .publish(let back, _) = decide(there) else { break }
            there = there.published(back)
        }
        #expect(there.record?.epoch ?? 0 >= 2 * Record.operationsRemembered)
        #expect(there.record?.operations.count ?? 0 <= Record.operationsRemembered + 3)
        #expect(there.arrived().observation.seenServers.map(\.id) != [])
        #expect(!there.arrived().observation.seenServers.contains { $0.id == left.id })
    }

    @Test func `epochs count from one, and thirty-two operations are remembered`() {
        var record = Scene.emptied.situation.record!
        record.operations = []
        #expect(record.epoch == 0)
        for epoch in 1...40 { #expect(record.begin(nonce: "x", keeping: []).epoch == epoch) }
        #expect(record.operations.map(\.epoch) == Array(9...40))
    }

    @Test func `a first sight beside resources of the same name halts`() {
        var situation = firstSight(manifest())
        situation.observation.namesakes = [.disk(DiskID("old"))]
        #expect(decide(situation).explanation.reason == "UnknownResources")
        // A suspension hides no loss of records: `recover` goes by this halt.
        var suspended = manifest()
        suspended.suspend = Suspension(reason: "moving")
        situation.desired = .manifest(suspended)
        #expect(decide(situation).explanation.reason == "UnknownResources")
        situation.observation.namesakes = []
        #expect(decide(situation).isRest)
    }

    @Test func `only an operation that was minted just now is surely unsent`() {
        let creating = Scene(.creating(Scene.current)).situation
        func attempt(_ operation: Operation, minted: Bool) -> Attempt? {
            guard var record = creating.record else { return nil }
            if minted { record.operations.append(operation) }
            (record.data, record.server) = (.live(Scene.disk, Scene.current), .creating(operation))
            return creating.published(record).attempt
        }
        #expect(attempt(Operation(epoch: 3, nonce: "next"), minted: true) == .unsent)
        #expect(attempt(Scene.made, minted: false) == .unsettled)
        // What is known of a create call stays known while it is the one that comes next.
        var unsent = creating
        unsent.attempt = .unsent
        #expect(unsent.published(unsent.record!).attempt == .unsent)
    }

    // MARK: The second check

    @Test func `the second check refuses what the planner never asks for`() throws {
        let there = firstSight(manifest()).arrived()
        let disk = try #require(there.record?.data.disk)
        let server = try #require(there.record?.server.id)
        let why = Explanation("Test", "test")
        let condemned = Condemned(
            resource: .disk(disk), operation: Operation(epoch: 1, nonce: "x"), ground: .unneededRoot)
        #expect(check(.act(.powerOff(server), why), in: there) == "nothing may be done before the intent is published")
        var busy = there
        busy.record?.activity = Activity(kind: .stop, operation: Operation(epoch: 1, nonce: "x"), since: there.now)
        #expect(check(.act(.powerOff(server), why), in: busy) == nil)
        #expect(check(.act(.delete(condemned), why), in: busy) != nil)
        busy.record?.condemned = [condemned]
        #expect(check(.act(.delete(condemned), why), in: busy) != nil)
        #expect(check(.act(.attachDisk(DiskID("other"), server), why), in: busy) != nil)
        #expect(check(.act(.powerOn(ServerID("other")), why), in: busy) != nil)
    }

    // MARK: Guards

    @Test func `many vanished resources block, and an approval by name or count lets them pass`() {
        let situations = ["a", "b", "c"].compactMap(InstanceName.init).map { name in
            var situation = firstSight(manifest { $0.name = name }).arrived()
            for id in situation.observation.servers.map(\.id) { situation.observation.servers[id] = .missing(times: 2) }
            return situation
        }
        func blocked(_ message: String) -> Int {
            guards(
                over: situations, limits: GuardLimits(), approval: Approval(commit: "commit", message: message)
            ).count
        }
        #expect(blocked("no trailer") == 3)
        #expect(blocked("yes\n\nOperator-Approve: a, b") == 3)
        #expect(blocked("yes\n\nOperator-Approve: a, b, c") == 0)
        #expect(blocked("yes\n\nOperator-Approve: 3") == 0)
    }
}
