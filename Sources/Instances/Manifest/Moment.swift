import YAML

extension Value where Result == Timestamp {
    /// A moment with its time zone.
    ///
    /// Source: RFC 3339 section 5.6.
    static var moment: Self {
        let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"
        return Value<String>(
            schema: [
                .init("type", .text("string")), .init("format", .text("date-time")),
                .init("pattern", .text(pattern)),
            ],
            read: { node, reader in text(of: node, &reader) }
        )
        .map(mustBe: "a date and time with its zone, such as 2026-12-31T18:00:00Z", exactTimestamp)
    }
}

/// Reads a timestamp as ``Timestamp/init(_:)`` does, and refuses what that lets pass for the sake of providers: a time
/// without a zone, and days and offsets that do not exist.
private func exactTimestamp(_ text: String) -> Timestamp? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T"), let timestamp = Timestamp(text) else { return nil }
    func number(_ start: Int) -> Int { Int(bytes[start] - 48) * 10 + Int(bytes[start + 1] - 48) }
    let year = number(0) * 100 + number(2)
    let month = number(5)
    let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard number(8) <= days[month - 1], number(17) < 60 else { return nil }
    if bytes.last == UInt8(ascii: "Z") { return timestamp }
    let zone = bytes.count - 6
    guard zone >= 19, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[zone]) else { return nil }
    return number(zone + 1) < 24 && number(zone + 4) < 60 ? timestamp : nil
}
