/// What there is in a text that decides how it is written, found in one pass over its bytes.
struct TextShape {
    let text: String
    /// Of the first byte.
    private let start: Kinds
    private let any: Kinds
    private let all: Kinds

    init(_ text: String) {
        self.text = text
        let kinds = Self.kinds
        let bytes = text.utf8.span
        var any: Kinds = []
        var all = Kinds(rawValue: .max)
        for index in bytes.indices {
            let kind = kinds[Int(bytes[index])]
            any.formUnion(kind)
            all.formIntersection(kind)
        }
        start = bytes.isEmpty ? [] : kinds[Int(bytes[0])]
        self.any = any
        self.all = all
    }

    /// Whether the text, written bare, is one scalar with this very text.
    ///
    /// Stricter than YAML where readers differ: PyYAML ends a plain scalar at every `?` inside brackets.
    func isFaithfulBare(inFlow: Bool) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last else { return false }
        guard !start.contains(.indicator), last != UInt8(ascii: " "), last != UInt8(ascii: ":") else { return false }
        guard any.isDisjoint(with: inFlow ? [.lineBreak, .tab, .control, .flow] : [.lineBreak, .tab, .control])
        else { return false }
        switch first {
        case UInt8(ascii: "-"):
            let second = bytes.dropFirst().first
            guard second != nil, second != UInt8(ascii: " "), !bytes.starts(with: "---".utf8) else { return false }
        case UInt8(ascii: "."):
            guard !bytes.starts(with: "...".utf8) else { return false }
        default:
            break
        }
        return !(any.contains(.context) && endsBare) && !hasInvisible
    }

    /// Whether some reader takes the bare text for null, a truth value, a number, a date, or a key of its own meaning.
    ///
    /// Generous: a needless pair of quotes costs nothing, a commit hash read as `1e10` does.
    ///
    /// Source: YAML 1.1 type repository; YAML 1.2.2 section 10.3.2; the resolvers of PyYAML, go-yaml and Psych.
    var hasType: Bool {
        if text.isEmpty { return true }
        if start.contains(.numberStart), all.contains(.number) || isHexadecimal { return true }
        // The longest are `false` and `-.inf`.
        return start.contains(.wordStart) && text.utf8.count <= 5 && Self.words.contains(text.lowercased())
    }

    /// Whether the text is written as a literal block: several lines that all look like what they are.
    var isBlock: Bool {
        guard any.contains(.lineBreak), !any.contains(.control), let first = text.utf8.first else { return false }
        guard !Self.isBlank(first), first != UInt8(ascii: "\n") else { return false }
        var previous = first
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n"), Self.isBlank(previous) { return false }
            previous = byte
        }
        return !Self.isBlank(previous) && !hasInvisible
    }

    /// The text in double quotes, which can hold every text.
    ///
    /// Only escapes that JSON has too, up to U+FFFF.
    var quoted: String {
        guard !any.isDisjoint(with: [.lineBreak, .tab, .control, .escaped, .notASCII]) else { return "\"\(text)\"" }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\0": quoted += "\u{FFFD}"
            case _ where scalar.isInvisible: quoted += Self.escape(scalar.value)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    // MARK: Closer looks

    /// Whether a `:` or `#` in the text would end a bare scalar.
    private var endsBare: Bool {
        let bytes = text.utf8.span
        var previous: UInt8 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: " "), previous == UInt8(ascii: ":") { return true }
            if byte == UInt8(ascii: "#"), previous == UInt8(ascii: " ") { return true }
            previous = byte
        }
        return false
    }

    private var hasInvisible: Bool {
        any.contains(.notASCII) && text.unicodeScalars.contains { !$0.isASCII && $0.isInvisible }
    }

    private var isHexadecimal: Bool {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        guard digits.first == UInt8(ascii: "0"), let x = digits.dropFirst().first else { return false }
        guard x == UInt8(ascii: "x") || x == UInt8(ascii: "X") else { return false }
        return digits.dropFirst(2).allSatisfy {
            Unicode.Scalar($0).properties.isASCIIHexDigit || $0 == UInt8(ascii: "_")
        }
    }

    private static func escape(_ code: UInt32) -> String {
        let (letter, length) = code <= 0xFFFF ? ("u", 4) : ("U", 8)
        let digits = String(code, radix: 16, uppercase: true)
        return "\\" + letter + String(repeating: "0", count: length - digits.utf8.count) + digits
    }

    // MARK: Tables

    private struct Kinds: OptionSet {
        let rawValue: UInt16

        /// Digits, signs, separators, exponents, `0o`, `0b`, and the rest of `2026-01-01T00:00:00.5 Z`.
        static let number = Kinds(rawValue: 1 << 0)
        static let numberStart = Kinds(rawValue: 1 << 1)
        /// Cannot begin a bare scalar. `-` can: it begins numbers, and is looked at with what follows it.
        static let indicator = Kinds(rawValue: 1 << 2)
        /// Ends a bare scalar inside brackets.
        static let flow = Kinds(rawValue: 1 << 3)
        /// Ends a bare scalar before or after a space.
        static let context = Kinds(rawValue: 1 << 4)
        static let lineBreak = Kinds(rawValue: 1 << 5)
        static let tab = Kinds(rawValue: 1 << 6)
        static let control = Kinds(rawValue: 1 << 7)
        static let escaped = Kinds(rawValue: 1 << 8)
        static let notASCII = Kinds(rawValue: 1 << 9)
        /// Begins one of the words that have a type.
        static let wordStart = Kinds(rawValue: 1 << 10)
    }

    private static let kinds: [Kinds] = (UInt8.min...UInt8.max).map { byte in
        var kinds: Kinds = []
        if "0123456789+-_.,: eEoObBtTzZ".utf8.contains(byte) { kinds.insert(.number) }
        if "0123456789+-.".utf8.contains(byte) { kinds.insert(.numberStart) }
        if " ?:,[]{}#&*!|>'\"%@`".utf8.contains(byte) { kinds.insert(.indicator) }
        if ",[]{}?".utf8.contains(byte) { kinds.insert(.flow) }
        if ":#".utf8.contains(byte) { kinds.insert(.context) }
        if "\"\\".utf8.contains(byte) { kinds.insert(.escaped) }
        if "~nNyYtTfFoO<=.+-".utf8.contains(byte) { kinds.insert(.wordStart) }
        switch byte {
        case UInt8(ascii: "\n"): kinds.insert(.lineBreak)
        case UInt8(ascii: "\t"): kinds.insert(.tab)
        case ..<0x20, 0x7F: kinds.insert(.control)
        case 0x80...: kinds.insert(.notASCII)
        default: break
        }
        return kinds
    }

    /// Booleans, nulls, the merge key, the "default value" of YAML 1.1, and the numbers without a digit.
    private static let words: Set<String> = [
        "~", "null", "y", "n", "yes", "no", "true", "false", "on", "off", "<<", "=",
        ".inf", "+.inf", "-.inf", ".nan",
    ]

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
