/// Text from outside, as it is written in Markdown: shown as it is, never obeyed.
///
/// In one line, so that it cannot end a table's row. What Markdown, HTML or a forge gives a meaning of its own (tables,
/// emphasis, links, mentions, references to issues, formulas) becomes an entity or is escaped.
///
/// - Parameter limit: characters (Unicode scalars) that are kept; more end in `…`.
func markdownText(_ text: String, limit: Int = 300) -> String {
    if text.utf8.count <= limit, isHarmless(text) { return text }
    let oneLine = terminalText(text.map { $0.isNewline || $0 == "\t" ? " " : String($0) }.joined(), limit: limit)
    var escaped = ""
    var previous: Unicode.Scalar = " "
    for scalar in oneLine.unicodeScalars {
        // Forges look for mentions and addresses in what entities have become, but not in code.
        if (scalar == "@") != (previous == "@") { escaped += "`" }
        escaped += markdownEscape(scalar, after: previous) ?? String(scalar)
        previous = scalar
    }
    return previous == "@" ? escaped + "`" : escaped
}

/// - Returns: `nil` for a character that has no meaning.
private func markdownEscape(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar) -> String? {
    switch scalar {
    case "\\", "_", "*": "\\\(scalar)"
    case "|", "`", "<", ">", "[", "]", "#", "!", "&", "~", "$": "&#\(scalar.value);"
    // Bare addresses become links by themselves: `https://…`, `www.…`.
    case "/" where previous == ":" || previous == "/": "&#47;"
    case "." where previous == "w" || previous == "W": "&#46;"
    default: nil
    }
}

/// Most cells are ids, names and our own sentences, in which nothing has a meaning.
private func isHarmless(_ text: String) -> Bool {
    let bytes = text.utf8.span
    var previous: UInt8 = 0
    for index in bytes.indices {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "/") where previous == UInt8(ascii: ":") || previous == UInt8(ascii: "/"),
            UInt8(ascii: ".") where previous == UInt8(ascii: "w") || previous == UInt8(ascii: "W"):
            return false
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "'")...UInt8(ascii: ")"), UInt8(ascii: "+"),
            UInt8(ascii: ",")...UInt8(ascii: "/"), UInt8(ascii: " "), UInt8(ascii: ":"), UInt8(ascii: ";"):
            previous = byte
        default: return false
        }
    }
    return true
}
