import HTTP

/// Sends one request and brings its answer: over the network, or from a recording.
protocol Transport: Sendable {
    func send(_ request: Request) async throws(TransportFailure) -> Response
}

/// Why there is no answer. In words for people, without secrets.
enum TransportFailure: Error, Hashable, Sendable {
    /// Not one byte of the request reached the server.
    case notSent(String)
    /// The request may have been carried out.
    case lost(String)

    var text: String {
        switch self {
        case .notSent(let text), .lost(let text): text
        }
    }
}
