@preconcurrency import Dispatch
import Glibc
import HTTP
import Synchronization

/// SIGTERM and SIGINT: the first ends the pass after the step at hand, the second breaks off at once.
///
/// A dispatch source, because a thread that waits for signals does not work beside an async main on Linux.
final class Signals: Sendable {
    private let received = Mutex(0)
    /// Nobody sleeps through a signal by it.
    let clock = InterruptibleClock()

    /// - Parameters:
    ///   - first: told at the first signal.
    ///   - second: told at the second.
    init(first: @escaping @Sendable () -> Void, second: @escaping @Sendable () -> Void) {
        for number in [SIGTERM, SIGINT] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // The handler keeps its own source alive.
            source.setEventHandler { [self] in
                _ = source
                switch count() {
                case 1:
                    clock.interrupt()
                    first()
                case 2: second()
                default: _exit(128 + number)
                }
            }
            source.resume()
        }
        signal(SIGPIPE, SIG_IGN)
    }

    var isStopping: Bool { received.withLock { $0 > 0 } }

    private func count() -> Int {
        received.withLock {
            $0 += 1
            return $0
        }
    }
}
