import Git
import Glibc
import Reconciler

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

    /// One for each branch, the one that was written last first. Only a file that does not exist is empty: to forget one
    /// that cannot be read would be to accept a branch that was rolled back.
    func read() throws(RepositoryError) -> [Head] {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readFile(path, limit: Self.limit)
        } catch {
            guard error.code != ENOENT else { return [] }
            throw unreadable(
                String(cString: strerror(error.code)), "Give it back to the user that the operator runs as (chown)")
        }
        var heads: [Head] = []
        // A name may hold what Unicode takes for a blank; git refuses plain ones alone.
        for (number, line) in zip(1..., String(decoding: bytes, as: UTF8.self).split(separator: "\n")) {
            let words = line.split(separator: " ")
            guard words.count == 2, let commit = CommitID(String(words[1])) else {
                throw unreadable("line \(number) is not 'BRANCH COMMIT'", "Mend the line")
            }
            heads.append((String(words[0]), commit))
        }
        return heads
    }

    private func unreadable(_ reason: String, _ wayOut: String) -> RepositoryError {
        .refused(
            "where this host saw the status branches last cannot be read from \(path): \(reason). Nothing was changed: a "
                + "branch that was rolled back could not be told from a good one. \(wayOut); or look at the history of the "
                + "status branch, and where it is whole delete this file: the host then takes the branch as it is")
    }

    /// - Parameter commit: nil where the branch does not exist.
    func write(_ commit: CommitID?, of branch: String) throws {
        guard !isReader else { return }
        let others = try read().filter { $0.branch != branch }
        let heads = (commit.map { [(branch, $0)] } ?? []) + others
        let text = heads.prefix(Self.most).map { "\($0.branch) \($0.commit)\n" }.joined()
        try replaceFile(path, with: Array(text.utf8))
    }
}
