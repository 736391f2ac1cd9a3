/// One value of a document and where it begins.
///
/// A scalar is text: whether `4` is a number is decided by the field that reads it, never here.
public struct Node: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([Node])
        /// In the order of the document. A document that was read has no key twice; one that is built must not either.
        case mapping([Pair])
    }

    public struct Scalar: Hashable, Sendable {
        /// How the text was written. Only a `plain` scalar can be a number, a truth value or null; text in any other
        /// style is text, so that `"no"` and `"4"` stay what they are.
        public enum Style: Hashable, Sendable {
            case plain, singleQuoted, doubleQuoted, literal, folded
        }

        public let text: String
        public let style: Style

        public init(_ text: String, style: Style) {
            self.text = text
            self.style = style
        }

        /// Whether this is one of YAML's spellings of "no value": `~`, `null`, or nothing at all after the key.
        ///
        /// Source: YAML 1.1 type repository, null; YAML 1.2.2 section 10.3.2.
        public var isNull: Bool {
            guard style == .plain else { return false }
            return switch text {
            case "", "~", "null", "Null", "NULL": true
            default: false
            }
        }
    }

    public struct Pair: Hashable, Sendable {
        public let key: String
        public let keyMark: Mark
        public let value: Node

        public init(key: String, keyMark: Mark = .start, value: Node) {
            self.key = key
            self.keyMark = keyMark
            self.value = value
        }
    }

    public let content: Content
    /// Where the node begins; of a block mapping, its first key.
    public let mark: Mark

    public init(_ content: Content, at mark: Mark = .start) {
        self.content = content
        self.mark = mark
    }
}

/// Building documents to write.
extension Node {
    /// A string. It is read back as this string by every YAML reader, whatever it looks like.
    public static func text(_ text: String) -> Node {
        Node(.scalar(Scalar(text, style: .doubleQuoted)))
    }

    /// A bare token whose type is the reader's business: `30`, `true`, `null`.
    public static func plain(_ token: String) -> Node {
        Node(.scalar(Scalar(token, style: .plain)))
    }

    public static func sequence(_ items: [Node]) -> Node {
        Node(.sequence(items))
    }

    public static func mapping(_ pairs: [(String, Node)]) -> Node {
        Node(.mapping(pairs.map { Pair(key: $0, value: $1) }))
    }
}

extension Node {
    /// Whether both say the same, wherever and in whatever style they are written.
    ///
    /// Canonically equivalent spellings of one character are different here: a file holds bytes.
    func saysTheSame(as other: Node) -> Bool {
        switch (content, other.content) {
        case (.scalar(let mine), .scalar(let theirs)):
            mine.isNull == theirs.isNull && (mine.isNull || mine.text.utf8.elementsEqual(theirs.text.utf8))
        case (.sequence(let mine), .sequence(let theirs)):
            mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.saysTheSame(as: $1) }
        case (.mapping(let mine), .mapping(let theirs)):
            mine.count == theirs.count
                && zip(mine, theirs).allSatisfy {
                    $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.saysTheSame(as: $1.value)
                }
        default:
            false
        }
    }
}
