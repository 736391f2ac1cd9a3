import Reconciler
import Testing

@testable import ScalewayProvider

/// What is remembered of the catalogue, and for how long.
@Suite struct RecentTests {
    @Test func `what was learnt is asked again after a while`() async throws {
        let time = Clockwork()
        let recent = Recent<Int, Int>(lifetime: .seconds(10), now: { time.now })
        #expect(try await recent.value(1, ask: time.count()) == 1)
        #expect(try await recent.value(1, ask: time.count()) == 1)
        #expect(try await recent.value(2, ask: time.count()) == 2)
        time.pass(.seconds(10))
        #expect(try await recent.value(1, ask: time.count()) == 3)
        #expect(try await recent.renewed(1, ask: time.count()) == 4)
        #expect(try await recent.value(1, ask: time.count()) == 4)
    }

    @Test func `a failure is shared for as long as it took to come, and some seconds`() async throws {
        let time = Clockwork()
        let recent = Recent<Int, Int>(lifetime: .seconds(600), now: { time.now })
        await #expect(throws: ProviderError.self) { try await recent.value(1, ask: try time.fail(after: .seconds(90))) }
        time.pass(.seconds(94))
        await #expect(throws: ProviderError.self) { try await recent.value(1, ask: time.count()) }
        await #expect(throws: ProviderError.self) { try await recent.renewed(1, ask: time.count()) }
        #expect(try await recent.value(2, ask: time.count()) == 1)
        time.pass(.seconds(1))
        #expect(try await recent.value(1, ask: time.count()) == 2)
    }

    @Test func `where only failures are shared, an answer is for one`() async throws {
        let time = Clockwork()
        let recent = Recent<Int, Int>(lifetime: .zero, now: { time.now })
        #expect(try await recent.value(1, ask: time.count()) == 1)
        #expect(try await recent.value(1, ask: time.count()) == 2)
        await #expect(throws: ProviderError.self) { try await recent.value(1, ask: try time.fail()) }
        await #expect(throws: ProviderError.self) { try await recent.value(1, ask: time.count()) }
    }
}
