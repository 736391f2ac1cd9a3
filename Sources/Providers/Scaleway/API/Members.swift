public import Instances

/// The name of any member of a JSON object.
struct MemberName: CodingKey, Hashable, Sendable {
    let stringValue: String
    let intValue: Int? = nil

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}

/// Both forms that the APIs write. A moment that cannot be read is an error: no decision may take it for "never". One that
/// decides nothing is read by `unimportantTime`.
extension Timestamp: Decodable {
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        guard let timestamp = Timestamp(try value.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "not a time")
        }
        self = timestamp
    }
}

/// Something that the Instance API answers as the one member of an object: `{"server": {…}}`.
protocol Enveloped: Decodable {
    static var envelope: String { get }
}

/// An answer with its envelope taken off. One that came without it, as a few answers do, is taken as it is.
struct Envelope<Content: Enveloped>: Decodable {
    let content: Content

    init(from decoder: any Decoder) throws {
        let name = MemberName(Content.envelope)
        let members = try decoder.container(keyedBy: MemberName.self)
        content = try members.contains(name) ? members.decode(Content.self, forKey: name) : Content(from: decoder)
    }
}

extension KeyedDecodingContainer {
    /// A list that has to be there; `null`, which some servers write, is an empty one.
    func list<Item: Decodable>(_ key: Key) throws -> [Item] {
        try decodeNil(forKey: key) ? [] : decode([Item].self, forKey: key)
    }

    /// A moment that is only shown, or that orders what is alike: one that cannot be read is none.
    func unimportantTime(_ key: Key) -> Timestamp? { try? decodeIfPresent(Timestamp.self, forKey: key) }
}
