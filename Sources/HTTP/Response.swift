/// A complete answer. Redirects and errors of the server are answers like any other.
public struct Response: Sendable, Hashable {
    public let status: Int
    public let headers: Headers
    /// Decompressed, where the server compressed it.
    public let body: [UInt8]

    public init(status: Int, headers: Headers = Headers(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
