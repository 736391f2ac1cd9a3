/// Text from outside, safe to print in one line on a terminal: what would not be seen as itself (control characters,
/// escape sequences, marks that turn the reading direction) is written as `<U+001B>`.
///
/// - Parameter limit: characters (Unicode scalars) that are kept; more end in `…`.
public func terminalText(_ text: String, limit: Int = .max) -> String {
    let bytes = text.utf8.span
    let isPlain = bytes.indices.allSatisfy { (0x20...0x7E).contains(bytes[$0]) && bytes[$0] != UInt8(ascii: "#") }
    return isPlain && bytes.count <= limit ? text : visible(text, limit: limit)
}
