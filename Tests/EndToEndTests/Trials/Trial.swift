import Foundation
import HTTP

/// A story, disturbed once, and what became of it.
struct Trial: Sendable {
    let story: Story
    let disturbance: Disturbance?

    private let stage: Stage

    /// How often the operator is run until it says that all is well.
    private static let runs = 4
    /// Longer than any request that the emulator carries out by itself is late.
    private static let lateness: Duration = .milliseconds(300)

    init(_ story: Story, _ disturbance: Disturbance? = nil) throws {
        self.story = story
        self.disturbance = disturbance
        stage = try Stage(copying: story.before, behind: story.daemon)
    }

    /// Disturbs the story, lets the operator run until it is content, and looks at everything.
    ///
    /// - Returns: what is wrong, for people.
    func run() async throws -> [String] {
        var problems = try await disturb()
        problems += try settle()
        if let late = disturbance?.late {
            switch late {
            case .byItself: try await Task.sleep(for: Self.lateness)
            case .whenLetGo: if let held = try await held() { try await letGo(held, refusing: false) }
            }
            problems += try settle()
        }
        return problems + (try await verdict())
    }

    /// Two operators at the same time, on machines that know nothing of each other.
    func runTwice() async throws -> [String] {
        let other = try stage.start(state: "other")
        let output = try stage.reconcile()
        other.waitUntilExit()
        var problems: [String] = []
        if output.code != 0 { problems.append("the first ended with \(output.code): \(output.err.suffix(400))") }
        if other.terminationStatus != 0 { problems.append("the second ended with \(other.terminationStatus)") }
        return problems + (try await verdict())
    }

    /// One run with a fault of the emulator's own kind, and what it left.
    func run(with fault: String) async throws -> (output: Sandbox.Output, problems: [String]) {
        try await stage.cloud.control(.post, "faults", fault)
        let output = try stage.reconcile()
        try await stage.cloud.control(.delete, "faults")
        return (output, try await verdict())
    }

    // MARK: Disturbing

    private func disturb() async throws -> [String] {
        switch (disturbance?.place, disturbance?.event) {
        case (.call(let call, let number)?, .fault(let effect)?):
            try await add(effect, at: call, number)
            _ = try stage.reconcile()
            return []
        case (.call(let call, let number)?, let event?):
            try await add(event == .killAfter ? #""hold-after""# : #""hold-before""#, at: call, number)
            return try await interrupt(by: event)
        case (.push(let number)?, let event?):
            try PushHook.hold(number, before: event != .killAfter).install(in: stage.sandbox)
            return try await interrupt(by: event)
        default: return []
        }
    }

    private func add(_ effect: String, at call: Call, _ number: Int) async throws {
        try await stage.cloud.control(
            .post, "faults", #"{"on": "\#(call.pattern)", "when": {"nth": \#(number)}, "do": \#(effect)}"#)
    }

    /// Waits until the operator stands at the place, and lets the event happen.
    private func interrupt(by event: Disturbance.Event) async throws -> [String] {
        let process = try stage.start()
        while process.isRunning {
            guard let held = try await held() else { continue }
            if event == .terminate { process.terminate() } else { process.killAndWait() }
            if event != .killBeforeAndLate { try await letGo(held, refusing: event == .killBefore) }
            process.waitUntilExit()
            return event == .terminate ? problemsOfStatus(code: process.terminationStatus) : []
        }
        return ["the operator never stood there"]
    }

    /// What stands at the place.
    private enum Held {
        case request(Int)
        case push
    }

    private func held() async throws -> Held? {
        if case .call? = disturbance?.place { return try await stage.cloud.held().map(Held.request) }
        if PushHook.isHolding(in: stage.sandbox) { return .push }
        try await Task.sleep(for: .milliseconds(10))
        return nil
    }

    private func letGo(_ held: Held, refusing: Bool) async throws {
        switch held {
        case .request(let number):
            try await stage.cloud.control(.post, "holds/\(number)", refusing ? #"{"drop": true}"# : "{}")
        case .push: try await PushHook.letGo(in: stage.sandbox, refusing: refusing)
        }
    }

    /// An operator that was asked to end has said where it stands, and holds no lock.
    private func problemsOfStatus(code: Int32) -> [String] {
        var problems: [String] = []
        if code != 0 && code != 9 { problems.append("asked to end, it ended with \(code)") }
        if (try? stage.sandbox.status("index.json")) == nil { problems.append("there is no status") }
        if (try? stage.sandbox.status("lock.yaml")) != nil { problems.append("the lock was left behind") }
        return problems
    }

    // MARK: Looking

    private func settle() throws -> [String] {
        var ends: [Sandbox.Output] = []
        for _ in 0..<Self.runs {
            let output = try stage.reconcile()
            if output.code == 0 { return [] }
            ends.append(output)
        }
        return ["never content: \(ends.map(\.code)): \(ends.last?.err.suffix(600) ?? "")"]
    }

    /// What there is at the end. A network is looked at only while an instance is configured: one whose creation came after
    /// that stays until the next time, unused and free of charge.
    private var end: Holdings {
        var end = story.plot.end
        if case .call(let call, _)? = disturbance?.place, call.makesNetwork, disturbance?.late == .whenLetGo {
            end.networks += 1
        }
        return end
    }

    private func verdict() async throws -> [String] {
        var problems = try await stage.cloud.losses()
        let holdings = try await stage.cloud.holdings()
        if holdings != end { problems.append("there are \(holdings)") }
        let head = stage.sandbox.statusHead
        try await stage.cloud.forgetRequests()
        let output = try stage.reconcile()
        if output.code != 0 { problems.append("another run ended with \(output.code): \(output.err.suffix(400))") }
        let changes = try await stage.cloud.requests().filter { !$0.isRead }
        if !changes.isEmpty { problems.append("another run changed something: \(changes.map(\.pattern))") }
        if stage.sandbox.statusHead != head { problems.append("another run wrote a commit") }
        return problems
    }
}
