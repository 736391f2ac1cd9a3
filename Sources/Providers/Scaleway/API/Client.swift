import FoundationEssentials
import HTTP
import Reconciler

/// Sends calls to Scaleway and reads the answers, for one account.
struct Client: Sendable {
    /// `https://api.scaleway.com`, without a slash at the end.
    let endpoint: String
    let token: Secret
    let transport: any Transport

    /// Sends a call whose answer is a JSON document.
    func answer<Answer: Decodable>(_ call: Call, as type: Answer.Type = Answer.self) async throws(ProviderError)
        -> Answer
    {
        try Self.decode(try await exchange(call), as: type, of: call)
    }

    /// Sends a call whose answer is one resource in its envelope.
    func content<Content: Enveloped>(_ call: Call) async throws(ProviderError) -> Content {
        try await answer(call, as: Envelope<Content>.self).content
    }

    /// Sends a call whose answer says nothing, or nothing that a fresh read would not say better.
    func perform(_ call: Call) async throws(ProviderError) {
        _ = try await exchange(call)
    }

    /// Sends a deletion. What is not there any more is deleted: whether it is gone, only a read can tell.
    func delete(_ call: Call) async throws(ProviderError) {
        let response = try await send(call)
        // 410: what the API once said when a deleted disk was deleted again.
        if response.status == 404 || response.status == 410 { return }
        try Self.check(response, of: call)
    }

    /// Sends a call and brings the answer of a success.
    func exchange(_ call: Call) async throws(ProviderError) -> Response {
        let response = try await send(call)
        try Self.check(response, of: call)
        return response
    }

    /// Sends a call and brings whatever the answer is.
    func send(_ call: Call) async throws(ProviderError) -> Response {
        do throws(TransportFailure) {
            return try await transport.send(call.request(endpoint: endpoint, token: token))
        } catch {
            let reason: ProviderError.Reason =
                switch error {
                case .notSent: .unavailable
                case .lost: call.isRead ? .unavailable : .unknownOutcome
                }
            throw ProviderError(reason, "cannot \(call.purpose): \(printable(error.text))")
        }
    }

    static func check(_ response: Response, of call: Call) throws(ProviderError) {
        guard (200..<300).contains(response.status) else { throw Refusal(response).error(of: call) }
    }

    static func decode<Answer: Decodable>(
        _ response: Response, as type: Answer.Type, of call: Call
    ) throws(ProviderError) -> Answer {
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch {
            let request = response.headers.first("X-Request-Id").map { ", request \(printable($0, limit: 60))" } ?? ""
            throw ProviderError(
                call.isRead ? .unavailable : .unknownOutcome,
                "cannot \(call.purpose): the answer cannot be understood: \(printable(Self.words(of: error))) "
                    + "(HTTP \(response.status)\(request))")
        }
    }

    /// Where in the document it went wrong, without the document.
    private static func words(of error: any Error) -> String {
        if let item = error as? UnreadableItem {
            return words(of: item.cause) + (item.id.map { ", of \(printable($0, limit: 60))" } ?? "")
        }
        guard let error = error as? DecodingError else { return "not JSON" }
        switch error {
        case .keyNotFound(let key, let context): return words("'\(key.stringValue)' is missing", at: context)
        case .valueNotFound(_, let context): return words("no value", at: context)
        case .typeMismatch(let type, let context): return words("not of type \(type)", at: context)
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "not JSON" : words(context.debugDescription, at: context)
        @unknown default: return "not JSON"
        }
    }

    private static func words(_ problem: String, at context: DecodingError.Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? problem : "\(path): \(problem)"
    }
}
