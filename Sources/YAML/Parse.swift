import CYAML

/// Reads a file, one node per document.
///
/// Documents in which there is nothing, or nothing but comments, give no node; so does an empty file. Keys are text and
/// occur once; anchors, aliases, merge keys and tags are refused. A byte order mark at the start and all line breaks
/// are accepted.
///
/// - Throws: the first thing that is wrong, and where.
public func parse(_ bytes: [UInt8], limits: Limits = .manifest) throws(YAMLError) -> [Node] {
    try bytes.withUnsafeBufferPointer { (file) throws(YAMLError) in
        let source = try Source(file, limit: limits.bytes)
        guard !source.bytes.isEmpty else { return [] }
        var composer = Composer(events: try EventStream(source), source: source, limits: limits)
        return try composer.documents()
    }
}

/// Makes nodes of libyaml's events.
private struct Composer: ~Copyable {
    private var events: EventStream
    private let source: Source
    private let limits: Limits
    private var eventCount = 0

    /// Whether a `!` occurs anywhere, so that scalars have to be looked at for the tag `!`: libyaml drops it.
    private let mayHaveBareTags: Bool
    private var cursor = Source.Cursor()

    init(events: consuming EventStream, source: Source, limits: Limits) {
        self.events = events
        self.source = source
        self.limits = limits
        mayHaveBareTags = source.firstOffset(of: UInt8(ascii: "!"), from: 0) != nil
    }

    mutating func documents() throws(YAMLError) -> [Node] {
        var documents: [Node] = []
        var count = 0
        try advance()
        while true {
            try advance()
            guard events.type == YAML_DOCUMENT_START_EVENT else { return documents }
            count += 1
            guard count <= limits.documents else { throw error(.tooManyDocuments(limit: limits.documents)) }
            guard !events.hasTagDirective else { throw error(.tagDirective) }
            try advance()
            let node = try node(depth: 0)
            if !node.isNothing { documents.append(node) }
            try advance()
        }
    }

    /// The node that the current event begins.
    ///
    /// - Parameter depth: the number of mappings and sequences around it.
    private mutating func node(depth: Int) throws(YAMLError) -> Node {
        let mark = events.mark
        try refuseProperties()
        switch events.type {
        case YAML_SCALAR_EVENT:
            return Node(.scalar(try scalar()), at: mark)
        case YAML_SEQUENCE_START_EVENT:
            guard depth < limits.depth else { throw error(.tooDeep(limit: limits.depth)) }
            return Node(.sequence(try items(depth: depth + 1)), at: mark)
        default:
            guard depth < limits.depth else { throw error(.tooDeep(limit: limits.depth)) }
            return Node(.mapping(try pairs(depth: depth + 1)), at: mark)
        }
    }

    private mutating func items(depth: Int) throws(YAMLError) -> [Node] {
        var items: [Node] = []
        while true {
            try advance()
            guard events.type != YAML_SEQUENCE_END_EVENT else { return items }
            items.append(try node(depth: depth))
        }
    }

    private mutating func pairs(depth: Int) throws(YAMLError) -> [Node.Pair] {
        var pairs: [Node.Pair] = []
        var index = KeyIndex()
        while true {
            try advance()
            guard events.type != YAML_MAPPING_END_EVENT else { return pairs }
            let mark = events.mark
            let key = try key()
            if let first = index.mark(of: key, in: pairs) {
                throw YAMLError(.duplicateKey(key, first: first), at: mark)
            }
            try advance()
            pairs.append(Node.Pair(key: key, keyMark: mark, value: try node(depth: depth)))
        }
    }

    private mutating func key() throws(YAMLError) -> String {
        try refuseProperties()
        guard events.type == YAML_SCALAR_EVENT else { throw error(.keyNotScalar) }
        let scalar = try scalar()
        if scalar.style == .plain {
            guard !scalar.text.isEmpty else { throw error(.missingKey) }
            guard scalar.text != "<<" else { throw error(.mergeKey) }
        }
        return scalar.text
    }

    private mutating func scalar() throws(YAMLError) -> Node.Scalar {
        guard !events.scalarHoldsNUL else { throw error(.controlCharacter(0)) }
        return events.scalar
    }

    private mutating func refuseProperties() throws(YAMLError) {
        if events.type == YAML_ALIAS_EVENT { throw error(.alias(events.anchor ?? "")) }
        if let anchor = events.anchor { throw error(.anchor(anchor)) }
        if let tag = events.tag {
            let standard = "tag:yaml.org,2002:"
            throw error(.tag(tag.hasPrefix(standard) ? "!!" + tag.dropFirst(standard.count) : tag))
        }
        if events.type == YAML_SCALAR_EVENT, hasBareTag() { throw error(.tag("!")) }
    }

    private mutating func hasBareTag() -> Bool {
        guard mayHaveBareTags else { return false }
        // No scalar begins with this character, so here stands a tag.
        cursor.advance(in: source.bytes, to: events.range.lowerBound)
        return cursor.byte < source.bytes.count && source.bytes[cursor.byte] == UInt8(ascii: "!")
    }

    private mutating func advance() throws(YAMLError) {
        try events.advance()
        eventCount += 1
        guard eventCount <= limits.events else { throw error(.tooManyEvents(limit: limits.events)) }
    }

    private func error(_ reason: YAMLError.Reason) -> YAMLError {
        YAMLError(reason, at: events.mark)
    }
}

/// Finds a key among the pairs before it, in time that does not grow with the square of their number.
private struct KeyIndex {
    /// Up to this size comparing with every key is faster than hashing.
    private static let linear = 16
    private var marks: [String: Mark] = [:]
    private var indexed = 0

    mutating func mark(of key: String, in pairs: [Node.Pair]) -> Mark? {
        if pairs.count < Self.linear {
            return pairs.first { $0.key == key }?.keyMark
        }
        for pair in pairs[indexed...] {
            marks[pair.key] = pair.keyMark
        }
        indexed = pairs.count
        return marks[key]
    }
}

extension Node {
    /// Whether a document holds nothing at all.
    fileprivate var isNothing: Bool {
        if case .scalar(let scalar) = content { scalar.style == .plain && scalar.text.isEmpty } else { false }
    }
}
