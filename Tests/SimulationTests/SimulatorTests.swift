import Simulator
import TestThreads
import Testing

/// A few worlds at every change. `make simulate` lives through as many as fit into a minute.
@Suite(.runs(on: .searches)) struct SimulatorTests {
    @Test(arguments: UInt64(0)..<16)
    func `whatever goes wrong, no data is lost and everything comes to rest`(seed: UInt64) {
        let result = simulate(seed: seed)
        #expect(result.violation == nil, "make replay SEED=\(seed)")
        #expect(result.calls > 0)
    }

    @Test func `a seed is one trace, in whatever order and however often it is lived through`() {
        let seeds: [UInt64] = [100, 101, 102]
        let hashes = seeds.map { simulate(seed: $0).hash }
        #expect(seeds.reversed().map { simulate(seed: $0).hash } == hashes.reversed())
        #expect(simulate(seed: seeds[0], inWords: true).hash == hashes[0])
        #expect(Set(hashes).count == seeds.count)
    }

    /// The same in debug and release builds, under sanitizers and in every process.
    @Test func `threads make no difference`() {
        let alone = Campaign.run(200..<206, threads: 1)
        #expect(Campaign.run(200..<206, threads: 3).hash == alone.hash)
        #expect(alone.episodes == 6)
    }
}
