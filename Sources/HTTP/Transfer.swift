import CCurl

/// One exchange on one easy handle, with everything that libcurl points to. Used by one thread at a time.
///
/// libcurl keeps pointers to the object: whoever runs the handle keeps the object alive meanwhile.
final class Transfer {
    /// Bytes of the body that wait to be taken before the transfer pauses. A pack arrives in pieces of 16 KiB; this
    /// many of them keep the network busy while the reader works.
    static let streamingBuffer = 1 << 20

    /// The owner's name for it.
    let id: UInt64
    let request: Request
    private(set) var easy: EasyHandle
    private(set) var head = ResponseHead()
    private(set) var body: [UInt8] = []
    /// Whether a connection was ready and the request about to be written to it.
    private(set) var isSent = false
    private let bufferLimit: Int
    private var received = 0
    /// How much of `body` the reader has.
    private var taken = 0
    private var isPaused = false
    private var refusal: HTTPError?

    /// - Parameters:
    ///   - url: what ``Request/checkedURL(_:)`` made of the request's.
    ///   - isStreaming: the body is taken piece by piece with ``take(into:)`` and never decompressed.
    init(
        _ request: Request, _ url: RemoteURL, _ configuration: ClientConfiguration, id: UInt64 = 0,
        isStreaming: Bool = false
    ) throws(HTTPError) {
        self.id = id
        self.request = request
        bufferLimit = isStreaming ? Self.streamingBuffer : .max
        do {
            easy = try EasyHandle()
            try easy.configure(request, url, configuration, isStreaming: isStreaming)
            try installCallbacks()
        } catch {
            throw .invalid(reason: "libcurl refuses an option", request.context(error.words))
        }
    }

    /// - Returns: why the transfer failed, nil when it did not.
    func failure(_ code: CURLcode) -> HTTPError? {
        if let refusal { return refusal }
        guard code != CURLE_OK else { return nil }
        let context = request.context(easy.words(for: code))
        switch code {
        case CURLE_FILESIZE_EXCEEDED:
            return .responseTooLarge(limit: request.responseLimit, context)
        case _ where isSent:
            return .interrupted(context)
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            return .invalid(reason: "the configuration cannot work", context)
        default:
            return .refusedBeforeSend(context)
        }
    }

    /// The whole answer, for a transfer that is not streaming.
    func outcome(_ code: CURLcode) -> Result<Response, HTTPError> {
        if let error = failure(code) { return .failure(error) }
        guard head.isComplete else { return .failure(.interrupted(request.context("the answer has no head"))) }
        return .success(Response(status: head.status, headers: Headers(head.fields), body: body))
    }

    /// Moves waiting bytes of the body into `buffer`.
    ///
    /// - Returns: the number of bytes; zero when none wait.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, body.count - taken)
        body.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken..<(taken + count)])) }
        taken += count
        if taken == body.count {
            body.removeAll(keepingCapacity: true)
            taken = 0
        }
        return count
    }

    /// Changes whenever libcurl delivered something: a waiting reader then looks before it waits again.
    var progress: Int { received + (head.isComplete ? 1 : 0) }

    /// Lets a paused transfer go on. libcurl may deliver bytes, and pause again, before this returns.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        curl_easy_pause(easy.raw, CURLPAUSE_CONT)
    }

    private func installCallbacks() throws(EasyHandle.Refusal) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        try easy.set(CURLOPT_HEADERDATA, pointer: this)
        try easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, this in
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return Transfer.from(this).receive(headerLine: line)
        }
        try easy.set(CURLOPT_WRITEDATA, pointer: this)
        try easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, this in
            Transfer.from(this).receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        try easy.set(CURLOPT_PREREQDATA, pointer: this)
        try easy.set { this, _, _, _, _ in Transfer.from(this).willSend() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT }
    }

    private static func from(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(pointer!).takeUnretainedValue()
    }

    /// - Returns: false when the request must not go out.
    private func willSend() -> Bool {
        // libcurl repeats a request, a POST too, when a kept connection dies without an answer or HTTP/2 refuses the
        // stream. In the first case the server may have processed it, and nobody tells us which case it is.
        guard !isSent || request.isIdempotent else {
            refusal = .interrupted(request.context("no answer came, and the request is not sent twice"))
            return false
        }
        isSent = true
        return true
    }

    private func receive(headerLine line: UnsafeRawBufferPointer) -> Int {
        guard head.append(line: line) else {
            refusal = .responseTooLarge(limit: ResponseHead.limit, request.context("the head is too long"))
            return 0
        }
        return line.count
    }

    /// - Returns: the bytes taken; libcurl ends the transfer when they are fewer than it offered.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count < bufferLimit else {
            isPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        received += bytes.count
        guard received <= request.responseLimit else {
            refusal = .responseTooLarge(limit: request.responseLimit, request.context(""))
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }
}

extension Request {
    /// What an error says about the request.
    func context(_ words: String) -> HTTPError.Context {
        HTTPError.Context(method: method, url: RemoteURL.redacted(url), words: words)
    }

    /// - Throws: `.invalid` for what must not or cannot be sent.
    func checkedURL(_ configuration: ClientConfiguration) throws(HTTPError) -> RemoteURL {
        guard let remote = RemoteURL(url) else {
            throw .invalid(reason: "not an http or https URL", context(""))
        }
        guard remote.scheme == "https" || configuration.allowPlainHTTP == .anywhere || remote.isLoopback else {
            throw .invalid(reason: "plain http is allowed to this machine only", context(""))
        }
        let all = headers.map { ($0.name, $0.value) } + secretHeaders.map { ($0.name, $0.value.reveal()) }
        for (name, value) in all {
            guard HeaderLine.isName(name), HeaderLine.isValue(value) else {
                throw .invalid(reason: "a header has a bad name or a control character in its value", context(""))
            }
        }
        return remote
    }
}
