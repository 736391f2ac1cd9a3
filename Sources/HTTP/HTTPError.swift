/// Why there is no answer, sorted by what the caller may do next.
public enum HTTPError: Error, Sendable, Hashable {
    /// Name lookup, connection, proxy or TLS handshake failed. No byte of the request left: the server surely did not
    /// process it.
    case refusedBeforeSend(Context)
    /// The request was sent, at least in part, and no complete answer came: the outcome is unknown. Look before trying
    /// again.
    case interrupted(Context)
    /// The request's own deadline passed. Where `sent` is true the outcome is unknown.
    case deadline(sent: Bool, Context)
    /// The answer (or its head) was longer than the limit, in bytes. The server did process the request.
    case responseTooLarge(limit: Int, Context)
    /// The caller's task was cancelled or the client was shut down. Where `sent` is true the outcome is unknown.
    case cancelled(sent: Bool, Context)
    /// The request or the configuration cannot work; nothing was sent and trying again changes nothing.
    case invalid(reason: String, Context)

    /// Which request failed and what libcurl said about it, safe to print.
    public struct Context: Sendable, Hashable {
        public let method: Method
        /// Without credentials, query values and fragment.
        public let url: String
        /// libcurl's own words, or empty.
        public let words: String
    }

    public var context: Context {
        switch self {
        case .refusedBeforeSend(let context), .interrupted(let context), .deadline(_, let context),
            .responseTooLarge(_, let context), .cancelled(_, let context), .invalid(_, let context):
            context
        }
    }

    /// True where not one byte of the request can have reached the server.
    public var surelyNotProcessed: Bool {
        switch self {
        case .refusedBeforeSend, .invalid: true
        case .deadline(let sent, _), .cancelled(let sent, _): !sent
        case .interrupted, .responseTooLarge: false
        }
    }
}

extension HTTPError: CustomStringConvertible {
    public var description: String {
        let reason =
            switch self {
            case .refusedBeforeSend: "not sent"
            case .interrupted: "interrupted, outcome unknown"
            case .deadline(sent: true, _): "no answer before the deadline, outcome unknown"
            case .deadline(sent: false, _): "not sent before the deadline"
            case .responseTooLarge(let limit, _): "the answer exceeds \(limit) bytes"
            case .cancelled(sent: true, _): "cancelled, outcome unknown"
            case .cancelled(sent: false, _): "cancelled before it was sent"
            case .invalid(let reason, _): reason
            }
        let words = context.words.isEmpty ? "" : ": \(context.words)"
        return "\(context.method.rawValue) \(context.url): \(reason)\(words)"
    }
}
