import ArgumentParser
import Instances
import Reconciler

/// A repository whose configuration is what lies on disk, and whose status is what the remote has. Read only.
struct WorkingTreeRepository: Repository {
    let git: GitRepository
    let folder: String
    /// Of the folder, the parts to read; empty: all.
    let folders: [String]

    func heads() async throws(RepositoryError) -> Heads {
        var heads = try await git.heads()
        heads.configuration = "working-tree"
        return heads
    }

    func configuration(at commit: String) async throws(RepositoryError) -> ConfigurationHead {
        do {
            var files = try WorkingTree(paths: [folder]).files()
            if let chosen = Operator.folders(folders), !folders.isEmpty {
                files = files.filter { file in chosen.contains { file.path.hasPrefix("\(folder)/\($0)/") } }
            }
            return ConfigurationHead(commit: commit, message: "", configuration: combine(files.map(\.decoded)))
        } catch {
            throw .refused("\(error)")
        }
    }

    func isAncestor(_ ancestor: String, of commit: String) async throws(RepositoryError) -> Bool { true }

    func status(at commit: String) async throws(RepositoryError) -> StatusHead {
        try await git.status(at: commit)
    }

    func publish(
        _ changes: [String: StatusFile?], message: String, on base: String?
    ) async throws(RepositoryError) -> StatusHead {
        throw .cannotPublish("a plan publishes nothing")
    }
}
