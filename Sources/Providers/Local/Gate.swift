import Dispatch
import Reconciler

/// Lets only so many threads through at once; the others wait. For threads of our own, never for the pool's.
final class Gate: Sendable {
    private let semaphore: DispatchSemaphore

    init(places: Int) { semaphore = DispatchSemaphore(value: places) }

    func pass<Value>(_ body: () throws(ProviderError) -> Value) throws(ProviderError) -> Value {
        semaphore.wait()
        defer { semaphore.signal() }
        return try body()
    }
}
