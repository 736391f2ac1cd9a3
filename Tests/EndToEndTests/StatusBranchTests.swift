import Foundation
import TestThreads
import Testing

/// A status branch that is protected, lost, rolled back or edited stops what rests on it, and a person decides.
@Suite(.runs(on: .programs)) struct StatusBranchTests {
    @Test func `a protected status branch is said, and nothing is done without it`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        let hook = sandbox.root.appendingPathComponent("repository.git/hooks/pre-receive")
        try "#!/bin/sh\necho 'status is protected' >&2\nexit 1\n".write(to: hook, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook.path)
        let output = try sandbox.reconcile()
        #expect(output.code == 10)
        #expect(output.err.contains("status"))
        #expect(sandbox.names(in: "disks", suffix: ".raw").isEmpty)
    }

    @Test func `a lock that was left on the remote's branch is said, and nothing is done meanwhile`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        try Data().write(to: sandbox.root.appendingPathComponent("repository.git/refs/heads/status.lock"))
        try sandbox.commit(["box.yaml": manifest()])
        let output = try sandbox.reconcile()
        #expect(output.code == 10)
        #expect(output.err.contains("status.lock"))
        #expect(sandbox.servers.isEmpty)
    }

    @Test func `a status branch that was deleted or rolled back stops everything`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        let head = try #require(sandbox.statusHead)
        let pids = sandbox.machinePids()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        for older in [nil, head + "~1"] as [String?] {
            if let older {
                try sandbox.git("-C", "repository.git", "update-ref", "refs/heads/status", older)
            } else {
                try sandbox.git("-C", "repository.git", "update-ref", "-d", "refs/heads/status")
            }
            let output = try sandbox.reconcile()
            #expect(output.code == 8)
            #expect(output.err.contains("status"))
            // To look at what could be recovered accepts nothing.
            _ = try sandbox.run("recover")
            #expect(try sandbox.reconcile().code == 8)
            #expect(sandbox.machinePids() == pids)
        }
        try sandbox.git("-C", "repository.git", "update-ref", "refs/heads/status", head)
        #expect(try sandbox.reconcile().code == 0)
    }

    @Test func `the copy of a deleted status branch outlives the mirror that held it`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        let head = try #require(sandbox.statusHead)
        func crowd() throws {
            let packs = sandbox.root.appendingPathComponent("state/mirror/objects/pack")
            for number in 0..<201 { try Data().write(to: packs.appendingPathComponent("pack-\(number).pack")) }
        }
        try crowd()
        #expect(try sandbox.reconcile().code == 0)
        let beside = try FileManager.default.contentsOfDirectory(atPath: sandbox.root.path + "/state")
        #expect(!beside.contains { $0.contains("kept") })
        try crowd()
        try sandbox.git("-C", "repository.git", "update-ref", "-d", "refs/heads/status")
        try sandbox.git("-C", "repository.git", "gc", "-q", "--prune=now")
        let kept = "state/mirror.kept-\(head.prefix(12))"
        for _ in 1...2 {
            let output = try sandbox.reconcile()
            #expect(output.code == 8)
            #expect(output.err.contains("is kept in \(sandbox.root.path)/\(kept)"))
        }
        for number in 0..<201 {
            try FileManager.default.removeItem(atPath: "\(sandbox.root.path)/\(kept)/objects/pack/pack-\(number).pack")
        }
        try sandbox.git("-C", kept, "push", "-q", sandbox.root.path + "/repository.git", "\(head):refs/heads/status")
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.statusHead == head)
    }

    @Test func `each status branch is remembered by itself`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        let head = try #require(sandbox.statusHead)
        let file = sandbox.root.appendingPathComponent("state/status-head")
        // As it was written when one branch was remembered.
        #expect(try String(contentsOf: file, encoding: .utf8) == "status \(head)\n")
        #expect(try sandbox.reconcile("--status-branch", "status-2").code == 0)
        #expect(try sandbox.run("recover", "--accept", "--status-branch", "status-2").code == 0)
        for branch in ["status", "status-2"] {
            try sandbox.git("-C", "repository.git", "update-ref", "-d", "refs/heads/" + branch)
            let output = try sandbox.reconcile("--status-branch", branch)
            #expect(output.code == 8)
            #expect(output.err.contains("status branch '\(branch)' is gone"))
        }
        // As docs/recovery.md has it.
        try sandbox.shell(
            "git -C state/mirror push -q \"$OPERATOR_REPO\" "
                + "\"$(sed -n 's/^status //p' state/status-head)\":refs/heads/status")
        #expect(sandbox.statusHead == head)
        #expect(try sandbox.reconcile().code == 0)
    }

    @Test(arguments: ["echo status >> FILE", "rm FILE; mkdir FILE", "yes '# and so on' | head -c 200000 >> FILE"])
    func `a memory of the status branch that cannot be read is not taken for none`(damage: String) throws {
        let sandbox = try Sandbox()
        for name in ["box", "other"] {
            try sandbox.commit(["\(name).yaml": manifest(name, enabled: false, data: "snapshot")])
            #expect(try sandbox.reconcile().code == 0)
        }
        let head = try #require(sandbox.statusHead)
        try sandbox.shell(damage.replacingOccurrences(of: "FILE", with: "state/status-head"))
        try sandbox.git("-C", "repository.git", "update-ref", "refs/heads/status", head + "~1")
        for command in [["reconcile", "--once"], ["plan"], ["recover", "--accept"]] {
            let output = try sandbox.run(command)
            #expect(output.code == 8)
            #expect(output.err.contains("cannot be read from \(sandbox.root.path)/state/status-head"))
            #expect(output.err.contains("delete this file"))
        }
        #expect(sandbox.statusHead != head)
        try sandbox.git("-C", "repository.git", "update-ref", "refs/heads/status", head)
        try sandbox.shell("rm -r state/status-head")
        #expect(try sandbox.reconcile().code == 0)
    }

    @Test func `a status branch that is gone is told by whoever looks, where it was seen`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        let head = try #require(sandbox.statusHead)
        try sandbox.git("-C", "repository.git", "update-ref", "-d", "refs/heads/status")
        for command in ["plan", "status"] {
            let output = try sandbox.run(command)
            #expect(output.code == 8)
            #expect(output.err.contains("status branch 'status' is gone; it was last seen at \(head.prefix(12))"))
        }
        let elsewhere = try sandbox.run("status", "--state-dir", "elsewhere")
        #expect(elsewhere.code == 8)
        #expect(elsewhere.err.contains("there is no status yet"))
    }

    @Test(arguments: ["status", "of/mine;'$(false)'"])
    func `the command that brings a status branch back is named`(branch: String) throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile("--status-branch", branch).code == 0)
        let reference = "refs/heads/" + branch
        let head = try sandbox.git("-C", "repository.git", "rev-parse", reference)
        try sandbox.git("-C", "repository.git", "update-ref", "-d", reference)
        func bringBack(with start: String) throws {
            let refused = try sandbox.reconcile("--status-branch", branch)
            #expect(refused.code == 8)
            let command = try #require(refused.err.split(separator: "`").first { $0.hasPrefix("git ") })
            #expect(command.hasPrefix("git -C \(sandbox.root.path)/state/mirror push \(start)"))
            try sandbox.shell(String(command))
            #expect(try sandbox.git("-C", "repository.git", "rev-parse", reference) == head)
            #expect(try sandbox.reconcile("--status-branch", branch).code == 0)
        }
        try bringBack(with: sandbox.root.path)
        try sandbox.git("-C", "repository.git", "update-ref", reference, "main")
        try bringBack(with: "--force")
    }

    @Test func `settings that name a status branch and cannot be read begin no other one`() throws {
        let sandbox = try Sandbox()
        let settings = "apiVersion: operator/v1\nkind: Settings\nspec:\n  statusBranch: ops/status\n"
        try sandbox.commit(["box.yaml": manifest(), "operator.yaml": settings + "  guards: {maxStops: many}\n"])
        let refused = try sandbox.reconcile()
        #expect(refused.code == 8)
        #expect(refused.err.contains("operator.yaml cannot be read and may name its branch"))
        #expect(sandbox.statusHead == nil)
        #expect(sandbox.servers.isEmpty)
        #expect(try sandbox.reconcile("--status-branch", "ops/status").code == 5)
        let long = settings + String(repeating: "# and so on\n", count: 6_000)
        try sandbox.commit(["operator.yaml": long])
        #expect(try sandbox.reconcile().err.contains("operator.yaml cannot be read and may name its branch"))
        #expect(sandbox.statusHead == nil)
        try sandbox.commit(["operator.yaml": settings])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.statusHead == nil)
    }

    @Test func `a file too large to be read stops its instance, and none where it is not the operator's`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(), "other.yaml": manifest("other")])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.git("clone", "-q", "-b", "status", "repository.git", "reader")
        func push(_ file: String) throws {
            let url = sandbox.root.appendingPathComponent("reader/" + file)
            try Data(count: 17 << 20).write(to: url)
            try sandbox.git("-C", "reader", "add", file)
            try sandbox.git("-C", "reader", "commit", "-q", "-m", "large")
            try sandbox.git("-C", "reader", "pull", "-q", "--rebase", "origin", "status")
            try sandbox.git("-C", "reader", "push", "-q", "origin", "status")
        }
        try push("dump.bin")
        #expect(try sandbox.reconcile().code == 0)
        try push("instances/box.yaml")
        let stopped = { manifest($0, enabled: false, data: "snapshot") }
        try sandbox.commit(["box.yaml": stopped("box"), "other.yaml": stopped("other")])
        let output = try sandbox.reconcile()
        #expect(output.code == 3)
        #expect(output.err.contains("instances/box.yaml:1:1: the file has more than 16777216 bytes"))
        #expect(sandbox.servers.count == 1)
        #expect(sandbox.snapshots.count == 1)
    }

    @Test func `a record that was edited by hand stops its instance and no other`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(), "other.yaml": manifest("other")])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.git("clone", "-q", "-b", "status", "repository.git", "reader")
        let file = sandbox.root.appendingPathComponent("reader/instances/box.yaml")
        let text = try String(contentsOf: file, encoding: .utf8).replacingOccurrences(
            of: "state: live", with: "state: alive")
        try text.write(to: file, atomically: true, encoding: .utf8)
        try sandbox.git("-C", "reader", "commit", "-qam", "edited")
        try sandbox.git("-C", "reader", "push", "-q", "origin", "status")
        try sandbox.commit([
            "box.yaml": manifest(enabled: false, data: "snapshot"),
            "other.yaml": manifest("other", enabled: false, data: "snapshot"),
        ])
        let output = try sandbox.reconcile()
        #expect(output.code == 3)
        #expect(output.err.contains("instances/box.yaml"))
        #expect(sandbox.servers.count == 1)
        #expect(sandbox.snapshots.count == 1)
    }
}
