import CYAML
import Glibc

/// libyaml's parser and the event it stands on.
struct EventStream: ~Copyable {
    /// On the heap and never moved: libyaml keeps addresses inside the struct.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>
    private let source: Source

    /// - Parameter source: outlives the stream, and is not empty: libyaml asserts on a null buffer.
    init(_ source: Source) throws(YAMLError) {
        precondition(!source.bytes.isEmpty)
        parser = .allocate(capacity: 1)
        event = .allocate(capacity: 1)
        event.initialize(to: yaml_event_t())
        self.source = source
        guard yaml_parser_initialize(parser) == 1 else { throw YAMLError(.outOfMemory, at: .start) }
        // Else it would guess, and take UTF-16.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, source.bytes.baseAddress, source.bytes.count)
    }

    deinit {
        yaml_event_delete(event)
        yaml_parser_delete(parser)
        event.deallocate()
        parser.deallocate()
    }

    /// Goes to the next event. Not to be called again after it threw.
    mutating func advance() throws(YAMLError) {
        yaml_event_delete(event)
        guard yaml_parser_parse(parser, event) == 1 else { throw failure }
    }

    var type: yaml_event_type_t { event.pointee.type }
    var mark: Mark { Mark(event.pointee.start_mark) }
    /// Where the event begins and ends in the source, in characters.
    var range: Range<Int> { event.pointee.start_mark.index..<event.pointee.end_mark.index }

    var scalar: Node.Scalar {
        let raw = event.pointee.data.scalar
        let bytes = UnsafeBufferPointer(start: raw.value, count: raw.length)
        return Node.Scalar(String(decoding: bytes, as: UTF8.self), style: Node.Scalar.Style(raw.style))
    }

    var scalarHoldsNUL: Bool {
        let raw = event.pointee.data.scalar
        return memchr(raw.value, 0, raw.length) != nil
    }

    /// The anchor of a node, or the name of an alias.
    var anchor: String? {
        let data = event.pointee.data
        return switch type {
        case YAML_SCALAR_EVENT: text(data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT: text(data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT: text(data.mapping_start.anchor)
        case YAML_ALIAS_EVENT: text(data.alias.anchor)
        default: nil
        }
    }

    var tag: String? {
        let data = event.pointee.data
        return switch type {
        case YAML_SCALAR_EVENT: text(data.scalar.tag)
        case YAML_SEQUENCE_START_EVENT: text(data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT: text(data.mapping_start.tag)
        default: nil
        }
    }

    var hasTagDirective: Bool {
        let directives = event.pointee.data.document_start.tag_directives
        return directives.start != directives.end
    }

    private func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        characters.map { String(cString: $0) }
    }

    private var failure: YAMLError {
        let raw = parser.pointee
        switch raw.error {
        case YAML_MEMORY_ERROR:
            return YAMLError(.outOfMemory, at: .start)
        case YAML_READER_ERROR:
            // libyaml knows the byte of these errors and not the line.
            let mark = source.mark(atByte: raw.problem_offset)
            let problem = String(cString: raw.problem)
            let isControl = problem == "control characters are not allowed"
            return YAMLError(isControl ? .controlCharacter(UInt32(raw.problem_value)) : .notUTF8, at: mark)
        default:
            return syntaxProblem.error
        }
    }

    private var syntaxProblem: SyntaxProblem {
        let raw = parser.pointee
        var cursor = Source.Cursor()
        cursor.advance(in: source.bytes, to: raw.problem_mark.index)
        let before = source.bytes[..<cursor.byte].reversed().prefix { $0 != UInt8(ascii: "\n") }
        let next = source.bytes[cursor.byte...].first
        // At the end libyaml counts a line break that is not there.
        let problemMark = next == nil ? Mark(line: cursor.line, column: cursor.column) : Mark(raw.problem_mark)
        return SyntaxProblem(
            problem: String(cString: raw.problem),
            context: raw.context.map { String(cString: $0) } ?? "",
            contextMark: min(Mark(raw.context_mark), problemMark),
            problemMark: problemMark,
            character: next.flatMap { $0 < 0x80 ? Character(Unicode.Scalar($0)) : nil },
            isAtEnd: next == nil,
            isFirstOnLine: before.allSatisfy { $0 == UInt8(ascii: " ") }
        )
    }
}

extension Mark {
    init(_ raw: yaml_mark_t) {
        self.init(line: raw.line + 1, column: raw.column + 1)
    }
}

extension Node.Scalar.Style {
    init(_ raw: yaml_scalar_style_t) {
        self =
            switch raw {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE: .literal
            case YAML_FOLDED_SCALAR_STYLE: .folded
            default: .plain
            }
    }
}
