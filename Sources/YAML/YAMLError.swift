/// Why a document was refused, and where.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case tooLarge(bytes: Int, limit: Int)
        case tooDeep(limit: Int)
        case tooManyEvents(limit: Int)
        case tooManyDocuments(limit: Int)

        case utf16
        case notUTF8
        case byteOrderMarkInside
        /// The code of the character. NUL is refused even where it is written as an escape: what follows it would be
        /// lost on the way through C.
        case controlCharacter(UInt32)

        /// Not YAML; what is wrong in words for people.
        case syntax(String)
        /// A `%YAML` directive with a version that is neither 1.1 nor 1.2.
        case version
        case duplicateKey(String, first: Mark)
        case missingKey
        case keyNotScalar
        case anchor(String)
        case alias(String)
        case mergeKey
        /// As it is written, `!!str`.
        case tag(String)
        case tagDirective

        /// The path of keys at which `replaceScalar` found nothing.
        case notFound(path: [String])
        /// The path of keys at which `replaceScalar` found something that it cannot replace in place: a mapping, a
        /// sequence, a block of text, or a key without a colon.
        case notReplaceable(path: [String])

        case outOfMemory
    }

    public let reason: Reason
    public let mark: Mark

    public init(_ reason: Reason, at mark: Mark) {
        self.reason = reason
        self.mark = mark
    }

    /// `line:column: reason`, as in a compiler's messages; the file's name goes in front.
    public var description: String { "\(mark.line):\(mark.column): \(reason)" }
}

extension YAMLError.Reason: CustomStringConvertible {
    /// What is wrong and the way out, in one line without control characters, for people.
    public var description: String {
        switch self {
        case .tooLarge(let bytes, let limit):
            "the file has \(bytes) bytes and at most \(limit) are read: split it"
        case .tooDeep(let limit):
            "more than \(limit) mappings and sequences inside each other: take some levels out"
        case .tooManyEvents(let limit):
            "the file holds more than \(limit) values, brackets and documents: split it"
        case .tooManyDocuments(let limit):
            "more than \(limit) documents in one file: split it"
        case .utf16:
            "this is UTF-16: save the file as UTF-8"
        case .notUTF8:
            "this is not UTF-8: save the file as UTF-8"
        case .byteOrderMarkInside:
            "a byte order mark (U+FEFF) inside the file: remove this invisible character"
        case .controlCharacter(let code):
            code == 0
                ? "a NUL character: remove it, and save the file as UTF-8"
                : "the control character \(codePoint(code)): remove it, or write it as an escape in double quotes"
        case .syntax(let problem):
            problem
        case .version:
            "this version of YAML is not known: remove the line, or write %YAML 1.2"
        case .duplicateKey(let key, let first):
            "duplicate key '\(visible(key))' (first on line \(first.line)): remove one of them"
        case .missingKey:
            "a ':' without a key before it: write the key, or \"\" where it is meant to be empty"
        case .keyNotScalar:
            "a key must be text, not a mapping or a sequence: put it in quotes if it is meant as text"
        case .anchor(let name):
            "anchors (&\(visible(name))) are not allowed: write the value out where it is used"
        case .alias(let name):
            "aliases (*\(visible(name))) are not allowed: write the value out, or put it in quotes if it is text"
        case .mergeKey:
            "merge keys (<<) are not allowed: write the keys out"
        case .tag(let tag):
            "tags (\(visible(tag))) are not allowed: remove it, or put the value in quotes if it is text"
        case .tagDirective:
            "%TAG is not allowed: remove the line"
        case .notFound(let path):
            "there is no '\(visible(path.joined(separator: ".")))'"
        case .notReplaceable(let path):
            "'\(visible(path.joined(separator: ".")))' is not a value on one line: edit it by hand"
        case .outOfMemory:
            "out of memory"
        }
    }
}
