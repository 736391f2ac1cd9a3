import Git
import Instances
import Reconciler

/// Which branch the status is on, and what this host remembers of it.
extension GitRepository {
    /// The host's word counts most, then the repository's own settings, then the default.
    func resolveStatusBranch() async throws -> String {
        if let statusBranch { return statusBranch }
        let branch = try await configuredStatusBranch()
        guard branch != settings.branch else {
            throw RepositoryError.refused(
                "the manifests and the status cannot be on the same branch (\(branch)); see statusBranch in operator.yaml"
            )
        }
        statusBranch = branch
        return branch
    }

    /// What the repository's own settings say, or the default.
    private func configuredStatusBranch() async throws -> String {
        // A mirror that is made anew has to hold the branches that were seen, or the old one could not be let go.
        let last = try lastHead.read()
        let tip = try await mirror.fetch(
            [.required(settings.branch)] + last.map { .optional($0.branch) }, seen: last.map(\.commit)
        ).tips[settings.branch]
        guard let tip, let blob = try await mirror.blobs(at: tip, paths: [Settings.path])[Settings.path],
            let content = try await mirror.read([blob], limit: SourceFile.largest).first
        else { return "status" }
        return try namedStatusBranch(in: content) ?? "status"
    }

    /// What `operator.yaml` says of it; `nil` if nothing. A branch that is named and cannot be read is not taken for the
    /// default: all that exists would be unknown there.
    private func namedStatusBranch(in content: Content) throws -> String? {
        let (file, mayNameOne) =
            switch content {
            case .tooLarge: (DecodedFile.tooLarge(path: Settings.path), true)
            case .bytes(let bytes):
                (
                    decode(SourceFile(path: Settings.path, bytes: bytes)),
                    String(decoding: bytes, as: UTF8.self).contains("statusBranch")
                )
            }
        if file.settings == nil, mayNameOne, let mistake = file.diagnostics.first {
            throw RepositoryError.refused(
                "nobody knows where the status is: \(Settings.path) cannot be read and may name its branch "
                    + "(\(mistake)); mend it, or name the branch with --status-branch")
        }
        return file.settings?.statusBranch
    }

    /// Another branch of a lineage, of those that this host can know of: what the settings name, and what it has seen.
    ///
    /// Two branches of one lineage are two memories of the same machines: whoever goes by the one would delete what the
    /// other counts on.
    func otherBranch(of lineage: OwnerID) async throws -> String? {
        let own = try await resolveStatusBranch()
        let last = try lastHead.read()
        let others = Set(last.map(\.branch) + [try await configuredStatusBranch()]).subtracting([own, settings.branch])
        let requests = [.required(settings.branch)] + ([own] + others.sorted()).map { BranchRequest.optional($0) }
        let tips = try await mirror.fetch(requests, seen: last.map(\.commit)).tips
        for branch in others.sorted() {
            guard let tip = tips[branch],
                let blob = try await mirror.blobs(at: tip, paths: [StatusIndex.path])[StatusIndex.path],
                case .bytes(let bytes)? = try await mirror.read([blob], limit: Self.statusFileLimit).first
            else { continue }
            if StatusIndex(bytes)?.lineage == lineage { return branch }
        }
        return nil
    }

    /// Takes the status branch as it was seen last for the one to go on from, also where it is gone or rewritten: a
    /// person said so.
    func acceptStatusHead() async throws { try lastHead.write(statusTip, of: try await resolveStatusBranch()) }

    func lostHead(_ commit: CommitID, of branch: String) async -> LostHead {
        LostHead(
            branch: branch, commit: commit, remote: mirror.remote, holder: await mirror.holder(of: commit),
            copy: mirror.copy(of: commit))
    }
}
