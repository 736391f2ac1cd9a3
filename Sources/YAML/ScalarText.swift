/// How one scalar is written.
enum ScalarText {
    /// Both libyaml and PyYAML find the `:` of a key only within 1024 characters; a longer key is written after `?`.
    private static let keyLimit = 1000

    static func fitsBeforeColon(_ written: String) -> Bool {
        written.utf8.count <= keyLimit
    }

    /// Whether the scalar is written as a literal block: text of several lines that all look like what they are.
    static func isBlock(_ scalar: Node.Scalar) -> Bool {
        let text = scalar.text.utf8
        guard text.contains(UInt8(ascii: "\n")), let first = text.first, !isBlank(first), first != UInt8(ascii: "\n")
        else { return false }
        var previous = first
        for byte in text {
            if byte == UInt8(ascii: "\n"), isBlank(previous) { return false }
            previous = byte
        }
        return !isBlank(previous)
            && !scalar.text.unicodeScalars.contains { $0.isInvisible && $0 != "\n" && $0 != "\t" }
    }

    /// The scalar on one line.
    static func line(_ scalar: Node.Scalar, inFlow: Bool) -> String {
        guard scalar.style == .plain else { return string(scalar.text, inFlow: inFlow) }
        if scalar.text.isEmpty { return "null" }
        return PlainText.isFaithful(scalar.text, inFlow: inFlow) ? scalar.text : quoted(scalar.text)
    }

    /// A string on one line, in quotes if it needs them.
    static func string(_ text: String, inFlow: Bool) -> String {
        PlainText.isFaithful(text, inFlow: inFlow) && !PlainText.hasType(text) ? text : quoted(text)
    }

    /// In double quotes, which can hold every text.
    ///
    /// Only escapes that JSON has too, up to U+FFFF.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\0": quoted += "\u{FFFD}"
            case _ where scalar.isInvisible: quoted += escape(scalar.value)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func escape(_ code: UInt32) -> String {
        let (letter, length) = code <= 0xFFFF ? ("u", 4) : ("U", 8)
        let digits = String(code, radix: 16, uppercase: true)
        return "\\" + letter + String(repeating: "0", count: length - digits.utf8.count) + digits
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
