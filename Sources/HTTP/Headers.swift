/// One header field.
public struct Header: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The header fields of a response, in the order of arrival. Names are compared without case.
public struct Headers: Sendable, Hashable {
    public let fields: [Header]

    public init(_ fields: [Header] = []) {
        self.fields = fields
    }

    /// The value of the first field with this name.
    public func first(_ name: String) -> String? {
        fields.first { Self.same($0.name, name) }?.value
    }

    /// The values of every field with this name, in the order of arrival.
    public func all(_ name: String) -> [String] {
        fields.filter { Self.same($0.name, name) }.map(\.value)
    }

    /// Field names are ASCII: `lowercased()` would also fold letters that are not equal in HTTP.
    private static func same(_ one: String, _ other: String) -> Bool {
        one.utf8.elementsEqual(other.utf8) { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
