/// Characters that no manifest may hold, because a reader of it would not see them, or see the text around them in
/// another order: controls, line separators, soft hyphens, zero-width and bidirectional marks, tags, non-characters.
///
/// One table for the decoder and for the schema's patterns; not Unicode's own categories, which differ between
/// versions of the runtime. What is *shown* goes through ``terminalText(_:limit:)``, which is stricter: there are
/// characters that a text for a guest may hold and a message had better spell out.
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
