import YAML

/// A short text made of few characters: a name, a type, a zone.
///
/// One description for the check, the schema's pattern and the message.
struct Word: Sendable {
    /// As in a regular expression, `a-z0-9`; the first and the last character are of these.
    let ends: String
    /// The characters between them, besides `ends`; a dash comes last.
    let inside: String
    /// Characters.
    let longest: Int

    private let isEnd: ASCIISet
    private let isInside: ASCIISet

    init(ends: String, inside: String, longest: Int) {
        self.ends = ends
        self.inside = inside
        self.longest = longest
        isEnd = ASCIISet(ends)
        isInside = ASCIISet(ends + inside)
    }

    var pattern: String { "^[\(ends)]([\(ends)\(inside)]*[\(ends)])?$" }

    /// What it must be, for people.
    var demand: String {
        let letters = ends.contains("A") ? "A-Z, a-z, 0-9" : "a-z, 0-9"
        let others = inside.map { $0 == " " ? "spaces" : "'\($0)'" }.joined(separator: ", ")
        return "1 to \(longest) characters of \(letters), \(others) that begin and end with a letter or a digit"
    }

    func accepts(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, bytes.count <= longest else { return false }
        return isEnd.contains(first) && isEnd.contains(last) && bytes.allSatisfy { isInside.contains($0) }
    }
}

/// A set of ASCII characters in two words of bits.
struct ASCIISet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// - Parameter text: characters and ranges, as between the brackets of a regular expression: `a-z0-9._-`.
    init(_ text: String) {
        var rest = Array(text.utf8)[...]
        while let first = rest.popFirst() {
            if rest.count >= 2, rest.first == UInt8(ascii: "-") {
                rest.removeFirst()
                for byte in first...rest.removeFirst() { insert(byte) }
            } else {
                insert(first)
            }
        }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
    }

    func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case ..<64: low & (1 << UInt64(byte)) != 0
        case ..<128: high & (1 << UInt64(byte - 64)) != 0
        default: false
        }
    }
}

extension Value where Result == String {
    static func word(_ word: Word) -> Self {
        let demand = word.demand
        return Value(
            schema: [
                .init("type", .text("string")), .init("pattern", .text(word.pattern)),
                .init("maxLength", .number(word.longest)),
            ],
            read: { node, reader in
                guard let text = text(of: node, &reader) else { return nil }
                guard word.accepts(text) else {
                    reader.refuse(node, mustBe: demand)
                    return nil
                }
                return reader.isFreeOfSecrets(text) ? text : nil
            },
            written: { .text($0) })
    }

    /// Text for people or for a guest: anything that can be seen, and no credentials.
    ///
    /// - Parameter lines: whether line feeds and tabs may be in it.
    static func prose(_ length: ClosedRange<Int>, lines: Bool) -> Self {
        Value(
            schema: [
                .init("type", .text("string")), .init("pattern", .text("^[^\(invisible(exceptLines: lines))]*$")),
                .init("minLength", .number(length.lowerBound)), .init("maxLength", .number(length.upperBound)),
            ],
            read: { node, reader in
                guard let text = text(of: node, &reader) else { return nil }
                var count = 0
                for scalar in text.unicodeScalars {
                    count += 1
                    guard !isInvisible(scalar) || lines && (scalar == "\n" || scalar == "\t") else {
                        let name = codePoint(of: scalar)
                        reader.report(
                            "\(reader.path) holds the invisible character \(name): remove it", at: reader.here)
                        return nil
                    }
                }
                guard length.contains(count) else {
                    reader.refuse(node, mustBe: "\(length.lowerBound) to \(length.upperBound) characters")
                    return nil
                }
                return reader.isFreeOfSecrets(text) ? text : nil
            })
    }

    /// The invisible characters as they stand between the brackets of a regular expression.
    static func invisible(exceptLines lines: Bool) -> String {
        var pattern = ""
        for range in invisibleCharacters {
            let isLines = lines && range.contains(0x0A)
            for part in isLines ? [0x00...0x08, 0x0B...range.upperBound] : [range] {
                pattern += expression(part.lowerBound)
                if part.count > 1 { pattern += "-" + expression(part.upperBound) }
            }
        }
        return pattern
    }

    private static func expression(_ code: UInt32) -> String {
        // Regular expressions agree on escapes of four digits only.
        guard code <= 0xFFFF, let scalar = Unicode.Scalar(code) else {
            return Unicode.Scalar(code).map { String(Character($0)) } ?? ""
        }
        return "\\u" + codePoint(of: scalar).dropFirst(2)
    }
}

extension Reader {
    /// Reports a credential in a text, without showing it.
    fileprivate mutating func isFreeOfSecrets(_ text: String) -> Bool {
        guard let secret = Secrets.found(in: text) else { return true }
        report(
            "\(path) holds \(secret): credentials never belong in the repository; revoke it, the history keeps it",
            at: here)
        return false
    }
}

/// The text of a scalar that every YAML reader takes for text.
///
/// - Returns: `nil` after the reader was told what is wrong.
func text(of node: Node, _ reader: inout Reader) -> String? {
    guard let scalar = node.scalar, !scalar.isNull else {
        reader.refuse(node, mustBe: "text")
        return nil
    }
    guard scalar.style != .plain || !isTyped(scalar.text) else {
        reader.refuse(node, mustBe: "text", hint: ": write it in quotes")
        return nil
    }
    return scalar.text
}

/// Whether YAML readers take a plain scalar for a truth value or a number.
///
/// Source: YAML 1.2.2 section 10.3.2, core schema.
private func isTyped(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return false }
    switch first {
    case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
        return ["true", "True", "TRUE", "false", "False", "FALSE"].contains(text)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
        return isNumber(Array(text.utf8))
    default:
        return false
    }
}

private func isNumber(_ bytes: [UInt8]) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    if bytes.starts(with: Array("0x".utf8)) || bytes.starts(with: Array("0o".utf8)) {
        let isOctal = bytes[1] == UInt8(ascii: "o")
        let digits = bytes.dropFirst(2)
        return !digits.isEmpty
            && digits.allSatisfy { isOctal ? isDigit($0) && $0 < UInt8(ascii: "8") : Character(.init($0)).isHexDigit }
    }
    var rest = bytes[...]
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let words = [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"]
    if words.contains(String(decoding: rest, as: UTF8.self)) { return true }
    let whole = rest.prefix(while: isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction: ArraySlice<UInt8> = []
    if rest.first == UInt8(ascii: ".") {
        fraction = rest.dropFirst().prefix(while: isDigit)
        rest = rest.dropFirst(1 + fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return false }
    guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") else { return rest.isEmpty }
    rest.removeFirst()
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
}
