import Instances
import Testing

@testable import Reconciler

/// A status branch was lost together with all that the host remembered: nothing is begun on the empty one before that is
/// settled.
@Suite struct RecoveryFirstTests {
    private let other = InstanceName("other")!

    @Test func `nothing is begun on an empty branch while resources of a manifest know another one`() async {
        let bench = await Bench.afterLoss()
        var reconciler = bench.reconciler()
        #expect(await !reconciler.pass().exitCodes.contains(.success))
        #expect(bench.repository.tree.records.isEmpty)
        #expect(bench.cloud.bend { $0.servers.count } == 1)
        let why = bench.repository.tree.files[other]?.status?.conditions.stalled
        #expect(why?.reason == "RecoveryFirst")
        #expect(why?.message.contains("operator recover") == true)
    }

    @Test(arguments: [
        Configuration(manifests: [manifest("other")], frozen: [InstanceName("box")!]),
        Configuration(manifests: [manifest("other")], removalsAreCertain: false),
    ])
    func `nor while the manifest of what is there is not understood`(configuration: Configuration) async {
        let bench = await Bench.afterLoss()
        bench.repository.commit(configuration)
        var reconciler = bench.reconciler()
        #expect(await !reconciler.pass().exitCodes.contains(.success))
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `nor where only something else was asked for`() async {
        let bench = await Bench.afterLoss()
        var reconciler = bench.reconciler { $0.only = [other] }
        #expect(await !reconciler.pass().exitCodes.contains(.success))
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `nor while what was seen to be lost cannot be looked at`() async {
        let bench = await Bench.afterLoss()
        bench.repository.commit(Configuration(manifests: [manifest()]))
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        var closed = manifest()
        closed.zone = "closed"
        bench.repository.commit(Configuration(manifests: [closed, manifest("other")]))
        _ = await reconciler.pass()
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `nor after a first look that failed in part`() async {
        var elsewhere = manifest("other")
        elsewhere.zone = "zone-2"
        // Which of the two zones is listed first nobody knows.
        for _ in 0..<8 {
            let bench = await Bench.afterLoss()
            bench.repository.commit(Configuration(manifests: [manifest(), elsewhere]))
            bench.cloud.bend { $0.failures["list"] = [ProviderError(.unavailable, "503")] }
            var reconciler = bench.reconciler()
            _ = await reconciler.pass()
            #expect(bench.repository.tree.records.isEmpty)
        }
    }

    @Test func `once it is recovered the others begin in the same lineage`() async throws {
        let bench = await Bench.afterLoss()
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        let report = await reconciler.proposeRecovery()
        #expect(report.proposals.map(\.name) == [box])
        #expect(await reconciler.accept(report.proposals) == nil)
        var after = bench.reconciler()
        #expect(await after.pass().exitCodes == [.success])
        #expect(Set(bench.repository.tree.records.keys) == [box, other])
        #expect(Set(bench.cloud.bend { $0.disks.values.map { $0.tags?.owner } }).count == 1)
        #expect(bench.cloud.bend { $0.servers.count } == 2)
    }
}
