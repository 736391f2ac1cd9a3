extension Unicode.Scalar {
    /// Whether a reader of the text would not see this character, or see the text in another order: controls, line
    /// separators, zero-width and bidirectional marks, tags, non-characters.
    ///
    /// A table and not `properties.generalCategory`, which changes with the Unicode version of the Swift runtime: the
    /// same document must be the same bytes on every machine.
    var isInvisible: Bool {
        switch value {
        case 0x20...0x7E, 0xA0...0xAC, 0xAE...0x61B: false
        case ..<0xA0, 0xAD, 0x61C, 0x180E: true
        case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F: true
        case 0xFEFF, 0xFFF9...0xFFFB, 0xFFFE, 0xFFFF, 0xE0000...0xE0FFF: true
        default: false
        }
    }
}

/// `U+0007`.
func codePoint(_ code: UInt32) -> String {
    let digits = String(code, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
}

/// Text from a document, safe on a terminal and short enough for a message.
func visible(_ text: String) -> String {
    /// A key that is longer than this helps nobody in a message.
    let limit = 60
    var shown = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        if scalar.isInvisible {
            shown += "<" + codePoint(scalar.value) + ">"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.count > limit ? shown + "…" : shown
}
