/// A piece of JSON Schema. Keys keep the order in which they are described, so that equal descriptions give equal bytes.
///
/// Source: JSON Schema draft 2020-12, core and validation.
indirect enum Schema: Hashable, Sendable {
    struct Keyword: Hashable, Sendable {
        let key: String
        let value: Schema

        init(_ key: String, _ value: Schema) {
            self.key = key
            self.value = value
        }
    }

    case object([Keyword])
    case list([Schema])
    case text(String)
    case number(Int)
    case truth(Bool)

    /// The document, two spaces a level, with a line feed at the end.
    var document: String {
        var text = ""
        write(to: &text, indent: "")
        return text + "\n"
    }

    private func write(to text: inout String, indent: String) {
        switch self {
        case .text(let value): text += Self.quoted(value)
        case .number(let value): text += String(value)
        case .truth(let value): text += value ? "true" : "false"
        case .object(let keywords):
            Self.write(keywords, between: ("{", "}"), to: &text, indent: indent) { keyword, text, indent in
                text += Self.quoted(keyword.key) + ": "
                keyword.value.write(to: &text, indent: indent)
            }
        case .list(let items):
            Self.write(items, between: ("[", "]"), to: &text, indent: indent) { item, text, indent in
                item.write(to: &text, indent: indent)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between brackets: (String, String), to text: inout String, indent: String,
        each: (Item, inout String, String) -> Void
    ) {
        guard !items.isEmpty else {
            text += brackets.0 + brackets.1
            return
        }
        let inner = indent + "  "
        for (position, item) in items.enumerated() {
            text += (position == 0 ? brackets.0 : ",") + "\n" + inner
            each(item, &text, inner)
        }
        text += "\n" + indent + brackets.1
    }

    /// Source: RFC 8259 section 7. What a reader would not see is escaped too.
    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case _ where isInvisible(scalar):
                for unit in Character(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: true)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

extension Schema {
    /// An object of these keys in this order.
    static func of(_ keywords: (String, Schema)...) -> Schema {
        .object(keywords.map { Keyword($0.0, $0.1) })
    }

    static func texts(_ values: [String]) -> Schema { .list(values.map { .text($0) }) }
}
