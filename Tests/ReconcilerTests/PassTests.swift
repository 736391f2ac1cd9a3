import Instances
import Testing

@testable import Reconciler

/// One pass from beginning to end: what is called, published and reported.
@Suite struct PassTests {
    static let start = [
        "createDisk", "createServer", "configureServer", "attachDisk", "powerOn",
    ]

    /// A bench on which `box` runs.
    private func running() async -> (bench: Bench, reconciler: Reconciler<VirtualClock>) {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        return (bench, reconciler)
    }

    @Test func `a first pass makes everything, a second one changes and publishes nothing`() async {
        var (bench, reconciler) = await running()
        #expect(bench.cloud.calls == Self.start)
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
        var (bench, reconciler) = await running()
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

    @Test func `every intent is on the branch before the first call that it is about`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.pushFailures = [.cannotPublish("protected")] }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unpublished, .timedOut])
        #expect(report.unpublished == "protected")
        #expect(bench.cloud.calls.isEmpty)
    }

    @Test func `a dry run looks and does nothing`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler { $0.dryRun = true }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.changesPending])
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
        var (bench, reconciler) = await running()
        bench.cloud.bend { contents in
            for id in contents.servers.keys { contents.servers[id]?.state = .starting }
        }
        let before = bench.clock.now
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.timedOut])
        #expect(before.duration(to: bench.clock.now) == .seconds(600))
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

    @Test func `only the instances that are named are looked at`() async {
        let bench = Bench(manifest("a"), manifest("b"))
        var reconciler = bench.reconciler { $0.only = [InstanceName("b")!] }
        let report = await reconciler.pass()
        #expect(report.instances.map(\.name.text) == ["b"])
        #expect(bench.repository.tree.files.keys.map(\.text) == ["b"])
    }

    // MARK: Looks that fail

    @Test(arguments: ["list", "account"])
    func `one failed look says nothing; the next one goes on`(call: String) async {
        let bench = Bench(manifest())
        bench.cloud.bend { $0.failures[call] = [ProviderError(.unavailable, "503")] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `a provider that cannot be listed four times in a row is unreachable; nothing is concluded from it`()
        async
    {
        var (bench, reconciler) = await running()
        let record = bench.repository.tree.records[box]
        bench.cloud.bend { contents in
            contents.failures["list"] = Array(repeating: ProviderError(.unavailable, "503"), count: 4)
            contents.servers = [:]
            contents.disks = [:]
        }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unreachable])
        #expect(bench.cloud.bend { $0.failures["list"]?.count } == 0)
        #expect(bench.cloud.calls == Self.start)
        #expect(bench.repository.tree.records[box] == record)
        #expect(bench.repository.tree.files[box]?.status?.storages.count == 2)
    }

    @Test func `credentials that are refused are not tried again in this pass`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.failures["account"] = Array(repeating: ProviderError(.unauthorized, "401"), count: 3)
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.unreachable])
        #expect(bench.cloud.bend { $0.failures["account"]?.count } == 2)
    }

    @Test func `a halt is believed once three looks in a row have seen it`() async {
        var (bench, reconciler) = await running()
        let lists = bench.cloud.bend { contents in
            for id in contents.servers.keys { contents.servers[id]?.tags?.operation = Operation(epoch: 99, nonce: "x") }
            contents.failures["list"] = []
            return contents.calls.count
        }
        bench.clock.advance(by: .seconds(1))
        let before = bench.clock.now
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.someFailed])
        #expect(report.reason() == "RecordIsOld")
        #expect(bench.cloud.calls.count == lists)
        // Two pauses lie between three looks.
        #expect(before.duration(to: bench.clock.now) == Rhythm.shortest * 3)
    }

    @Test func `a halt that is gone at the next look is forgotten`() async {
        var (bench, reconciler) = await running()
        let server = bench.cloud.bend { contents in
            let server = contents.servers.values.first!
            contents.servers[server.id]?.tags?.operation = Operation(epoch: 99, nonce: "x")
            contents.meanwhile["list"] = { contents in
                contents.meanwhile["list"] = { $0.servers[server.id] = server }
            }
            return server
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.servers[server.id] } == server)
    }

    @Test func `a manifest that the provider refuses is invalid before anything is made of it`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { $0.problems = [ManifestProblem(field: "spec.server.type", text: "no such type")] }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.invalidManifest])
        #expect(report.diagnostics.map(\.text) == ["no such type"])
        #expect(bench.cloud.calls.isEmpty)
    }

    @Test func `a provider that cannot check a manifest makes nothing of it`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.failures["validate"] = Array(repeating: ProviderError(.unavailable, "503"), count: 3)
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.unreachable])
        #expect(bench.cloud.calls.isEmpty)
        // Once it can, the next pass goes on.
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `what the provider cannot do is an invalid manifest`() async {
        var unknown = manifest("unknown")
        unknown.provider = "nowhere"
        var shrunk = manifest()
        shrunk.dataDisk?.sizeGB = 3
        let bench = Bench(shrunk)
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.repository.commit(Configuration(manifests: [manifest(), unknown]))
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.invalidManifest])
        #expect(report.diagnostics.count == 2)
        #expect(report.outcome() == .invalid)
        #expect(report.outcome(unknown.name) == .invalid)
    }

    // MARK: Git

    @Test func `a repository that cannot be read is unreachable, and nothing is looked at`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.headFailures = [.unreachable("no route")] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])

        let silent = Bench(manifest())
        silent.repository.bend { $0.headFailures = Array(repeating: .unreachable("no route"), count: 3) }
        var other = silent.reconciler()
        let report = await other.pass()
        #expect(report.exitCodes == [.unreachable])
        #expect(report.unreachable == "no route")
        #expect(silent.repository.bend { $0.headFailures.isEmpty })
        #expect(silent.cloud.calls.isEmpty)
    }

    @Test func `a branch that is refused is not tried again`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.headFailures = [.refused("no branch main")] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().unreachable == "no branch main")
    }

    @Test func `a rewritten configuration changes nothing until a person accepts it`() async {
        let (bench, _) = await running()
        bench.repository.bend { $0.rewritten = ["c0"] }
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        var fresh = bench.reconciler("another")
        let report = await fresh.pass()
        #expect(report.exitCodes == [.unreachable])
        #expect(report.unreachable?.contains("c1 does not descend from c0") == true)
        #expect(bench.cloud.calls == Self.start)
        var accepting = bench.reconciler("accepting") { $0.acceptsRewrite = true }
        #expect(await accepting.pass().exitCodes == [.success])
        #expect(bench.cloud.calls.count > Self.start.count)
    }

    @Test func `files that cannot be read leave every instance without a manifest as it is`() async {
        var (bench, reconciler) = await running()
        bench.repository.commit(Configuration(frozen: [box]))
        #expect(await reconciler.pass().exitCodes == [.invalidManifest])
        bench.repository.commit(Configuration(removalsAreCertain: false))
        #expect(await reconciler.pass().exitCodes == [.invalidManifest])
        #expect(bench.cloud.calls == Self.start)
        #expect(bench.repository.tree.records[box]?.data.disk != nil)
    }

    @Test func `a manifest that is removed and held nothing is forgotten`() async {
        var removable = manifest()
        removable.deletionPolicy = .snapshot
        let bench = Bench(removable)
        bench.cloud.bend { $0.failures["createDisk"] = [ProviderError(.invalid, "no")] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.someFailed])
        bench.repository.commit(Configuration())
        bench.clock.advance(by: .seconds(600))
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.repository.tree.files.isEmpty)
    }

    @Test func `a branch that is somebody else's is not written to`() async {
        let bench = Bench(manifest())
        bench.repository.bend { contents in
            contents.files = ["main.swift": Array("print()".utf8)]
            contents.status = 1
        }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unreachable])
        #expect(report.unreachable?.contains("not the operator's") == true)
        #expect(bench.cloud.calls.isEmpty)
    }

    @Test func `a record that cannot be read stops its instance and no other`() async {
        let bench = Bench(manifest(), manifest("other"))
        var first = bench.reconciler()
        _ = await first.pass()
        let calls = bench.cloud.calls
        let damaged = Array("record: [".utf8)
        bench.repository.bend { contents in
            contents.files["instances/box.yaml"] = damaged
            contents.status = 99
        }
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped), manifest("other", stopped)]))
        var second = bench.reconciler("second")
        let report = await second.pass()
        #expect(report.exitCodes == [.someFailed])
        #expect(report.reason() == "RecordUnreadable")
        #expect(report.outcome(InstanceName("other")!) == .settled)
        #expect(bench.cloud.calls.count == calls.count + 9)
        #expect(bench.repository.bend { $0.files["instances/box.yaml"] } == damaged)
    }
}
