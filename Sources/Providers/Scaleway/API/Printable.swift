/// Text from outside, fit for a message: one line, without characters that a terminal would obey or that change the
/// order of what is read, and not longer than a person wants to read.
///
/// - Parameter limit: characters; the rest is replaced by an ellipsis.
func printable(_ text: String, limit: Int = 400) -> String {
    var shown = ""
    var count = 0
    for scalar in text.unicodeScalars {
        if count == limit { return shown + "…" }
        count += 1
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            shown += " "
        default:
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}
