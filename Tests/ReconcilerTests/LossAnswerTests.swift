import Instances
import Reconciler
import Testing

/// Which approvals answer a loss: of those that come after the status has asked, the ones about what it asked.
@Suite struct LossAnswerTests {
    private func disks(_ bench: Bench) -> Int {
        bench.cloud.bend { $0.disks.values.filter { $0.tags?.role == .data }.count }
    }

    @Test func `an answer about one snapshot is none about an older one`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        func commit(_ runtime: Runtime, _ message: String = "change") {
            var manifest = manifest("box", runtime)
            manifest.dataDisk?.keep = 5
            bench.repository.commit(Configuration(manifests: [manifest]), message: message)
        }
        for runtime in [Runtime(), stopped, Runtime(), stopped, Runtime(), stopped] {
            commit(runtime)
            _ = await reconciler.pass()
        }
        func lose() -> SnapshotID? {
            let newest = bench.repository.tree.records[box]?.snapshots.last { bench.has($0.id) }?.id
            bench.cloud.bend { contents in if let newest { contents.snapshots[newest] = nil } }
            return newest
        }
        #expect(lose() != nil)
        #expect(await reconciler.pass().reason() == "DataMissing")
        // The snapshot that the question was about is lost too before the answer is read.
        #expect(lose() != nil)
        commit(stopped, "go on from it\n\nOperator-Approve: box")
        #expect(await reconciler.pass().reason() == "DataMissing")
        let oldest = bench.repository.tree.records[box]?.snapshots.first?.id
        #expect(bench.repository.tree.records[box]?.data != oldest.map(DataRecord.snapshot))
        commit(stopped, "then from the oldest\n\nOperator-Approve: box")
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.repository.tree.records[box]?.data == oldest.map(DataRecord.snapshot))
    }

    @Test func `a count approves no return to older content`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        for runtime in [Runtime(), stopped, Runtime()] {
            bench.repository.commit(Configuration(manifests: [manifest("box", runtime)]))
            _ = await reconciler.pass()
        }
        bench.cloud.bend { contents in
            for disk in contents.disks.values where disk.tags?.role == .data { contents.disks[disk.id] = nil }
        }
        let manifests = Configuration(manifests: [manifest()])
        bench.repository.commit(manifests, message: "yes\n\nOperator-Approve: 1")
        #expect(await reconciler.pass().reason() == "DataDiskMissing")
        bench.repository.commit(manifests, message: "yes\n\nOperator-Approve: box")
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(disks(bench) == 1)
    }

    @Test func `an approval of something else answers no loss that comes later`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        for runtime in [Runtime(), stopped] {
            bench.repository.commit(Configuration(manifests: [manifest("box", runtime)]))
            _ = await reconciler.pass()
        }
        let manifests = Configuration(manifests: [manifest()])
        bench.repository.commit(manifests, message: "start, and yes to whatever\n\nOperator-Approve: box")
        #expect(await reconciler.pass().exitCodes == [.success])
        bench.cloud.bend { contents in
            for disk in contents.disks.values where disk.tags?.role == .data { contents.disks[disk.id] = nil }
        }
        #expect(await reconciler.pass().reason() == "DataDiskMissing")
        #expect(await reconciler.pass().reason() == "DataDiskMissing")
        #expect(disks(bench) == 0)
        bench.repository.commit(manifests, message: "go on from the snapshot\n\nOperator-Approve: box")
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(disks(bench) == 1)
    }
}

extension Bench {
    fileprivate func has(_ snapshot: SnapshotID) -> Bool { cloud.bend { $0.snapshots[snapshot] != nil } }
}
