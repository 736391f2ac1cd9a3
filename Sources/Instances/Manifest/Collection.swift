import YAML

extension Value {
    /// A list.
    ///
    /// - Parameter unique: whether the same item may be in it only once.
    static func list<Item: Hashable & Sendable>(
        of item: Value<Item>, _ count: ClosedRange<Int>, unique: Bool = false
    ) -> Self where Result == [Item] {
        Value(
            schema: [
                .init("type", .text("array")), .init("items", .object(item.schema)),
                .init("minItems", .number(count.lowerBound)), .init("maxItems", .number(count.upperBound)),
            ] + (unique ? [.init("uniqueItems", .truth(true))] : []),
            outline: item.outline,
            read: { node, reader in
                guard case .sequence(let nodes) = node.content else {
                    reader.refuse(node, mustBe: "a list ('- ' before every item)")
                    return nil
                }
                guard count.contains(nodes.count) else {
                    reader.report(
                        "\(reader.path) has \(nodes.count) items and must have \(count.lowerBound) to \(count.upperBound)",
                        at: reader.here)
                    return nil
                }
                var items: [Item] = []
                for (index, node) in nodes.enumerated() {
                    let read = reader.enter(item: index, node) { item.read($0, &$1) }
                    guard let read else { continue }
                    if unique, items.contains(read) {
                        reader.report("\(reader.path) holds \(shown(node)) twice", at: node.mark)
                    }
                    items.append(read)
                }
                return items
            })
    }

    /// A mapping with keys that people choose.
    static func texts(
        by key: Word, _ value: Value<String>, most: Int
    ) -> Self where Result == [String: String] {
        Value(
            schema: [
                .init("type", .text("object")),
                .init(
                    "propertyNames",
                    .of(("pattern", .text(key.pattern)), ("maxLength", .number(key.longest)))),
                .init("additionalProperties", .object(value.schema)), .init("maxProperties", .number(most)),
            ],
            read: { node, reader in
                guard case .mapping(let pairs) = node.content else {
                    reader.refuse(node, mustBe: "a mapping of texts")
                    return nil
                }
                guard pairs.count <= most else {
                    reader.report(
                        "\(reader.path) has \(pairs.count) keys and must have at most \(most)",
                        at: reader.here)
                    return nil
                }
                var texts: [String: String] = [:]
                for pair in pairs {
                    guard key.accepts(pair.key) else {
                        reader.report(
                            "a key in \(reader.path) must be \(key.demand), not '\(visible(pair.key))'",
                            at: pair.keyMark)
                        continue
                    }
                    if let text = reader.enter(pair, { value.read($0, &$1) }) { texts[pair.key] = text }
                }
                return texts
            })
    }
}
