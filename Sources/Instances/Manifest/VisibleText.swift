/// Characters that a reader would not see, or that show the text around them in another order: controls, line
/// separators, soft hyphens, zero-width and bidirectional marks, tags, non-characters.
///
/// One table for the decoder and for the schema's patterns; not Unicode's own categories, which differ between
/// versions of the runtime.
let invisibleCharacters: [ClosedRange<UInt32>] = [
    0x00...0x1F, 0x7F...0x9F, 0xAD...0xAD, 0x061C...0x061C, 0x180E...0x180E, 0x200B...0x200F, 0x2028...0x202E,
    0x2060...0x206F, 0xFEFF...0xFEFF, 0xFFF9...0xFFFB, 0xFFFE...0xFFFF, 0xE0000...0xE0FFF,
]

func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    // Nearly every character that is ever looked at.
    if (0x20..<0x7F).contains(scalar.value) { return false }
    return invisibleCharacters.contains { $0.contains(scalar.value) }
}

/// `U+202E`.
func codePoint(of scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
}

/// Text from outside, safe on a terminal and in a log, and short enough for a message.
///
/// Runners of CI obey `##[command]` and `##vso[command]` wherever they stand in a log, so that bracket is made visible
/// too. What they obey only at the start of a line (`::command::`) is kept from there by ``Diagnostic/description``.
///
/// - Parameter limit: characters that are shown; what follows becomes an ellipsis.
func visible(_ text: String, limit: Int = 60) -> String {
    var shown = ""
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < limit else { return shown + "…" }
        count += 1
        if isInvisible(scalar) || scalar == "[" && (shown.hasSuffix("##") || shown.hasSuffix("##vso")) {
            shown += "<" + codePoint(of: scalar) + ">"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}
