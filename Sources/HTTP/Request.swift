/// The methods that the program uses.
public enum Method: String, Sendable, Hashable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case head = "HEAD"

    /// Whether sending the request twice has the effect of sending it once.
    /// Source: RFC 9110, 9.2.2.
    public var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete: true
        case .post, .patch: false
        }
    }
}

/// A speed below which a transfer counts as stuck.
public struct LowSpeed: Sendable, Hashable {
    /// Bytes per second, averaged by libcurl over a few seconds.
    public var bytesPerSecond: Int
    /// How long the transfer may stay slower than that. Rounded up to whole seconds.
    public var duration: Duration

    public init(bytesPerSecond: Int, for duration: Duration) {
        self.bytesPerSecond = bytesPerSecond
        self.duration = duration
    }
}

/// One HTTP request and the limits of its answer.
///
/// A request prints as its method and its redacted URL, never with its headers or body.
public struct Request: Sendable {
    /// Enough for every answer of a cloud's interface, and far from what would hurt the process.
    public static let defaultResponseLimit = 16 << 20

    public var method: Method
    /// Absolute, `https` (or `http` where ``ClientConfiguration/allowPlainHTTP`` says so).
    public var url: String
    public var headers: [Header]
    /// Headers whose values must not be seen.
    public var secretHeaders: [(name: String, value: Secret)]
    public var body: [UInt8]?
    /// The time for everything, from the call until the last byte.
    public var deadline: Duration
    /// The part of it that name lookup, connection and TLS handshake may take together.
    public var connectTimeout: Duration
    /// Bytes of the body after decompression; a longer body fails the request.
    public var responseLimit: Int
    /// Nil: only the deadline ends a slow transfer.
    public var lowSpeed: LowSpeed?
    /// Whether sending it twice is as good as once. Follows from the method; set it on a PATCH or POST that is.
    ///
    /// A request that is not idempotent is put on the wire at most once by ``HTTPClient/send(_:)``, also where
    /// libcurl would silently repeat it on a new connection.
    public var isIdempotent: Bool

    public init(
        method: Method = .get, url: String, headers: [Header] = [],
        secretHeaders: [(name: String, value: Secret)] = [], body: [UInt8]? = nil,
        deadline: Duration = .seconds(60), connectTimeout: Duration = .seconds(10),
        responseLimit: Int = Request.defaultResponseLimit, lowSpeed: LowSpeed? = nil, isIdempotent: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.secretHeaders = secretHeaders
        self.body = body
        self.deadline = deadline
        self.connectTimeout = connectTimeout
        self.responseLimit = responseLimit
        self.lowSpeed = lowSpeed
        self.isIdempotent = isIdempotent ?? method.isIdempotent
    }
}

extension Request: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(method.rawValue) \(RemoteURL.redacted(url))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
