import HTTP

/// The error of a request that should fail; nil when it does not.
func failure(of request: Request, _ client: HTTPClient = HTTPClient(configuration: ClientConfiguration())) async
    -> HTTPError?
{
    do throws(HTTPError) {
        _ = try await client.send(request)
        return nil
    } catch {
        return error
    }
}

/// The kind of an error, for comparing.
enum Kind: Equatable {
    case refusedBeforeSend, interrupted, deadline(sent: Bool), responseTooLarge(Int), cancelled(sent: Bool), invalid
}

extension HTTPError {
    var kind: Kind {
        switch self {
        case .refusedBeforeSend: .refusedBeforeSend
        case .interrupted: .interrupted
        case .deadline(let sent, _): .deadline(sent: sent)
        case .responseTooLarge(let limit, _): .responseTooLarge(limit)
        case .cancelled(let sent, _): .cancelled(sent: sent)
        case .invalid: .invalid
        }
    }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }
}
