import CCurl
import Glibc
import Synchronization

/// One thread that runs every transfer of a client, with a mailbox for the other threads.
final class TransferLoop: Sendable {
    typealias ID = UInt64
    typealias Outcome = Result<Response, HTTPError>

    /// A request that waits for its outcome.
    struct Job: Sendable {
        let id: ID
        let request: Request
        let url: RemoteURL
        let configuration: ClientConfiguration
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Outcome, Never>
    }

    enum Message: Sendable {
        case start(Job)
        case cancel(ID)
    }

    private struct Mailbox {
        var messages: [Message] = []
        var lastID: ID = 0
        var isStopped = false
    }

    /// Connections kept open for reuse, of all hosts together. libcurl's own choice, four for each transfer under way,
    /// would close nearly all of them whenever it gets quiet.
    private static let keptConnections = 64

    /// Waking once a second costs nothing that can be measured, and bounds the harm of a wakeup that is lost because
    /// the process had no file descriptor left for it.
    private static let pollLimit = Duration.seconds(1)

    private let mailbox = Mutex(Mailbox())
    /// Other threads only call `wake()`. Freed with the loop, which its own thread holds until the end.
    private nonisolated(unsafe) let multi: MultiHandle

    init() {
        guard let multi = MultiHandle(), multi.set(CURLMOPT_MAXCONNECTS, Self.keptConnections) else {
            fatalError("libcurl does not start")
        }
        self.multi = multi
        startThread()
    }

    func newID() -> ID {
        mailbox.withLock { mailbox in
            mailbox.lastID += 1
            return mailbox.lastID
        }
    }

    func start(_ job: Job) {
        if !submit(.start(job)) {
            job.continuation.resume(returning: .failure(.cancelled(sent: false, job.request.context("shut down"))))
        }
    }

    /// Does nothing when the job is over or not there yet.
    func cancel(_ id: ID) {
        _ = submit(.cancel(id))
    }

    func stop() {
        mailbox.withLock { $0.isStopped = true }
        multi.wake()
    }

    /// - Returns: false after ``stop()``.
    private func submit(_ message: Message) -> Bool {
        let isTaken = mailbox.withLock { mailbox in
            if !mailbox.isStopped { mailbox.messages.append(message) }
            return !mailbox.isStopped
        }
        if isTaken { multi.wake() }
        return isTaken
    }

    /// The runtime's pool must never block, and this runs until ``stop()``.
    private func startThread() {
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { loop in
                Unmanaged<TransferLoop>.fromOpaque(loop!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(status == 0, "no thread for HTTP: errno \(status)")
        pthread_detach(thread)
    }

    private func run() {
        var transfers = RunningTransfers()
        while true {
            let (messages, isStopped) = mailbox.withLock { mailbox in
                defer { mailbox.messages = [] }
                return (mailbox.messages, mailbox.isStopped)
            }
            for message in messages {
                switch message {
                case .start(let job): transfers.start(job, on: multi)
                case .cancel(let id): transfers.cancel(id, on: multi)
                }
            }
            if isStopped {
                transfers.cancelAll(on: multi)
                return
            }
            multi.perform()
            transfers.collectFinished(of: multi)
            let now = ContinuousClock.now
            transfers.expire(at: now, on: multi)
            multi.poll(atMost: min(Self.pollLimit, transfers.nextDeadline.map { $0 - now } ?? Self.pollLimit))
        }
    }
}
