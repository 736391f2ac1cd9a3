import YAML

/// An approval in the message of the configuration's head commit. It unlocks what that commit asks for, nothing later.
public struct Approval: Hashable, Sendable {
    public var commit: String
    public var names: Set<InstanceName>
    /// The largest number of instances that it unlocks by count; 0 where only names were given.
    public var count: Int
    /// Whether a line looks like an approval where none counts.
    private(set) var isMisplaced: Bool

    /// - Parameter message: a commit message. Its last paragraph counts where every line of it is a trailer; the trailers
    ///   `Operator-Approve:` hold names separated by commas or blanks, or a number. What a text quotes approves nothing.
    public init(commit: String, message: String) {
        self.commit = commit
        names = []
        count = 0
        // A line that ends as on Windows is one character in Swift.
        let lines = message.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        let paragraphs = lines.split { $0.allSatisfy(\.isWhitespace) }
        let trailers = paragraphs.last.flatMap { $0.allSatisfy(Self.isTrailer) ? $0 : nil } ?? []
        for words in trailers.compactMap(Self.approved) {
            for word in words.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }) {
                if let number = Int(word) {
                    count = max(count, number)
                } else if let name = InstanceName(String(word)) {
                    names.insert(name)
                }
            }
        }
        isMisplaced = lines.count { Self.approved($0) != nil } > trailers.count { Self.approved($0) != nil }
    }

    /// A line of the form `Key: value`, with a key of letters, digits and dashes.
    private static func isTrailer(_ line: Substring) -> Bool {
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return false }
        return line[..<colon].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }

    /// What stands behind `Operator-Approve:`.
    private static func approved(_ line: Substring) -> Substring? {
        let parts = line.split(separator: ":", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "operator-approve" ? parts[1] : nil
    }

    /// Told where it approves less than it seems to.
    public var diagnostic: Diagnostic? {
        guard isMisplaced else { return nil }
        return Diagnostic(
            file: "commit \(commit.prefix(12))", mark: .start, severity: .warning,
            text: "a line `Operator-Approve:` approves nothing where it stands: it counts in the last paragraph of the "
                + "message, where every line is a trailer, `Key: value`")
    }

    /// Whether all of these are unlocked: each by its name, or all by a count that is not smaller.
    ///
    /// - Parameter others: how many more the count has to reach for.
    public func covers(_ instances: [InstanceName], besides others: Int = 0) -> Bool {
        guard holds(.approvalCoversAll) else { return count > 0 || instances.contains(where: names.contains) }
        return instances.allSatisfy(names.contains) || count >= instances.count + others
    }
}
