import Simulation
import TestThreads
import Testing

/// A few small worlds, searched whole at every change. `swift run -c release explore` searches more of them.
@Suite(.runs(on: .searches)) struct ExplorerTests {
    /// Worlds that a debug build searches in some seconds, and fewer states than which would mean that the search has
    /// lost its way.
    private static let worlds: [(name: String, leastStates: Int)] = [
        ("crashes", 500), ("errors", 2_000), ("roots", 500), ("untagged-roots", 500), ("root-snapshots", 2_000),
    ]

    @Test(arguments: worlds)
    func `no order of crashes, errors and flips loses data or fails to converge`(name: String, leastStates: Int) throws
    {
        let world = try #require(World.quick.first { $0.name == name })
        let exploration = explore(world)
        #expect(exploration.finding == nil, "\(exploration.finding?.trace.joined(separator: "\n") ?? "")")
        #expect(exploration.isGood)
        #expect(exploration.states >= leastStates)
    }
}
