import Instances
import Testing

@testable import Reconciler

/// A status branch that was lost, together with all that the host remembered.
@Suite struct RecoveringTests {
    private let other = InstanceName("other")!

    /// `box` ran, then its branch was deleted and `other` was committed.
    private func lost() async -> Bench {
        let bench = Bench(manifest())
        var before = bench.reconciler("before")
        _ = await before.pass()
        bench.repository.bend { contents in
            contents.files = [:]
            contents.status = nil
        }
        bench.repository.commit(Configuration(manifests: [manifest(), manifest("other")]))
        return bench
    }

    @Test func `nothing is begun on an empty branch while resources of a manifest know another one`() async {
        let bench = await lost()
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
        let bench = await lost()
        bench.repository.commit(configuration)
        var reconciler = bench.reconciler()
        #expect(await !reconciler.pass().exitCodes.contains(.success))
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `nor where only something else was asked for`() async {
        let bench = await lost()
        var reconciler = bench.reconciler { $0.only = [other] }
        #expect(await !reconciler.pass().exitCodes.contains(.success))
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `nor while what was seen to be lost cannot be looked at`() async {
        let bench = await lost()
        bench.repository.commit(Configuration(manifests: [manifest()]))
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        var closed = manifest()
        closed.zone = "closed"
        bench.repository.commit(Configuration(manifests: [closed, manifest("other")]))
        _ = await reconciler.pass()
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `once it is recovered the others begin in the same lineage`() async throws {
        let bench = await lost()
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

    @Test func `what cannot be looked at is not passed over in silence`() async {
        let bench = await lost()
        bench.cloud.bend { $0.failures["list"] = Array(repeating: ProviderError(.unavailable, "503"), count: 8) }
        var reconciler = bench.reconciler()
        let report = await reconciler.proposeRecovery()
        #expect(report.proposals.isEmpty)
        #expect(Set(report.refusals.keys) == [box, other])
    }

    @Test func `an instance whose manifest is broken or gone is not passed over either`() async {
        let bench = await lost()
        bench.cloud.bend { $0.problems = [ManifestProblem(field: "spec.server.type", text: "sold out")] }
        bench.repository.commit(Configuration(manifests: [manifest("other")]))
        var reconciler = bench.reconciler()
        #expect(await reconciler.proposeRecovery().refusals[other]?.contains("invalid") == true)
    }

    @Test func `an instance whose manifest was removed is not passed over either`() async throws {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        // As a branch that was moved back has it: the record knows less than the tags.
        bench.cloud.bend { contents in
            for id in contents.servers.keys {
                contents.servers[id]?.tags?.operation = Operation(epoch: 9, nonce: "later")
            }
        }
        bench.repository.commit(Configuration(manifests: [manifest("other")]))
        #expect(await reconciler.proposeRecovery().refusals[box]?.contains("removed") == true)
    }

    @Test func `beside a record that is there others are not held up`() async {
        let bench = await lost()
        bench.repository.commit(Configuration(manifests: [manifest("other")]))
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        let third = InstanceName("third")!
        bench.repository.commit(Configuration(manifests: [manifest(), manifest("other"), manifest("third")]))
        _ = await reconciler.pass()
        #expect(Set(bench.repository.tree.records.keys) == [other, third])
    }
}
