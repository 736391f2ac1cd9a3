import Foundation
import TestThreads
import Testing

/// The built binary against the emulator and a real repository: whatever goes wrong at any request or push, a later run
/// gets there, with the newest data, nothing doubled and nothing left over.
///
/// The test suite runs a part, always the same. With `OPERATOR_TRIALS=all` it runs all of them: `make trials` does so for
/// the deaths, `make soak` for everything. Part of a name, such as `stop: killAfter at POST`, runs just those.
@Suite(.runs(on: .trials), .serialized) struct ScalewayTrialTests {
    @Test(arguments: Plot.allCases)
    func `a fault at any call only delays`(plot: Plot) async throws {
        let story = try await Story(plot)
        try await check(story, Disturbance.faults(of: story), every: 61)
    }

    @Test(arguments: Plot.allCases)
    func `an operator that is killed at any request or push has lost nothing`(plot: Plot) async throws {
        let story = try await Story(plot)
        try await check(story, Disturbance.deaths(of: story), every: 17)
    }

    @Test(arguments: Plot.allCases)
    func `an operator that is asked to end says where it stands`(plot: Plot) async throws {
        let story = try await Story(plot)
        try await check(story, Disturbance.signals(of: story), every: 19)
    }

    @Test(arguments: Plot.allCases)
    func `two operators at once do what one does`(plot: Plot) async throws {
        let problems = try await Trial(try await Story(plot)).runTwice()
        #expect(problems == [])
    }

    // MARK: Many trials

    private func check(_ story: Story, _ disturbances: [Disturbance], every step: Int) async throws {
        let began = ContinuousClock.now
        let chosen = Self.chosen(disturbances, of: story, every: step)
        await carryOut(chosen) { await check(story, $0) }
        let seconds = began.duration(to: .now).components.seconds
        print("\(story.plot.rawValue): \(chosen.count) of \(disturbances.count) trials in \(seconds) s")
    }

    /// What `OPERATOR_TRIALS` says, where it is part of a name.
    private static let wanted: String? = {
        let text = ProcessInfo.processInfo.environment["OPERATOR_TRIALS"]
        return text == "all" ? nil : text
    }()

    @Test(.enabled(if: wanted != nil)) func `the trials that are asked for exist`() async throws {
        var found = 0
        for plot in Plot.allCases {
            let story = try await Story(plot)
            let all = Disturbance.faults(of: story) + Disturbance.deaths(of: story) + Disturbance.signals(of: story)
            found += Self.chosen(all, of: story, every: 1).count
        }
        #expect(found > 0, "no trial has '\(Self.wanted ?? "")' in its name")
    }

    private static func chosen(_ disturbances: [Disturbance], of story: Story, every step: Int) -> [Disturbance] {
        if let wanted {
            // A whole name leaves out those whose number only begins with its own.
            let exact = disturbances.filter { story.name(with: $0) == wanted }
            return exact.isEmpty ? disturbances.filter { story.name(with: $0).contains(wanted) } : exact
        }
        let isAll = ProcessInfo.processInfo.environment["OPERATOR_TRIALS"] == "all"
        return isAll ? disturbances : disturbances.enumerated().filter { $0.offset.isMultiple(of: step) }.map(\.element)
    }

    private func check(_ story: Story, _ disturbance: Disturbance) async {
        let name = story.name(with: disturbance)
        do {
            let problems = try await Trial(story, disturbance).run()
            #expect(problems == [], "\(name); again: make trials ONLY='\(name)'")
        } catch {
            Issue.record("\(name): \(error); again: make trials ONLY='\(name)'")
        }
    }
}
