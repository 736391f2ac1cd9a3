import FoundationEssentials
import HTTP

/// One call of the API, with the words for it and what repeating it would do.
struct Call: Sendable {
    var method: HTTP.Method
    /// From the first `/`, made of literals and of what was checked: a ``Zone``, ``ResourceUUID``s, an access key.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: Body?
    /// Follows "cannot" in a message: `read server 587c…`.
    var purpose: String
    /// What a 404 must be about to mean that it does not exist; `nil`: a 404 means something else.
    var subject: Subject?

    enum Subject: Hashable, Sendable {
        case resource(ResourceUUID)
        /// Something that is looked up by its name: what a 404 calls it.
        case kind(String)
    }

    enum Body: Sendable {
        case json([UInt8])
        case text([UInt8])

        var contentType: String {
            switch self {
            case .json: "application/json"
            case .text: "text/plain"
            }
        }

        var bytes: [UInt8] {
            switch self {
            case .json(let bytes), .text(let bytes): bytes
            }
        }
    }

    /// Whether it only looks.
    var isRead: Bool { method == .get }

    /// Every PATCH and PUT that we send sets values that do not depend on the ones before, so that only a POST does
    /// something else when it is carried out twice.
    var isRepeatable: Bool { method != .post }

    static func get(
        _ path: String, query: [(name: String, value: String)] = [], to purpose: String,
        about subject: ResourceUUID? = nil
    ) -> Call {
        Call(method: .get, path: path, query: query, purpose: purpose, subject: subject.map(Subject.resource))
    }

    static func delete(_ path: String, to purpose: String, about subject: ResourceUUID) -> Call {
        Call(method: .delete, path: path, purpose: purpose, subject: .resource(subject))
    }

    /// A call with a JSON body.
    static func sending(
        _ body: some Encodable, by method: HTTP.Method, _ path: String, to purpose: String,
        about subject: ResourceUUID? = nil
    ) -> Call {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Our own request types hold texts, numbers, lists and truth values: nothing that JSON cannot say.
        let bytes = (try? encoder.encode(body)).map(Array.init) ?? []
        return Call(
            method: method, path: path, body: .json(bytes), purpose: purpose, subject: subject.map(Subject.resource))
    }

    func request(endpoint: String, token: Secret) -> Request {
        var headers = [Header("Accept", "application/json")]
        if let body { headers.append(Header("Content-Type", body.contentType)) }
        let items = query.map { "\($0.name)=\(Self.escaped($0.value))" }
        return Request(
            method: method, url: endpoint + path + (items.isEmpty ? "" : "?" + items.joined(separator: "&")),
            headers: headers, secretHeaders: [(name: "X-Auth-Token", value: token)], body: body?.bytes,
            deadline: Self.deadline, isIdempotent: isRepeatable)
    }

    /// As long as the official SDK waits for an answer.
    /// Source: scaleway-sdk-go, scw/client.go.
    static let deadline: Duration = .seconds(30)

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return escaped
    }
}
