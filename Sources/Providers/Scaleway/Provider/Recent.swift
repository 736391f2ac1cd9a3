import Reconciler

/// How long a failure is kept beyond the time that it took to come.
///
/// Instances are checked one after the other: without it each would wait as long for what has just failed the one before.
/// What hung for long is left alone for as long, so that at least half of the time goes to something else.
private let respite: Duration = .seconds(5)

/// Remembers answers for a while, and failures for a short one. Those who ask for the same thing at the same time share
/// one request.
///
/// Only for what changes slowly and decides nothing about data: the catalogue, quotas.
actor Recent<Key: Hashable & Sendable, Value: Sendable> {
    private struct Entry {
        let answer: Task<Result<Value, ProviderError>, Never>
        /// When it is forgotten.
        var end: ContinuousClock.Instant
        var hasFailed = false
    }

    private let lifetime: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private var entries: [Key: Entry] = [:]

    /// - Parameter lifetime: of an answer; zero where only failures are to be shared.
    init(lifetime: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.lifetime = lifetime
        self.now = now
    }

    func value(
        _ key: Key, ask: @autoclosure @escaping @Sendable () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        if let entry = entries[key], now() < entry.end { return try await entry.answer.value.get() }
        return try await asked(key, ask)
    }

    /// Asks again, unless that has just failed: for where an answer of before is not good enough.
    func renewed(
        _ key: Key, ask: @autoclosure @escaping @Sendable () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        if let entry = entries[key], entry.hasFailed, now() < entry.end { return try await entry.answer.value.get() }
        return try await asked(key, ask)
    }

    private func asked(
        _ key: Key, _ ask: @escaping @Sendable () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        let start = now()
        // A request of its own: one of those who wait may be cancelled, the others still want the answer.
        let answer = Task { () -> Result<Value, ProviderError> in
            do throws(ProviderError) { return .success(try await ask()) } catch { return .failure(error) }
        }
        entries[key] = Entry(answer: answer, end: start + lifetime)
        let result = await answer.value
        if case .failure = result, entries[key]?.answer == answer {
            let moment = now()
            entries[key] = Entry(answer: answer, end: moment + start.duration(to: moment) + respite, hasFailed: true)
        }
        return try result.get()
    }
}
