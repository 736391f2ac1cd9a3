import Git

/// A status branch that no longer holds what this host saw of it: what to tell a person.
struct LostHead {
    var branch: String
    var commit: CommitID
    var remote: Remote
    /// The mirror on this host that has the commit, if one has.
    var holder: String?
    /// Where the mirror that had it is kept, if it had to be made anew.
    var copy: String?

    /// Of a branch that does not exist any more.
    var isGone: String {
        "status branch '\(branch)' is gone; it was last seen at \(commit.description.prefix(12)). Nothing was changed. "
            + "Push it back\(whereItIs)\(command(isForced: false).map { ": \($0)" } ?? ""); where no copy is left stop the "
            + "operator, look with `operator recover`, and accept what that shows with --accept (docs/recovery.md)"
    }

    /// Of a branch that was moved, after what git says of that.
    var wayBack: String { whereItIs + (command(isForced: true).map { "; to restore it: \($0)" } ?? "") }

    /// For somebody who looks for the commit where it is not in the mirror.
    private var whereItIs: String {
        copy.map { " (the mirror had to be made anew; the one that held it is kept in \($0))" } ?? ""
    }

    private func command(isForced: Bool) -> String? {
        holder.map { holder in
            let push = ["git", "-C", holder, "push"] + (isForced ? ["--force"] : [])
            let words = push + [remote.address, "\(commit):refs/heads/\(branch)"]
            return "`" + words.map(shellWord).joined(separator: " ") + "`"
        }
    }
}

/// A word of a command as a shell takes it for one, whatever is in it.
private func shellWord(_ text: String) -> String {
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-:@".contains($0)) }
    guard !isPlain else { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
