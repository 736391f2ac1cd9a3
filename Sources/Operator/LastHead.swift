import Git

/// Where this host saw the status branch last, across restarts: a file beside the mirror.
///
/// A branch that no longer holds it was rolled back or replaced, and its records cannot be trusted.
struct LastHead {
    /// Of the file.
    private let path: String
    /// Only looks: what it sees is not this host's last word.
    private let isReader: Bool

    init(in stateDirectory: String, isReader: Bool) {
        path = stateDirectory + "/status-head"
        self.isReader = isReader
    }

    func read() -> (branch: String, commit: CommitID)? {
        guard let bytes = try? readFile(path, limit: 256) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let commit = CommitID(String(words[1])) else { return nil }
        return (String(words[0]), commit)
    }

    /// - Parameter commit: nil where the branch does not exist.
    func write(_ commit: CommitID?, of branch: String) throws {
        guard !isReader else { return }
        let text = commit.map { "\(branch) \($0)\n" } ?? ""
        try replaceFile(path, with: Array(text.utf8))
    }
}
