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

    /// `file:line:column: error: …`, which editors jump to. Safe on a terminal and in the log of a CI runner, whatever
    /// the file is called.
    public var description: String {
        // A line that begins with `::` is a command to some runners.
        let start = file.hasPrefix(":") ? "./" : ""
        return "\(start)\(visible(file, limit: .max)):\(mark.line):\(mark.column): \(severity.rawValue): \(text)"
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.file, left.mark, left.text) < (right.file, right.mark, right.text)
    }
}

/// Where a manifest was read: the file, and the marks of the fields that are later compared with what exists.
public struct ManifestSource: Hashable, Sendable {
    public var file: String
    public var document: Mark
    /// Marks of the fields that are written, by their path, such as `spec.dataDisk.sizeGB`: of the value, or of the key
    /// where the value is a mapping or a list.
    public var fields: [String: Mark]

    public init(file: String = "", document: Mark = Mark(line: 1, column: 1), fields: [String: Mark] = [:]) {
        self.file = file
        self.document = document
        self.fields = fields
    }

    /// The mark of a field; where it is not written, of the nearest mapping around it that is.
    public func mark(of field: String) -> Mark {
        var path = Substring(field)
        while true {
            if let mark = fields[String(path)] { return mark }
            guard let dot = path.lastIndex(of: ".") else { return document }
            path = path[..<dot]
        }
    }
}
