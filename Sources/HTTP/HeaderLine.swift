/// A request's header as libcurl wants it.
enum HeaderLine {
    /// The characters of a field name. Source: RFC 9110, 5.6.2 (token).
    private static let tokenMarks = Set("!#$%&'*+-.^_`|~".utf8)

    /// Refuses what would end the line, and the names that decide where the body ends.
    static func isName(_ name: String) -> Bool {
        let isToken = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: tokenMarks.contains(byte)
            }
        }
        return isToken && !name.isEmpty && !["content-length", "transfer-encoding"].contains(name.lowercased())
    }

    /// No control character but the tab, so that no value can start a header of its own.
    static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == UInt8(ascii: "\t") }
    }

    static func lines(of request: Request) -> [String] {
        // Without this libcurl waits up to a second before it sends a large body.
        var lines = ["Expect:"]
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            // libcurl would call every body a form.
            lines.append("Content-Type:")
        }
        lines += request.headers.map { line($0.name, $0.value) }
        lines += request.secretHeaders.map { line($0.name, $0.value.reveal()) }
        return lines
    }

    /// A semicolon sends the header without a value; a colon would take it out. Source: CURLOPT_HTTPHEADER(3).
    private static func line(_ name: String, _ value: String) -> String {
        value.allSatisfy(\.isWhitespace) ? "\(name);" : "\(name): \(value)"
    }
}
