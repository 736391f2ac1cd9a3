import YAML

/// What a field may hold: how it is read, and the same as a JSON Schema.
struct Value<Result: Sendable>: Sendable {
    /// Keywords such as `type` and `pattern`.
    let schema: [Schema.Keyword]
    /// The keys inside, where it is a mapping.
    var outline: [Outline] = []
    /// - Returns: `nil` after the reader was told what is wrong.
    let read: @Sendable (Node, inout Reader) -> Result?
    /// The value as it is written, to show a default; `nil` where that is of no use to anybody.
    var written: @Sendable (Result) -> Schema? = { _ in nil }
}

extension Value where Result == Bool {
    /// `true` or `false`, bare. Nothing else: a wrong guess would start or stop a machine.
    static let truth = Value(
        schema: [.init("type", .text("boolean"))],
        read: { node, reader in
            guard case .scalar(let scalar) = node.content else {
                reader.refuse(node, mustBe: "true or false")
                return nil
            }
            switch scalar.text {
            case "true" where scalar.style == .plain: return true
            case "false" where scalar.style == .plain: return false
            case "true", "false": reader.refuse(node, mustBe: "true or false without quotes")
            default: reader.refuse(node, mustBe: "true or false")
            }
            return nil
        },
        written: { .truth($0) })
}

extension Value where Result == Int {
    /// A whole number in plain decimal digits: `012`, `1e3` and `0x10` mean different things to different readers.
    static func whole(_ range: ClosedRange<Int>) -> Self {
        let demand = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return Value(
            schema: [
                .init("type", .text("integer")), .init("minimum", .number(range.lowerBound)),
                .init("maximum", .number(range.upperBound)),
            ],
            read: { node, reader in
                guard let scalar = node.scalar, scalar.style == .plain, let number = decimal(scalar.text) else {
                    let isQuoted = node.scalar.map { $0.style != .plain && decimal($0.text) != nil } ?? false
                    reader.refuse(node, mustBe: demand + (isQuoted ? " without quotes" : " in plain digits"))
                    return nil
                }
                guard range.contains(number) else {
                    reader.refuse(node, mustBe: demand)
                    return nil
                }
                return number
            },
            written: { .number($0) })
    }
}

/// A number of decimal digits, without a sign, a zero in front or anything else; `nil` too where it is past all limits.
func decimal(_ text: some StringProtocol) -> Int? {
    let digits = text.utf8
    guard !digits.isEmpty, digits.count <= 18, digits.first != UInt8(ascii: "0") || digits.count == 1 else {
        return nil
    }
    var number = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        number = number * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return number
}

extension Value where Result: RawRepresentable & CaseIterable & Equatable, Result.RawValue == String {
    /// One of the words of an enumeration.
    static var choice: Self {
        .words(Result.allCases.map { ($0.rawValue, $0) })
    }
}

extension Value where Result: Equatable {
    /// One of a few words, each of which stands for a value.
    static func words(_ words: [(String, Result)]) -> Self {
        let known = words.map(\.0)
        return Value(
            schema: [.init("enum", .texts(known))],
            read: { node, reader in
                if let text = node.scalar?.text, let word = words.first(where: { $0.0 == text }) { return word.1 }
                let meant = node.scalar.flatMap { Suggestion.meant(by: $0.text, among: known) }
                let last = known.dropLast().isEmpty ? "" : " or "
                reader.refuse(
                    node, mustBe: known.dropLast().joined(separator: ", ") + last + (known.last ?? ""),
                    hint: meant.map { ": did you mean \($0)?" } ?? "")
                return nil
            },
            written: { value in words.first { $0.1 == value }.map { .text($0.0) } })
    }
}

extension Value {
    /// A mapping with keys of its own.
    static func mapping(_ form: Form<Result>) -> Self {
        Value(
            schema: form.schema, outline: form.outline,
            read: { node, reader in
                var target = form.fresh
                return form.read(node, into: &target, &reader) ? target : nil
            })
    }

    /// The same, read further into another type.
    ///
    /// - Parameter transform: `nil` where the value cannot be what it must be: `demand`.
    func map<Other>(mustBe demand: String, _ transform: @escaping @Sendable (Result) -> Other?) -> Value<Other> {
        Value<Other>(
            schema: schema, outline: outline,
            read: { node, reader in
                guard let result = read(node, &reader) else { return nil }
                guard let other = transform(result) else {
                    reader.refuse(node, mustBe: demand)
                    return nil
                }
                return other
            })
    }
}

extension Node {
    /// `nil` where it is a mapping or a list.
    var scalar: Scalar? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar
    }
}
