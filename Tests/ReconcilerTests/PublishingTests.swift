import Instances
import Synchronization
import Testing

@testable import Reconciler

/// The status branch as a register with compare-and-swap, one file per instance.
@Suite struct PublishingTests {
    private let other = InstanceName("other")!

    /// What another operator writes about an instance.
    private func file(_ name: InstanceName, epoch: Int = 1) -> [UInt8] {
        let record = Record(
            uid: InstanceUID("theirs"), name: name, provider: "local", account: "account", zone: "local",
            operations: [Operation(epoch: epoch, nonce: "theirs")],
            server: name == box ? .absent : .present(ServerID("theirs"), Operation(epoch: 1, nonce: "theirs")))
        return InstanceFile.bytes(name: name, lineage: OwnerID("lineage"), status: nil, record: record)
    }

    @Test func `a lost race about another instance is pushed again`() async {
        let bench = Bench(manifest())
        let theirs = file(other)
        bench.repository.bend { $0.others = [{ $0["instances/other.yaml"] = theirs }] }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.outcome() == .settled)
        #expect(bench.repository.tree.records[box] != nil)
        #expect(bench.repository.tree.records[other]?.uid == InstanceUID("theirs"))
        // The branch had no lineage when the pass began; the one that was there first counts.
        #expect(bench.repository.tree.lineage == .known(OwnerID("lineage")))
    }

    @Test func `an instance that another operator has brought back meanwhile is not forgotten`() async {
        let bench = Bench(manifest())
        let empty = file(box)
        var theirs =
            bench.repository.tree.records[box]
            ?? Record(
                uid: InstanceUID("theirs"), name: box, provider: "local", account: "account", zone: "local")
        theirs.operations = [Operation(epoch: 2, nonce: "theirs")]
        theirs.server = .creating(theirs.operations[0])
        let brought = InstanceFile.bytes(name: box, lineage: OwnerID("lineage"), status: nil, record: theirs)
        bench.repository.commit(Configuration(manifests: []))
        bench.repository.bend { contents in
            contents.files = ["instances/box.yaml": empty]
            contents.status = 1
            contents.others = [{ $0["instances/box.yaml"] = brought }]
        }
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        #expect(bench.repository.tree.records[box]?.operations == theirs.operations)
        theirs.operations = []
        theirs.server = .absent
        let nothing = InstanceFile.bytes(name: box, lineage: OwnerID("lineage"), status: nil, record: theirs)
        bench.repository.bend { $0.files = ["instances/box.yaml": nothing] }
        var later = bench.reconciler()
        _ = await later.pass()
        #expect(bench.repository.tree.files[box] == nil)
    }

    @Test func `the last that is told of an instance is that nothing of it is left`() async throws {
        var removable = manifest()
        removable.dataDisk = nil
        removable.deletionPolicy = .snapshot
        let bench = Bench(removable)
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.repository.commit(Configuration())
        _ = await reconciler.pass()
        #expect(bench.repository.tree.files[box] == nil)
        let history = bench.repository.bend { $0.history }
        let last = try #require(history.compactMap { StatusTree(files: $0).files[box] }.last)
        #expect(try last.record.get()?.isEmpty == true)
        let status = try #require(last.status)
        #expect((status.server, status.storages) == (nil, []))
    }

    @Test func `a lost race about this instance drops what was decided; the other's record stands`() async {
        let bench = Bench(manifest())
        let theirs = file(box)
        bench.repository.bend { $0.others = [{ $0["instances/box.yaml"] = theirs }] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.repository.tree.records[box]?.uid == InstanceUID("theirs"))
        #expect(bench.repository.tree.records[box]?.operations.first?.nonce == "theirs")
        #expect(bench.cloud.calls == PassTests.start)
    }

    @Test func `an operation that lost its race is never called`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        let record = bench.repository.tree.records[box]!
        // Meanwhile the other operator has written a newer record: nothing of the lost one may be made.
        var newer = record
        _ = newer.begin(nonce: "theirs", keeping: [])
        let bytes = InstanceFile.bytes(
            name: box, lineage: bench.repository.tree.files[box]!.lineage!, status: nil, record: newer)
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        bench.repository.bend { $0.others = [{ $0["instances/box.yaml"] = bytes }] }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(
            bench.repository.tree.records[box]?.operations.contains(Operation(epoch: record.epoch + 1, nonce: "theirs"))
                == true)
    }

    @Test func `a push whose answer was lost but that landed is recognised, and not repeated`() async {
        let bench = Bench(manifest())
        bench.repository.bend { contents in
            contents.pushFailures = [.unknownOutcome("timeout")]
            contents.landsAnyway = true
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.calls == PassTests.start)

        let plain = Bench(manifest())
        var undisturbed = plain.reconciler()
        _ = await undisturbed.pass()
        #expect(bench.repository.pushes == plain.repository.pushes)
    }

    @Test(arguments: [RepositoryError.unknownOutcome("timeout"), .unreachable("no route"), .lostRace()])
    func `a push that did not land is tried again`(failure: RepositoryError) async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.pushFailures = [failure, failure] }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.calls == PassTests.start)
    }

    @Test(arguments: [RepositoryError.refused("gone"), .cannotPublish("protected")])
    func `a push that is refused is not tried again, and nothing is done`(failure: RepositoryError) async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.pushFailures = [failure] }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.exitCodes.first == .unpublished)
        #expect(bench.cloud.calls.isEmpty)
        #expect(bench.repository.pushes == 0)
    }

    @Test func `a remote that stays unreachable ends the pass before anything is done`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.pushFailures = Array(repeating: .unreachable("no route"), count: 8) }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.unpublished == "no route")
        #expect(report.exitCodes.first == .unpublished)
        #expect(bench.cloud.calls.isEmpty)
        #expect(bench.repository.bend { $0.pushFailures.isEmpty })
    }

    @Test func `a remote that says when to push again is obeyed, and left to a later pass where that is long`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.pushFailures = [.unreachable("HTTP 429", retryAfter: .seconds(40))] }
        var reconciler = bench.reconciler()
        let before = bench.clock.now
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(before.duration(to: bench.clock.now) >= .seconds(40))

        let long = Bench(manifest())
        long.repository.bend { contents in
            contents.pushFailures = Array(repeating: .unreachable("HTTP 429", retryAfter: .seconds(600)), count: 2)
        }
        var patient = long.reconciler()
        #expect(await patient.pass().unpublished == "HTTP 429")
        #expect(long.repository.bend { $0.pushFailures.count } == 1)
        #expect(long.cloud.calls.isEmpty)
    }

    @Test func `a remote that says when to read again is not pushed to before`() async {
        var (bench, reconciler) = await Bench.running()
        bench.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        let before = bench.clock.now
        let pushed = Mutex<[Duration]>([])
        bench.repository.bend { [bench] contents in
            // Somebody else is first, so that the branch has to be read again.
            contents.others = (1...2).map { number in
                { files in
                    files["notes.txt"] = [UInt8(number)]
                    pushed.withLock { $0.append(before.duration(to: bench.clock.now)) }
                }
            }
            contents.readFailures = [.unreachable("HTTP 429", retryAfter: .seconds(40))]
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        let times = pushed.withLock { $0 }
        #expect(times.count == 2)
        #expect(times.first.map { $0 < .seconds(40) } == true)
        #expect(times.last.map { $0 >= .seconds(40) } == true)
    }

    @Test func `what another operator has changed meanwhile is not acted on`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { $0.failures["powerOn"] = Array(repeating: ProviderError(.unavailable, "503"), count: 100) }
        var first = bench.reconciler()
        _ = await first.pass()
        let calls = bench.cloud.calls
        #expect(calls.last == "powerOn")
        bench.cloud.bend { $0.failures["powerOn"] = nil }
        bench.repository.commit(Configuration(manifests: [manifest(), manifest("other")]))
        bench.repository.bend { contents in
            contents.others = [{ $0["instances/box.yaml"] = Array("rubbish: [".utf8) }]
        }
        var second = bench.reconciler("second")
        _ = await second.pass()
        #expect(bench.cloud.calls.filter { $0 == "powerOn" }.count == calls.filter { $0 == "powerOn" }.count + 1)
        #expect(bench.cloud.calls.dropFirst(calls.count).first != "powerOn")
    }

    @Test func `a server that cannot move the branch is quoted, unless others move it`() async {
        let refusals = Array(repeating: RepositoryError.lostRace(reason: "status.lock exists"), count: 8)
        let bench = Bench(manifest())
        bench.repository.bend { $0.pushFailures = refusals }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.unpublished == "status.lock exists")
        #expect(report.exitCodes.first == .unpublished)
        #expect(bench.cloud.calls.isEmpty)

        let busy = Bench(manifest())
        var patient = busy.reconciler()
        _ = await patient.pass()
        busy.repository.commit(Configuration(manifests: [manifest("box", stopped)]))
        busy.repository.bend { contents in
            contents.pushFailures = refusals
            contents.others = [{ $0["notes.txt"] = [] }]
        }
        #expect(await patient.pass().exitCodes == [.success])
        #expect(busy.repository.bend { $0.pushFailures.isEmpty })
    }

    @Test(arguments: [RepositoryError.unreachable("no route"), .unknownOutcome("no route")])
    func `after a signal a remote that does not answer is tried once`(failure: RepositoryError) async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.meanwhile["createDisk"] = { [repository = bench.repository] _ in
                bench.stop()
                repository.bend { $0.pushFailures = Array(repeating: failure, count: 8) }
            }
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().unpublished == "no route")
        #expect(bench.repository.bend { $0.pushFailures.count } == 7)
    }

    @Test func `after a signal a race that was lost is over where the branch cannot be read again`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.meanwhile["createDisk"] = { [repository = bench.repository] _ in
                bench.stop()
                repository.bend { contents in
                    contents.pushFailures = Array(repeating: .lostRace(), count: 8)
                    contents.headFailures = [.unreachable("no route")]
                }
            }
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().unpublished == "no route")
        #expect(bench.repository.bend { $0.pushFailures.count } == 7)
    }

    @Test func `an intent that met a branch of nobody knows whom was not published, and nothing is done`() async {
        let bench = Bench(manifest())
        bench.repository.bend { $0.others = [{ $0 = ["main.swift": []] }] }
        var reconciler = bench.reconciler()
        let report = await reconciler.pass()
        #expect(report.unpublished?.contains("not the operator's") == true)
        #expect(report.exitCodes.first == .unpublished)
        #expect(bench.cloud.calls.isEmpty)
    }

    @Test func `a final status that met a branch of nobody knows whom is said to be unpublished`() async {
        var (bench, reconciler) = await Bench.running()
        bench.cloud.bend { contents in
            for id in contents.servers.keys { contents.servers[id]?.publicIPv4 = "192.0.2.1" }
        }
        bench.repository.bend { $0.others = [{ $0 = ["main.swift": []] }] }
        let report = await reconciler.pass()
        #expect(report.unpublished?.contains("not the operator's") == true)
        #expect(report.exitCodes == [.unpublished])
    }

    @Test func `a final status that others always outrun is said to be unpublished`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        bench.cloud.bend { contents in
            for id in contents.servers.keys { contents.servers[id]?.publicIPv4 = "192.0.2.1" }
        }
        bench.repository.bend { contents in
            contents.others = (0..<8).map { number in { $0["notes-\(number).txt"] = [] } }
        }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.unpublished])
        #expect(report.outcome() == .settled)
        #expect(await reconciler.pass().exitCodes == [.success])
    }

    @Test func `a status that cannot be read again leaves what is known as it is`() async {
        let bench = Bench(manifest())
        bench.repository.bend { contents in
            contents.pushFailures = [.lostRace()]
            contents.readFailures = [.unreachable("no route")]
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.cloud.calls == PassTests.start)
    }
}
