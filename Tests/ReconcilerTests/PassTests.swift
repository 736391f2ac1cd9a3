import Instances
import Testing

@testable import Reconciler

/// One pass from beginning to end: what is called, published and reported.
@Suite struct PassTests {
    static let start = [
        "createDisk", "createServer", "configureServer", "attachDisk", "powerOn",
    ]

    @Test func `a first pass makes everything, a second one changes and publishes nothing`() async {
        var (bench, reconciler) = await Bench.running()
        #expect(bench.cloud.calls == Self.start)
        // Nobody else can have sent the calls of operations that this process has minted: nothing is waited for.
        #expect(bench.clock.now.offset < .seconds(5))
        #expect(bench.repository.tree.records[box]?.activity == nil)
        #expect(bench.repository.tree.files[box]?.status?.isReady == true)
        let pushes = bench.repository.pushes
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.success])
        #expect(report.outcome() == .settled)
        #expect(bench.cloud.calls == Self.start)
        #expect(bench.repository.pushes == pushes)
    }

    @Test func `a stop saves the disk before it deletes it, a start brings it back from the snapshot`() async {
        var (bench, reconciler) = await Bench.running()
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(
            bench.cloud.calls.dropFirst(Self.start.count) == [
                "powerOff", "detachDisk", "tag", "deleteServer", "createSnapshot", "tag", "deleteDisk", "tag",
                "deleteDisk",
            ])
        let snapshot = bench.cloud.bend { $0.snapshots.keys.first }
        #expect(bench.cloud.bend { $0.disks.count } == 0)
        bench.repository.commit(Configuration(manifests: [manifest()]))
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.disks.values.first { $0.tags?.role == .data }?.source } == snapshot)
    }

    /// By an hour either way, by a laptop's weekend, and to before the first commit.
    @Test(arguments: [3_600, -3_600, 3 * 86_400, -1_000_000] as [Int64])
    func `a wall clock that jumps between any two calls changes none`(jump: Int64) async {
        func story(_ jump: Int64) async -> [String] {
            let bench = Bench(manifest())
            for call in Self.start + ["powerOff", "detachDisk", "createSnapshot", "deleteServer", "deleteDisk"] {
                bench.cloud.bend { $0.meanwhile[call] = { _ in bench.setWallClock(by: jump) } }
            }
            var reconciler = bench.reconciler()
            for runtime in [Runtime(), stopped, Runtime()] {
                bench.repository.commit(Configuration(manifests: [manifest("box", runtime)]))
                #expect(await reconciler.pass().exitCodes == [.success])
            }
            return bench.cloud.calls
        }
        #expect(await story(jump) == story(0))
    }

    @Test func `every intent is on the branch before the first call that it is about`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.pushFailures = [.cannotPublish("protected")] }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unpublished, .timedOut])
        #expect(report.unpublished == "protected")
        #expect(bench.cloud.calls.isEmpty)
    }

    @Test func `where an intent cannot be published nothing is called, not even what was published before`() async {
        let bench = Bench(manifest("a"))
        bench.cloud.bend { contents in
            contents.failures["createDisk"] = [ProviderError(.unavailable, "503")]
            contents.meanwhile["createDisk"] = { _ in bench.stop() }
        }
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.stop(false)
        bench.clock.advance(by: .seconds(10))
        bench.repository.commit(Configuration(manifests: [manifest("a"), manifest("b")]))
        bench.repository.bend { $0.pushFailures = [.cannotPublish("protected")] }
        _ = await reconciler.pass()
        #expect(bench.cloud.calls == ["createDisk"])
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `a signal between intent and call leaves the call to the next pass`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.others = [{ _ in bench.stop() }] }
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        #expect(bench.cloud.calls.isEmpty)
        bench.stop(false)
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `more instances than calls at a time are all done`() async {
        let names = (0...Call.atATime).map { "box-\($0)" }
        let bench = Bench()
        bench.repository.commit(
            Configuration(
                manifests: names.map { name in
                    var manifest = manifest(name)
                    manifest.runtime = Runtime(enableInstanceServer: false, dataDiskState: .live)
                    return manifest
                }))
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.disks.count } == names.count)
    }

    @Test func `an address that the manifest does not ask for goes`() async {
        var (bench, reconciler) = await Bench.running()
        bench.cloud.bend { contents in
            var tags = contents.servers.values.first?.tags
            tags?.role = .companion
            let id = CompanionID("address")
            contents.companions[id] = Companion(id: id, kind: .address, name: "192.0.2.1", tags: tags)
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.companions.isEmpty })
        #expect(bench.cloud.calls == Self.start + ["tag", "deleteCompanion"])
    }

    @Test func `a plan of what rests, or only changes the record, has no steps`() async {
        var (bench, reconciler) = await Bench.running()
        var kept = manifest()
        kept.deletionPolicy = .snapshot
        for manifest in [manifest(), kept] {
            bench.repository.commit(Configuration(manifests: [manifest]))
            let plan = await reconciler.plan()
            #expect(plan.pass.exitCodes == [.success])
            #expect(plan.steps.values.allSatisfy { $0.isEmpty })
        }
    }

    @Test func `a plan looks and does nothing`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        let plan = await reconciler.plan()
        #expect(plan.pass.exitCodes == [.changesPending])
        #expect(bench.cloud.calls.isEmpty)
        #expect(bench.repository.pushes == 0)
    }

    @Test func `a signal ends the pass before the next call, with its status published`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.meanwhile["createDisk"] = { _ in bench.stop() }
        }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.isInterrupted)
        #expect(bench.cloud.calls == ["createDisk"])
        #expect(bench.repository.tree.files[box]?.status != nil)
        #expect(bench.repository.tree.lock == nil)
    }

    @Test func `what is still under way at the timeout is reported as that`() async {
        var (bench, reconciler) = await Bench.running()
        bench.cloud.bend { contents in
            for id in contents.servers.keys { contents.servers[id]?.state = .starting }
        }
        let before = bench.clock.now
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.timedOut])
        #expect(before.duration(to: bench.clock.now) == .seconds(600))
    }

    @Test func `after a look that outlasts the timeout nothing is begun`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in contents.meanwhile["list"] = { _ in bench.clock.advance(by: .seconds(601)) } }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.timedOut])
        #expect(bench.cloud.calls.isEmpty)
        #expect(bench.repository.tree.records.isEmpty)
        #expect(bench.repository.tree.files[box]?.status != nil)
    }

    @Test func `after a signal during the look nothing is begun`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in contents.meanwhile["list"] = { _ in bench.stop() } }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.isInterrupted)
        #expect(bench.cloud.calls.isEmpty)
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `an older snapshot that the provider keeps, since something needs it, holds no pass up`() async {
        var (bench, reconciler) = await Bench.running()
        let off = Configuration(manifests: [manifest("box", stopped)])
        for wanted in [off, Configuration(manifests: [manifest()])] {
            bench.repository.commit(wanted)
            _ = await reconciler.pass()
        }
        let refusal = ProviderError(.inUse, "snapshot is in use")
        bench.cloud.bend { $0.failures["deleteSnapshot"] = Array(repeating: refusal, count: 5) }
        bench.repository.commit(off)
        let began = bench.clock.now
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.success])
        #expect(report.outcome() == .settled)
        #expect(report.instances.first?.explanation.message.contains("needs it any more") == true)
        #expect(bench.cloud.bend { $0.failures["deleteSnapshot"]?.count } == 1)
        #expect(began.duration(to: bench.clock.now) < .seconds(30))
        #expect(bench.cloud.bend { $0.snapshots.count } == 2)
        // One more refusal, then nobody needs it.
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.snapshots.count } == 1)
    }

    @Test func `one instance that fails delays no other`() async {
        let bench = Bench(manifest("bad"), manifest("good"))
        bench.cloud.bend { $0.failures["createServer"] = [ProviderError(.quota, "no more servers")] }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.someFailed])
        #expect(report.outcome(InstanceName("bad")!) == .failed)
        #expect(report.reason(InstanceName("bad")!) == "CallFailed")
        #expect(report.outcome(InstanceName("good")!) == .settled)
    }

    @Test func `a zone that cannot be reached delays no other`() async {
        var closed = manifest("closed")
        closed.zone = "closed"
        let bench = Bench(closed, manifest())
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unreachable])
        #expect(report.outcome(closed.name) == .unknown)
        #expect(report.outcome() == .settled)
        #expect(bench.repository.tree.files[closed.name]?.status?.conditions.ready.status == .isUnknown)
    }

    /// Everybody waits for every look.
    @Test func `a provider that hangs is looked at once in a pass`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.failures["account"] = [ProviderError(.unavailable, "no answer")]
            contents.meanwhile["account"] = { _ in bench.clock.advance(by: .seconds(90)) }
        }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unreachable])
        #expect(report.instances.map(\.explanation.message) == ["no answer"])
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `only the instances that are named are looked at`() async {
        let bench = Bench(manifest("a"), manifest("b"))
        var reconciler = bench.reconciler { $0.only = [InstanceName("b")!] }
        let report = await reconciler.pass()
        #expect(report.instances.map(\.name.text) == ["b"])
        #expect(bench.repository.tree.files.keys.map(\.text) == ["b"])
    }

    @Test func `a name that nobody knows is a slip of the pen, not nothing to do`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler { $0.only = [InstanceName("bxo")!] }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.failure])
        #expect(report.misuse == "no instance is called bxo; did you mean box?")
        #expect(bench.cloud.calls.isEmpty)
    }
}
