import Instances
import Testing

@testable import Reconciler

/// Calls that fail, whose answers are lost, or that meet a world which has changed since the plan was made.
@Suite struct LostAnswerTests {
    private func running() async -> (bench: Bench, reconciler: Reconciler) {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        return (bench, reconciler)
    }

    private func count(_ call: String, _ bench: Bench) -> Int { bench.cloud.calls.filter { $0 == call }.count }

    @Test(arguments: ["createDisk", "createServer"])
    func `a create that was carried out although its answer was lost is found, and not made again`(call: String) async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.failures[call] = [ProviderError(.unknownOutcome, "timeout")]
            contents.landsAnyway = true
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(count(call, bench) == 1)
    }

    @Test func `a create that may still land is waited for as long as a listing takes to show it`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { $0.failures["createDisk"] = [ProviderError(.unknownOutcome, "timeout")] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(count("createDisk", bench) == 2)
        #expect(bench.clock.now.offset >= .seconds(30))
        // The second attempt is another operation, so that the first can be told from it if it lands after all.
        #expect(bench.repository.tree.records[box]?.operations.count == 3)
    }

    @Test func `a create that was surely refused is sent again under its own operation`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { $0.failures["createDisk"] = [ProviderError(.unavailable, "503")] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(count("createDisk", bench) == 2)
        #expect(bench.clock.now.offset < .seconds(30))
    }

    @Test func `what a create call answered is read by its id where a listing lags`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { $0.unlisted = [.disk(DiskID("disk-1")), .server(ServerID("server-2"))] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(count("createDisk", bench) == 1)
        #expect(count("createServer", bench) == 1)
    }

    @Test func `after a restart a create call of the process before is waited for`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.failures["createDisk"] = [ProviderError(.unknownOutcome, "timeout")]
            contents.meanwhile["createDisk"] = { _ in bench.stop() }
        }
        var killed = bench.reconciler()
        _ = await killed.pass()
        bench.stop(false)
        let before = bench.clock.now
        var next = bench.reconciler("next")
        #expect(await next.pass().exitCodes == [.success])
        #expect(before.duration(to: bench.clock.now) >= .seconds(30))
        #expect(count("createDisk", bench) == 2)
    }

    @Test func `a record that this process writes anew makes no create call of another process its own`() async {
        var kept = manifest()
        kept.server.whenDisabled = .powerOff
        let bench = Bench(kept)
        var reconciler = bench.reconciler()
        for runtime in [Runtime(), stopped, Runtime()] {
            kept.runtime = runtime
            bench.repository.commit(Configuration(manifests: [kept]))
            if bench.cloud.bend({ !$0.snapshots.isEmpty }) {
                bench.cloud.bend { contents in
                    contents.failures["createDisk"] = [ProviderError(.unknownOutcome, "timeout")]
                    contents.meanwhile["createDisk"] = { _ in bench.stop() }
                }
            }
            _ = await reconciler.pass()
        }
        bench.stop(false)
        let sent = count("createDisk", bench)
        // The record changes, and the operation that is under way stays in it.
        bench.cloud.bend { contents in for id in contents.servers.keys { contents.lose(id) } }
        let before = bench.clock.now
        var next = bench.reconciler("next")
        #expect(await next.pass().exitCodes == [.success])
        #expect(before.duration(to: bench.clock.now) >= .seconds(30))
        #expect(count("createDisk", bench) == sent + 1)
    }

    @Test func `a call that fails again and again is given up in this pass and tried in the next`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.failures["createDisk"] = Array(repeating: ProviderError(.unavailable, "503"), count: 8)
        }
        var reconciler = bench.reconciler { $0.timeout = .seconds(3600) }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.someFailed])
        #expect(report.reason() == "CallFailed")
        #expect(count("createDisk", bench) == 8)
        bench.clock.advance(by: .seconds(300))
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `a last call that failed and had its effect all the same is no failure`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.failures["powerOn"] = [ProviderError(.unavailable, "500")]
            contents.landsAnyway = true
        }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.success])
        #expect(report.reason() == "Converged")
        #expect(bench.repository.tree.files[box]?.status?.conditions.ready.status == .isTrue)
        let head = bench.repository.tree
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.repository.tree.files == head.files)
    }

    @Test func `snapshots that end in an error are cut more and more slowly, cleaned up, and given up in this pass`()
        async
    {
        let (bench, started) = await running()
        var reconciler = started
        bench.cloud.bend { $0.snapshotsFail = true }
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        let began = bench.clock.now
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.someFailed])
        #expect(count("createSnapshot", bench) == 8)
        #expect(began.duration(to: bench.clock.now) > .seconds(30))
        #expect(bench.cloud.bend { $0.snapshots.count } <= 3)
        #expect(bench.cloud.bend { $0.disks.values.contains { $0.tags?.role == .data } })
        bench.cloud.bend { $0.snapshotsFail = false }
        bench.clock.advance(by: .seconds(300))
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.bend { $0.snapshots.count } == 1)
    }

    // MARK: Between plan and call

    private func stopping(_ call: String, _ change: @escaping @Sendable (inout SmallCloud.Contents) -> Void) async
        -> Bench
    {
        var (bench, reconciler) = await running()
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        // The first deletion's fresh reads come before the second's.
        bench.cloud.bend { $0.meanwhile[call] = change }
        #expect(await reconciler.pass().exitCodes == [.success])
        return bench
    }

    @Test func `a snapshot that a person deletes just before the disk would go is cut again`() async {
        let bench = await stopping("snapshot") { $0.snapshots = [:] }
        #expect(bench.cloud.calls.filter { $0 == "createSnapshot" }.count == 2)
        #expect(bench.cloud.bend { $0.snapshots.count } == 1)
        #expect(
            bench.cloud.bend { $0.snapshots.keys.first } == bench.repository.tree.records[box]?.snapshots.last?.id)
    }

    @Test func `a disk that was attached and detached since its snapshot gets another one`() async {
        let bench = await stopping("snapshot") { contents in
            for disk in contents.disks.values where disk.tags?.role == .data { contents.free(disk.id) }
        }
        #expect(bench.cloud.calls.filter { $0 == "createSnapshot" }.count == 2)
        let newest = bench.repository.tree.records[box]?.snapshots.last?.id
        #expect(newest == SnapshotID("snapshot-4"))
        #expect(bench.cloud.bend { $0.snapshots.keys.sorted() } == [newest])
    }

    @Test func `a server that a person starts just before it would go is stopped again first`() async {
        var (bench, reconciler) = await running()
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        bench.cloud.bend { contents in
            contents.meanwhile["server"] = { contents in
                for id in contents.servers.keys { contents.servers[id]?.state = .running }
            }
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(count("powerOff", bench) == 2)
        #expect(count("deleteServer", bench) == 1)
    }

    @Test func `a resource is gone only once two reads by id have said so`() async {
        var (bench, reconciler) = await running()
        let server = bench.cloud.bend { contents in
            let server = contents.servers.values.first!
            contents.servers[server.id] = nil
            // It is back at the second read.
            contents.meanwhile["server"] = { contents in
                contents.meanwhile["list"] = { $0.servers[server.id] = server }
            }
            return server
        }
        let calls = bench.cloud.calls
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.calls == calls)
        bench.cloud.bend { $0.lose(server.id) }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(count("createServer", bench) == 2)
    }

    @Test func `a read that fails is no absence`() async {
        var (bench, reconciler) = await running()
        let calls = bench.cloud.calls
        bench.cloud.bend { contents in
            contents.unlisted = Set(contents.servers.keys.map(ResourceID.server))
            contents.failures["server"] = Array(
                repeating: ProviderError(.forbidden, "403"), count: 1000)
        }
        #expect(await reconciler.pass().exitCodes == [.timedOut])
        #expect(bench.cloud.calls == calls)
    }

    @Test func `what another account does not find is not counted`() async {
        var (bench, reconciler) = await running()
        bench.cloud.bend { contents in
            contents.account = "other"
            contents.unlisted = Set(contents.servers.keys.map(ResourceID.server))
            contents.failures["server"] = [ProviderError(.notFound, "no such server"), ProviderError(.notFound, "")]
        }
        _ = await reconciler.pass()
        #expect(bench.cloud.bend { $0.failures["server"]?.count } == 2)
    }

    @Test func `another account's resources are never compared with the record`() async {
        var (bench, reconciler) = await running()
        let calls = bench.cloud.calls
        bench.cloud.bend { contents in
            contents.account = "other"
            contents.servers = [:]
            contents.disks = [:]
        }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.someFailed] || report.exitCodes == [.blocked])
        #expect(bench.cloud.calls == calls)
        #expect(bench.repository.tree.records[box]?.server.id != nil)
    }
}
