import HTTP

/// One request and its answer. What is written is the body; the first read sends it.
final class HTTPWire: Wire {
    private var request: Request
    private let answerType: String
    private let remote: String
    private let isAnonymous: Bool
    private let configuration: ClientConfiguration
    private let interruption: Interruption
    private var exchange: StreamingExchange?
    private(set) var mayHaveActed = false

    /// No server keeps us away for longer by one answer: somebody may mend it meanwhile.
    private static let longestPause = Duration.seconds(3600)
    /// Bytes of a refusal's body that are worth reading.
    private static let refusalLimit = 1024

    init(
        _ request: Request, answerType: String, remote: String, isAnonymous: Bool,
        _ configuration: ClientConfiguration, _ interruption: Interruption
    ) {
        self.request = request
        self.answerType = answerType
        self.remote = remote
        self.isAnonymous = isAnonymous
        self.configuration = configuration
        self.interruption = interruption
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(GitError) {
        // In place: a pack comes in very many pieces.
        if request.body == nil { request.body = [] }
        request.body?.append(contentsOf: bytes)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(GitError) -> Int {
        let exchange = if let exchange { exchange } else { try start() }
        do throws(HTTPError) {
            return try exchange.read(into: buffer)
        } catch {
            throw failure(error)
        }
    }

    func explanation() -> GitError? { nil }

    func close() {
        exchange = nil
    }

    /// Sends the request and judges the head of the answer.
    private func start() throws(GitError) -> StreamingExchange {
        let started: StreamingExchange
        let head: (status: Int, headers: Headers)
        let interruption = interruption
        do throws(HTTPError) {
            started = try StreamingExchange(request, configuration: configuration) { interruption.isTripped }
            head = try started.start()
        } catch {
            mayHaveActed = !error.surelyNotProcessed
            throw failure(error)
        }
        // A gateway answers 5xx also for a request that did its work.
        mayHaveActed = head.status == 200 || head.status >= 500
        guard head.status == 200 else { throw refusal(head.status, head.headers, started) }
        guard head.headers.first("Content-Type")?.hasPrefix(answerType) == true else {
            throw .repositoryNotFound(
                remote: remote, reason: "the server answers, but not as git does; is this the URL for cloning?")
        }
        exchange = started
        return started
    }

    private func refusal(_ status: Int, _ headers: Headers, _ exchange: StreamingExchange) -> GitError {
        switch status {
        case 401:
            let reason = isAnonymous ? "it wants credentials and none are configured" : "the credentials are wrong"
            return .authenticationFailed(remote: remote, reason: reason + words(headers, exchange))
        case 403:
            let reason = "the credentials are not sufficient (HTTP 403)"
            return .authenticationFailed(remote: remote, reason: reason + words(headers, exchange))
        case 404, 410:
            let hint = isAnonymous ? "; a private repository looks the same without credentials" : ""
            return .repositoryNotFound(remote: remote, reason: "HTTP \(status)\(hint)")
        case 300..<400:
            return .invalidRemote(reason: "\(remote) has moved\(target(headers)); redirects are not followed")
        default:
            let told = headers.first("Retry-After").map { ", try again after \(OutsideText.printable($0))" } ?? ""
            return .unreachable(
                remote: remote, reason: "HTTP \(status)\(told)" + words(headers, exchange),
                pause: headers.retryAfter.map { min($0, Self.longestPause) })
        }
    }

    /// Where a redirect points, as the URL to configure instead.
    private func target(_ headers: Headers) -> String {
        // A location with a user in it may hold a password.
        guard let location = headers.first("Location"), !location.contains("@") else { return "" }
        let end = location.firstRange(of: "/info/refs")?.lowerBound ?? location.firstIndex(of: "?") ?? location.endIndex
        return " to \(OutsideText.printable(String(location[..<end])))"
    }

    /// What a forge says in plain text about its refusal.
    private func words(_ headers: Headers, _ exchange: StreamingExchange) -> String {
        guard headers.first("Content-Type")?.hasPrefix("text/plain") == true else { return "" }
        var bytes = [UInt8](repeating: 0, count: Self.refusalLimit)
        let count = bytes.withUnsafeMutableBytes { (try? exchange.read(into: $0)) ?? 0 }
        let text = OutsideText.printable(bytes[..<count])
        return text.isEmpty ? "" : ": \(text)"
    }

    private func failure(_ error: HTTPError) -> GitError {
        let words = OutsideText.printable(error.context.words)
        switch error {
        case .invalid(let reason, _): return .invalidRemote(reason: "\(remote): \(reason) \(words)")
        case .responseTooLarge(let limit, _):
            return .limitExceeded(
                what: "the number of bytes that the remote sent", limit: limit, wayOut: Limits.shorten)
        case .cancelled: return .interrupted(remote: remote)
        case .deadline: return .timedOut(remote: remote, reason: "not done before the deadline")
        // libcurl has no status of its own here that `HTTPError` would carry.
        case .interrupted where words.contains("too slow"): return .timedOut(remote: remote, reason: words)
        case .refusedBeforeSend where words.contains("certificate"):
            return .untrustedServer(remote: remote, reason: words)
        case .refusedBeforeSend, .interrupted:
            return .unreachable(remote: remote, reason: words.isEmpty ? "the connection broke off" : words)
        }
    }
}
