import Instances
import Synchronization

/// The servers whose stop is being watched over by this operator.
final class Stops: Sendable {
    private let watched = Mutex<Set<ServerID>>([])

    /// - Returns: `false` where it is watched already.
    func begin(_ server: ServerID) -> Bool { watched.withLock { $0.insert(server).inserted } }
    func end(_ server: ServerID) { watched.withLock { _ = $0.remove(server) } }
}
