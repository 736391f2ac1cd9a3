/// A moment in UTC, to the microsecond: what providers and git write, and what the status shows.
///
/// No decision about data compares a provider's clock with ours; timestamps of one provider are compared only with
/// each other.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(seconds: Int64) { self.init(microseconds: seconds * Self.microsecondsInSecond) }

    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: Self.microsecondsInSecond)
        return remainder < 0 ? quotient - 1 : quotient
    }

    public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    /// `2026-07-30T12:56:15Z`; with a fraction only where there is one.
    public var description: String {
        var text = digits(between: UInt8(ascii: "T"))
        let fraction = microseconds - seconds * Self.microsecondsInSecond
        if fraction != 0 {
            text.append(UInt8(ascii: "."))
            text.append(fraction, digits: 6)
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// `2026-07-30 12:56:15`, of UTC: for people.
    var words: String { String(decoding: digits(between: UInt8(ascii: " ")), as: UTF8.self) }

    /// Date and time to the second, with a character between them.
    private func digits(between separator: UInt8) -> [UInt8] {
        let day = Int64((Double(seconds) / 86_400).rounded(.down))
        let date = CivilDate(daysSince1970: day)
        let rest = seconds - day * 86_400
        var text: [UInt8] = []
        text.reserveCapacity(27)
        for (number, digits, after) in [
            (date.year, 4, UInt8(ascii: "-")), (date.month, 2, UInt8(ascii: "-")), (date.day, 2, separator),
            (rest / 3600, 2, UInt8(ascii: ":")), (rest / 60 % 60, 2, UInt8(ascii: ":")),
        ] {
            text.append(number, digits: digits)
            text.append(after)
        }
        text.append(rest % 60, digits: 2)
        return text
    }

    /// Reads RFC 3339, and the same without a zone, which some providers write and mean UTC.
    ///
    /// - Returns: `nil` where the text is anything else. Digits beyond the microsecond are dropped.
    public init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.number(2), scanner.take(":"), let minute = scanner.number(2), scanner.take(":"),
            let second = scanner.number(2)
        else { return nil }
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60 else { return nil }
        let fraction = scanner.take(".") ? scanner.fraction() : 0
        guard let fraction, let offset = scanner.zone() else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let total = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: total * Self.microsecondsInSecond + fraction)
    }

    private static let microsecondsInSecond: Int64 = 1_000_000
}

/// A day of the Gregorian calendar. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    init(daysSince1970: Int64) {
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.init(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    var daysSince1970: Int64 {
        let year = month <= 2 ? self.year - 1 : self.year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads fixed runs of digits from the front of a text.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard !isAtEnd, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func number(_ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Microseconds; further digits are read and dropped.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while let digit = digit() {
            if digits < 6 { value = value * 10 + digit }
            digits += 1
        }
        guard digits > 0 else { return nil }
        for _ in 0..<max(0, 6 - digits) { value *= 10 }
        return value
    }

    /// Seconds east of UTC; nothing left means UTC.
    mutating func zone() -> Int64? {
        if isAtEnd { return 0 }
        if take("Z") || take("z") { return isAtEnd ? 0 : nil }
        let east = take("+")
        guard east || take("-"), let hours = number(2), take(":"), let minutes = number(2), isAtEnd else {
            return nil
        }
        return (east ? 1 : -1) * (hours * 3600 + minutes * 60)
    }

    private mutating func digit() -> Int64? {
        guard !isAtEnd, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) else { return nil }
        position += 1
        return Int64(bytes[position - 1] - UInt8(ascii: "0"))
    }
}

extension [UInt8] {
    /// The last so many digits of a number.
    fileprivate mutating func append(_ number: Int64, digits: Int) {
        var unit: Int64 = 1
        for _ in 1..<digits { unit *= 10 }
        while unit > 0 {
            append(UInt8(ascii: "0") + UInt8((number / unit % 10).magnitude))
            unit /= 10
        }
    }
}
