import Instances
import Testing

@testable import Reconciler

/// Guards block, an approval unlocks, and only in its own commit.
@Suite struct ApprovalTests {
    private let names = ["a", "b", "c", "d"]

    private func fleet(_ change: (inout Manifest) -> Void = { _ in }) -> [Manifest] {
        names.map { name in
            var manifest = manifest(name)
            change(&manifest)
            return manifest
        }
    }

    private func running(_ manifests: [Manifest]) async -> (Bench, Reconciler) {
        let bench = Bench()
        bench.repository.commit(Configuration(manifests: manifests))
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        return (bench, reconciler)
    }

    private var withoutDisks: Configuration { Configuration(manifests: fleet { $0.dataDisk = nil }) }

    private func disks(_ bench: Bench) -> Int {
        bench.cloud.bend { $0.disks.values.filter { $0.tags?.role == .data }.count }
    }

    @Test func `removing too many manifests blocks them, and the rest is done`() async {
        var (bench, reconciler) = await running(fleet { $0.deletionPolicy = .snapshot })
        bench.repository.commit(Configuration(manifests: [manifest("e")]))
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.blocked])
        #expect(report.instances.filter { $0.outcome == .blocked }.map(\.name.text) == names)
        #expect(report.outcome(InstanceName("e")!) == .settled)
        #expect(disks(bench) == 5)
        bench.repository.commit(Configuration(manifests: [manifest("e")]), message: "yes\n\nOperator-Approve: 4")
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(disks(bench) == 1)
    }

    @Test func `a repository tightens the host's guards`() async {
        let settings = Settings(guards: Settings.Guards(maxStops: 1))
        var (bench, reconciler) = await running(fleet())
        let stops = fleet { $0.runtime = stopped }
        bench.repository.commit(Configuration(manifests: stops, settings: settings))
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 4)
        bench.repository.commit(Configuration(manifests: stops))
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `the last copy of data goes only by an approval that names the instance`() async {
        var (bench, reconciler) = await running(fleet())
        bench.repository.commit(withoutDisks)
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 4)
        bench.repository.commit(withoutDisks, message: "yes\n\nOperator-Approve: a, c")
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 2)
        bench.repository.commit(withoutDisks, message: "yes\n\nOperator-Approve: b, d")
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(disks(bench) == 0)
    }

    @Test func `an approval that stands where no trailer does is told`() async {
        var (bench, reconciler) = await running(fleet())
        bench.repository.commit(withoutDisks, message: "yes\n\nOperator-Approve: a\nand so on")
        let report = await reconciler.pass()
        #expect(report.exitCodes.contains(.blocked))
        #expect(report.diagnostics.map(\.severity) == [.warning])
        #expect(disks(bench) == 4)
    }

    @Test func `an approval by number covers all last copies or none`() async {
        var (bench, reconciler) = await running(fleet())
        bench.repository.commit(withoutDisks, message: "yes\n\nOperator-Approve: 3")
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 4)
        bench.repository.commit(withoutDisks, message: "yes\n\nOperator-Approve: 4")
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(disks(bench) == 0)
    }

    @Test func `a last copy that could not go at the moment counts too`() async {
        var (bench, reconciler) = await running(fleet())
        bench.cloud.bend { contents in
            let first = contents.servers.values.min { $0.id < $1.id }
            if let id = first?.id {
                contents.servers[id]?.tags?.operation = Operation(epoch: 99, nonce: "later")
            }
        }
        bench.repository.commit(withoutDisks, message: "yes\n\nOperator-Approve: 3")
        #expect(await reconciler.pass().instances.count { $0.outcome == .blocked } == 3)
        #expect(disks(bench) == 4)
        bench.repository.commit(withoutDisks, message: "yes\n\nOperator-Approve: 4")
        #expect(await reconciler.pass().instances.count { $0.outcome == .blocked } == 0)
        #expect(disks(bench) == 1)
    }

    @Test func `what is suspended asks for nothing, and is unlocked by no number`() async {
        var (bench, reconciler) = await running(fleet())
        var manifests = fleet { $0.dataDisk = nil }
        for index in 1..<4 { manifests[index].suspend = Suspension(reason: nil, until: nil) }
        bench.repository.commit(Configuration(manifests: manifests), message: "yes\n\nOperator-Approve: 1")
        _ = await reconciler.pass()
        #expect(disks(bench) == 3)
    }

    @Test func `a number counts those whose turn comes later under the same commit`() async {
        let message = "yes\n\nOperator-Approve: 2"
        var (bench, reconciler) = await running(fleet())
        var manifests = fleet()
        for index in 0..<3 { manifests[index].dataDisk = nil }
        manifests[2].suspend = Suspension(reason: nil, until: Timestamp(seconds: 2_000_000))
        bench.repository.commit(Configuration(manifests: manifests), message: message)
        #expect(await reconciler.pass().exitCodes == [.blocked])
        bench.clock.advance(by: .seconds(1_000_000))
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 4)
        // Refused by its provider for the moment.
        manifests[2].suspend = nil
        manifests[2].zone = "elsewhere"
        bench.repository.commit(Configuration(manifests: manifests), message: message)
        #expect(await reconciler.pass().exitCodes.contains(.blocked))
        #expect(disks(bench) == 4)
        manifests[2] = manifest("c")
        bench.repository.commit(Configuration(manifests: manifests), message: message)
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(disks(bench) == 2)
    }

    @Test func `who was started for some folders cannot know how many a number is about`() async {
        var (bench, reconciler) = await running(fleet { $0.source.file = "ours/\($0.name).yaml" })
        let manifests = fleet { manifest in
            manifest.source.file = "ours/\(manifest.name).yaml"
            manifest.dataDisk = nil
        }
        let message = "yes\n\nOperator-Approve: 4"
        bench.repository.commit(Configuration(manifests: manifests, chosenFolders: ["ours"]), message: message)
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 4)
        bench.repository.commit(Configuration(manifests: manifests), message: message)
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(disks(bench) == 0)
    }

    @Test func `a number counts those whose record cannot be read`() async {
        var (bench, reconciler) = await running(fleet())
        bench.repository.bend { contents in
            contents.files["instances/c.yaml"] = Array("rubbish: [".utf8)
            contents.status = (contents.status ?? 0) + 1
        }
        var manifests = fleet()
        for index in 0..<3 { manifests[index].dataDisk = nil }
        bench.repository.commit(Configuration(manifests: manifests), message: "yes\n\nOperator-Approve: 2")
        #expect(await reconciler.pass().exitCodes.contains(.blocked))
        #expect(disks(bench) == 4)
    }

    @Test func `an approval to stop many destroys none of their data`() async {
        var (bench, reconciler) = await running(fleet())
        let settings = Settings(guards: Settings.Guards(maxStops: 2))
        var manifests = fleet { $0.runtime = stopped }
        manifests[0].dataDisk = nil
        bench.repository.commit(Configuration(manifests: manifests, settings: settings))
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.blocked])
        let asked = report.instances.map(\.explanation.message)
        #expect(asked[0].contains("taken out of the manifest"))
        #expect(asked[1].hasSuffix("`Operator-Approve: b, c, d`"))
        bench.repository.commit(
            Configuration(manifests: manifests, settings: settings), message: "yes\n\nOperator-Approve: b, c, d")
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 1)
        #expect(bench.cloud.bend { $0.snapshots.count } == 3)
    }

    @Test func `an approval counts for its own commit, not for the next`() async {
        var (bench, reconciler) = await running(fleet())
        bench.repository.commit(
            Configuration(manifests: fleet()), message: "nothing to approve yet\n\nOperator-Approve: a, b, c, d")
        #expect(await reconciler.pass().exitCodes == [.success])
        bench.repository.commit(withoutDisks, message: "take the disks out")
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 4)
    }

    @Test func `a number that another guard asked for unlocks no last copy beside`() async {
        var (bench, reconciler) = await running(fleet { $0.deletionPolicy = .snapshot } + [manifest("db")])
        var db = manifest("db")
        db.dataDisk = nil
        let left = Configuration(manifests: [db])
        bench.repository.commit(left, message: "yes\n\nOperator-Approve: 4")
        #expect(await reconciler.pass().exitCodes == [.blocked])
        #expect(disks(bench) == 1)
        // Whoever looks at one instance only cannot know how many there are.
        var only = bench.reconciler("only") { $0.only = [db.name] }
        #expect(await only.pass().exitCodes == [.blocked])
        bench.repository.commit(left, message: "yes\n\nOperator-Approve: db")
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(disks(bench) == 0)
    }

    @Test func `what was removed earlier and is at rest counts as no removal`() async {
        var (bench, reconciler) = await running(fleet { $0.deletionPolicy = .snapshot } + [manifest("e")])
        for count in 1...4 {
            let left = fleet { $0.deletionPolicy = .snapshot }.dropFirst(count)
            bench.repository.commit(Configuration(manifests: left + [manifest("e")]))
            #expect(await reconciler.pass().exitCodes == [.success])
        }
    }

    @Test func `what halts is asked for by no guard, and says why`() async {
        var (bench, reconciler) = await running(fleet { $0.deletionPolicy = .snapshot })
        bench.cloud.bend { contents in
            let first = contents.servers.values.min { $0.id < $1.id }
            if let id = first?.id { contents.servers[id]?.tags?.operation = Operation(epoch: 99, nonce: "later") }
        }
        bench.repository.commit(Configuration(manifests: [manifest("e")]))
        let reasons = await reconciler.pass().instances.map(\.explanation.reason)
        #expect(reasons.count { $0 == "RecordIsOld" } == 1)
        #expect(reasons.count { $0 == "NeedsApproval" } == 3)
    }

    @Test func `a guard does not hide that the status branch was rolled back`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.cloud.bend { contents in
            // What the record names has gone, and what came later is there.
            for var server in contents.servers.values {
                contents.servers[server.id] = nil
                server.id = ServerID("later")
                server.tags?.operation = Operation(epoch: 99, nonce: "x")
                contents.servers[server.id] = server
            }
            contents.disks = [:]
        }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.someFailed])
        #expect(report.reason() == "RecordIsOld")
    }

    @Test func `many resources that vanish at once block, and nothing is made in their place`() async {
        var (bench, reconciler) = await running(fleet())
        let calls = bench.cloud.calls.count
        bench.cloud.bend { contents in
            for id in contents.servers.keys.sorted().prefix(2) { contents.servers[id] = nil }
        }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.blocked])
        #expect(report.instances.filter { $0.outcome == .blocked }.count == 2)
        #expect(bench.cloud.calls.count == calls)
    }
}
