/// Random numbers that depend on nothing but the seed.
///
/// Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (2014).
struct SplitMix64: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One that runs on its own, so that what is drawn for one purpose does not shift what is drawn for another.
    mutating func split() -> SplitMix64 { SplitMix64(seed: next()) }

    /// From 0 up to and without the bound.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    mutating func chance(_ rate: PerMille) -> Bool { rate.value > 0 && below(1000) < rate.value }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A pause of up to this long, at least a microsecond.
    mutating func duration(upTo longest: Duration) -> Duration {
        .microseconds(1 + below(max(1, Int(longest.microseconds))))
    }
}

/// How often something happens, of a thousand times that it could.
struct PerMille: Sendable, Hashable, ExpressibleByIntegerLiteral {
    var value: Int
    init(integerLiteral value: Int) { self.value = value }
    init(_ value: Int) { self.value = value }
}

extension Duration {
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
