/// Text from outside, safe to print in one line on a terminal: what would not be seen as itself (control characters,
/// escape sequences, marks that turn the reading direction) is written as `<U+001B>`.
///
/// - Parameter limit: characters (Unicode scalars) that are kept; more end in `…`.
public func terminalText(_ text: String, limit: Int = .max) -> String {
    if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
    var shown = ""
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < limit else { return shown + "…" }
        count += 1
        if scalar.misleads {
            let digits = String(scalar.value, radix: 16, uppercase: true)
            shown += "<U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits + ">"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

extension Unicode.Scalar {
    /// Whether a reader would not see this character, or see the text around it in another order.
    ///
    /// A table and not `properties`, which change with the runtime's version of Unicode: a status has the same bytes
    /// on every machine. Source: Unicode 16 categories Cc, Cf, Zl, Zp, Cn (non-characters), variation selectors, and
    /// the blank letters that are used to hide.
    var misleads: Bool {
        switch value {
        case 0x20...0x7E: false
        case ..<0xA0, 0xAD, 0x34F, 0x600...0x605, 0x61C, 0x6DD, 0x70F, 0x115F...0x1160, 0x17B4...0x17B5: true
        case 0x180B...0x180F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xE000...0xF8FF: true
        case 0xFE00...0xFE0F, 0xFDD0...0xFDEF, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB, 0xFFFE, 0xFFFF: true
        case 0x110BD, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0x10FFFF: true
        default: value > 0xFFFF && value & 0xFFFE == 0xFFFE
        }
    }
}
