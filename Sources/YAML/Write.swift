/// When a mapping or a sequence is written on one line, `{a: b}` or `[a, b]`, instead of one line per entry.
public enum Flow: Hashable, Sendable {
    /// Only where it is empty.
    case never
    /// Where it holds only scalars (or empty ones of its kind), none of them of several lines, and its line, from the
    /// margin to the closing bracket, fits. The outermost one never is.
    case fitting(columns: Int)
}

/// Writes a document so that every YAML 1.1 and 1.2 reader, PyYAML among them, reads the same strings back.
///
/// The same node gives the same bytes, always: entries in their order, two spaces per level, long text never folded.
/// Scalars are quoted only where bare text would be read as something else. Text of several lines is written as a
/// literal block, unless a line of it ends in spaces or it holds characters that a reader would not see; those are
/// written in double quotes, as escapes. `plain` scalars stay bare as long as that keeps their text; an empty one, which
/// is null, is written as `null`. NUL, which `parse` refuses, becomes U+FFFD.
///
/// - Returns: UTF-8 that ends in a line feed, without a document marker.
public func write(_ document: Node, flow: Flow = .never) -> [UInt8] {
    var emitter = Emitter(flow: flow)
    emitter.write(document)
    return emitter.bytes
}

private struct Emitter {
    private(set) var bytes: [UInt8] = []
    private let flow: Flow
    private var lineStart = 0

    /// Spaces per level.
    private static let step = 2

    /// Both libyaml and PyYAML find the `:` of a key only within 1024 characters; a longer key is written after `?`.
    private static let keyLimit = 1000
    /// The most that UTF-8 needs for one character.
    private static let bytesPerColumn = 4

    /// What stands on the line before a value.
    private enum Place {
        case nothing, key, dash
    }

    init(flow: Flow) {
        self.flow = flow
    }

    mutating func write(_ document: Node) {
        write(document, indent: 0, after: .nothing)
    }

    /// - Parameter indent: of the key or the dash.
    private mutating func write(_ node: Node, indent: Int, after place: Place) {
        switch node.content {
        case .scalar(let scalar):
            if place != .nothing { append(byte: " ") }
            write(scalar, indent: indent + Self.step)
        case .sequence(let items):
            if writeInFlow(node, after: place) { return breakLine() }
            let indent = beginBlock(indent: indent, after: place)
            for (position, item) in items.enumerated() {
                if position > 0 { pad(indent) }
                append(byte: "-")
                write(item, indent: indent, after: .dash)
            }
        case .mapping(let pairs):
            if writeInFlow(node, after: place) { return breakLine() }
            let indent = beginBlock(indent: indent, after: place)
            for (position, pair) in pairs.enumerated() {
                if position > 0 { pad(indent) }
                write(key: pair.key, indent: indent)
                write(pair.value, indent: indent, after: .key)
            }
        }
    }

    /// Goes to where the first entry of a mapping or sequence begins.
    ///
    /// - Returns: the indentation of its entries.
    private mutating func beginBlock(indent: Int, after place: Place) -> Int {
        switch place {
        case .nothing:
            return indent
        case .key:
            breakLine()
            pad(indent + Self.step)
        case .dash:
            append(byte: " ")
        }
        return indent + Self.step
    }

    private mutating func write(key: String, indent: Int) {
        let start = bytes.count
        appendString(TextShape(key), inFlow: false)
        if bytes.count - start > Self.keyLimit {
            bytes.insert(contentsOf: "? ".utf8, at: start)
            breakLine()
            pad(indent)
        }
        append(byte: ":")
    }

    private mutating func write(_ scalar: Node.Scalar, indent: Int) {
        let shape = TextShape(scalar.text)
        guard shape.isBlock else {
            append(shape, scalar.style, inFlow: false)
            return breakLine()
        }
        var lines = scalar.text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true {
            lines.removeLast()
            append(lines.last?.isEmpty == true ? "|+" : "|")
        } else {
            append("|-")
        }
        breakLine()
        for line in lines {
            if !line.isEmpty { pad(indent) }
            bytes.append(contentsOf: line)
            breakLine()
        }
    }

    // MARK: Flow

    /// Writes a mapping or a sequence on the line of its key or dash, if it is to be there.
    ///
    /// - Returns: whether it did.
    private mutating func writeInFlow(_ node: Node, after place: Place) -> Bool {
        let start = bytes.count
        switch node.content {
        case .scalar: return false
        case .sequence([]), .mapping([]):
            if place != .nothing { append(byte: " ") }
            appendEmpty(node)
            return true
        case .sequence(let items):
            guard place != .nothing, items.allSatisfy(\.canBeInFlow) else { return false }
            append(byte: " ")
            if appendEntries(items, brackets: ("[", "]"), { $0.appendInFlow($1) }) { return true }
        case .mapping(let pairs):
            guard place != .nothing, pairs.allSatisfy(\.value.canBeInFlow) else { return false }
            append(byte: " ")
            let isWritten = appendEntries(pairs, brackets: ("{", "}")) { emitter, pair in
                let start = emitter.bytes.count
                emitter.appendString(TextShape(pair.key), inFlow: true)
                guard emitter.bytes.count - start <= Self.keyLimit else { return false }
                emitter.append(byte: ":")
                emitter.append(byte: " ")
                return emitter.appendInFlow(pair.value)
            }
            if isWritten { return true }
        }
        bytes.removeSubrange(start...)
        return false
    }

    /// - Returns: false if an entry cannot be in flow, or the line becomes too long; what was written is of no use then.
    private mutating func appendEntries<Entry>(
        _ entries: [Entry], brackets: (Unicode.Scalar, Unicode.Scalar), _ append: (inout Emitter, Entry) -> Bool
    ) -> Bool {
        guard case .fitting(let columns) = flow else { return false }
        self.append(byte: brackets.0)
        for (position, entry) in entries.enumerated() {
            if position > 0 {
                self.append(byte: ",")
                self.append(byte: " ")
            }
            guard append(&self, entry), (bytes.count - lineStart) / Self.bytesPerColumn <= columns else { return false }
        }
        self.append(byte: brackets.1)
        return bytes[lineStart...].count { $0 & 0xC0 != 0x80 } <= columns
    }

    private mutating func appendInFlow(_ node: Node) -> Bool {
        switch node.content {
        case .scalar(let scalar):
            let shape = TextShape(scalar.text)
            guard !shape.isBlock else { return false }
            append(shape, scalar.style, inFlow: true)
            return true
        case .sequence([]), .mapping([]):
            appendEmpty(node)
            return true
        case .sequence, .mapping:
            return false
        }
    }

    private mutating func appendEmpty(_ node: Node) {
        if case .sequence = node.content { append("[]") } else { append("{}") }
    }

    // MARK: Bytes

    /// A scalar on one line.
    private mutating func append(_ shape: TextShape, _ style: Node.Scalar.Style, inFlow: Bool) {
        guard style == .plain else { return appendString(shape, inFlow: inFlow) }
        if shape.text.isEmpty { return append("null") }
        append(shape.isFaithfulBare(inFlow: inFlow) ? shape.text : shape.quoted)
    }

    /// A string on one line, in quotes if it needs them.
    private mutating func appendString(_ shape: TextShape, inFlow: Bool) {
        append(shape.isFaithfulBare(inFlow: inFlow) && !shape.hasType ? shape.text : shape.quoted)
    }

    private mutating func append(byte character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func pad(_ columns: Int) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: columns))
    }

    private mutating func breakLine() {
        bytes.append(UInt8(ascii: "\n"))
        lineStart = bytes.count
    }
}

extension Node {
    /// Whether it may stand between brackets: a scalar, or nothing but a pair of brackets.
    fileprivate var canBeInFlow: Bool {
        switch content {
        case .scalar: true
        case .sequence(let items): items.isEmpty
        case .mapping(let pairs): pairs.isEmpty
        }
    }
}
