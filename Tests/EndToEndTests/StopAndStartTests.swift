import Foundation
import TestThreads
import Testing

/// The main job, with the built binary, real machines and real bytes.
@Suite(.runs(on: .programs)) struct StopAndStartTests {
    @Test func `an operator that runs on sees a changed manifest, and a record that somebody took away`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        let process = try sandbox.start(["run", "--interval", "1s"])
        defer { process.killAndWait() }
        func waits(for what: String, until isSo: () throws -> Bool) rethrows {
            let deadline = Date().addingTimeInterval(120)
            while try !isSo(), Date() < deadline { usleep(50_000) }
            #expect(try isSo(), "\(what)")
        }
        let status = { try? sandbox.status("instances/box.yaml") }
        waits(for: "a start") { status()?.contains("reason: Converged") == true }
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        waits(for: "a stop") { sandbox.servers.isEmpty && sandbox.names(in: "disks", suffix: ".raw").isEmpty }
        waits(for: "its status") { status()?.contains("data in snapshot") == true }
        try sandbox.git("clone", "-q", "-b", "status", "repository.git", "reader")
        try sandbox.git("-C", "reader", "rm", "-q", "instances/box.yaml")
        try sandbox.git("-C", "reader", "commit", "-qm", "taken away")
        try sandbox.git("-C", "reader", "push", "-q", "origin", "status")
        waits(for: "the record to be missed") { status()?.contains("UnknownResources") == true }
        #expect(sandbox.snapshots.count == 1)
    }

    @Test(arguments: [["--max-removals", "1"], []])
    func `a host's own limit of removals holds, and else the usual one`(option: [String]) throws {
        let sandbox = try Sandbox()
        let box = { manifest($0, enabled: false, data: "live", more: "  deletionPolicy: snapshot") }
        try sandbox.commit(["a.yaml": box("a"), "b.yaml": box("b"), "c.yaml": box("c")])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.commit(["a.yaml": nil, "b.yaml": nil])
        let output = try sandbox.run(["reconcile", "--once"] + option)
        #expect(output.code == (option.isEmpty ? 0 : 4))
        #expect(output.err.contains("the limit is 1") == !option.isEmpty)
        #expect(sandbox.snapshots.count == (option.isEmpty ? 2 : 0))
    }

    @Test func `bytes written to the disk are there after a stop and a start`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.console.contains("BOOTS=1"))

        try sandbox.commit(["box.yaml": manifest(enabled: false)])
        #expect(try sandbox.reconcile().code == 0)
        let secret = Data("bytes of our own \(UUID())".utf8)
        let disk = try FileHandle(forUpdating: sandbox.disk(ofGigabytes: 1))
        try disk.seek(toOffset: 700_000_000)
        try disk.write(contentsOf: secret)
        try disk.close()

        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.servers.isEmpty)
        #expect(sandbox.names(in: "disks", suffix: ".raw").isEmpty)
        #expect(sandbox.snapshots.count == 1)

        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.console.contains("BOOTS=2"))
        let restored = try FileHandle(forReadingFrom: sandbox.disk(ofGigabytes: 1))
        try restored.seek(toOffset: 700_000_000)
        #expect(try restored.read(upToCount: secret.count) == secret)
    }

    @Test func `a second pass changes nothing and commits nothing`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        let (head, servers, pids) = (sandbox.statusHead, sandbox.servers, sandbox.machinePids())
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.statusHead == head)
        #expect(sandbox.servers == servers)
        #expect(sandbox.machinePids() == pids)
    }

    @Test func `what a plan prints is what a pass does`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        let plan = try sandbox.run("plan")
        #expect(plan.code == 2)
        #expect(plan.out.contains("5. powering on server"))
        #expect(sandbox.statusHead == nil)
        #expect(try sandbox.reconcile().code == 0)
        let after = try sandbox.run("plan")
        #expect(after.code == 0)
        #expect(after.out == "nothing to do\n")
    }

    @Test func `a machine that was killed by hand is started again with its data`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        for pid in sandbox.machinePids() { kill(pid, SIGKILL) }
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.console.contains("BOOTS=2"))
    }

    @Test func `the root disk is snapshotted after the first boot and later servers boot from it`() throws {
        let sandbox = try Sandbox()
        let root = "  rootDisk: {snapshot: {enable: true}}"
        try sandbox.commit(["box.yaml": manifest(more: root)])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.snapshots.count == 1)
        #expect(sandbox.console.contains("BOOTS=2"))
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot", more: root)])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.snapshots.count == 2)
        try sandbox.commit(["box.yaml": manifest(more: root)])
        let start = try sandbox.reconcile()
        #expect(start.code == 0)
        #expect(start.err.contains("making a root disk from snapshot"))
        #expect(sandbox.console.contains("BOOTS=3"))
    }

    @Test func `a data disk grows, and refuses to shrink at the line that says so`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.commit(["box.yaml": manifest(sizeGB: 2)])
        #expect(try sandbox.reconcile().code == 0)
        _ = try sandbox.disk(ofGigabytes: 2)
        try sandbox.commit(["box.yaml": manifest(sizeGB: 1)])
        let shrink = try sandbox.reconcile()
        #expect(shrink.code == 5)
        #expect(shrink.err.contains("box.yaml:11:13: error: spec.dataDisk.sizeGB is 1"))
        _ = try sandbox.disk(ofGigabytes: 2)
    }

    @Test func `an instance whose manifest was removed is retained, and resumes when it comes back`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(), "other.yaml": manifest("other", enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        let pids = sandbox.machinePids()
        try sandbox.commit(["box.yaml": String?.none])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.machinePids() == pids)
        #expect(try sandbox.status("instances/box.yaml").contains("reason: Retained"))
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.servers.isEmpty)
        #expect(sandbox.snapshots.count == 1)
    }

    @Test func `destroying the last copy needs an approval in the commit`() throws {
        let sandbox = try Sandbox()
        let policy = "  deletionPolicy: delete"
        try sandbox.commit(["box.yaml": manifest(more: policy), "keep.yaml": manifest("keep", enabled: false)])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.commit(["box.yaml": String?.none])
        let blocked = try sandbox.reconcile()
        #expect(blocked.code == 4)
        #expect(blocked.err.contains("Operator-Approve: box"))
        #expect(sandbox.servers.count == 1)
        try sandbox.commit([:], message: "Yes, delete it\n\nOperator-Approve: box")
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.servers.isEmpty)
        #expect((try? sandbox.status("instances/box.yaml")) == nil)
    }
}
