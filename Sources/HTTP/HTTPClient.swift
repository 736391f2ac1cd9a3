/// Sends requests, many at once, over connections that it keeps.
///
/// Certificates are verified, TLS is 1.2 or newer, redirects are answers and never followed. At most
/// ``ClientConfiguration/maxConnectionsPerHost`` exchanges run with one host, the others wait in the order of arrival.
/// All transfers share one thread; the callers' threads never block.
public final class HTTPClient: Sendable {
    private let configuration: ClientConfiguration
    private let loop = TransferLoop()

    public init(configuration: ClientConfiguration = .fromEnvironment()) {
        self.configuration = configuration
    }

    deinit {
        loop.stop()
    }

    /// Sends one request once and waits for the complete answer, whatever its status.
    ///
    /// ``Request/deadline`` starts to run at the call. Cancelling the task ends the transfer.
    public func send(_ request: Request) async throws(HTTPError) -> Response {
        let url = try request.checkedURL(configuration)
        let id = loop.newID()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.start(
                    TransferLoop.Job(
                        id: id, request: request, url: url, configuration: configuration,
                        deadline: .now + request.deadline.bounded, continuation: continuation))
                // A task cancelled before this line ran its handler already, with nothing to cancel yet.
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
        return try outcome.get()
    }

    /// Cancels what is under way and closes every connection. Later requests fail as cancelled.
    ///
    /// Does not wait for the thread, which ends within milliseconds.
    public func shutdown() {
        loop.stop()
    }
}
