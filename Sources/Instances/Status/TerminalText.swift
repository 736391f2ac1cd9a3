/// Text from outside, safe to print in one line on a terminal: what would not be seen as itself (control characters,
/// escape sequences, marks that turn the reading direction) is written as `<U+001B>`.
///
/// - Parameter limit: characters (Unicode scalars) that are kept; more end in `…`.
public func terminalText(_ text: String, limit: Int = .max) -> String {
    let hash = UInt8(ascii: "#")
    if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != hash }) { return text }
    return visible(text, limit: limit)
}
