import Foundation
import TestThreads
import Testing

/// `operator recover`, after a status branch was lost.
@Suite(.runs(on: .programs)) struct RecoverTests {
    @Test func `what one branch holds is not recovered into a second one`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        let elsewhere = ["--status-branch", "status-2", "--state-dir", "elsewhere"]
        let refused = try sandbox.run(["recover", "--accept"] + elsewhere)
        #expect(refused.code == 10)
        #expect(refused.err.contains("branch 'status' holds lineage"))
        #expect(refused.err.contains("with --status-branch status or without the option"))
        #expect(try sandbox.git("-C", "repository.git", "for-each-ref", "refs/heads/status-2") == "")
        try sandbox.git("-C", "repository.git", "update-ref", "-d", "refs/heads/status")
        #expect(try sandbox.run(["recover", "--accept"] + elsewhere).code == 0)
        // Nothing but the memory of this host says that there is another branch.
        let back = try sandbox.run("recover", "--accept", "--state-dir", "elsewhere")
        #expect(back.code == 10)
        #expect(back.err.contains("branch 'status-2' holds lineage"))
        #expect(sandbox.statusHead == nil)
    }

    @Test func `with state directory and status branch both lost nothing is made beside what is there`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        let (servers, disks) = (sandbox.servers, sandbox.names(in: "disks", suffix: ".raw"))
        try sandbox.git("-C", "repository.git", "update-ref", "-d", "refs/heads/status")
        try FileManager.default.removeItem(at: sandbox.root.appendingPathComponent("state"))
        let output = try sandbox.reconcile()
        #expect(output.code == 3)
        #expect(output.err.contains("operator recover"))
        #expect(sandbox.servers == servers)
        #expect(sandbox.names(in: "disks", suffix: ".raw") == disks)

        let proposal = try sandbox.run("recover")
        #expect(proposal.code == 2)
        #expect(proposal.out.contains("holds the newest data"))
        #expect(try sandbox.reconcile().code == 3)
        #expect(try sandbox.run("recover", "--accept").code == 0)
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.servers == servers)
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.console.contains("BOOTS=2"))
    }

    @Test func `a status branch that is gone is accepted by a person, also where nothing was left to recover`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.git("-C", "repository.git", "update-ref", "-d", "refs/heads/status")
        let refused = try sandbox.reconcile()
        #expect(refused.code == 8)
        #expect(refused.err.contains("look with `operator recover`"))
        // A look accepts nothing.
        let look = try sandbox.run("recover")
        #expect(look.code == 0)
        #expect(look.out.contains("neither a record nor a resource with these credentials: box"))
        #expect(try sandbox.reconcile().code == 8)
        #expect(try sandbox.run("recover", "--accept").code == 0)
        #expect(try sandbox.reconcile().code == 0)
    }

    @Test func `nothing is accepted while a provider does not answer, but for those of the others alone`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        let far = manifest("far").replacingOccurrences(of: "local", with: "scaleway\n  zone: fr-par-1")
        try sandbox.commit(["far.yaml": far])
        try sandbox.git("-C", "repository.git", "update-ref", "-d", "refs/heads/status")
        let unreachable = [
            "SCW_API_URL": "http://127.0.0.1:9", "SCW_ACCESS_KEY": "SCWEMULATOR000000000",
            "SCW_SECRET_KEY": "11111111-1111-4111-8111-111111111111",
            "SCW_DEFAULT_PROJECT_ID": "22222222-2222-4222-8222-222222222222",
        ]
        let refused = try sandbox.run("recover", "--accept", environment: unreachable)
        #expect(refused.code == 8)
        #expect(refused.err.contains("nobody knows what there is of far"))
        #expect(sandbox.statusHead == nil)
        #expect(try sandbox.run("recover", "--accept", "--only", "box", environment: unreachable).code == 0)
        #expect(try sandbox.status("instances/box.yaml").contains("srv-"))
    }
}
