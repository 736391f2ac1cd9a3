import CCurl

/// One exchange driven on the calling thread, its answer read piece by piece.
///
/// For code that must block, on a thread of its own; everything else uses ``HTTPClient``. It makes a connection of its
/// own and closes it at the end. The answer is not decompressed and is never held whole: while the caller does not
/// read, the transfer pauses after a mebibyte. ``Request/responseLimit`` bounds the sum of what is read.
///
///     let exchange = try StreamingExchange(request, configuration: configuration)
///     let (status, headers) = try exchange.start()
///     while case let count = try exchange.read(into: buffer), count > 0 { … }
public final class StreamingExchange {
    /// A cancellation is seen at the latest after this long.
    private static let pollLimit = Duration.milliseconds(200)

    private let transfer: Transfer
    private let multi: MultiHandle
    private let isCancelled: () -> Bool
    private var deadline: ContinuousClock.Instant?
    private var result: Result<Void, HTTPError>?

    /// - Parameter isCancelled: asked several times a second while the exchange waits.
    /// - Throws: `.invalid`; nothing is sent yet.
    public init(
        _ request: Request, configuration: ClientConfiguration = .fromEnvironment(),
        isCancelled: @escaping () -> Bool = { false }
    ) throws(HTTPError) {
        transfer = try Transfer(request, request.checkedURL(configuration), configuration, isStreaming: true)
        guard let multi = MultiHandle(), multi.add(transfer) else {
            throw .invalid(reason: "libcurl does not start", request.context(""))
        }
        self.multi = multi
        self.isCancelled = isCancelled
    }

    deinit {
        multi.remove(transfer)
    }

    /// Sends the request. The deadline starts to run.
    ///
    /// - Returns: as soon as the head of the answer is complete.
    public func start() throws(HTTPError) -> (status: Int, headers: Headers) {
        if deadline == nil { deadline = .now + transfer.request.deadline.bounded }
        while !transfer.head.isComplete {
            if let result {
                try result.get()
                throw .interrupted(transfer.request.context("the answer has no head"))
            }
            try drive()
        }
        return (transfer.head.status, Headers(transfer.head.fields))
    }

    /// Waits for bytes of the body and moves them into `buffer`.
    ///
    /// - Returns: the number of bytes, zero at the end of the body.
    /// - Throws: `.interrupted` also where the body ended too early, after the bytes that did arrive were read.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(HTTPError) -> Int {
        precondition(!buffer.isEmpty, "an empty buffer cannot be told from the end")
        _ = try start()
        while true {
            let count = transfer.take(into: buffer)
            if count > 0 { return count }
            if let result {
                try result.get()
                return 0
            }
            try drive()
        }
    }

    /// Lets libcurl work until it has to wait, then waits for the network once.
    private func drive() throws(HTTPError) {
        let now = ContinuousClock.now
        guard let deadline, now < deadline else {
            throw fail(.deadline(sent: transfer.isSent, transfer.request.context("")))
        }
        guard !isCancelled() else {
            throw fail(.cancelled(sent: transfer.isSent, transfer.request.context("")))
        }
        let before = transfer.progress
        transfer.resume()
        multi.perform()
        multi.forEachFinished { finished, code in
            result = finished.failure(code).map { .failure($0) } ?? .success(())
        }
        if result == nil && transfer.progress == before {
            multi.poll(atMost: min(deadline - now, Self.pollLimit))
        }
    }

    /// Ends the exchange for good: what is thrown once is thrown at every later call.
    private func fail(_ error: HTTPError) -> HTTPError {
        result = .failure(error)
        return error
    }
}
