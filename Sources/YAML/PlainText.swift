/// What a text would be if it were written without quotes.
enum PlainText {
    /// Whether the text, written bare, is one scalar with this very text.
    ///
    /// Stricter than YAML where readers differ: PyYAML ends a plain scalar at every `?` inside brackets.
    static func isFaithful(_ text: String, inFlow: Bool) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, !isIndicator(first), last != UInt8(ascii: " "),
            last != UInt8(ascii: ":"), !bytes.starts(with: "---".utf8), !bytes.starts(with: "...".utf8)
        else { return false }
        if first == UInt8(ascii: "-"), bytes.count == 1 || bytes.dropFirst().first == UInt8(ascii: " ") { return false }

        var previous = first
        for byte in bytes {
            switch byte {
            case UInt8(ascii: " ") where previous == UInt8(ascii: ":"): return false
            case UInt8(ascii: "#") where previous == UInt8(ascii: " "): return false
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
                UInt8(ascii: "?"):
                if inFlow { return false }
            default: break
            }
            previous = byte
        }
        return !text.unicodeScalars.contains(where: \.isInvisible)
    }

    /// Whether some reader takes the bare text for null, a truth value, a number, a date, or a key of its own meaning.
    ///
    /// Generous: a needless pair of quotes costs nothing, a commit hash read as `1e10` does.
    ///
    /// Source: YAML 1.1 type repository; YAML 1.2.2 section 10.3.2; the resolvers of PyYAML, go-yaml and Psych.
    static func hasType(_ text: String) -> Bool {
        // The longest words are `false` and `-.inf`; all else that has a type begins like a number.
        if text.utf8.count <= 5, words.contains(text.lowercased()) { return true }
        guard let first = text.utf8.first, isDigit(first) || "+-.".utf8.contains(first) else { return false }
        return text.utf8.allSatisfy { isDigit($0) || numberCharacters.contains($0) } || isHexadecimal(text)
    }

    /// Of booleans, nulls, the merge key and the "default value" of YAML 1.1.
    private static let words: Set<String> = [
        "~", "null", "y", "n", "yes", "no", "true", "false", "on", "off", "<<", "=",
        ".inf", "+.inf", "-.inf", ".nan",
    ]

    /// Besides digits: signs, separators, exponents, `0o`, `0b`, and dates such as `2026-01-01T00:00:00.5 Z`.
    private static let numberCharacters = Set("+-_.,: eEoObBtTzZ".utf8)

    private static func isHexadecimal(_ text: String) -> Bool {
        let digits = text.utf8.drop { "+-".utf8.contains($0) }
        guard digits.first == UInt8(ascii: "0"), let x = digits.dropFirst().first else { return false }
        guard x == UInt8(ascii: "x") || x == UInt8(ascii: "X") else { return false }
        return digits.dropFirst(2).allSatisfy {
            Unicode.Scalar($0).properties.isASCIIHexDigit || $0 == UInt8(ascii: "_")
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// `-` is not among them: it begins numbers, and is looked at with what follows it.
    private static func isIndicator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "&"),
            UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"),
            UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
            true
        default: false
        }
    }
}
