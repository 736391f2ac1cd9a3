import Foundation
import TestThreads
import Testing

/// The built binary against the emulator and a real repository: whatever goes wrong at any request or push, a later run
/// gets there, with the newest data, nothing doubled and nothing left over.
///
/// The test suite runs a part, always the same; `make soak` sets `OPERATOR_TRIALS=all` and runs all of them. Part of a
/// name, such as `killAfter at POST`, runs just those.
@Suite(.runs(on: .programs), .serialized) struct ScalewayTrialTests {
    @Test(arguments: Story.Plot.allCases)
    func `a fault at any call only delays`(plot: Story.Plot) async throws {
        let story = try await Story(plot)
        try await check(story, Disturbance.faults(of: story), every: 61)
    }

    @Test(arguments: Story.Plot.allCases)
    func `an operator that is killed at any request or push has lost nothing`(plot: Story.Plot) async throws {
        let story = try await Story(plot)
        try await check(story, Disturbance.deaths(of: story), every: 17)
    }

    @Test(arguments: Story.Plot.allCases)
    func `an operator that is asked to end says where it stands`(plot: Story.Plot) async throws {
        let story = try await Story(plot)
        try await check(story, Disturbance.signals(of: story), every: 19)
    }

    @Test(arguments: Story.Plot.allCases)
    func `two operators at once do what one does`(plot: Story.Plot) async throws {
        let problems = try await Trial(try await Story(plot)).runTwice()
        #expect(problems == [])
    }

    // MARK: Many trials

    /// Each has a core for itself, more or less: how fast things go must not decide anything, but it keeps the waits short.
    private static let atATime = 2

    private func check(_ story: Story, _ disturbances: [Disturbance], every step: Int) async throws {
        let chosen = Self.chosen(disturbances, every: step)
        await withTaskGroup { group in
            var rest = chosen[...]
            for disturbance in rest.prefix(Self.atATime) { group.addTask { await check(story, disturbance) } }
            rest = rest.dropFirst(Self.atATime)
            while await group.next() != nil {
                if let next = rest.popFirst() { group.addTask { await check(story, next) } }
            }
        }
    }

    private static func chosen(_ disturbances: [Disturbance], every step: Int) -> [Disturbance] {
        switch ProcessInfo.processInfo.environment["OPERATOR_TRIALS"] {
        case nil: disturbances.enumerated().filter { $0.offset.isMultiple(of: step) }.map(\.element)
        case "all"?: disturbances
        case let text?: disturbances.filter { $0.description.contains(text) }
        }
    }

    private func check(_ story: Story, _ disturbance: Disturbance) async {
        do {
            let problems = try await Trial(story, disturbance).run()
            #expect(problems == [], "\(story.plot.rawValue): \(disturbance)")
        } catch {
            Issue.record("\(story.plot.rawValue): \(disturbance): \(error)")
        }
    }
}
