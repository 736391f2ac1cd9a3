import Simulation
import Testing

/// The smallest worlds, at every `swift test`; `explore` searches the larger ones.
@Suite struct ExplorerTests {
    static let small = ["crashes", "runtimes", "roots", "untagged-roots", "root-snapshots"]

    @Test(arguments: World.quick.filter { small.contains($0.name) })
    func `no order of steps, crashes and lost answers breaks an invariant or never ends`(world: World) {
        let exploration = explore(world)
        #expect(exploration.finding?.what == nil, "\(exploration.finding?.trace.joined(separator: "\n") ?? "")")
        #expect(!exploration.isCutShort)
    }
}
