import Foundation
public import Testing

/// A few threads for the tests of a kind.
///
/// Swift's own pool has as many threads as the machine has cores. A test that waits for a process holds one of them, and
/// two such tests starve every other test of the run: on two cores connections were seen to idle for two minutes between
/// two lines of a test. Such suites run here instead; the number of threads is also how many of them run at a time.
/// A `Task {}` inside such a test would go back to the pool and wait there: it has to be told the threads again.
public final class TestThreads: TaskExecutor {
    /// For tests that run programs and virtual machines.
    public static let programs = TestThreads(count: 4)
    /// For tests that speak with servers of their own and watch when things happen.
    public static let exchanges = TestThreads(count: 4)
    /// For trials that run programs, and mostly wait for them.
    public static let trials = TestThreads(count: 8)
    /// For tests that compute for minutes, one after the other: the pool stays free for the many short ones.
    public static let searches = TestThreads(count: 1)

    /// How many can wait at a time.
    public let count: Int
    private let queue = OperationQueue()

    private init(count: Int) {
        self.count = count
        queue.maxConcurrentOperationCount = count
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.addOperation { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

/// Runs each test of a suite on threads apart from Swift's own pool.
public struct RunsOnThreads: SuiteTrait, TestTrait, TestScoping {
    public let threads: TestThreads
    public let isRecursive = true

    @concurrent public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(threads) { try await function() }
    }
}

extension Trait where Self == RunsOnThreads {
    public static func runs(on threads: TestThreads) -> Self { RunsOnThreads(threads: threads) }
}
