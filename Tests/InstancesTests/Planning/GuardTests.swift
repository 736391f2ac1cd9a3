import Instances
import Testing

/// The guards that look at all instances together, and the approvals that let a commit pass them.
@Suite struct GuardTests {
    private func name(_ number: Int) -> InstanceName { InstanceName("box-\(100 + number)")! }

    private func scenes(_ count: Int, _ scene: Scene, _ change: (inout Scene) -> Void = { _ in }) -> [Situation] {
        (0..<count).map { number in
            var situation = scene.bent(change).situation
            situation.name = name(number)
            return situation
        }
    }

    private func removed(_ count: Int, among total: Int, policy: DeletionPolicy = .snapshot) -> [Situation] {
        var situations = scenes(total, .live) { $0.record { $0.deletionPolicy = policy } }
        for index in 0..<count { situations[index].desired = .removed }
        return situations
    }

    private func kinds(_ blocks: [InstanceName: Block]) -> Set<Block.Guard> { Set(blocks.values.map(\.kind)) }

    private func approval(_ message: String) -> Approval { Approval(commit: "4f2c", message: message) }

    private func blocks(
        _ situations: [Situation], _ limits: GuardLimits = GuardLimits(), _ approval: Approval? = nil
    ) -> [InstanceName: Block] { guards(over: situations, limits: limits, approval: approval) }

    // MARK: Removed manifests

    @Test func `three removals pass, a fourth blocks all of them and nothing else`() {
        #expect(blocks(removed(3, among: 10)).isEmpty)
        let four = blocks(removed(4, among: 10))
        #expect(four.keys.sorted() == (0..<4).map(name))
        #expect(kinds(four) == [.massRemoval])
        #expect(
            four[name(0)]?.message
                == "the manifests of 4 instances were removed at once (box-100, box-101, box-102, box-103); the limit "
                + "is 3. If it is meant, commit with the trailer `Operator-Approve: box-100, box-101, box-102, box-103`"
        )
    }

    @Test func `of many instances a fifth may go at once`() {
        #expect(blocks(removed(5, among: 25)).isEmpty)
        #expect(blocks(removed(6, among: 25)).count == 6)
        #expect(blocks(removed(5, among: 24)).count == 5)
    }

    @Test func `more than ten are counted, not named`() {
        #expect(blocks(removed(10, among: 12))[name(0)]?.message.hasSuffix("box-108, box-109`") == true)
        let message = blocks(removed(11, among: 12))[name(0)]?.message ?? ""
        #expect(message.contains("box-109 and 1 more);"))
        #expect(message.hasSuffix("`Operator-Approve: 11`"))
    }

    @Test func `what is retained, or holds nothing, is no removal`() {
        #expect(blocks(removed(9, among: 10, policy: .retain)).isEmpty)
        var halted = removed(9, among: 10, policy: .retain)
        for index in halted.indices {
            halted[index].observation = Scene.live.bent { $0.disk { $0.tags = nil } }.situation.observation
        }
        #expect(blocks(halted).isEmpty)
        var empty = removed(9, among: 10)
        for index in empty.indices { empty[index].record = Scene.emptied.situation.record }
        for index in empty.indices { empty[index].record?.deletionPolicy = .snapshot }
        #expect(blocks(empty).isEmpty)
        for index in empty.indices { empty[index].record = nil }
        #expect(blocks(empty).isEmpty)
    }

    // MARK: Vanished resources

    private func vanished(_ count: Int, among total: Int) -> [Situation] {
        var situations = scenes(total, Scene(.none))
        for index in 0..<count { situations[index].observation.servers[Scene.server] = .missing(times: 1) }
        return situations
    }

    @Test func `one vanished resource passes, two block their instances and no other`() {
        #expect(blocks(vanished(1, among: 3)).isEmpty)
        let two = blocks(vanished(2, among: 3))
        #expect(two.keys.sorted() == [name(0), name(1)])
        #expect(kinds(two) == [.massVanish])
        #expect(
            two[name(0)]?.message
                == "2 of 3 recorded resources have vanished at once (box-100, box-101); the limit is 1. Check the "
                + "provider's account and zone first. If it is meant, commit with the trailer `Operator-Approve: "
                + "box-100, box-101`")
    }

    /// A name that is asked for here would answer that instance's own question too.
    @Test(arguments: [1, 2])
    func `an instance that has lost its data, or may have, is counted and not asked for`(times: Int) {
        var situations =
            vanished(1, among: 3) + scenes(1, .stored) { $0.seeGone(.snapshot(Scene.snapshot), times: times) }
        situations[3].name = name(3)
        let blocked = blocks(situations)
        #expect(blocked.keys.sorted() == [name(0)])
        #expect(blocked[name(0)]?.message.contains("vanished at once (box-100, box-103)") == true)
        #expect(blocked[name(0)]?.message.hasSuffix("`Operator-Approve: box-100`") == true)
        #expect(blocks(situations, GuardLimits(), approval("Operator-Approve: box-100")).isEmpty)
        #expect(blocks(situations, GuardLimits(), approval("Operator-Approve: box-103")).count == 1)
        // Who may act at the next look has to be covered by a number.
        #expect(blocks(situations, GuardLimits(), approval("Operator-Approve: 1")).isEmpty == (times == 2))
        #expect(blocks(situations, GuardLimits(), approval("Operator-Approve: 2")).isEmpty)
    }

    @Test func `whose last copy is asked for is asked for nothing else`() {
        // Of the removed some are to be saved and some destroyed.
        var situations = removed(5, among: 10)
        for index in 3..<5 { situations[index].record?.deletionPolicy = .delete }
        let blocked = blocks(situations)
        #expect(blocked.keys.sorted() == [name(0), name(1), name(2)])
        #expect(blocked[name(0)]?.message.contains("of 5 instances") == true)
        #expect(blocked[name(0)]?.message.hasSuffix("`Operator-Approve: box-100, box-101, box-102`") == true)
        // Once that is approved they would act like the others.
        for index in 3..<5 { situations[index].approval = "4f2c" }
        #expect(blocks(situations).count == 5)
        // Nor does it stop meanwhile.
        var stops = stopping(3)
        guard case .manifest(var manifest) = stops[0].desired else { return }
        manifest.dataDisk = nil
        stops[0].desired = .manifest(manifest)
        #expect(blocks(stops, GuardLimits(stops: 2)).isEmpty)
        // Nor where the same commit changes what removing the manifest would do.
        manifest.deletionPolicy = .snapshot
        stops[0].desired = .manifest(manifest)
        #expect(blocks(stops, GuardLimits(stops: 2)).isEmpty)
        stops[0].approval = "4f2c"
        #expect(blocks(stops, GuardLimits(stops: 2)).count == 3)
    }

    @Test func `removed instances whose provider is silent count, and are not asked for`() {
        let seen = removed(3, among: 10)
        var silent = removed(1, among: 1)
        silent[0].name = name(20)
        silent[0].observation = Observation()
        func blocked(_ silent: [Situation]) -> [InstanceName: Block] {
            guards(over: seen, unseen: silent, limits: GuardLimits(), approval: nil)
        }
        #expect(blocked(silent).keys.sorted() == [name(0), name(1), name(2)])
        #expect(blocked(silent)[name(0)]?.message.contains("of 4 instances") == true)
        // What was carried out before the provider fell silent is not counted for ever.
        silent[0].record =
            Scene.stored.bent { scene in
                scene.record { ($0.server, $0.activity, $0.deletionPolicy) = (.absent, nil, .snapshot) }
            }.situation.record
        #expect(blocked(silent).isEmpty)
        silent[0] = removed(1, among: 1, policy: .retain)[0]
        #expect(blocked(silent).isEmpty)
    }

    @Test func `what is only kept may be taken away by hand`() {
        var situations = vanished(3, among: 4)
        for index in 0..<2 {
            situations[index].desired = .removed
            situations[index].record?.deletionPolicy = .retain
        }
        #expect(blocks(situations).isEmpty)
        situations[0].record?.deletionPolicy = .snapshot
        #expect(blocks(situations).count == 2)
    }

    @Test func `of many resources a fifth may vanish at once`() {
        #expect(blocks(vanished(4, among: 20)).isEmpty)
        #expect(blocks(vanished(5, among: 20)).count == 5)
    }

    @Test func `servers, data disks and snapshots count, root disks and what is condemned do not`() {
        // Beside one that has surely vanished.
        func counts(_ id: ResourceID, _ bend: (inout Scene) -> Void = { _ in }) -> Bool {
            var beside = vanished(1, among: 1)
            beside[0].name = name(9)
            let situations = scenes(1, .live) { scene in
                bend(&scene)
                scene.seeGone(id, times: 1)
            }
            return blocks(situations + beside)[name(9)] != nil
        }
        #expect(counts(.server(Scene.server)))
        #expect(counts(.disk(Scene.disk)))
        #expect(!counts(.disk(Scene.root)))
        #expect(!counts(.snapshot(Scene.snapshot)))
        #expect(
            counts(.snapshot(Scene.snapshot)) { scene in
                scene.record { $0.snapshots = [Scene.recorded(Scene.snapshot, Scene.made)] }
            })
        #expect(
            !counts(.server(ServerID("old"))) { scene in
                scene.record { $0.condemn(.server(ServerID("old")), as: Scene.made, because: .unwantedServer) }
            })
    }

    // MARK: Stops

    private func stopping(_ count: Int, _ change: (inout Scene) -> Void = { _ in }) -> [Situation] {
        scenes(count, Scene(.live(Scene.disk, Scene.made), wanting: Scene.stopped), change)
    }

    @Test func `explicit stops are unlimited unless the host says otherwise`() {
        #expect(blocks(stopping(50)).isEmpty)
        #expect(blocks(stopping(2), GuardLimits(stops: 2)).isEmpty)
        let three = blocks(stopping(3), GuardLimits(stops: 2))
        #expect(three.count == 3)
        #expect(kinds(three) == [.maxStops])
        #expect(
            three[name(0)]?.message
                == "3 instances would be stopped at once (box-100, box-101, box-102); this host's limit is 2. If it is "
                + "meant, commit with the trailer `Operator-Approve: box-100, box-101, box-102`")
    }

    @Test func `only servers that are on, and that are to be off, count as stops`() {
        let none = GuardLimits(stops: 0)
        #expect(blocks(stopping(1), none).count == 1)
        #expect(blocks(stopping(1) { $0.server { $0.state = .starting } }, none).count == 1)
        for state: Server.State in [.stopping, .stopped, .stoppedInPlace, .deleting, .locked, .unknown("new")] {
            #expect(blocks(stopping(1) { $0.server { $0.state = state } }, none).isEmpty)
        }
        #expect(blocks(stopping(1) { $0.record { $0.server = .absent } }, none).isEmpty)
        #expect(blocks(stopping(1) { $0.situation.desired = .frozen }, none).isEmpty)
        let suspended = stopping(1) { $0.desire { $0.suspend = Suspension(reason: nil, until: nil) } }
        #expect(blocks(suspended, none).isEmpty)
        #expect(blocks(scenes(1, .live), none).isEmpty)
    }

    @Test func `who is to be stopped and cannot be looked at counts, and is not asked for`() {
        var two = stopping(2)
        for disk in two[1].observation.seenDisks where disk.tags?.role == .data {
            two[1].observation.disks[disk.id] = .unknown("503")
        }
        #expect(decide(two[1]).explanation.reason == "DataDiskUnknown")
        let blocked = blocks(two, GuardLimits(stops: 1))
        #expect(Array(blocked.keys) == [name(0)])
        #expect(kinds(blocked) == [.maxStops])
    }

    // MARK: Limits

    @Test func `a repository tightens limits and never loosens them`() {
        let host = GuardLimits(stops: 10)
        let small = host.tightened(by: Settings.Guards(maxStops: 4, maxRemovals: 1, maxVanished: 0))
        #expect(small.stops == 4)
        // Also where a fifth of all would be more: who writes a number means it.
        #expect([2, 100].map { small.removals.limit(of: $0) } == [1, 1])
        #expect([2, 100].map { small.vanished.limit(of: $0) } == [0, 0])
        let large = host.tightened(by: Settings.Guards(maxStops: 99, maxRemovals: 50, maxVanished: 50))
        #expect(large.stops == 10)
        #expect([2, 100].map { large.removals.limit(of: $0) } == [3, 20])
        #expect([2, 100].map { large.vanished.limit(of: $0) } == [1, 20])
        #expect(GuardLimits().tightened(by: Settings.Guards(maxStops: 5)).stops == 5)
        #expect(host.tightened(by: Settings.Guards()) == host)
    }

    @Test func `a number that the host names holds for any number of instances`() {
        let host = GuardLimits(removals: GuardLimits.Share(2, percent: 0), vanished: GuardLimits.Share(0, percent: 0))
        #expect([2, 100].map { host.removals.limit(of: $0) } == [2, 2])
        #expect(blocks(removed(3, among: 100), host).count == 3)
        #expect(blocks(removed(2, among: 100), host).isEmpty)
    }

    // MARK: Approvals

    @Test func `an approval unlocks what it names or counts, and nothing beyond`() {
        let four = removed(4, among: 10)
        let all = "Operator-Approve: box-100, box-101, box-102, box-103"
        #expect(blocks(four, GuardLimits(), approval(all)).isEmpty)
        #expect(blocks(four, GuardLimits(), approval("Operator-Approve: box-100, box-101, box-102")).count == 4)
        #expect(blocks(four, GuardLimits(), approval("Operator-Approve: 4")).isEmpty)
        #expect(blocks(four, GuardLimits(), approval("Operator-Approve: 3")).count == 4)
        #expect(blocks(four, GuardLimits(), approval("Approve: 4")).count == 4)
    }

    @Test func `of two guards the one that is not approved still blocks`() {
        var situations = vanished(3, among: 10)
        for index in 3..<8 {
            situations[index].desired = .removed
            situations[index].record?.deletionPolicy = .snapshot
        }
        #expect(kinds(blocks(situations)) == [.massVanish, .massRemoval])
        let some = blocks(situations, GuardLimits(), approval("Operator-Approve: box-100, box-101, box-102"))
        #expect(kinds(some) == [.massRemoval])
        #expect(some.count == 5)
    }

    @Test func `an instance that two guards block is told the first, which comes before anything is done`() {
        var situations = vanished(4, among: 10)
        for index in 0..<4 {
            situations[index].desired = .removed
            situations[index].record?.deletionPolicy = .snapshot
        }
        #expect(kinds(blocks(situations)) == [.massVanish])
    }
}
