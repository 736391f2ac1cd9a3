import Reconciler
import Synchronization
import Testing

@testable import ScalewayProvider

/// What was asked for is not asked for twice while nobody knows what became of it.
@Suite struct RecentlyMadeTests {
    private let start = ContinuousClock.now
    private let passed = Time()
    private let made: RecentlyMade
    private let network = PrivateNetwork(
        id: "11111111-1111-4111-8111-111111111111", name: "lan", project: "", region: "fr-par", tags: [])

    private final class Time: Sendable {
        private let seconds = Mutex(0)
        var now: Int { seconds.withLock { $0 } }
        func pass(_ count: Int) { seconds.withLock { $0 += count } }
    }

    init() {
        let (start, passed) = (start, passed)
        made = RecentlyMade(settleTime: .seconds(30)) { start + .seconds(passed.now) }
    }

    /// - Parameter make: what the call ends with; `nil`: it is not to be made.
    private func one(
        listed: PrivateNetwork? = nil, make: Result<PrivateNetwork, ProviderError>?
    ) async -> Result<PrivateNetwork, ProviderError> {
        await outcome(
            try await made.one(
                "lan", listed: listed, read: { _ throws(ProviderError) in network },
                make: { () async throws(ProviderError) in
                    guard let make else {
                        Issue.record("made again")
                        return network
                    }
                    return try make.get()
                }))
    }

    private func isConflict(_ result: Result<PrivateNetwork, ProviderError>) -> Bool {
        if case .failure(let error) = result { error.reason == .conflict } else { false }
    }

    private let lost = Result<PrivateNetwork, ProviderError>.failure(ProviderError(.unknownOutcome, "lost"))

    @Test func `a lost answer is waited out`() async {
        _ = await one(make: lost)
        passed.pass(29)
        #expect(isConflict(await one(make: nil)))
        passed.pass(1)
        #expect(await one(make: .success(network)).map(\.id) == .success(network.id))
    }

    @Test func `what a listing shows ends the wait`() async {
        _ = await one(make: lost)
        #expect(await one(listed: network, make: nil).map(\.id) == .success(network.id))
        #expect(await one(make: .success(network)).map(\.id) == .success(network.id))
    }

    @Test func `a refused call is made again at once`() async {
        _ = await one(make: .failure(ProviderError(.unavailable, "not now")))
        #expect(await one(make: .success(network)).map(\.id) == .success(network.id))
    }

    @Test func `of two that need the same one of them makes it`() async {
        let first = await outcome(
            try await made.one(
                "lan", listed: nil, read: { _ throws(ProviderError) in network },
                make: { () async throws(ProviderError) in
                    #expect(isConflict(await one(make: nil)))
                    return network
                }))
        #expect(first.map(\.id) == .success(network.id))
        #expect(await one(make: nil).map(\.id) == .success(network.id))
    }
}
