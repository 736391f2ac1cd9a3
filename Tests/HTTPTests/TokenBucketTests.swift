import Synchronization
import TestThreads
import Testing

@testable import HTTP

@Suite(.runs(on: .exchanges), .timeLimit(.minutes(5))) @MainActor struct TokenBucketTests {
    let clock = SkippingClock()

    @Test func `a rest saves a burst, then tokens come at the rate`() async throws {
        let bucket = TokenBucket(rate: 10, burst: 3, clock: clock)
        var taken: [Duration] = []
        for _ in 0..<6 {
            try await bucket.take()
            taken.append(clock.now.offset)
        }
        #expect(taken == [0, 0, 0, 100, 200, 300].map { .milliseconds($0) })
        clock.advance(by: .seconds(3600))
        let rested = clock.now
        for _ in 0..<4 { try await bucket.take() }
        #expect(rested.duration(to: clock.now) == .milliseconds(100))
    }

    @Test func `who comes first is served first`() async {
        let bucket = TokenBucket(rate: 10, burst: 1, clock: clock)
        let order = Mutex<[Int]>([])
        // Tasks of one actor begin in the order in which they were made.
        let tasks = (0..<30).map { number in
            Task { @MainActor in
                try await bucket.take()
                order.withLock { $0.append(number) }
            }
        }
        for task in tasks { _ = await task.result }
        #expect(order.withLock { $0 } == Array(0..<30))
        #expect(clock.now.offset == .milliseconds(2900))
    }

    @Test func `who is cancelled in the line leaves no gap`() async {
        let bucket = TokenBucket(rate: 10, burst: 1, clock: clock)
        let order = Mutex<[Int]>([])
        let begun = Mutex(0)
        clock.hold(true)
        let tasks = (0..<10).map { number in
            Task { @MainActor in
                begun.withLock { $0 += 1 }
                do throws(TokenBucket<SkippingClock>.Refusal) {
                    try await bucket.take()
                    order.withLock { $0.append(number) }
                } catch {
                    order.withLock { $0.append(error == .cancelled ? -number : 1000) }
                }
            }
        }
        while begun.withLock({ $0 < 10 }) || clock.sleepers == 0 { await Task.yield() }
        for number in [1, 4, 5, 9] { tasks[number].cancel() }
        clock.hold(false)
        for task in tasks { await task.value }
        #expect(order.withLock { $0.filter { $0 >= 0 } } == [0, 2, 3, 6, 7, 8])
        #expect(Set(order.withLock { $0.filter { $0 < 0 } }) == [-1, -4, -5, -9])
        #expect(clock.now.offset == .milliseconds(500))
    }

    @Test func `a task that was cancelled before gets nothing and blocks nobody`() async throws {
        let bucket = TokenBucket(rate: 10, burst: 1, clock: clock)
        try await bucket.take()
        let error = await Task { @MainActor in
            withUnsafeCurrentTask { $0?.cancel() }
            return await #expect(throws: TokenBucket<SkippingClock>.Refusal.self) { try await bucket.take() }
        }.value
        #expect(error == .cancelled)
        try await bucket.take()
        #expect(clock.now.offset == .milliseconds(100))
    }

    @Test func `a task that was cancelled before does not wait for who sleeps long`() async throws {
        let bucket = TokenBucket(rate: 0.001, burst: 1, clock: ContinuousClock())
        try await bucket.take()
        let sleeping = Task { @MainActor in try await bucket.take() }
        // Tasks of one actor begin in the order in which they were made.
        let cancelled = Task { @MainActor in
            withUnsafeCurrentTask { $0?.cancel() }
            try await bucket.take()
        }
        await #expect(throws: TokenBucket<ContinuousClock>.Refusal.cancelled) { try await cancelled.value }
        sleeping.cancel()
        await #expect(throws: TokenBucket<ContinuousClock>.Refusal.cancelled) { try await sleeping.value }
    }

    @Test func `a penalty delays who waits already, and ends without a burst`() async throws {
        let bucket = TokenBucket(rate: 10, burst: 5, clock: clock)
        for _ in 0..<5 { try await bucket.take() }
        clock.hold(true)
        let waiting = Task { @MainActor in
            try await bucket.take()
            return clock.now.offset
        }
        while clock.sleepers == 0 { await Task.yield() }
        bucket.penalise(for: .seconds(7))
        clock.hold(false)
        #expect(try await waiting.value == .seconds(7))
        try await bucket.take()
        #expect(clock.now.offset == .milliseconds(7100))
        bucket.penalise(for: .milliseconds(1))
        try await bucket.take()
        #expect(clock.now.offset >= .milliseconds(7200), "a short penalty does not shorten the wait")
    }

    @Test func `a turn after the deadline is refused at once, one at the deadline is given`() async throws {
        let bucket = TokenBucket(rate: 1, burst: 1, clock: clock)
        try await bucket.take()
        let error = await #expect(throws: TokenBucket<SkippingClock>.Refusal.self) {
            try await bucket.take(until: clock.now.advanced(by: .milliseconds(999)))
        }
        #expect(error == .deadline)
        #expect(clock.sleeps.isEmpty)
        try await bucket.take(until: clock.now.advanced(by: .seconds(1)))
        #expect(clock.now.offset == .seconds(1))
    }

    @Test func `many at once on many threads all come through, at the rate`() async {
        let bucket = TokenBucket(rate: 1000, burst: 10, clock: clock)
        let taken = await withTaskGroup { group in
            for number in 0..<600 {
                group.addTask { @concurrent in
                    if number % 3 == 0 { withUnsafeCurrentTask { $0?.cancel() } }
                    return (try? await bucket.take()) != nil
                }
            }
            var taken = 0
            for await isTaken in group where isTaken { taken += 1 }
            return taken
        }
        #expect(taken >= 400)
        #expect(clock.now.offset >= .milliseconds(taken - 10))
    }
}
