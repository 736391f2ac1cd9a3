import Foundation
import TestThreads
import Testing

/// Every mistake gets a message with the way out, and loses nothing.
@Suite(.runs(on: .programs)) struct BadDaysTests {
    // MARK: The repository

    @Test func `without a repository the message says how to name one`() throws {
        let sandbox = try Sandbox()
        let output = try sandbox.reconcile(environment: ["OPERATOR_REPO": ""])
        #expect(output.code == 1)
        #expect(output.err.contains("Give --repo URL or PATH, or set OPERATOR_REPO."))
    }

    @Test func `a wrong address, an unknown branch and an unreachable host are told apart`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        let wrong = try sandbox.reconcile("--repo", sandbox.root.path + "/nowhere.git")
        #expect(wrong.code == 8)
        #expect(wrong.err.contains("nowhere.git"))
        let branch = try sandbox.reconcile("--branch", "mian")
        #expect(branch.code == 8)
        #expect(branch.err.contains("mian"))
        #expect(branch.err.contains("main"))
        let host = try sandbox.reconcile("--repo", "https://127.0.0.1:1/team/machines.git", "--timeout", "5s")
        #expect(host.code == 8)
        #expect(sandbox.servers.isEmpty)
    }

    @Test func `an account's file that cannot be read is not said to be missing`() throws {
        let sandbox = try Sandbox()
        func doctor(_ path: String) throws -> String {
            let output = try sandbox.run("doctor", environment: ["SCW_CONFIG_PATH": path, "SCW_ACCESS_KEY": ""])
            #expect(output.code == 8)
            return output.err
        }
        #expect(try doctor(sandbox.root.path).contains("Is a directory"))
        #expect(try doctor(sandbox.root.path + "/none.yaml").contains("does not exist"))
    }

    @Test func `a configuration branch that was deleted or emptied removes nothing`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(more: "  deletionPolicy: snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        let pids = sandbox.machinePids()
        try sandbox.git("-C", "repository.git", "branch", "-m", "main", "elsewhere")
        let gone = try sandbox.reconcile()
        #expect(gone.code == 8)
        #expect(gone.err.contains("main"))
        try sandbox.git("-C", "repository.git", "branch", "-m", "elsewhere", "main")
        try sandbox.git("-C", "clone", "rm", "-q", "-r", ".")
        try sandbox.git("-C", "clone", "commit", "-q", "-m", "empty")
        try sandbox.git("-C", "clone", "push", "-q", "origin", "main")
        #expect(try sandbox.reconcile().code == 8)
        #expect(sandbox.machinePids() == pids)
    }

    @Test func `a force-pushed configuration is refused until it is accepted`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["other.yaml": manifest("other", enabled: false, data: "snapshot")])
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.git("-C", "clone", "reset", "-q", "--hard", "HEAD~1")
        try sandbox.git("-C", "clone", "commit", "-q", "--amend", "-m", "rewritten")
        try sandbox.git("-C", "clone", "push", "-q", "--force", "origin", "main")
        let refused = try sandbox.reconcile()
        #expect(refused.code == 8)
        #expect(refused.err.contains("--accept-rewrite"))
        #expect(try sandbox.reconcile("--accept-rewrite").code == 0)
        #expect(sandbox.servers.count == 1)
    }

    @Test func `a branch that lacks what was reconciled already is planned as it is, with a note`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        try sandbox.git("-C", "clone", "push", "-q", "origin", "HEAD:my-change")
        try sandbox.commit(["other.yaml": manifest("other", enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        let plan = try sandbox.run("plan", "--branch", "my-change")
        #expect(plan.code == 0)
        #expect(plan.out.contains("nothing to do"))
        #expect(plan.err.contains("which the status branch speaks of"))
        #expect(try !sandbox.run("plan").err.contains("which the status branch speaks of"))
        // Nothing of this is accepted by a pass.
        #expect(try sandbox.reconcile("--branch", "my-change").code == 8)
    }

    @Test func `a name that nobody has is no reason to say that there is nothing to do`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["gpu-box.yaml": manifest("gpu-box")])
        for command in [["reconcile", "--once"], ["plan"], ["recover"]] {
            let output = try sandbox.run(command + ["--only", "gpu-bxo"])
            #expect(output.code == 1)
            #expect(output.err.contains("no instance is called gpu-bxo; did you mean gpu-box?"))
            #expect(!(output.out + output.err).contains("nothing to do"))
        }
        #expect(sandbox.servers.isEmpty)
    }

    @Test func `a plan does not say that there is nothing to do beside something that is broken`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        for pid in sandbox.machinePids() { kill(pid, SIGKILL) }
        try FileManager.default.removeItem(at: sandbox.disk(ofGigabytes: 1))
        let plan = try sandbox.run("plan")
        #expect(plan.code == 3)
        #expect(!plan.out.contains("nothing to do"))
    }

    @Test func `a manifest in a folder that cannot be opened is not taken for removed`() throws {
        let sandbox = try Sandbox()
        let text = manifest(more: "  deletionPolicy: snapshot")
        try sandbox.commit(["box.yaml": text, "other.yaml": manifest("other", enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        let pids = sandbox.machinePids()
        try sandbox.commit(["box.yaml": nil, "a\u{1b}[31m/box.yaml": text])
        let output = try sandbox.reconcile()
        #expect(output.code == 5)
        #expect(!output.err.contains("\u{1b}"))
        #expect(sandbox.machinePids() == pids)
        #expect(sandbox.snapshots.isEmpty)
    }

    @Test(arguments: ["link", "submodule"])
    func `a manifest in a folder that became a link or a submodule is not taken for removed`(kind: String) throws {
        let sandbox = try Sandbox()
        func close(_ folder: String) throws {
            let path = sandbox.root.path + "/clone/" + folder
            try sandbox.git("-C", "clone", "rm", "-q", "-r", "--cached", "--ignore-unmatch", folder)
            try? FileManager.default.removeItem(atPath: path)
            if kind == "link" {
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nowhere")
            } else {
                try sandbox.git("init", "-q", path)
                try sandbox.git("-C", path, "commit", "-q", "--allow-empty", "-m", "elsewhere")
            }
        }
        let policy = "  deletionPolicy: snapshot"
        try close("vendor")
        try sandbox.commit([
            "machines/box.yaml": manifest(more: policy), "other.yaml": manifest("other", more: policy),
        ])
        // What has nothing to do with manifests is told, and is no reason to fail.
        let first = try sandbox.reconcile()
        #expect(first.code == 0)
        #expect(first.err.contains("vendor:1:1: warning: "))
        try close("machines")
        try sandbox.commit(["other.yaml": nil])
        for _ in 1...2 {
            let output = try sandbox.reconcile()
            #expect(output.code == 5)
            #expect(output.err.contains("machines:1:1: warning: "))
            #expect(try sandbox.status("instances/box.yaml").contains("manifestFile: machines/box.yaml"))
            #expect(sandbox.servers.count == 1)
            #expect(sandbox.snapshots.count == 1)
        }
    }

    // MARK: Manifests

    @Test func `an unreadable manifest freezes its own instances and delays no other`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(), "other.yaml": manifest("other")])
        #expect(try sandbox.reconcile().code == 0)
        let broken = manifest(enabled: false).replacingOccurrences(
            of: "enableInstanceServer", with: "enableInstanceSever")
        try sandbox.commit(["box.yaml": broken, "other.yaml": manifest("other", enabled: false, data: "snapshot")])
        let output = try sandbox.reconcile()
        #expect(output.code == 5)
        #expect(output.err.contains("box.yaml:13:5: error: unknown key 'enableInstanceSever'"))
        #expect(output.err.contains("enableInstanceServer"))
        #expect(sandbox.servers.count == 1)
        #expect(sandbox.snapshots.count == 1)
        #expect(try sandbox.status("README.md").contains("enableInstanceSever"))
    }

    @Test func `a manifest that has grown too long, or whose folder is missing, was not removed`() throws {
        let sandbox = try Sandbox()
        let box = manifest(more: "  deletionPolicy: snapshot\n")
        try sandbox.commit(["machines/box.yaml": box])
        #expect(try sandbox.reconcile().code == 0)
        let long = box + String(repeating: "# and so on\n", count: 6_000)
        try sandbox.commit(["machines/box.yaml": long])
        let refused = try sandbox.reconcile()
        #expect(refused.code == 5)
        #expect(refused.err.contains("machines/box.yaml"))
        #expect(sandbox.machinePids().count == 1)
        let settings = "apiVersion: operator/v1\nkind: Settings\nspec:\n  folders: [boxes]\n"
        try sandbox.commit(["machines/box.yaml": box, "operator.yaml": settings])
        #expect(try sandbox.reconcile().err.contains("there are no manifests in folder 'boxes'"))
        #expect(sandbox.machinePids().count == 1)
    }

    @Test func `files on disk are read as those of a commit are`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["machines/box.yaml": manifest()])
        let clone = sandbox.root.appendingPathComponent("clone")
        func link(_ name: String, to place: String) throws {
            try FileManager.default.createSymbolicLink(
                atPath: clone.appendingPathComponent(name).path, withDestinationPath: place)
        }
        try link("machines/more", to: "../elsewhere")
        let warned = try sandbox.run("validate", clone.path)
        #expect(warned.code == 0)
        #expect(warned.err.contains("machines/more:1:1: warning: symbolic links are never followed"))
        #expect(warned.err.contains("1 valid manifest in 1 file\n"))
        try link("machines/other.yaml", to: "box.yaml")
        for command in [["validate", clone.path], ["plan", "--working-tree", clone.path]] {
            let refused = try sandbox.run(command)
            #expect(refused.code == 5)
            #expect(refused.err.contains("machines/other.yaml:1:1: error: symbolic links are never followed"))
        }
        let missing = try sandbox.run("plan", "--working-tree", clone.path, "--path", "boxes")
        #expect(missing.code == 8)
        #expect(missing.err.contains("there are no manifests in folder 'boxes' in '\(clone.path)'"))
    }

    @Test func `two manifests with one name freeze it, and both places are named`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["a.yaml": manifest(), "b.yaml": manifest(enabled: false)])
        let output = try sandbox.reconcile()
        #expect(output.code == 5)
        #expect(output.err.contains("a.yaml:4:9") && output.err.contains("b.yaml:4:9"))
        #expect(sandbox.servers.isEmpty)
    }

    @Test func `an unknown provider, type or image is said before anything is made`() throws {
        let sandbox = try Sandbox()
        let good = manifest()
        try sandbox.commit([
            "a.yaml": good.replacingOccurrences(of: "provider: local", with: "provider: locl\n  zone: local")
                .replacingOccurrences(of: "name: box", with: "name: a"),
            "b.yaml": good.replacingOccurrences(of: "c1-m64", with: "huge").replacingOccurrences(
                of: "name: box", with: "name: b"),
            "c.yaml": good.replacingOccurrences(of: "image: counter", with: "image: debain").replacingOccurrences(
                of: "name: box", with: "name: c"),
        ])
        let output = try sandbox.reconcile()
        #expect(output.code == 5)
        #expect(output.err.contains("a.yaml:6:13: error: there is no provider locl here: did you mean local?"))
        #expect(output.err.contains("b.yaml:8:11: error:"))
        #expect(output.err.contains("c.yaml:9:12: error:"))
        #expect(sandbox.names(in: "disks", suffix: ".raw").isEmpty)
    }

    // MARK: This machine

    @Test func `without qemu the message names the package, and the snapshot stays`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        let bin = sandbox.root.appendingPathComponent("bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        for program in ["git", "git-receive-pack", "git-upload-pack", "ssh"] {
            try? FileManager.default.createSymbolicLink(
                at: bin.appendingPathComponent(program), withDestinationURL: URL(fileURLWithPath: "/usr/bin/" + program)
            )
        }
        let output = try sandbox.reconcile("--timeout", "20s", environment: ["PATH": bin.path])
        #expect(output.code == 3)
        #expect(output.err.contains("qemu-utils"))
        _ = try sandbox.disk(ofGigabytes: 1)
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.snapshots.count == 1)
    }

    @Test func `a state directory that cannot be used is named with the way out`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        try "in the way".write(to: sandbox.root.appendingPathComponent("file"), atomically: true, encoding: .utf8)
        let output = try sandbox.reconcile("--state-dir", sandbox.root.path + "/file")
        #expect(output.code == 8)
        #expect(output.err.contains("--state-dir"))
        let full = try sandbox.reconcile("--state-dir", "/dev/full/state")
        #expect(full.code == 8)
        #expect(sandbox.servers.isEmpty)
    }

    @Test func `a lost state directory loses nothing`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        let head = sandbox.statusHead
        try FileManager.default.removeItem(at: sandbox.root.appendingPathComponent("state"))
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.statusHead == head)
    }
}
