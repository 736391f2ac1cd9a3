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
        if let text = inline(node, after: place) {
            if place != .nothing { append(" ") }
            append(text)
            return breakLine()
        }
        switch node.content {
        case .scalar(let scalar):
            if place != .nothing { append(" ") }
            writeBlock(scalar.text, indent: indent + Self.step)
        case .sequence(let items):
            let indent = beginBlock(indent: indent, after: place)
            for (position, item) in items.enumerated() {
                if position > 0 { pad(indent) }
                append("-")
                write(item, indent: indent, after: .dash)
            }
        case .mapping(let pairs):
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
            append(" ")
        }
        return indent + Self.step
    }

    private mutating func write(key: String, indent: Int) {
        let text = ScalarText.string(key, inFlow: false)
        guard ScalarText.fitsBeforeColon(text) else {
            append("? " + text)
            breakLine()
            pad(indent)
            return append(":")
        }
        append(text + ":")
    }

    private mutating func writeBlock(_ text: String, indent: Int) {
        append(text.hasSuffix("\n\n") ? "|+" : text.hasSuffix("\n") ? "|" : "|-")
        breakLine()
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            if !line.isEmpty { pad(indent) }
            bytes.append(contentsOf: line)
            breakLine()
        }
    }

    // MARK: One line

    /// The node as it is written on the line of its key or dash; nil if it takes lines of its own.
    private func inline(_ node: Node, after place: Place) -> String? {
        switch node.content {
        case .scalar(let scalar):
            return ScalarText.isBlock(scalar) ? nil : ScalarText.line(scalar, inFlow: false)
        case .sequence(let items):
            if items.isEmpty { return "[]" }
            guard place != .nothing else { return nil }
            return inline(items, brackets: ("[", "]")) { inFlow($0) }
        case .mapping(let pairs):
            if pairs.isEmpty { return "{}" }
            guard place != .nothing else { return nil }
            return inline(pairs, brackets: ("{", "}")) { pair in
                let key = ScalarText.string(pair.key, inFlow: true)
                guard ScalarText.fitsBeforeColon(key), let value = inFlow(pair.value) else { return nil }
                return key + ": " + value
            }
        }
    }

    private func inline<Entry>(
        _ entries: [Entry], brackets: (String, String), _ text: (Entry) -> String?
    ) -> String? {
        guard case .fitting(let columns) = flow else { return nil }
        // After the space that comes first.
        var room = columns - column - 1 - 2
        var texts: [String] = []
        for entry in entries {
            guard let text = text(entry) else { return nil }
            room -= text.unicodeScalars.count + (texts.isEmpty ? 0 : 2)
            guard room >= 0 else { return nil }
            texts.append(text)
        }
        return brackets.0 + texts.joined(separator: ", ") + brackets.1
    }

    private func inFlow(_ node: Node) -> String? {
        switch node.content {
        case .scalar(let scalar): ScalarText.isBlock(scalar) ? nil : ScalarText.line(scalar, inFlow: true)
        case .sequence(let items): items.isEmpty ? "[]" : nil
        case .mapping(let pairs): pairs.isEmpty ? "{}" : nil
        }
    }

    // MARK: Bytes

    private var column: Int {
        bytes[lineStart...].count { $0 & 0xC0 != 0x80 }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func pad(_ columns: Int) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: columns))
    }

    private mutating func breakLine() {
        bytes.append(UInt8(ascii: "\n"))
        lineStart = bytes.count
    }
}
