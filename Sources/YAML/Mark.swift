/// A position in a document, the way editors count: both numbers begin at 1.
public struct Mark: Hashable, Sendable, Comparable {
    public let line: Int
    /// Counts characters (Unicode scalars), not bytes.
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The first character of a file: where an error of the whole file is reported, and where a node that was never
    /// read from a file says that it is.
    public static let start = Mark(line: 1, column: 1)

    public static func < (left: Mark, right: Mark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
