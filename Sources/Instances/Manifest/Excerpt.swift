import YAML

/// The line that a diagnostic speaks of, with a caret under the place; for people at a terminal.
///
///     12 |     enableInstanceSever: true
///        |     ^
///
/// A tab is shown as spaces, a character that cannot be seen as `�`. Of a long line only the part around the place is
/// shown, and of a line that may hold a credential only its first key.
///
/// - Returns: two lines without a line feed at the end; empty where the file has no such line.
public func excerpt(of diagnostic: Diagnostic, in bytes: [UInt8]) -> String {
    guard let line = line(diagnostic.mark.line, of: bytes).map(withoutSecrets) else { return "" }
    let column = min(max(0, diagnostic.mark.column - 1), line.count)

    // The place stands in the first half of what is shown, as the key is on its left and the value on its right.
    let shownColumns = 100
    let start = column < shownColumns * 3 / 4 ? 0 : column - shownColumns / 2
    let before = rendered(line[start..<column])
    let after = rendered(line[column...].prefix(shownColumns))
    let isCut = line.count - column > shownColumns

    let number = String(diagnostic.mark.line)
    let margin = String(repeating: " ", count: number.utf8.count)
    let lead = start > 0 ? "…" : ""
    let caret = String(repeating: " ", count: lead.unicodeScalars.count + before.columns) + "^"
    return "\(number) | \(lead)\(before.text)\(after.text)\(isCut ? "…" : "")\n\(margin) | \(caret)"
}

/// A line that may hold a credential ends after its first key.
private func withoutSecrets(_ line: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var text = ""
    text.unicodeScalars.append(contentsOf: line)
    // What stands before a colon ends with a key.
    let keys = text.split(separator: ":", omittingEmptySubsequences: false).dropLast()
    let isSuspect = keys.contains { Secrets.isWanted(by: String($0)) } || Secrets.found(in: text) != nil
    guard isSuspect else { return line }
    return line.prefix { $0 != ":" } + Array(": (not shown)".unicodeScalars)
}

/// The scalars of a line, counted as YAML counts lines.
///
/// Source: YAML 1.1 section 4.1.4: line feed, carriage return, both, next line, line and paragraph separator.
private func line(_ number: Int, of bytes: [UInt8]) -> [Unicode.Scalar]? {
    var current = 1
    var line: [Unicode.Scalar] = []
    var previous: Unicode.Scalar?
    var scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars[...]
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    for scalar in scalars {
        defer { previous = scalar }
        switch scalar {
        case "\n" where previous == "\r": continue
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
            if current == number { return line }
            current += 1
        default:
            if current == number { line.append(scalar) }
        }
    }
    return current == number ? line : nil
}

private func rendered(_ scalars: some Sequence<Unicode.Scalar>) -> (text: String, columns: Int) {
    let tab = 4
    var text = ""
    var columns = 0
    for scalar in scalars {
        let shown: (text: String, columns: Int) =
            switch scalar {
            case "\t": (String(repeating: " ", count: tab), tab)
            case _ where isInvisible(scalar): ("\u{FFFD}", 1)
            default: (String(Character(scalar)), columnCount(of: scalar))
            }
        text.unicodeScalars.append(contentsOf: shown.text.unicodeScalars)
        columns += shown.columns
    }
    return (text, columns)
}

/// How many columns a terminal gives a character: none to what combines with the one before, two to East Asian and
/// pictures, else one. Rough, and good enough to find a place by.
///
/// Source: Unicode Standard Annex 11.
private func columnCount(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case ..<0x300: 1
    case 0x300...0x36F, 0x483...0x489, 0x591...0x5BD, 0x610...0x61A, 0x64B...0x65F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF,
        0x20D0...0x20FF, 0xFE00...0xFE0F, 0xFE20...0xFE2F:
        0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
        0x20000...0x3FFFD:
        2
    default: 1
    }
}
