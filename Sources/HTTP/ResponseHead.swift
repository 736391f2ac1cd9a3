/// Collects the lines of a response's head as they arrive.
struct ResponseHead {
    /// All lines together, also those of interim answers and trailers. Servers limit requests to 8 to 16 KiB; answers
    /// with several cookies and policies stay below the double of it.
    static let limit = 64 << 10

    /// Zero until a status line came.
    private(set) var status = 0
    private(set) var fields: [Header] = []
    /// Set by the empty line after the head of the final answer. What comes later are trailers, which are dropped.
    private(set) var isComplete = false
    private var count = 0

    /// Takes one line with its line break.
    ///
    /// - Returns: false when the head exceeds ``limit``.
    mutating func append(line: UnsafeRawBufferPointer) -> Bool {
        count += line.count
        guard count <= Self.limit else { return false }
        guard !isComplete else { return true }
        let text = line.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        if text.isEmpty {
            // An interim answer (100 to 199) is followed by another head.
            isComplete = status >= 200
        } else if text.starts(with: "HTTP/".utf8) {
            status = Self.status(of: text)
            fields = []
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            fields.append(Header(Self.trimmed(text[..<colon]), Self.trimmed(text[(colon + 1)...])))
        }
        return true
    }

    /// The number after the first space: `HTTP/1.1 200 OK`, `HTTP/2 200`.
    private static func status(of line: Slice<UnsafeRawBufferPointer>) -> Int {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        return words.count > 1 ? Int(String(decoding: words[1], as: UTF8.self)) ?? 0 : 0
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let start = bytes.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self)
    }
}
