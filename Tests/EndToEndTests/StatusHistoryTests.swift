import Foundation
import TestThreads
import Testing

/// A status branch whose history a person begins anew, as docs/recovery.md has it.
@Suite(.runs(on: .programs)) struct StatusHistoryTests {
    @Test func `a history that was begun anew is accepted host by host, and nothing is lost`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        #expect(try sandbox.reconcile("--state-dir", "second").code == 0)
        let (head, pids) = (try #require(sandbox.statusHead), sandbox.machinePids())
        try sandbox.shell(
            """
            URL="file://$OPERATOR_REPO"
            \(try Self.documented())
            """)
        let short = try #require(sandbox.statusHead)
        #expect(try sandbox.git("-C", "repository.git", "rev-list", "--count", short) == "1\n")
        #expect(try sandbox.git("-C", "repository.git", "diff", head, short) == "")
        for host in ["state", "second"] {
            #expect(try sandbox.reconcile("--state-dir", host).code == 8)
            #expect(try sandbox.run("recover", "--accept", "--state-dir", host).code == 0)
            #expect(try sandbox.reconcile("--state-dir", host).code == 0)
        }
        #expect(sandbox.machinePids() == pids)
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        #expect(try sandbox.reconcile("--state-dir", "third").code == 0)
        #expect(sandbox.snapshots.count == 1)
        #expect(try sandbox.reconcile().code == 0)
    }

    /// The commands of the page, so that they are those that work.
    private static func documented() throws -> String {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../docs/recovery.md")
        let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.contains("git clone --bare --single-branch") })
        return lines[start...].prefix { !$0.contains("```") }.map { $0.replacingOccurrences(of: " URL", with: " $URL") }
            .joined(separator: "\n")
    }
}
