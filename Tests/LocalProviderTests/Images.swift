import Glibc
import Testing

@testable import LocalProvider

/// A folder of images.
struct Images {
    let folder: String

    init() throws { folder = try LocalHarness.temporaryFolder() }

    func path(_ name: String) -> String { "\(folder)/\(name)" }
    func write(_ name: String, _ bytes: [UInt8]) throws { try FileSystem.create(path(name), bytes) }
    func remove() { try? FileSystem.removeTree(folder) }

    func convert(_ source: String, to target: String) async throws {
        try await run("convert", "-f", "raw", "-O", "qcow2", path(source), path(target))
    }

    func run(_ arguments: String...) async throws {
        let program = try #require(LocalHarness.programs.image)
        let outcome = try ChildProcess(program: program, arguments: arguments).run(
            deadline: .seconds(30), Cancellation())
        try #require(outcome.status == 0, "\(outcome.output)")
    }
}

func chmodExecutable(_ path: String) -> Bool { chmod(path, 0o755) == 0 }
