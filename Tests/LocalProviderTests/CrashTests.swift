import Glibc
import TestThreads
import Testing

@testable import LocalProvider

/// Kills the provider, or lets a call of it fail, at one call after the other that changes files.
///
/// Each test takes every ``step``th of them, or all with `OPERATOR_TEST_DEEP=1`, which takes some minutes.
@Suite(.runs(on: .programs)) struct CrashTests {
    private static let step = getenv("OPERATOR_TEST_DEEP") == nil ? 13 : 1

    @Test(arguments: ["storage", "server", "power"])
    func `an operator that is killed leaves each step done or not begun`(story: String) async throws {
        let reference = try Story(story)
        for point in stride(from: 0, to: reference.calls, by: Self.step) {
            let directory = try Crasher()
            defer { directory.remove() }
            let lines = try directory.run(story, "\(point)")
            let done = lines.filter { $0.hasPrefix("done") }.count
            try #require(done < reference.shapes.count - 1, "call \(point) was not reached: \(lines)")
            let allowed = [reference.shapes[done], reference.shapes[done + 1]]
            let shape = try directory.settled(allowed)
            #expect(allowed.contains(shape), "killed at call \(point), after \(done) steps: \(shape)")
            #expect(try directory.leftovers() == [], "killed at call \(point)")
            #expect(try directory.run("again").last?.hasPrefix("calls") == true, "killed at call \(point)")
        }
    }

    @Test(arguments: ["storage", "server", "power"], [ENOSPC, EIO])
    func `a call that fails leaves its step done or not begun, and says which`(story: String, error: Int32) throws {
        let reference = try Story(story)
        for point in stride(from: 1, to: reference.calls, by: Self.step) {
            let directory = try Crasher()
            defer { directory.remove() }
            let lines = try directory.run(story, "\(point)", "\(error)")
            let done = lines.filter { $0.hasPrefix("done") }.count
            // What only tidies up may fail unnoticed.
            guard let failure = lines.first(where: { $0.hasPrefix("failed") }) else {
                #expect(done == reference.shapes.count - 1, "\(lines)")
                continue
            }
            let words = failure.split(separator: " ")
            #expect(words[2] == "host" || words[2] == "unknownOutcome", "\(failure)")
            let allowed =
                words[2] == "host" ? [reference.shapes[done]] : [reference.shapes[done], reference.shapes[done + 1]]
            let shape = try directory.settled(allowed)
            #expect(allowed.contains(shape), "call \(point) failed, after \(done) steps: \(failure): \(shape)")
            #expect(try directory.leftovers() == [], "call \(point) failed: \(failure)")
            #expect(try directory.run("again").last?.hasPrefix("calls") == true, "call \(point) failed: \(failure)")
        }
    }
}

/// A story that was lived undisturbed.
private struct Story {
    /// What is there after so many steps.
    var shapes = [""]
    var calls = 0

    init(_ name: String) throws {
        let directory = try Crasher()
        defer { directory.remove() }
        let lines = try directory.run(name)
        for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("done") { shapes.append(next) }
        calls = try #require(lines.last.flatMap { Int($0.dropFirst("calls ".count)) }, "\(lines)")
    }
}

/// A state directory, and the program that lives a life in it.
struct Crasher {
    private let folder: String
    private var directory: String { folder + "/state" }

    init() throws { folder = try LocalHarness.temporaryFolder() }

    func run(_ arguments: String...) throws -> [String] {
        let outcome = try ChildProcess(program: try Self.program(), arguments: [directory] + arguments)
            .run(deadline: .seconds(60), Cancellation())
        return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// What is there, once a machine that was being started or stopped has got somewhere.
    func settled(_ allowed: [String]) throws -> String {
        var shape = ""
        for _ in 0..<50 {
            shape = try run("look").first ?? "nothing was said"
            if allowed.contains(shape) { break }
            usleep(50_000)
        }
        return shape
    }

    func leftovers() throws -> [String] { try FileSystem.entries(of: directory + "/work") ?? [] }

    func remove() {
        for id in (try? FileSystem.entries(of: directory + "/servers")) ?? [] {
            for process in LocalHarness.processes(of: id) { kill(process, SIGKILL) }
        }
        try? FileSystem.removeTree(folder)
    }

    /// Built beside the tests, whose program is named in their own command line.
    static func program() throws -> String {
        let arguments = CommandLine.arguments.flatMap { $0.split(separator: "=").map(String.init) }
        let folders = arguments.filter { $0.contains(".xctest") }.map { $0.split(separator: "/").dropLast() }
        let programs = folders.map { "/" + $0.joined(separator: "/") + "/local-provider-crasher" }
        return try #require(programs.first(where: FileSystem.isProgram), "\(CommandLine.arguments)")
    }
}
