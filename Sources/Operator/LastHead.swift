import Git

/// Where this host saw each status branch last, across restarts: a file beside the mirror.
///
/// A branch that no longer holds it was rolled back or replaced, and its records cannot be trusted. Each branch has a line of
/// its own, `BRANCH COMMIT`: to use another one for once forgets nothing.
struct LastHead {
    typealias Head = (branch: String, commit: CommitID)

    /// So many branches are remembered, those that were written last.
    private static let most = 16
    /// Of the file, in bytes. As many branches fit, each with the longest name that a path can have.
    private static let limit = 128 * 1024

    /// Of the file.
    private let path: String
    /// Only looks: what it sees is not this host's last word.
    let isReader: Bool

    init(in stateDirectory: String, isReader: Bool) {
        path = stateDirectory + "/status-head"
        self.isReader = isReader
    }

    /// One for each branch, the one that was written last first.
    func read() -> [Head] {
        guard let bytes = try? readFile(path, limit: Self.limit) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 2, let commit = CommitID(String(words[1])) else { return nil }
            return (String(words[0]), commit)
        }
    }

    /// - Parameter commit: nil where the branch does not exist.
    func write(_ commit: CommitID?, of branch: String) throws {
        guard !isReader else { return }
        let others = read().filter { $0.branch != branch }
        let heads = (commit.map { [(branch, $0)] } ?? []) + others
        let text = heads.prefix(Self.most).map { "\($0.branch) \($0.commit)\n" }.joined()
        try replaceFile(path, with: Array(text.utf8))
    }
}
