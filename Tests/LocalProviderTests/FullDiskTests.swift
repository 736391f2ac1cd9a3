import Glibc
import TestThreads
import Testing

@testable import LocalProvider

/// On a file system of three MiB, in a mount namespace of its own.
@Suite(.runs(on: .programs)) struct FullDiskTests {
    @Test(.enabled(if: canMount, "needs user namespaces, or root, to mount a small file system"))
    func `a full disk is said, loses nothing, and goes on once there is room`() throws {
        let folder = try LocalHarness.temporaryFolder()
        defer { try? FileSystem.removeTree(folder) }
        let script = """
            set -e
            mount -t tmpfs -o size=3m none \(folder)
            cd /
            \(try Crasher.program()) \(folder)/state full
            """
        let outcome = try Self.unshared(script)
        #expect(outcome.status == 0, "\(outcome.output)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        let failures = lines.filter { $0.hasPrefix("refused") }
        // A snapshot, a restore, and a change of metadata.
        #expect(failures.count == 3, "\(outcome.output)")
        for failure in failures {
            #expect(failure.contains("host") && failure.contains("No space left on device; make room"), "\(failure)")
        }
    }

    static var canMount: Bool {
        (try? unshared("mount -t tmpfs -o size=1m none /mnt"))?.status == 0
    }

    private static func unshared(_ script: String) throws -> ChildProcess.Outcome {
        try ChildProcess(program: "/usr/bin/unshare", arguments: ["-r", "-m", "/bin/sh", "-c", script])
            .run(deadline: .seconds(60), Cancellation())
    }
}
