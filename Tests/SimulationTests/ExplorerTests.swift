import Simulation
import Testing

@Suite struct ExplorerTests {
    @Test func `x`() { #expect(explore(World.quick[0]).isGood) }
}
