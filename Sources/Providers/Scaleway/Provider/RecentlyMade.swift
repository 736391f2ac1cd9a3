import Instances
import Reconciler
import Synchronization

/// What this process has made just now and listings may not show yet, so that it is not made a second time.
///
/// Losing it is safe: what is doubled is found and deleted later.
final class RecentlyMade: Sendable {
    private struct Entry {
        let id: ResourceUUID
        let since: ContinuousClock.Instant
    }

    /// Longer than any listing was seen to lag; afterwards somebody may have deleted it.
    private static let lifetime: Duration = .seconds(60)

    private let entries = Mutex<[String: Entry]>([:])

    /// The one thing of its kind that a key stands for: the listed one, or the one that was made just now, or a new one.
    func one<Thing: Listed>(
        _ key: String, listed: Thing?, read: (ResourceUUID) async throws(ProviderError) -> Thing,
        make: () async throws(ProviderError) -> Thing
    ) async throws(ProviderError) -> Thing {
        let key = "\(Thing.listing.name) \(key)"
        if let listed {
            entries.withLock { $0[key] = nil }
            return listed
        }
        let known = entries.withLock { $0[key] }
        if let known, known.since.duration(to: .now) < Self.lifetime {
            do throws(ProviderError) { return try await read(known.id) } catch {
                guard error.reason == .notFound else { throw error }
                throw ProviderError(.conflict, "\(known.id) was made just now and cannot be read yet")
            }
        }
        let made = try await make()
        if let id = ResourceUUID(made.id) { entries.withLock { $0[key] = Entry(id: id, since: .now) } }
        return made
    }
}
