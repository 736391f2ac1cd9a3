import Foundation
import TestThreads
import Testing

/// A repository that holds far more than machines.
@Suite(.runs(on: .programs)) struct LargeRepositoryTests {
    @Test func `of a repository that is very large elsewhere the named folders are read`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["machines/box.yaml": manifest(enabled: false, data: "snapshot")])
        try sandbox.shell(
            """
            cd repository.git && blob=$(git hash-object -w --stdin </dev/null) &&
            many=$(seq 1000 | sed "s/.*/100644 blob $blob\tf&/" | git mktree) &&
            all=$(seq 110 | sed "s/.*/040000 tree $many\td&/" | git mktree) &&
            root=$({ git ls-tree main; printf '040000 tree %s\tbig\n' "$all"; } | git mktree) &&
            git update-ref refs/heads/main "$(git commit-tree -p main -m large "$root")"
            """)
        let all = try sandbox.reconcile()
        #expect(all.code == 8)
        #expect(all.err.contains("the number of files and folders exceeds the limit of 100000"))
        #expect(try sandbox.reconcile("--path", "machines").code == 0)
        #expect(try sandbox.reconcile("--path", "machine").err.contains("no manifests in folder 'machine'"))
        let settings = "apiVersion: operator/v1\nkind: Settings\nspec:\n  folders: [machines]\n"
        try settings.write(to: sandbox.root.appendingPathComponent("operator.yaml"), atomically: true, encoding: .utf8)
        try sandbox.shell(
            """
            blob=$(git -C repository.git hash-object -w --stdin <operator.yaml) && cd repository.git &&
            root=$({ git ls-tree main; printf '100644 blob %s\toperator.yaml\n' "$blob"; } | git mktree) &&
            git update-ref refs/heads/main "$(git commit-tree -p main -m settings "$root")"
            """)
        #expect(try sandbox.reconcile().code == 0)
    }
}
