import Foundation
import TestThreads
import Testing

/// The built binary on this machine's own machines, with a git server: killed at any push and at any program that it
/// starts, a later run gets there, with the newest data, nothing doubled and nothing left over.
///
/// The test suite runs a part, always the same; with `OPERATOR_TRIALS=all`, as in `make trials`, it runs all of them.
@Suite(.runs(on: .trials), .serialized) struct LocalTrialTests {
    @Test(arguments: Plot.allCases)
    func `an operator that is killed at any program or push has lost nothing`(plot: Plot) async throws {
        let undisturbed = try LocalTrial(plot)
        let counts = try undisturbed.count()
        #expect(try undisturbed.verdict() == [])
        let deaths =
            (1...max(1, counts.pushes)).flatMap {
                [LocalDeath(at: .push, $0, isAfter: false), .init(at: .push, $0, isAfter: true)]
            }
            + (1...max(1, counts.programs)).flatMap {
                [LocalDeath(at: .program, $0, isAfter: false), .init(at: .program, $0, isAfter: true)]
            }
        let isWhole = ProcessInfo.processInfo.environment["OPERATOR_TRIALS"] == "all"
        let chosen = deaths.enumerated().filter { isWhole || $0.offset % 9 == 4 }.map(\.element)
        await carryOut(chosen) { death in
            do {
                let trial = try LocalTrial(plot)
                let problems = try await trial.die(death) + trial.settle() + trial.verdict()
                #expect(problems == [], "\(plot.rawValue): \(death)")
            } catch {
                Issue.record("\(plot.rawValue): \(death): \(error)")
            }
        }
        print("local \(plot.rawValue): \(chosen.count) of \(deaths.count) deaths")
    }
}

/// Where the operator dies.
struct LocalDeath: CustomStringConvertible {
    enum Place: String {
        case push, program
    }

    var place: Place
    var number: Int
    var isAfter: Bool

    init(at place: Place, _ number: Int, isAfter: Bool) {
        (self.place, self.number, self.isAfter) = (place, number, isAfter)
    }

    var description: String { "killed \(isAfter ? "after" : "before") \(place.rawValue) #\(number)" }
}

/// A machine of its own with everything before the change, which is committed and not yet made.
private struct LocalTrial {
    let plot: Plot
    let sandbox: Sandbox
    private let daemon: GitDaemon
    private static let programs = ["qemu-img", "qemu-system-x86_64"]
    /// How often the operator is run until it says that all is well.
    private static let runs = 4

    init(_ plot: Plot) throws {
        self.plot = plot
        sandbox = try Sandbox()
        let manifests = plot.manifests { enabled, data, rootSnapshot in
            manifest(
                enabled: enabled, data: data, more: rootSnapshot ? "  rootDisk: {snapshot: {enable: true}}" : "")
        }
        for (index, manifest) in manifests.enumerated() {
            try sandbox.commit(["box.yaml": manifest])
            guard index < manifests.count - 1 else { break }
            let output = try sandbox.reconcile()
            guard output.code == 0 else { throw Sandbox.Trouble(text: output.err) }
        }
        daemon = try GitDaemon(serving: sandbox)
        try FileManager.default.createDirectory(at: file("programs"), withIntermediateDirectories: true)
    }

    private var environment: [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return [
            "OPERATOR_REPO": daemon.url(of: sandbox), "OPERATOR_SETTLE_TIME": "250ms", "OPERATOR_POLL_INTERVAL": "1s",
            "PATH": sandbox.root.path + "/programs:" + path,
        ]
    }

    private func file(_ name: String) -> URL { sandbox.root.appendingPathComponent(name) }

    /// Programs in front of the real ones that count how often they are called, and kill who calls them at one of the
    /// calls.
    private func install(_ death: LocalDeath?) throws {
        let number = death?.place == .program ? death?.number ?? 0 : 0
        for program in Self.programs {
            let script = """
                #!/bin/sh
                n=$(($(cat "\(file("calls").path)" 2>/dev/null || echo 0) + 1))
                echo $n > "\(file("calls").path)"
                real=$(PATH=${PATH#*:} command -v \(program))
                [ $n = \(number) ] || exec "$real" "$@"
                \(death?.isAfter ?? false ? "\"$real\" \"$@\"" : ":")
                touch "\(file("killed").path)"
                kill -9 $PPID

                """
            let place = file("programs/" + program)
            try script.write(to: place, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path)
        }
    }

    /// How many pushes and programs the undisturbed change takes.
    func count() throws -> (pushes: Int, programs: Int) {
        try install(nil)
        try PushHook.count.install(in: sandbox)
        let output = try sandbox.reconcile(environment: environment)
        guard output.code == 0 else { throw Sandbox.Trouble(text: output.err) }
        let calls = try String(contentsOf: file("calls"), encoding: .utf8)
        let programs = Int(calls.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        return (try PushHook.pushes(in: sandbox), programs)
    }

    /// Lets the operator run until it is killed.
    func die(_ death: LocalDeath) async throws -> [String] {
        try install(death)
        guard death.place == .push else {
            _ = try sandbox.reconcile(environment: environment)
            return FileManager.default.fileExists(atPath: file("killed").path) ? [] : ["it never stood there"]
        }
        try PushHook.hold(death.number, before: !death.isAfter).install(in: sandbox)
        let process = try sandbox.start(["reconcile", "--once"], environment: environment)
        while process.isRunning, !PushHook.isHolding(in: sandbox) { try await Task.sleep(for: .milliseconds(10)) }
        guard process.isRunning else { return ["it never stood there"] }
        process.killAndWait()
        try await PushHook.letGo(in: sandbox, refusing: !death.isAfter)
        return []
    }

    func settle() throws -> [String] {
        try install(nil)
        var last = ""
        for _ in 0..<Self.runs {
            let output = try sandbox.reconcile(environment: environment)
            if output.code == 0 { return [] }
            last = "\(output.code): \(output.err.suffix(600))"
        }
        return ["never content: \(last)"]
    }

    /// Looks at what there is, and whether another run leaves it alone.
    func verdict() throws -> [String] {
        var problems: [String] = []
        let there = [sandbox.servers.count, sandbox.names(in: "disks", suffix: ".raw").count, sandbox.snapshots.count]
        if there != [plot.end.servers, plot.end.volumes, plot.end.snapshots] {
            problems.append("servers, disks and snapshots: \(there)")
        }
        // The guest counts its starts on its data disk.
        if plot == .start, sandbox.console.contains("BOOTS=1\r") { problems.append("the data is not what it was") }
        let head = sandbox.statusHead
        let output = try sandbox.reconcile(environment: environment)
        if output.code != 0 { problems.append("another run ended with \(output.code): \(output.err.suffix(400))") }
        if sandbox.statusHead != head { problems.append("another run wrote a commit") }
        return problems
    }
}
