import Foundation
import TestThreads
import Testing

/// Operators that are killed, told to stop, or not alone.
@Suite(.runs(on: .programs)) struct InterruptionTests {
    @Test func `a second operator on the same state directory waits and then gives up politely`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        let first = try sandbox.start(["run", "--interval", "60s"])
        defer { first.killAndWait() }
        while sandbox.statusHead == nil { usleep(20_000) }
        for command in [["reconcile", "--once"], ["recover"]] {
            let second = try sandbox.run(command + ["--timeout", "1s"])
            #expect(second.code == 7)
            #expect(second.err.contains("waiting for another operator on this host"))
            #expect(second.err.contains("--state-dir"))
        }
    }

    @Test func `two operators at once make one machine and lose nothing`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        let other = try sandbox.start(["reconcile", "--once", "--state-dir", sandbox.root.path + "/state2"])
        let output = try sandbox.reconcile()
        other.waitUntilExit()
        #expect(output.code == 0)
        #expect(other.terminationStatus == 0)
        #expect(sandbox.servers.count == 1)
        #expect(sandbox.names(in: "disks", suffix: ".raw").count == 2)
    }

    @Test func `killed again and again it gets there, with one of everything and the data`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        try killUntilDone(sandbox)
        #expect(sandbox.console.contains("BOOTS="))
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        try killUntilDone(sandbox)
        #expect(sandbox.snapshots.count == 1)
        #expect(sandbox.names(in: "disks", suffix: ".raw").isEmpty)
        try sandbox.commit(["box.yaml": manifest()])
        try killUntilDone(sandbox)
        #expect(sandbox.servers.count == 1)
        #expect(sandbox.names(in: "disks", suffix: ".raw").count == 2)
        #expect(!sandbox.console.contains("BOOTS=1\r"))
    }

    /// Kills the operator a little later every time, until it comes to its end: by a tenth, so that a slow one does too.
    private func killUntilDone(_ sandbox: Sandbox) throws {
        var life = 0.06
        for _ in 1...60 {
            let process = try sandbox.start(["reconcile", "--once"])
            let deadline = Date().addingTimeInterval(life)
            life *= 1.1
            while process.isRunning, Date() < deadline { usleep(5_000) }
            guard process.isRunning else {
                process.waitUntilExit()
                if process.terminationStatus == 0 { return }
                continue
            }
            process.killAndWait()
        }
        Issue.record("it never came to its end")
    }

    @Test func `told to stop it breaks a copy off that takes hours, and says so`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        try sandbox.shell(
            """
            mkdir slow work-of-hours && printf '#!/bin/sh\n[ "$1" != convert ] || { touch %s/begun; exec sleep 3600; }\n\
            exec %s "$@"\n' "$PWD/work-of-hours" "$(command -v qemu-img)" > slow/qemu-img && chmod +x slow/qemu-img
            """)
        let path = "\(sandbox.root.path)/slow:" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let process = try sandbox.start(["reconcile", "--once"], environment: ["PATH": path])
        let begun = sandbox.root.path + "/work-of-hours/begun"
        while process.isRunning, !FileManager.default.fileExists(atPath: begun) { usleep(10_000) }
        process.terminate()
        process.waitUntilExit()
        #expect(try sandbox.status("instances/box.yaml").contains("interrupted"))
        #expect(sandbox.snapshots.isEmpty)
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.snapshots.count == 1)
    }

    @Test func `told to stop it publishes where it stands`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        let process = try sandbox.start(["run", "--interval", "1s"])
        while sandbox.machinePids().isEmpty { usleep(10_000) }
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect((try? sandbox.status("lock.yaml")) == nil)
        #expect(try sandbox.status("instances/box.yaml").contains("srv-"))
    }
}
