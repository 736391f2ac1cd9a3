import Instances
import Reconciler
import Synchronization

/// What this process has made just now, or asked for, and listings may not show yet, so that it is not made twice.
///
/// Losing it is safe: what is doubled is found and deleted later.
final class RecentlyMade: Sendable {
    private enum Entry {
        /// The call is under way, or its answer was lost: it may have made something, or may do so yet.
        case asked(since: ContinuousClock.Instant)
        case made(ResourceUUID, since: ContinuousClock.Instant)
    }

    /// Longer than any listing was seen to lag; afterwards somebody may have deleted it.
    private static let lifetime: Duration = .seconds(60)

    private let settleTime: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let entries = Mutex<[String: Entry]>([:])

    /// - Parameter settleTime: after which a listing shows what a call without an answer has made.
    init(settleTime: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.settleTime = settleTime
        self.now = now
    }

    /// The one thing of its kind that a key stands for: the listed one, or the one that was made just now, or a new one.
    ///
    /// - Parameter key: what it is, for people too.
    /// - Throws: `.conflict` while it is not known whether an earlier call has made it.
    func one<Thing: Listed>(
        _ key: String, listed: Thing?, read: (ResourceUUID) async throws(ProviderError) -> Thing,
        make: () async throws(ProviderError) -> Thing
    ) async throws(ProviderError) -> Thing {
        if let listed {
            entries.withLock { $0[key] = nil }
            return listed
        }
        guard let known = begin(key) else { return try await self.make(key, make) }
        switch known {
        case .asked:
            throw ProviderError(
                .conflict, "an earlier call may have made \(key), or may do so yet: it is looked for before the next")
        case .made(let id, _):
            do throws(ProviderError) { return try await read(id) } catch {
                guard error.reason == .notFound else { throw error }
                throw ProviderError(.conflict, "\(id) was made just now and cannot be read yet")
            }
        }
    }

    /// What is known that still counts; where there is nothing, the call is the caller's from now on.
    private func begin(_ key: String) -> Entry? {
        let moment = now()
        return entries.withLock { entries in
            switch entries[key] {
            case .asked(let since) where since.duration(to: moment) < settleTime: return entries[key]
            case .made(_, let since) where since.duration(to: moment) < Self.lifetime: return entries[key]
            default:
                entries[key] = .asked(since: moment)
                return nil
            }
        }
    }

    private func make<Thing: Listed>(
        _ key: String, _ make: () async throws(ProviderError) -> Thing
    ) async throws(ProviderError) -> Thing {
        do throws(ProviderError) {
            let made = try await make()
            let id = ResourceUUID(made.id)
            entries.withLock { $0[key] = id.map { .made($0, since: now()) } }
            return made
        } catch {
            let after: Entry? = error.reason == .unknownOutcome ? .asked(since: now()) : nil
            entries.withLock { $0[key] = after }
            throw error
        }
    }
}
