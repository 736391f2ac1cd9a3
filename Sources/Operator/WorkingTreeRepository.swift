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
            let chosen = folders.isEmpty ? nil : Operator.folders(folders)
            let files = try WorkingTree(paths: [folder], chosenFolders: chosen).files()
            var configuration = combine(files.map(\.decoded))
            configuration.chosenFolders = chosen
            return ConfigurationHead(commit: commit, message: "", configuration: configuration)
        } catch let error as RepositoryError {
            throw error
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
