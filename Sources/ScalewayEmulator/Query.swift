extension APIRequest.Parameter {
    /// Reads what stands behind the question mark of an address.
    public static func list(_ query: some StringProtocol) -> [APIRequest.Parameter] {
        query.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return APIRequest.Parameter(
                decodePercents(sides[0], plusIsSpace: true),
                sides.count > 1 ? decodePercents(sides[1], plusIsSpace: true) : "")
        }
    }
}

/// Undoes the encoding of addresses; what is no valid encoding stays as it is.
///
/// - Parameter plusIsSpace: as forms write it, and only behind the question mark.
func decodePercents(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
    let bytes = Array(text.utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
            let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
        {
            decoded.append(byte)
            index += 3
        } else {
            let isSpace = plusIsSpace && bytes[index] == UInt8(ascii: "+")
            decoded.append(isSpace ? UInt8(ascii: " ") : bytes[index])
            index += 1
        }
    }
    return String(decoding: decoded, as: UTF8.self)
}
