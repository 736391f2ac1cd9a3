import Instances
import Synchronization
import Testing

@testable import Reconciler

/// What a pass makes of the configuration and status branches that it reads.
@Suite struct ConfigurationTests {
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

    @Test func `a remote that says when to ask again is not asked before`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.headFailures = [.unreachable("HTTP 429", retryAfter: .seconds(90))] }
        var reconciler = bench.reconciler()
        let before = bench.clock.now
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(before.duration(to: bench.clock.now) >= .seconds(90))

        // Longer than the pass may take: the next one asks again.
        let long = Bench(manifest())
        long.repository.bend { $0.headFailures = [.unreachable("HTTP 429", retryAfter: .seconds(1800))] }
        var loop = long.reconciler()
        let start = long.clock.now
        let reports = Mutex<[ExitCode]>([])
        _ = await loop.run(every: .seconds(30)) { report in
            reports.withLock { $0 += report.exitCodes }
            if report.unreachable == nil { long.stop() }
        }
        #expect(reports.withLock { $0 } == [.unreachable, .success])
        #expect(start.duration(to: long.clock.now) >= .seconds(1800))
    }

    @Test func `a remote that does not answer is asked less and less often`() async {
        var (bench, reconciler) = await Bench.running()
        bench.repository.bend { $0.headFailures = Array(repeating: .unreachable("HTTP 503"), count: 1_000) }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unreachable])
        // Ten minutes of a pass: nine looks until a minute lies between them, and one each minute then.
        #expect(bench.repository.bend { $0.headFailures.count } >= 980)
    }

    @Test func `a branch that is refused is not tried again`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.headFailures = [.refused("no branch main")] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().unreachable == "no branch main")
    }

    @Test func `a rewritten configuration changes nothing until a person accepts it`() async {
        var (bench, running) = await Bench.running()
        bench.repository.bend { $0.rewritten = ["c0"] }
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        var fresh = bench.reconciler("another")
        let report = await fresh.pass()
        #expect(report.exitCodes == [.unreachable])
        #expect(report.unreachable?.contains("c1 does not descend from c0") == true)
        #expect(await running.pass().exitCodes == [.unreachable])
        #expect(bench.cloud.calls == PassTests.start)
        var accepting = bench.reconciler("accepting") { $0.acceptsRewrite = true }
        #expect(await accepting.pass().exitCodes == [.success])
        #expect(bench.cloud.calls.count > PassTests.start.count)
        // What was accepted elsewhere counts for everybody.
        #expect(await running.pass().exitCodes == [.success])
    }

    @Test func `files that cannot be read leave every instance without a manifest as it is`() async {
        var (bench, reconciler) = await Bench.running()
        bench.repository.commit(Configuration(frozen: [box]))
        #expect(await reconciler.pass().exitCodes == [.invalidManifest])
        bench.repository.commit(Configuration(removalsAreCertain: false))
        #expect(await reconciler.pass().exitCodes == [.invalidManifest])
        #expect(bench.cloud.calls == PassTests.start)
        #expect(bench.repository.tree.records[box]?.data.disk != nil)
    }

    @Test func `a manifest that was in a closed folder, or nobody knows where, is not taken for removed`() async {
        var removable = manifest()
        removable.deletionPolicy = .snapshot
        removable.source.file = "machines/box.yaml"
        let bench = Bench(removable)
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.repository.commit(Configuration(closedFolders: ["machines"]))
        #expect(await reconciler.pass().exitCodes == [.invalidManifest])
        bench.repository.loseStatus(of: box)
        bench.repository.commit(Configuration(closedFolders: ["vendor"]))
        for _ in 1...3 { #expect(await reconciler.pass().exitCodes == [.invalidManifest]) }
        #expect(bench.cloud.calls == PassTests.start)
        bench.repository.commit(Configuration(manifests: [removable]))
        _ = await reconciler.pass()
        bench.repository.commit(Configuration(closedFolders: ["vendor"]))
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.repository.tree.records[box]?.data.disk == nil)
    }

    @Test func `what lies outside the folders that an operator was started for is left to others`() async {
        var theirs = manifest()
        theirs.deletionPolicy = .snapshot
        theirs.source.file = "theirs/box.yaml"
        let bench = Bench(theirs)
        var whole = bench.reconciler()
        _ = await whole.pass()
        let narrow = Configuration(chosenFolders: ["ours"])
        let there = bench.repository.tree.files[box]
        bench.repository.commit(narrow)
        var reconciler = bench.reconciler("narrow")
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.success])
        #expect(report.instances.isEmpty)
        #expect(bench.repository.tree.files[box] == there)
        // Nobody knows where this one was.
        bench.repository.loseStatus(of: box)
        bench.repository.commit(narrow)
        for _ in 1...3 { #expect(await reconciler.pass().instances.isEmpty) }
        #expect(bench.cloud.calls == PassTests.start)
        // Moved to where this operator looks.
        theirs.source.file = "ours/box.yaml"
        theirs.runtime = stopped
        bench.repository.commit(Configuration(manifests: [theirs], chosenFolders: ["ours"]))
        #expect(await reconciler.pass().outcome() == .settled)
        #expect(bench.cloud.calls.contains("createSnapshot"))
        // What it has seen removed it removes, however many passes that takes.
        bench.repository.commit(narrow)
        for _ in 1...2 { #expect(await reconciler.pass().instances.count == 1) }
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
