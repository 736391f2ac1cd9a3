/// What happened, in order: always as one number that differs as soon as anything does, and in words where it is to be
/// read.
struct Trace {
    enum Actor: Hashable {
        case world
        case cloud
        case git
        case guest
        case person
        case operates(Int)

        var code: UInt64 {
            switch self {
            case .world: 1
            case .cloud: 2
            case .git: 3
            case .guest: 4
            case .person: 5
            case .operates(let number): 16 + UInt64(number)
            }
        }

        var text: String {
            switch self {
            case .world: "world"
            case .cloud: "cloud"
            case .git: "git"
            case .guest: "guest"
            case .person: "person"
            case .operates(let number): "operator \(number + 1)"
            }
        }
    }

    let isInWords: Bool
    private(set) var lines: [String] = []
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private(set) var events = 0

    init(isInWords: Bool) { self.isInWords = isInWords }

    /// - Parameter key: tells this event from others of the same actor at the same moment.
    mutating func note(_ moment: Moment, _ actor: Actor, key: UInt64, _ text: @autoclosure () -> String) {
        events += 1
        mix(UInt64(bitPattern: moment.microseconds))
        mix(actor.code)
        mix(key)
        guard isInWords else { return }
        lines.append("\(moment.text)  \(actor.text): \(text())")
    }

    private mutating func mix(_ value: UInt64) {
        hash = (hash ^ value) &* 0x0000_0100_0000_01b3
        hash ^= hash >> 29
    }
}

extension Moment {
    /// `00:12:03.417`.
    var text: String {
        let milliseconds = microseconds / 1000
        func padded(_ number: Int64, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let seconds = milliseconds / 1000
        return padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + "."
            + padded(milliseconds % 1000, 3)
    }
}

/// One number for many bytes.
///
/// Source: FNV-1a, eight bytes at a time.
struct Fingerprint {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x0000_0100_0000_01b3
        value ^= value >> 32
    }

    mutating func mix(_ bytes: [UInt8]) {
        var index = 0
        while index + 8 <= bytes.count {
            var word: UInt64 = 0
            for offset in 0..<8 { word = word << 8 | UInt64(bytes[index + offset]) }
            mix(word)
            index += 8
        }
        for byte in bytes[index...] { mix(UInt64(byte)) }
        mix(UInt64(bytes.count))
    }

    mutating func mix(_ text: String) { mix(Array(text.utf8)) }
}
