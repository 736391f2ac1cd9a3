import TestThreads
import Testing

/// A status branch with something else than plain files: nothing is followed, and nothing is taken for missing.
@Suite(.runs(on: .programs)) struct StatusObstacleTests {
    @Test(arguments: [
        "ln -s ../README.md instances/box.yaml", "mkdir instances/box.yaml && touch instances/box.yaml/x",
    ])
    func `what is no plain file where a record was stops its instance and no other`(replacement: String) throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(), "other.yaml": manifest("other")])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.editStatus("rm instances/box.yaml && \(replacement)")
        let edit = try #require(sandbox.statusHead)
        let stopped = { manifest($0, enabled: false, data: "snapshot") }
        try sandbox.commit(["box.yaml": stopped("box"), "other.yaml": stopped("other")])
        let output = try sandbox.reconcile()
        #expect(output.code == 3)
        #expect(output.err.contains("instances/box.yaml:1:1: a "))
        #expect(sandbox.servers.count == 1)
        #expect(sandbox.snapshots.count == 1)
        try sandbox.editStatus("git revert --no-commit \(edit)")
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.snapshots.count == 2)
    }

    @Test(arguments: [
        ("README.md", "mkdir x && mv README.md x && mv x README.md"),
        ("instances", "mv instances x && ln -s x instances"),
    ])
    func `what is no plain file where all are told stops everything, and says the way out`(
        path: String, replacement: String
    ) throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.editStatus(replacement)
        try sandbox.commit(["box.yaml": manifest()])
        let output = try sandbox.reconcile()
        #expect(output.code == 8)
        #expect(output.err.contains("\(path) on the status branch is a "))
        #expect(output.err.contains("git rm -r \(path)"))
        #expect(sandbox.servers.isEmpty)
        try sandbox.editStatus("git revert --no-commit HEAD")
        #expect(try sandbox.reconcile().code == 0)
    }
}
