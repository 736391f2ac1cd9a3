/// Whose a status branch is.
public enum Lineage: Hashable, Sendable {
    /// The branch is empty or does not exist: its first publication gives it a lineage.
    case none
    case known(OwnerID)
    /// It cannot be told, so nothing is done. For people: what was found and what to do.
    case conflict(String)
}

/// What the files of a status branch say about whose it is. One file that disagrees with the others is that instance's
/// trouble; files that disagree with the index altogether are everybody's.
///
/// - Parameter files: all of the branch, by path.
public func lineage(of files: [String: [UInt8]]) -> Lineage { StatusTree(files: files).lineage }

extension StatusTree {
    public var lineage: Lineage {
        let told = lineageOfFiles
        guard case .known = told, let (path, what) = obstacles.min(by: { $0.key < $1.key }) else { return told }
        let place = path + "/" == InstanceFile.folder ? "has its folder" : "writes a file"
        return .conflict(
            "\(path) on the status branch is \(what), where the operator \(place): take it away with a commit on top "
                + "(git rm -r \(path)), or bring back what was there (git log -- \(path))")
    }

    private var lineageOfFiles: Lineage {
        let votes = Set(files.values.compactMap(\.lineage))
        if let index = index?.lineage {
            guard votes.isEmpty || votes.contains(index) else {
                return .conflict(
                    "index.json on the status branch says lineage \(shown([index])), all files under instances/ say "
                        + "\(shown(votes)): somebody mixed two status branches; put one of them back with "
                        + "`git push --force` from a clone that has it")
            }
            return .known(index)
        }
        guard let only = votes.first else {
            return isEmpty
                ? .none
                : .conflict(
                    "the status branch holds files, but not the operator's (no lineage in index.json nor under "
                        + "instances/): name another branch with --status-branch, or delete this one if nobody needs it"
                )
        }
        guard votes.count == 1 else {
            return .conflict(
                "index.json is missing on the status branch or cannot be read, and the files under instances/ say "
                    + "different lineages (\(shown(votes))): bring index.json back from the history of the branch")
        }
        return .known(only)
    }

    private func shown(_ owners: Set<OwnerID>) -> String {
        let most = 3
        let text = owners.sorted().prefix(most).map { terminalText($0.text, limit: 40) }.joined(separator: ", ")
        return owners.count > most ? text + " …" : text
    }
}
