/// Words that came from a server or another program, made fit for an error message.
enum OutsideText {
    /// Enough to explain a refusal; a server cannot fill a log with more.
    private static let limit = 400

    /// One line, without control, formatting or undecodable characters, cut at a limit.
    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        printable(String(decoding: Array(bytes), as: UTF8.self))
    }

    static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isBlank = scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r"
            if isBlank {
                if let last = result.last, last != " " { result.append(" ") }
            } else {
                result.append(isPrintable(scalar) ? scalar : "?")
            }
            if result.count >= limit {
                result.append("…")
                break
            }
        }
        while result.last == " " { result.removeLast() }
        return String(result)
    }

    /// False for what changes how the text around it is shown.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: scalar != "\u{FFFD}"
        }
    }
}
