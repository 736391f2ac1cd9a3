import Foundation
import TestThreads
import Testing

/// The system gives the program less than it needs.
@Suite(.runs(on: .programs)) struct ScarcityTests {
    /// With fewer the loader finds no library.
    private static let fewest = 5

    @Test func `too few descriptors are an error that says so, and lose nothing`() throws {
        let sandbox = try Sandbox()
        try sandbox.commit(["box.yaml": manifest()])
        #expect(try sandbox.reconcile().code == 0)
        try sandbox.commit(["box.yaml": manifest(enabled: false, data: "snapshot")])
        var refused = 0
        for limit in Self.fewest..<64 {
            let output = try sandbox.reconcile(withDescriptors: limit)
            guard output.code != 0 else { break }
            // libdispatch ends the program where it gets no descriptor to wait for signals with: that is a kill.
            guard output.code < 128 else { continue }
            refused += 1
            #expect(output.err.contains("Too many open files"), "\(limit) descriptors, \(output.code): \(output.err)")
        }
        #expect(refused > 2)
        #expect(try sandbox.reconcile().code == 0)
        #expect(sandbox.servers.isEmpty)
        #expect(sandbox.snapshots.count == 1)
    }
}

extension Sandbox {
    fileprivate func reconcile(withDescriptors limit: Int) throws -> Output {
        let line = #"ulimit -n "$0"; "$@"; exit $?"#
        return try run(
            ["-c", line, String(limit), binary.path, "reconcile", "--once", "--timeout", "5s"], of: "/bin/sh")
    }
}
