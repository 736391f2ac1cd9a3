/// Something that happens by itself, later.
enum Transition: Hashable, Sendable, Codable {
    /// Server transitions carry the number of the action that started them: a later action makes them void.
    case serverRuns(String, action: Int)
    case serverStops(String, action: Int)
    case serverStopsInPlace(String, action: Int)
    case serverIsGone(String, action: Int)
    case addressAttaches(server: String)
    case backupIsReady(image: String)
    case volumeIsReady(String)
    case volumeIsUpdated(String, size: Int?, iops: Int?)
    case referenceIsAttached(volume: String, reference: String)
    case referenceDetaches(volume: String, reference: String)
    case referenceIsGone(volume: String, reference: String)
    case snapshotIsReady(String)
    case interfaceIsReady(String)
    case securityGroupIsReady(String)
    /// A request whose answer was lost and that the real API would still carry out.
    case requestIsProcessed(APIRequest)
}

/// What is due when. Things due at the same time happen in the order in which they were planned.
struct Agenda: Sendable, Codable {
    struct Entry: Sendable, Codable {
        var due: Instant
        var number: Int
        var transition: Transition
    }

    /// Sorted by time and number, the next one last.
    private(set) var entries: [Entry] = []
    private var planned = 0

    var next: Instant? { entries.last?.due }

    mutating func plan(_ transition: Transition, at due: Instant) {
        planned += 1
        // A new entry comes after everything that is due at the same time: it has the highest number.
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].due <= due { high = middle } else { low = middle + 1 }
        }
        entries.insert(Entry(due: due, number: planned, transition: transition), at: low)
    }

    mutating func popNext(until now: Instant) -> Entry? {
        guard let due = next, due <= now else { return nil }
        return entries.popLast()
    }
}
