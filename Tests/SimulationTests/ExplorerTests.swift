import Simulation
import TestThreads
import Testing

/// A few small worlds, searched whole at every change. `make explore` searches more of them.
@Suite(.runs(on: .searches)) struct ExplorerTests {
    /// Worlds that a debug build searches in some seconds, and fewer states than which would mean that the search has
    /// lost its way.
    private static let worlds: [(name: String, leastStates: Int)] = [
        ("crashes", 500), ("errors", 2_000), ("roots", 500), ("untagged-roots", 500), ("root-snapshots", 2_000),
        ("edited", 2_000), ("two", 2_000),
    ]

    private func world(_ name: String) throws -> World { try #require(World.quick.first { $0.name == name }) }

    @Test(arguments: worlds)
    func `no order of crashes, errors and flips loses data or fails to converge`(name: String, leastStates: Int) throws
    {
        let exploration = explore(try world(name))
        #expect(exploration.finding == nil, "\(exploration.finding?.trace.joined(separator: "\n") ?? "")")
        #expect(exploration.isGood)
        #expect(exploration.states >= leastStates)
    }

    @Test(arguments: ["crashes", "two"])
    func `walks that forget nothing stay inside what a search has found`(name: String) throws {
        let exploration = explore(try world(name), walks: 20)
        #expect(exploration.finding == nil, "\(exploration.finding?.trace.joined(separator: "\n") ?? "")")
    }

    @Test func `a search that hits its bounds has failed`() throws {
        var small = try world("crashes")
        small.limit = 100
        let exploration = explore(small)
        #expect(exploration.isCutShort)
        #expect(!exploration.isGood)
    }
}
