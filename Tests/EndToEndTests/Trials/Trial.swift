import Foundation
import HTTP

/// A story, disturbed once, and what became of it.
struct Trial: Sendable {
    let story: Story
    let disturbance: Disturbance?

    private let sandbox: Sandbox
    private let cloud: EmulatedCloud

    /// How often the operator is run until it says that all is well.
    private static let runs = 4
    /// Longer than any request in a trial is late.
    private static let lateness: Duration = .milliseconds(1_300)

    init(_ story: Story, _ disturbance: Disturbance? = nil) throws {
        self.story = story
        self.disturbance = disturbance
        sandbox = try Sandbox(copying: story.before)
        cloud = try EmulatedCloud(state: Story.account(in: sandbox), in: sandbox)
    }

    /// Disturbs the story, lets the operator run until it is content, and looks at everything.
    ///
    /// - Returns: what is wrong, for people.
    func run() async throws -> [String] {
        var problems = try await disturb()
        problems += try await settle()
        if disturbance?.isLate == true {
            try await Task.sleep(for: Self.lateness)
            problems += try await settle()
        }
        return problems + (try await verdict())
    }

    /// Two operators at the same time, on machines that know nothing of each other.
    func runTwice() async throws -> [String] {
        let other = try start(state: "other")
        let output = try sandbox.reconcile(environment: environment)
        other.waitUntilExit()
        var problems: [String] = []
        if output.code != 0 { problems.append("the first ended with \(output.code): \(output.err.suffix(400))") }
        if other.terminationStatus != 0 { problems.append("the second ended with \(other.terminationStatus)") }
        return problems + (try await verdict())
    }

    /// One run with a fault of the emulator's own kind, and what it left.
    func run(with fault: String) async throws -> (output: Sandbox.Output, problems: [String]) {
        try await cloud.control(.post, "faults", fault)
        let output = try sandbox.reconcile(environment: environment)
        try await cloud.control(.delete, "faults")
        return (output, try await verdict())
    }

    // MARK: Disturbing

    private var environment: [String: String] {
        cloud.environment.merging(["OPERATOR_TIMEOUT": "30s", "OPERATOR_POLL_INTERVAL": "1s"]) { $1 }
    }

    private func start(state: String = "state") throws -> Process {
        try sandbox.start(
            ["reconcile", "--once", "--state-dir", sandbox.root.path + "/" + state], environment: environment)
    }

    private func disturb() async throws -> [String] {
        switch (disturbance?.place, disturbance?.event) {
        case (.call(let call, let number)?, .fault(let effect)?):
            try await add(effect, at: call, number)
            _ = try sandbox.reconcile(environment: environment)
            return []
        case (.call(let call, let number)?, let event?):
            try await add(event == .killAfter ? #""hold-after""# : #""hold-before""#, at: call, number)
            return try await interrupt(by: event)
        case (.push(let number)?, let event?):
            try PushHook.hold(number, before: event != .killAfter).install(in: sandbox)
            return try await interrupt(by: event)
        default: return []
        }
    }

    private func add(_ effect: String, at call: Call, _ number: Int) async throws {
        try await cloud.control(
            .post, "faults", #"{"on": "\#(call.pattern)", "when": {"nth": \#(number)}, "do": \#(effect)}"#)
    }

    /// Waits until the operator stands at the place, and lets the event happen.
    private func interrupt(by event: Disturbance.Event) async throws -> [String] {
        let process = try start()
        while process.isRunning {
            if PushHook.isHolding(in: sandbox) {
                signal(process, event)
                try PushHook.letGo(in: sandbox, refusing: event == .killBefore)
                break
            }
            guard case .call? = disturbance?.place else {
                try await Task.sleep(for: .milliseconds(10))
                continue
            }
            guard let number = try await cloud.held() else { continue }
            signal(process, event)
            try await cloud.control(.post, "holds/\(number)", event == .killBefore ? #"{"drop": true}"# : "{}")
            break
        }
        process.waitUntilExit()
        return event == .terminate ? problemsOfStatus(code: process.terminationStatus) : []
    }

    private func signal(_ process: Process, _ event: Disturbance.Event) {
        guard event != .terminate else { return process.terminate() }
        let id = process.processIdentifier
        kill(id, SIGKILL)
        // `waitUntilExit` would also wait for the children, which the place holds.
        var end = siginfo_t()
        while waitid(P_PID, id_t(id), &end, WEXITED | WNOWAIT) == -1, errno == EINTR {}
    }

    /// An operator that was asked to end has said where it stands, and holds no lock.
    private func problemsOfStatus(code: Int32) -> [String] {
        var problems: [String] = []
        if code != 0 && code != 9 { problems.append("asked to end, it ended with \(code)") }
        if (try? sandbox.status("index.json")) == nil { problems.append("there is no status") }
        if (try? sandbox.status("lock.yaml")) != nil { problems.append("the lock was left behind") }
        return problems
    }

    // MARK: Looking

    private func settle() async throws -> [String] {
        var ends: [Sandbox.Output] = []
        for _ in 0..<Self.runs {
            let output = try sandbox.reconcile(environment: environment)
            if output.code == 0 { return [] }
            ends.append(output)
        }
        return ["never content: \(ends.map(\.code)): \(ends.last?.err.suffix(600) ?? "")"]
    }

    private func verdict() async throws -> [String] {
        var problems = try await cloud.losses()
        let holdings = try await cloud.holdings()
        if holdings != story.plot.end { problems.append("there are \(holdings)") }
        let head = sandbox.statusHead
        try await cloud.forgetRequests()
        let output = try sandbox.reconcile(environment: environment)
        if output.code != 0 { problems.append("another run ended with \(output.code): \(output.err.suffix(400))") }
        let changes = try await cloud.requests().filter { !$0.isRead }
        if !changes.isEmpty { problems.append("another run changed something: \(changes.map(\.pattern))") }
        if sandbox.statusHead != head { problems.append("another run wrote a commit") }
        return problems
    }
}
