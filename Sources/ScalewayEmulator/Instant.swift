/// A point on the emulator's clock.
public struct Instant: Comparable, Hashable, Sendable, Codable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds.
    public var microseconds: Int

    public init(microseconds: Int) {
        self.microseconds = microseconds
    }

    public func advanced(bySeconds seconds: Double) -> Instant {
        Instant(microseconds: microseconds + Int((seconds * 1_000_000).rounded()))
    }

    public func seconds(since other: Instant) -> Double {
        Double(microseconds - other.microseconds) / 1_000_000
    }

    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// As the instance API writes it: `2026-07-30T12:56:15.733296+00:00`.
    public var instanceStamp: String { stamp + "+00:00" }

    /// As the other APIs write it: `2026-07-30T12:53:54.125969Z`.
    public var zuluStamp: String { stamp + "Z" }

    private var stamp: String {
        let seconds = Int((Double(microseconds) / 1_000_000).rounded(.down))
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let second = seconds - days * 86_400
        let (year, month, day) = Self.civil(days: days)
        let date = "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))"
        let time = "\(Self.pad(second / 3600, 2)):\(Self.pad(second / 60 % 60, 2)):\(Self.pad(second % 60, 2))"
        return "\(date)T\(time).\(Self.pad(microseconds - seconds * 1_000_000, 6))"
    }

    /// Days since 1970-01-01 as a date of the Gregorian calendar, counted in eras of 400 years that start on 1 March.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
