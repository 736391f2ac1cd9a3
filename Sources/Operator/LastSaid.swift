import Synchronization

/// Remembers what was said last, so that a loop does not say the same every half minute.
final class LastSaid: Sendable {
    private let text = Mutex("")

    func isNew(_ new: String) -> Bool {
        text.withLock { old in
            defer { old = new }
            return old != new
        }
    }
}
