import Instances
import Testing

@testable import Reconciler

/// A status branch that was lost, together with all that the host remembered.
@Suite struct RecoveringTests {
    private let other = InstanceName("other")!

    @Test func `what cannot be looked at is not passed over in silence`() async {
        let bench = await Bench.afterLoss()
        bench.cloud.bend { $0.failures["list"] = Array(repeating: ProviderError(.unavailable, "503"), count: 8) }
        var reconciler = bench.reconciler()
        let report = await reconciler.proposeRecovery()
        #expect(report.proposals.isEmpty)
        #expect(Set(report.refusals.keys) == [box, other])
    }

    @Test func `an instance whose manifest is broken or gone is not passed over either`() async {
        let bench = await Bench.afterLoss()
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

    @Test func `beside records that agree nobody is told of what others have`() async {
        var (bench, reconciler) = await Bench.running()
        bench.cloud.bend { contents in
            var theirs = contents.disks.values.first { $0.tags?.role == .data }!
            theirs.id = DiskID("theirs")
            theirs.tags?.name = InstanceName("kept")!
            theirs.tags?.instance = InstanceUID("another life")
            contents.disks[theirs.id] = theirs
        }
        let report = await reconciler.proposeRecovery()
        #expect(report.proposals.isEmpty)
        #expect(report.withoutManifest.isEmpty)
    }

    @Test func `what belongs to an instance without a manifest is told with its name`() async {
        let bench = await Bench.afterLoss()
        bench.cloud.bend { contents in
            for id in contents.disks.keys { contents.disks[id]?.tags?.name = InstanceName("kept")! }
        }
        var reconciler = bench.reconciler()
        let report = await reconciler.proposeRecovery()
        #expect(Array(report.withoutManifest.keys) == ["kept"])
        #expect(report.withoutManifest["kept"]?.isEmpty == false)
    }

    @Test func `what speaks against a proposal is told of that instance`() async {
        let bench = await Bench.afterLoss()
        bench.cloud.bend { contents in
            var twin = contents.disks.values.first { $0.tags?.role == .data }!
            twin.id = DiskID("twin")
            contents.disks[twin.id] = twin
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.proposeRecovery().refusals[box]?.contains("2 data disks of box") == true)
        bench.cloud.bend { contents in
            contents.meanwhile["list"] = { contents in
                contents.meanwhile["list"] = { $0.failures["list"] = [ProviderError(.unavailable, "503")] }
            }
        }
        #expect(await reconciler.proposeRecovery().refusals[box] == "503")
    }

    /// A listing may be older than the tag that condemned something.
    @Test func `what is proposed was read by its id`() async {
        let bench = await Bench.afterLoss()
        bench.cloud.bend { contents in
            contents.listed = contents.servers
            for id in contents.servers.keys { contents.servers[id]?.tags?.condemned = true }
        }
        var reconciler = bench.reconciler()
        let report = await reconciler.proposeRecovery()
        #expect(report.proposals.first?.record.server == .absent)
        #expect(report.notLookedAt.isEmpty)
    }

    @Test(arguments: [ProviderError(.notFound, "404"), ProviderError(.unavailable, "503")])
    func `what is listed and cannot be read makes no proposal`(error: ProviderError) async {
        let bench = await Bench.afterLoss()
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.cloud.bend { $0.failures["disk"] = [error] }
        let report = await reconciler.proposeRecovery()
        #expect(report.proposals.isEmpty)
        #expect(report.refusals.keys.contains(box))
        #expect(report.notLookedAt == [box])
    }

    @Test func `instances of which there is neither record nor resource are named`() async {
        let bench = await Bench.afterLoss()
        var reconciler = bench.reconciler()
        #expect(await reconciler.proposeRecovery().unheardOf == [other])
        bench.cloud.bend { $0.failures["list"] = Array(repeating: ProviderError(.unavailable, "503"), count: 8) }
        let blind = await reconciler.proposeRecovery()
        #expect(blind.unheardOf.isEmpty)
        #expect(blind.notLookedAt == [box, other])
    }

    @Test func `an instance whose record cannot be read is not called new`() async {
        let bench = Bench(manifest())
        var before = bench.reconciler("before")
        _ = await before.pass()
        bench.repository.bend { contents in
            contents.files["instances/box.yaml"]?.append(contentsOf: Array("surplus: [".utf8))
            contents.status = (contents.status ?? 0) + 1
        }
        var reconciler = bench.reconciler()
        let report = await reconciler.proposeRecovery()
        #expect(report.unheardOf.isEmpty && report.proposals.isEmpty)
        #expect(report.refusals[box]?.contains("record cannot be read") == true)
    }

    /// All of one lineage: nothing that begins beside them would belong to another branch.
    @Test func `a recovery that could not be pushed is said to have failed`() async {
        let bench = await Bench.afterLoss()
        var reconciler = bench.reconciler()
        let report = await reconciler.proposeRecovery()
        bench.repository.bend { $0.pushFailures = [.unreachable("no route")] }
        #expect(await reconciler.accept(report.proposals)?.contains("no route") == true)
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `data that is newer than what the record names is proposed`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.cloud.bend { contents in
            var tags = contents.servers.values.first?.tags
            tags?.role = .data
            contents.disks = contents.disks.filter { $0.value.tags?.role != .data }
            contents.snapshots[SnapshotID("copy")] = Snapshot(
                id: SnapshotID("copy"), name: "copy", tags: tags, state: .available, sizeBytes: 1, sourceDisk: nil)
        }
        let report = await reconciler.proposeRecovery()
        #expect(report.proposals.map(\.record.data) == [.snapshot(SnapshotID("copy"))])
    }

    @Test func `data that is missing is not passed over in silence`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        #expect(await reconciler.proposeRecovery().refusals.isEmpty)
        bench.cloud.bend { $0.disks = $0.disks.filter { $0.value.tags?.role != .data } }
        #expect(await reconciler.proposeRecovery().refusals[box]?.contains("is not listed") == true)
        #expect(await reconciler.proposeRecovery().refusals[box]?.contains("is gone") == true)
    }

    @Test func `resources of the branch itself hold nobody else up`() async {
        let bench = Bench(manifest())
        var before = bench.reconciler("before")
        _ = await before.pass()
        bench.repository.bend { contents in contents.files = contents.files.filter { $0.key == "index.json" } }
        bench.repository.commit(Configuration(manifests: [manifest(), manifest("other")]))
        var reconciler = bench.reconciler()
        #expect(await !reconciler.pass().exitCodes.contains(.success))
        #expect(Array(bench.repository.tree.records.keys) == [other])
    }

    @Test func `a repository that cannot be read is told, and nothing is looked at`() async {
        let bench = await Bench.afterLoss()
        bench.repository.bend { $0.headFailures = [.unreachable("no route")] }
        var reconciler = bench.reconciler()
        let report = await reconciler.proposeRecovery()
        #expect(report.trouble == "no route")
        #expect(report.proposals.isEmpty && report.refusals.isEmpty)
    }

    @Test func `resources of several lineages make no branch`() async {
        let bench = await Bench.afterLoss()
        var reconciler = bench.reconciler()
        var proposals = await reconciler.proposeRecovery().proposals
        proposals += proposals
        proposals[1].owner = OwnerID("x")
        #expect(await reconciler.accept(proposals)?.contains("several status branches") == true)
        #expect(await reconciler.accept([]) == nil)
        #expect(bench.repository.tree.records.isEmpty)
    }

    @Test func `resources of another lineage are not taken into a branch that has records`() async {
        let bench = await Bench.afterLoss()
        bench.repository.commit(Configuration(manifests: [manifest("other")]))
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.repository.commit(Configuration(manifests: [manifest(), manifest("other")]))
        let proposals = await reconciler.proposeRecovery().proposals
        #expect(proposals.map(\.name) == [box])
        #expect(await reconciler.accept(proposals)?.contains("belong to another status branch") == true)
        #expect(Set(bench.repository.tree.records.keys) == [other])
    }

    @Test func `one file that was lost comes back into the branch that has the others`() async {
        let bench = Bench(manifest(), manifest("other"))
        var before = bench.reconciler("before")
        _ = await before.pass()
        let calls = bench.cloud.calls
        bench.repository.bend { contents in
            contents.files["instances/box.yaml"] = nil
            contents.status = 99
        }
        var reconciler = bench.reconciler()
        let proposals = await reconciler.proposeRecovery().proposals
        #expect(await reconciler.accept(proposals) == nil)
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(Set(bench.repository.tree.records.keys) == [box, other])
        #expect(bench.cloud.calls == calls)
    }

    @Test func `beside a record that is there others are not held up`() async {
        let bench = await Bench.afterLoss()
        bench.repository.commit(Configuration(manifests: [manifest("other")]))
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        let third = InstanceName("third")!
        bench.repository.commit(Configuration(manifests: [manifest(), manifest("other"), manifest("third")]))
        _ = await reconciler.pass()
        #expect(Set(bench.repository.tree.records.keys) == [other, third])
    }

    @Test func `beside a record that cannot be read others are not held up`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.repository.bend { contents in
            contents.files["instances/box.yaml"] = Array("record: [".utf8)
            contents.status = 99
        }
        bench.repository.commit(Configuration(manifests: [manifest(), manifest("other")]))
        #expect(await reconciler.pass().outcome(other) == .settled)
    }
}
