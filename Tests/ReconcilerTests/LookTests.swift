import Instances
import Testing

@testable import Reconciler

/// Looks at a provider: what a failed one means, and what is refused before anything is made.
@Suite struct LookTests {
    @Test func `a guest that is not asked has booted after four settle times, and a part of a second counts`() {
        let lock = Lock(
            holder: "test", host: "here", process: 1, started: Timestamp(seconds: 0), nonce: "mine", purpose: "")
        let holder = LockHolder(lock: lock, isDead: { _ in false })
        #expect(PassOptions(lock: holder).bootSeconds == 120)
        #expect(PassOptions(settleTime: .milliseconds(250), lock: holder).bootSeconds == 1)
    }

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
        var (bench, reconciler) = await Bench.running()
        let record = bench.repository.tree.records[box]
        bench.cloud.bend { contents in
            contents.failures["list"] = Array(repeating: ProviderError(.unavailable, "503"), count: 4)
            contents.servers = [:]
            contents.disks = [:]
        }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unreachable])
        #expect(bench.cloud.bend { $0.failures["list"]?.count } == 0)
        #expect(bench.cloud.calls == PassTests.start)
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

    @Test func `one look counts an absence once, also of the disk that is read in every look`() async {
        var (bench, reconciler) = await Bench.running()
        bench.cloud.bend { $0.failures["powerOff"] = [ProviderError(.forbidden, "403")] }
        var manifest = manifest()
        manifest.runtime = stopped
        bench.repository.commit(Configuration(manifests: [manifest]))
        _ = await reconciler.pass()
        guard case .quiescing(let disk, _)? = bench.repository.tree.records[box]?.data else {
            Issue.record("the data disk is not on its way to a snapshot")
            return
        }
        bench.cloud.bend { $0.disks[disk] = nil }
        #expect(await reconciler.look().entries[box]?.situation.observation.disks[disk] == .missing(times: 1))
        #expect(await reconciler.look().entries[box]?.situation.observation.disks[disk] == .missing(times: 2))
    }

    @Test func `a listing that shows the live disk as detached powers nothing off before a read by id agrees`() async {
        var (bench, reconciler) = await Bench.running()
        bench.cloud.bend { contents in
            let disk = contents.disks.values.first { $0.tags?.role == .data }!
            contents.disks[disk.id]?.attachment = nil
            contents.disks[disk.id]?.state = .available
            contents.meanwhile["disk"] = { $0.disks[disk.id] = disk }
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.calls == PassTests.start)
    }

    @Test func `a halt is believed once three looks in a row have seen it`() async {
        var (bench, reconciler) = await Bench.running()
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
        var (bench, reconciler) = await Bench.running()
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

    @Test func `a refusal is asked for again, because it may be put right outside of git`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { $0.problems = [ManifestProblem(field: "spec.server.type", text: "the quota is 0")] }
        var reconciler = bench.reconciler()
        for _ in 0..<2 { #expect(await reconciler.pass().exitCodes == [.invalidManifest]) }
        #expect(bench.cloud.calls.isEmpty)
        bench.cloud.bend { $0.problems = [] }
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `another type is checked while the server still runs, which goes on where it is refused`() async {
        var (bench, reconciler) = await Bench.running()
        let calls = bench.cloud.calls
        bench.cloud.bend { contents in
            contents.problems = [ManifestProblem(field: "spec.server.type", text: "no such type")]
            contents.validated = []
        }
        var other = manifest()
        other.server.type = "c2-m64"
        bench.repository.commit(Configuration(manifests: [other]))
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.invalidManifest])
        #expect(bench.cloud.calls == calls)
        #expect(bench.cloud.bend { $0.validated } == [.changing(type: "c1-m64")])
        bench.cloud.bend { $0.problems = [] }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.servers.values.map(\.type) } == ["c2-m64"])
    }

    /// It may be what fills the quota that a new one would not fit into.
    @Test func `what is refused is not begun, and a server that is still to be deleted goes`() async {
        var (bench, reconciler) = await Bench.running()
        let repository = bench.repository
        repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        bench.cloud.bend { contents in
            contents.problems = [ManifestProblem(field: "spec.server", text: "the quota is full")]
            contents.failures["deleteServer"] = [ProviderError(.unavailable, "503")]
            contents.meanwhile["deleteServer"] = { _ in
                repository.commit(Configuration(manifests: [manifest()]))
            }
        }
        #expect(await reconciler.pass().exitCodes == [.invalidManifest])
        #expect(bench.cloud.bend { $0.servers.isEmpty && !$0.disks.isEmpty })
    }

    @Test func `a server that runs goes on where another type is refused, whatever else is still to be deleted`() async
    {
        var (bench, reconciler) = await Bench.running()
        let repository = bench.repository
        var changed = manifest()
        changed.server.type = "c2-m64"
        let other = changed
        bench.cloud.bend { contents in
            // What a late answer has left of the operation that made the data disk.
            let disk = contents.disks.values.first { $0.tags?.role == .data }
            if var twin = contents.servers.values.first, let operation = disk?.tags?.operation {
                twin.id = ServerID("twin")
                twin.tags?.operation = operation
                twin.bootDisk = nil
                contents.servers[twin.id] = twin
            }
            contents.failures["deleteServer"] = [ProviderError(.unavailable, "503")]
            contents.meanwhile["deleteServer"] = { contents in
                contents.problems = [ManifestProblem(field: "spec.server.type", text: "sold out")]
                repository.commit(Configuration(manifests: [other]))
            }
        }
        #expect(await reconciler.pass().exitCodes == [.invalidManifest])
        #expect(bench.cloud.bend { $0.failures["deleteServer"]?.isEmpty } == true)
        let states = bench.cloud.bend { $0.servers.values.filter { $0.id != ServerID("twin") }.map(\.state) }
        #expect(states == [.running])
    }

    /// They are in no record, so nothing else would know of them.
    @Test func `addresses and firewalls of an instance that is gone go before it is forgotten`() async throws {
        var (bench, reconciler) = await Bench.running()
        var doomed = manifest()
        doomed.deletionPolicy = .delete
        bench.repository.commit(Configuration(manifests: [doomed]))
        _ = await reconciler.pass()
        let tags = try #require(bench.cloud.bend { $0.servers.values.first?.tags })
        bench.cloud.bend { contents in
            for kind in [Companion.Kind.address, .firewall] {
                let id = CompanionID(kind.rawValue)
                contents.companions[id] = Companion(id: id, kind: kind, name: "box", tags: tags)
            }
        }
        bench.repository.commit(Configuration(manifests: []), message: "gone\n\nOperator-Approve: box")
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.companions.isEmpty })
        #expect(bench.repository.tree.files.isEmpty)
    }

    @Test func `the image of a server that boots from its own root snapshot is not asked for`() async {
        var (bench, reconciler) = await Bench.running()
        var kept = manifest()
        kept.rootDisk.snapshotEnabled = true
        bench.repository.commit(Configuration(manifests: [kept]))
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.validated } == [.making(fromImage: true)])
        for runtime in [stopped, Runtime()] {
            kept.runtime = runtime
            bench.repository.commit(Configuration(manifests: [kept]))
            #expect(await reconciler.pass().exitCodes == [.success])
        }
        #expect(bench.cloud.bend { $0.validated.last } == .making(fromImage: false))
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

    @Test func `a check that the provider forbids is not tried again in this pass`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.failures["validate"] = Array(repeating: ProviderError(.forbidden, "403"), count: 3)
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.unreachable])
        #expect(bench.cloud.bend { $0.failures["validate"]?.count } == 2)
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
}
