import Reconciler

/// Remembers answers for a while. Those who ask for the same thing at the same time share one request.
///
/// Only for what changes slowly and decides nothing about data: the catalogue, quotas.
actor Recent<Key: Hashable & Sendable, Value: Sendable> {
    private struct Entry {
        let asked: ContinuousClock.Instant
        let answer: Task<Result<Value, ProviderError>, Never>
    }

    private let lifetime: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private var entries: [Key: Entry] = [:]

    init(lifetime: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.lifetime = lifetime
        self.now = now
    }

    func value(
        _ key: Key, ask: @autoclosure @escaping @Sendable () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        if let entry = entries[key], now() - entry.asked < lifetime { return try await entry.answer.value.get() }
        let asked = now()
        // A request of its own: one of those who wait may be cancelled, the others still want the answer.
        let answer = Task { () -> Result<Value, ProviderError> in
            do throws(ProviderError) { return .success(try await ask()) } catch { return .failure(error) }
        }
        entries[key] = Entry(asked: asked, answer: answer)
        let result = await answer.value
        if case .failure = result, entries[key]?.asked == asked { entries[key] = nil }
        return try result.get()
    }
}
