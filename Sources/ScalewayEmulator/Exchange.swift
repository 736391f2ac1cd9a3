/// A request as the emulator sees it.
public struct APIRequest: Hashable, Sendable, Codable {
    /// In capital letters.
    public var method: String
    /// Without the query, as it was sent.
    public var path: String
    /// In the order of the address, decoded; a name may come several times.
    public var query: [Parameter]
    /// The value of `X-Auth-Token`.
    public var token: String?
    public var contentType: String?
    public var body: [UInt8]

    /// One name and value of a query.
    public struct Parameter: Hashable, Sendable, Codable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
        _ method: String, _ path: String, query: [Parameter] = [], token: String? = nil, contentType: String? = nil,
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.token = token
        self.contentType = contentType
        self.body = body
    }

    /// True for a request that asks for a change.
    public var isMutating: Bool { method != "GET" && method != "HEAD" }
}

/// An answer; the adapter adds `Date` and `Content-Length`.
public struct APIResponse: Hashable, Sendable, Codable {
    public var status: Int
    /// In the order to send.
    public var headers: [Header]
    public var body: [UInt8]

    /// One header field.
    public struct Header: Hashable, Sendable, Codable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer of JSON.
    public init(_ status: Int, _ json: JSON, headers: [Header] = []) {
        self.init(status: status, headers: [Header("Content-Type", "application/json")] + headers, body: json.bytes)
    }

    /// An answer to a deletion: no body, and yet a type, as recorded.
    static let noContent = APIResponse(status: 204, headers: [Header("Content-Type", "application/json")])

    public subscript(header name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as JSON; nil where it is none.
    public var json: JSON? { try? JSON(parsing: body) }
}
