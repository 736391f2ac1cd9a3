import YAML

/// The fields of one mapping of a record, read strictly: a missing field or a wrong type is damage, a field or a word
/// that is not known is a newer operator's.
struct RecordFields {
    let mark: Mark
    /// Where it is, for messages: `record.server`.
    let path: String
    private let pairs: [Node.Pair]

    init(_ node: Node, path: String) throws(RecordError) {
        guard case .mapping(let pairs) = node.content else {
            throw .broken(node.mark, "\(path) must be a mapping")
        }
        self.mark = node.mark
        self.path = path
        self.pairs = pairs
    }

    /// Refuses every key but these.
    func allowOnly(_ keys: String...) throws(RecordError) {
        for pair in pairs where !keys.contains(pair.key) {
            throw .newer(pair.keyMark, "\(path) has an unknown field '\(terminalText(pair.key, limit: 60))'")
        }
    }

    /// - Returns: `nil` where the key is missing, or its value is null.
    func optional(_ key: String) -> Node? {
        guard let node = pairs.first(where: { $0.key == key })?.value else { return nil }
        if case .scalar(let scalar) = node.content, scalar.isNull { return nil }
        return node
    }

    func node(_ key: String) throws(RecordError) -> Node {
        guard let node = optional(key) else { throw .broken(mark, "\(path).\(key) is missing") }
        return node
    }

    func text(_ key: String) throws(RecordError) -> String { try scalar(try node(key), key).text }

    func optionalText(_ key: String) throws(RecordError) -> String? {
        guard let node = optional(key) else { return nil }
        return try scalar(node, key).text
    }

    func integer(_ key: String) throws(RecordError) -> Int64 {
        let node = try node(key)
        let scalar = try scalar(node, key)
        guard scalar.style == .plain, let value = Int64(scalar.text) else {
            throw .broken(node.mark, "\(path).\(key) must be a whole number")
        }
        return value
    }

    func timestamp(_ key: String) throws(RecordError) -> Timestamp {
        guard let timestamp = try optionalTimestamp(key) else { throw .broken(mark, "\(path).\(key) is missing") }
        return timestamp
    }

    func optionalTimestamp(_ key: String) throws(RecordError) -> Timestamp? {
        guard let node = optional(key) else { return nil }
        guard let timestamp = Timestamp(try scalar(node, key).text) else {
            throw .broken(node.mark, "\(path).\(key) must be a time such as 2026-07-30T12:56:15Z")
        }
        return timestamp
    }

    /// One of a closed set of words. One that we do not know is a newer operator's.
    func word<Word: RawRepresentable<String>>(_ key: String, as type: Word.Type) throws(RecordError) -> Word {
        let node = try node(key)
        let text = try scalar(node, key).text
        guard let word = Word(rawValue: text) else { throw unknownWord(text, at: node.mark, key) }
        return word
    }

    func unknownWord(_ text: String, at mark: Mark, _ key: String) -> RecordError {
        .newer(mark, "\(path).\(key) '\(terminalText(text, limit: 60))' is not known")
    }

    func identifier<Kind>(_ key: String, of kind: Kind.Type = Kind.self) throws(RecordError) -> Identifier<Kind> {
        let node = try node(key)
        let text = try scalar(node, key).text
        guard !text.isEmpty else { throw .broken(node.mark, "\(path).\(key) is empty") }
        return Identifier(text)
    }

    func operation(_ key: String = "operation") throws(RecordError) -> Operation {
        let node = try node(key)
        return try Operation(node: node, path: "\(path).\(key)")
    }

    /// The items of a list; a missing list is damage, an empty one is not.
    func list(_ key: String) throws(RecordError) -> [Node] {
        let node = try node(key)
        guard case .sequence(let items) = node.content else {
            throw .broken(node.mark, "\(path).\(key) must be a list")
        }
        return items
    }

    private func scalar(_ node: Node, _ key: String) throws(RecordError) -> Node.Scalar {
        guard case .scalar(let scalar) = node.content else {
            throw .broken(node.mark, "\(path).\(key) must be a single value")
        }
        return scalar
    }
}

extension Operation {
    /// Reads ``description``, and nothing else.
    init(node: Node, path: String) throws(RecordError) {
        guard case .scalar(let scalar) = node.content, let dash = scalar.text.firstIndex(of: "-"),
            let epoch = Int(scalar.text[..<dash])
        else { throw .broken(node.mark, "\(path) must be an operation such as 3-8f2e6a0c41d7b953") }
        self.init(epoch: epoch, nonce: String(scalar.text[scalar.text.index(after: dash)...]))
        guard epoch > 0, !nonce.isEmpty, description == scalar.text else {
            throw .broken(node.mark, "\(path) must be an operation such as 3-8f2e6a0c41d7b953")
        }
    }
}
