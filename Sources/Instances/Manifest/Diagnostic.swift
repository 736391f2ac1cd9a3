public import YAML

/// One thing that is wrong with a file, and where. Collected, never thrown one at a time.
public struct Diagnostic: Hashable, Sendable, Comparable, CustomStringConvertible {
    public enum Severity: String, Hashable, Sendable { case error, warning }

    /// Path in the repository, with `/`.
    public var file: String
    public var mark: Mark
    public var severity: Severity
    /// Says what is wrong and the way out; never holds control characters.
    public var text: String
    /// The instance that it is about, where that is known.
    public var instance: InstanceName?

    public init(
        file: String, mark: Mark, severity: Severity = .error, text: String, instance: InstanceName? = nil
    ) {
        self.file = file
        self.mark = mark
        self.severity = severity
        self.text = text
        self.instance = instance
    }

    /// `file:line:column: error: …`, which editors jump to.
    public var description: String { "\(file):\(mark.line):\(mark.column): \(severity.rawValue): \(text)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.file, left.mark, left.text) < (right.file, right.mark, right.text)
    }
}

/// Where a manifest was read: the file, and the marks of the fields that are later compared with what exists.
public struct ManifestSource: Hashable, Sendable {
    public var file: String
    public var document: Mark
    /// Marks of values by their path, such as `spec.dataDisk.sizeGB`.
    public var fields: [String: Mark]

    public init(file: String = "", document: Mark = Mark(line: 1, column: 1), fields: [String: Mark] = [:]) {
        self.file = file
        self.document = document
        self.fields = fields
    }

    /// The mark of a field, or of the document where the field is not written.
    public func mark(of field: String) -> Mark { fields[field] ?? document }
}
