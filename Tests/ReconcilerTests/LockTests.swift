import Instances
import Testing

@testable import Reconciler

/// The lock is a courtesy: a second operator waits, until it has not changed for five minutes by its own clock.
@Suite struct LockTests {
    private func lock(_ nonce: String, host: String = "elsewhere") -> Lock {
        Lock(
            holder: "ci", host: host, process: 7, started: Timestamp(seconds: 0), nonce: nonce, purpose: "stopping box")
    }

    /// A bench whose status branch is locked by another operator.
    private func locked(host: String = "elsewhere") -> Bench {
        let bench = Bench(manifest())
        let theirs = lock("theirs-1", host: host)
        let other = InstanceName("other")!
        bench.repository.bend { contents in
            contents.files["lock.yaml"] = theirs.bytes
            contents.files["instances/other.yaml"] = InstanceFile.bytes(
                name: other, lineage: OwnerID("lineage"), status: nil, record: nil)
            contents.status = 1
        }
        return bench
    }

    @Test func `the lock goes out with the first intent and comes back with the outcome`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.meanwhile["createDisk"] = { [repository = bench.repository] _ in
                let lock = repository.tree.lock
                #expect(lock?.nonce.hasPrefix("mine-") == true)
                #expect(lock?.purpose == "working on box")
            }
        }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.repository.tree.lock == nil)
    }

    @Test func `another operator's lock is waited for, and exit 7 at the timeout`() async {
        let bench = locked()
        var reconciler = bench.reconciler { $0.timeout = .seconds(299) }
        let report = await reconciler.pass()
        #expect(report.exitCodes == [.locked])
        #expect(report.lockedBy == "ci (process 7 on elsewhere, since 1970-01-01T00:00:00Z): stopping box")
        #expect(bench.clock.now.offset == .seconds(299))
        #expect(bench.cloud.calls.isEmpty)
        #expect(bench.repository.pushes == 0)
        #expect(bench.repository.tree.lock == lock("theirs-1"))
    }

    @Test func `a lock that has not changed for five minutes is not waited for any more`() async {
        let bench = locked()
        var reconciler = bench.reconciler { $0.timeout = .seconds(400) }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.clock.now.offset >= .seconds(300))
        #expect(bench.clock.now.offset < .seconds(310))
    }

    @Test func `a lock that changes is waited for anew`() async {
        let bench = locked()
        var reconciler = bench.reconciler { $0.timeout = .seconds(280) }
        #expect(await reconciler.pass().exitCodes == [.locked])
        let renewed = lock("theirs-2")
        bench.repository.bend { contents in
            contents.files["lock.yaml"] = renewed.bytes
            contents.status = 2
        }
        #expect(await reconciler.pass().exitCodes == [.locked])
        // 280 seconds of the second lock were waited for in the pass before.
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.clock.now.offset >= .seconds(580))
        #expect(bench.clock.now.offset < .seconds(590))
    }

    @Test func `a lock of a process that is surely gone is not waited for`() async {
        let bench = locked(host: "dead")
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.clock.now.offset < .seconds(5))
        #expect(bench.repository.tree.lock == nil)
    }

    @Test func `a lock is not waited for where nothing is to be done`() async {
        let bench = Bench(manifest())
        var reconciler = bench.reconciler()
        _ = await reconciler.pass()
        let theirs = lock("theirs-1")
        bench.repository.bend { contents in
            contents.files["lock.yaml"] = theirs.bytes
            contents.status = 99
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.repository.tree.lock == theirs)
        // One that nobody can take back any more is taken away.
        let dead = lock("theirs-1", host: "dead")
        bench.repository.bend { contents in
            contents.files["lock.yaml"] = dead.bytes
            contents.status = 100
        }
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.repository.tree.lock == nil)
    }

    @Test func `an own lock of an earlier pass is no other operator's`() async {
        let bench = locked()
        let own = lock("mine-1")
        bench.repository.bend { $0.files["lock.yaml"] = own.bytes }
        var reconciler = bench.reconciler()
        #expect(await reconciler.pass().exitCodes == [.success])
        #expect(bench.clock.now.offset < .seconds(5))
        #expect(bench.repository.tree.lock == nil)
    }

    @Test func `a nonce that only begins like the own one is another operator's`() async {
        let bench = locked()
        let similar = lock("mineral")
        bench.repository.bend { $0.files["lock.yaml"] = similar.bytes }
        var reconciler = bench.reconciler { $0.timeout = .seconds(10) }
        #expect(await reconciler.pass().exitCodes == [.locked])
    }

    @Test func `a busy operator shows every hundred seconds that it is there`() async {
        let bench = Bench(manifest())
        bench.cloud.bend { contents in
            contents.meanwhile["powerOn"] = { contents in
                for id in contents.servers.keys { contents.servers[id]?.guestReady = false }
            }
        }
        var reconciler = bench.reconciler { $0.timeout = .seconds(350) }
        #expect(await reconciler.pass().exitCodes == [.timedOut])
        let renewals = bench.repository.bend { $0.messages.count }
        let quick = Bench(manifest())
        var other = quick.reconciler()
        _ = await other.pass()
        #expect(renewals == quick.repository.pushes + 3)
    }
}
