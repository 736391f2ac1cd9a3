import YAML

/// A mapping with known keys: the one description from which it is decoded, unknown keys are explained, and the JSON
/// Schema is made.
struct Form<Target: Sendable>: Sendable {
    /// Holds the default of every field that has one, and a placeholder for every field that is required.
    let fresh: Target
    let fields: [Field<Target>]
    let rules: [Rule<Target>]

    init(_ fresh: Target, _ fields: [Field<Target>], rules: [Rule<Target>] = []) {
        precondition(fields.count <= UInt64.bitWidth, "read(_:into:_:) has one bit per field")
        self.fresh = fresh
        self.fields = fields
        self.rules = rules
    }

    var outline: [Outline] { fields.map { Outline(key: $0.key, inside: $0.outline) } }

    /// Reads every field that can be read, whatever is wrong with the others.
    ///
    /// - Returns: whether it is a mapping; what is wrong inside is told to the reader.
    func read(_ node: Node, into target: inout Target, _ reader: inout Reader) -> Bool {
        guard case .mapping(let pairs) = node.content else {
            let keys = fields.map(\.key).joined(separator: ", ")
            reader.refuse(node, mustBe: fields.count == 1 ? "a mapping with the key \(keys)" : "a mapping of \(keys)")
            return false
        }
        var written: UInt64 = 0
        for pair in pairs {
            guard let index = fields.firstIndex(where: { $0.key == pair.key }) else {
                reader.refuseUnknown(pair, known: fields.map(\.key))
                continue
            }
            written |= 1 << UInt64(index)
            reader.enter(pair) { fields[index].read($0, &target, &$1) }
        }
        for index in fields.indices where fields[index].isRequired && written & (1 << UInt64(index)) == 0 {
            reader.report("\(reader.path(of: fields[index].key)) is missing", atKey: fields[index].key)
        }
        for rule in rules { rule.check(target, &reader) }
        return true
    }

    /// Keywords of a JSON Schema that accepts what ``read(_:into:_:)`` accepts.
    var schema: [Schema.Keyword] {
        var keywords: [Schema.Keyword] = [.init("type", .text("object"))]
        keywords.append(.init("properties", .object(fields.map { .init($0.key, .object($0.schema(fresh))) })))
        let required = fields.filter(\.isRequired).map(\.key)
        if !required.isEmpty { keywords.append(.init("required", .texts(required))) }
        keywords.append(.init("additionalProperties", .truth(false)))
        let conditions = rules.compactMap(\.schema)
        if !conditions.isEmpty { keywords.append(.init("allOf", .list(conditions))) }
        return keywords
    }
}

/// Something that must hold between the fields of one mapping.
struct Rule<Target: Sendable>: Sendable {
    /// The same rule as a JSON Schema; `nil` where a schema cannot say it.
    let schema: Schema?
    /// Sees placeholders where a field is missing or wrong, and says nothing about those: they are reported already.
    let check: @Sendable (Target, inout Reader) -> Void

    init(schema: Schema? = nil, check: @escaping @Sendable (Target, inout Reader) -> Void) {
        self.schema = schema
        self.check = check
    }
}
