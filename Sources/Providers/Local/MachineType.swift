/// The size of a machine, written `cN-mM`: N virtual processors and M MiB of memory.
struct MachineType: Hashable {
    /// What a person is told when a type cannot be read.
    static let syntax =
        "cN-mM with N from \(processorsAllowed.lowerBound) to \(processorsAllowed.upperBound) processors "
        + "and M from \(mebibytesAllowed.lowerBound) to \(mebibytesAllowed.upperBound) MiB, such as c2-m1024"

    /// More than 64 would need other interrupt controllers on the emulated board.
    static let processorsAllowed = 1...64
    /// Firmware and boot sector need a few MiB; one TiB is what the emulated board can address everywhere.
    static let mebibytesAllowed = 16...1_048_576

    let processors: Int
    let mebibytes: Int

    /// - Returns: `nil` where the text has another form, or a number is out of bounds or has leading zeros.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let processors = Self.number(parts[0], after: "c"),
            let mebibytes = Self.number(parts[1], after: "m"), Self.processorsAllowed.contains(processors),
            Self.mebibytesAllowed.contains(mebibytes)
        else { return nil }
        self.processors = processors
        self.mebibytes = mebibytes
    }

    private static func number(_ text: Substring, after letter: Character) -> Int? {
        let digits = text.dropFirst()
        guard text.first == letter, let first = digits.first, first != "0",
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(digits)
    }
}
