public import YAML

/// A value to be written as JSON. Members keep their order, so that equal values are equal bytes.
///
/// Source: RFC 8259.
public enum JSONValue: Sendable {
    case text(String)
    case integer(Int)
    /// A number in JSON's own notation, such as `10.5`.
    case number(String)
    case truth(Bool)
    case null
    case list([JSONValue])
    case object([(String, JSONValue)])

    /// `null` for `nil`.
    public static func text(orNull text: String?) -> JSONValue { text.map(JSONValue.text) ?? .null }

    /// What a YAML document says: bare words that are numbers, truth values or null in JSON are that, all else is text.
    public init(_ node: Node) {
        switch node.content {
        case .mapping(let pairs): self = .object(pairs.map { ($0.key, JSONValue($0.value)) })
        case .sequence(let items): self = .list(items.map { JSONValue($0) })
        case .scalar(let scalar) where scalar.style != .plain: self = .text(scalar.text)
        case .scalar(let scalar):
            if scalar.isNull {
                self = .null
            } else if let value = Bool(scalar.text) {
                self = .truth(value)
            } else if let size = DiskSize(scalar.text), size.description == scalar.text {
                self = .number(scalar.text)
            } else {
                self = .text(scalar.text)
            }
        }
    }

    /// A document whose outermost members, and the items of lists directly in them, have a line each: readable, and a
    /// change of one item is a change of one line.
    public var document: [UInt8] {
        var bytes: [UInt8] = []
        guard case .object(let members) = self else {
            write(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
            return bytes
        }
        bytes += "{".utf8
        for (position, member) in members.enumerated() {
            bytes += (position == 0 ? "\n  " : ",\n  ").utf8
            member.0.writeJSON(to: &bytes)
            bytes += ": ".utf8
            if case .list(let items) = member.1, !items.isEmpty {
                for (position, item) in items.enumerated() {
                    bytes += (position == 0 ? "[\n    " : ",\n    ").utf8
                    item.write(to: &bytes)
                }
                bytes += "\n  ]".utf8
            } else {
                member.1.write(to: &bytes)
            }
        }
        bytes += "\n}\n".utf8
        return bytes
    }

    /// In one line.
    public var line: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .text(let text): text.writeJSON(to: &bytes)
        case .integer(let number): bytes += String(number).utf8
        case .number(let token): bytes += token.utf8
        case .truth(let value): bytes += (value ? "true" : "false").utf8
        case .null: bytes += "null".utf8
        case .list(let items):
            bytes.append(UInt8(ascii: "["))
            for (position, item) in items.enumerated() {
                if position > 0 { bytes += ", ".utf8 }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (position, member) in members.enumerated() {
                if position > 0 { bytes += ", ".utf8 }
                member.0.writeJSON(to: &bytes)
                bytes += ": ".utf8
                member.1.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

extension String {
    /// In quotes; what a reader would not see is written as an escape.
    fileprivate func writeJSON(to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        bytes.append(quote)
        let start = bytes.count
        let own = utf8.span
        for index in own.indices {
            let byte = own[index]
            guard (0x20...0x7E).contains(byte), byte != quote, byte != UInt8(ascii: "\\") else {
                bytes.removeSubrange(start...)
                for scalar in unicodeScalars { scalar.writeJSON(to: &bytes) }
                break
            }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}

extension Unicode.Scalar {
    fileprivate func writeJSON(to bytes: inout [UInt8]) {
        switch self {
        case "\"": bytes += "\\\"".utf8
        case "\\": bytes += "\\\\".utf8
        case "\n": bytes += "\\n".utf8
        case _ where isInvisible(self):
            for unit in UTF16.encode(self)! {
                let digits = String(unit, radix: 16)
                bytes += "\\u".utf8
                bytes += String(repeating: "0", count: 4 - digits.utf8.count).utf8
                bytes += digits.utf8
            }
        default: bytes += UTF8.encode(self)!
        }
    }
}
