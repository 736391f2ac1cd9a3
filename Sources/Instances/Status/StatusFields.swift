import YAML

/// The fields of one mapping of a status, read leniently: what is missing or of a wrong type is passed over, because
/// nothing rests on it and the next publication writes it anew.
struct StatusFields {
    private let pairs: [Node.Pair]

    init?(_ node: Node?) {
        guard case .mapping(let pairs)? = node?.content else { return nil }
        self.pairs = pairs
    }

    func node(_ key: String) -> Node? { pairs.first { $0.key == key }?.value }

    func text(_ key: String) -> String? {
        guard case .scalar(let scalar)? = node(key)?.content, !scalar.isNull else { return nil }
        return scalar.text
    }

    func integer(_ key: String) -> Int? { text(key).flatMap { Int($0) } }
    func timestamp(_ key: String) -> Timestamp? { text(key).flatMap { Timestamp($0) } }
    func truth(_ key: String) -> Bool? { text(key).flatMap { Bool($0) } }
    func size(_ key: String) -> DiskSize? { text(key).flatMap { DiskSize($0) } }
    func word<Word: RawRepresentable<String>>(_ key: String) -> Word? { text(key).flatMap { Word(rawValue: $0) } }
    func identifier<Kind>(_ key: String) -> Identifier<Kind>? { text(key).map { Identifier($0) } }
    func fields(_ key: String) -> StatusFields? { StatusFields(node(key)) }

    /// Whose a branch is; `nil` for what no operator would have minted.
    func lineage(_ key: String) -> OwnerID? {
        guard let text = text(key), (1...64).contains(text.utf8.count) else { return nil }
        let isClean = text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        return isClean ? OwnerID(text) : nil
    }

    func operation(_ key: String) -> Operation? {
        node(key).flatMap { try? Operation(node: $0, path: key) }
    }

    /// Those items of a list that are mappings.
    func list(_ key: String) -> [StatusFields] { nodes(key).compactMap { StatusFields($0) } }

    func nodes(_ key: String) -> [Node] {
        guard case .sequence(let items)? = node(key)?.content else { return [] }
        return items
    }

    /// Of a mapping from text to text, as labels are.
    var texts: [String: String] {
        var texts: [String: String] = [:]
        for pair in pairs {
            guard case .scalar(let scalar) = pair.value.content else { continue }
            texts[pair.key] = scalar.text
        }
        return texts
    }
}

/// Building the fields of a mapping; what is `nil` is left out.
struct FieldList {
    private var pairs: [Node.Pair] = []
    var node: Node { Node(.mapping(pairs)) }

    mutating func text(_ key: String, _ text: String?) {
        if let text { node(key, .text(text)) }
    }

    mutating func plain(_ key: String, _ token: String?) {
        if let token { node(key, .plain(token)) }
    }

    mutating func node(_ key: String, _ node: Node?) {
        if let node { pairs.append(Node.Pair(key: key, value: node)) }
    }

    mutating func list(_ key: String, _ items: [Node]) { node(key, .sequence(items)) }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowercaseAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
}
