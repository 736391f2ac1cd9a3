import Git
import Instances
import Reconciler

/// The reconciler's repository over a bare git mirror.
actor GitRepository: Repository {
    let mirror: Mirror
    let settings: RepositorySettings
    private let author: Signature
    private let now: @Sendable () -> Timestamp
    private let acceptsStatusRewrite: Bool
    let lastHead: LastHead
    /// What was decoded, by path and blob: only changed files are decoded again.
    private var decoded: [String: (blob: BlobID, file: DecodedFile)] = [:]
    var statusBranch: String?
    var statusTip: CommitID?
    /// The status branch as it was read or written last.
    var status = StatusReading()

    init(
        settings: RepositorySettings, environment: Environment, acceptsStatusRewrite: Bool = false,
        isReader: Bool = false, now: @escaping @Sendable () -> Timestamp
    ) {
        self.settings = settings
        self.now = now
        self.acceptsStatusRewrite = acceptsStatusRewrite
        lastHead = LastHead(in: settings.stateDirectory, isReader: isReader)
        mirror = Mirror(
            at: settings.stateDirectory + "/mirror", remote: settings.remote,
            credentials: Credentials(environment: environment.values))
        author = Signature(name: "operator", email: "operator@localhost")
        statusBranch = settings.statusBranch
    }

    /// Breaks off whatever is going on, at the second signal.
    nonisolated func abandon() { mirror.abandon() }

    func heads() async throws(RepositoryError) -> Heads {
        do {
            let branch = try await resolveStatusBranch()
            let last = try lastHead.read()
            let known = statusTip ?? last.first { $0.branch == branch }?.commit
            let since = acceptsStatusRewrite ? nil : known
            let fetched = try await mirror.fetch(
                [.required(settings.branch), .optional(branch, since: since)],
                seen: (since.map { [$0] } ?? []) + last.map(\.commit))
            guard let tip = fetched.tips[settings.branch] else {
                throw RepositoryError.refused("branch \(settings.branch) is missing")
            }
            let status = fetched.tips[branch]
            // Who only looks is shown a branch that was moved, but there is nothing to show of one that is gone.
            if status == nil, let lost = lastHead.isReader ? known : since {
                throw RepositoryError.refused(await lostHead(lost, of: branch).isGone)
            }
            if status != statusTip {
                statusTip = status
                // Only a look: what it saw is not accepted yet.
                if !acceptsStatusRewrite { try? lastHead.write(status, of: branch) }
            }
            return Heads(configuration: tip.description, status: status?.description)
        } catch let error as GitError {
            guard case .historyRewritten(let branch, _, let lost, _) = error else { throw RepositoryError(error) }
            throw .refused("\(error)\(await lostHead(lost, of: branch).wayBack)")
        } catch let error as RepositoryError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }

    // MARK: Configuration

    func configuration(at commit: String) async throws(RepositoryError) -> ConfigurationHead {
        guard let id = CommitID(commit) else { throw .refused("\(commit) is no commit") }
        do {
            let root = try await mirror.files(at: id) { path, kind in kind == .file && path == Settings.path }
            let settingsFile = try await decodeFiles(root.files)
            var reading = settingsFile.first?.settings ?? Settings()
            if !settings.paths.isEmpty { reading.folders = folders(settings.paths) }
            // Of a large repository nothing else is even listed.
            let listing = try await mirror.files(at: id, under: reading.folders ?? [], matching: isConfiguration)
            let files = listing.files.filter { $0.path != Settings.path && reading.reads($0.path) }
            try requireManifests(in: reading.folders, among: files.map(\.path), of: "on branch \(settings.branch)")
            let refused = Set(root.refused + listing.refused).filter { entry in
                // Any manifest could be in a folder that cannot be opened.
                reading.reads(entry.isFolder ? entry.path + "/any.yaml" : entry.path)
            }.sorted { $0.path < $1.path }.map(\.decoded)
            let decodedFiles = try await decodeFiles(files)
            let message = try await mirror.commit(id).message
            forget(except: Set((root.files + listing.files).map(\.path)))
            var configuration = combine(settingsFile + decodedFiles + refused)
            configuration.chosenFolders = settings.paths.isEmpty ? nil : folders(settings.paths)
            return ConfigurationHead(commit: commit, message: message, configuration: configuration)
        } catch let error as GitError {
            throw RepositoryError(error)
        } catch let error as RepositoryError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }

    /// Decodes what is new, and keeps what is not.
    private func decodeFiles(_ files: [TreeFile]) async throws -> [DecodedFile] {
        let changed = files.filter { decoded[$0.path]?.blob != $0.blob }
        let contents = try await mirror.read(changed.map(\.blob), limit: SourceFile.largest)
        for (file, content) in zip(changed, contents) {
            switch content {
            case .bytes(let bytes): decoded[file.path] = (file.blob, decode(SourceFile(path: file.path, bytes: bytes)))
            case .tooLarge: decoded[file.path] = (file.blob, .tooLarge(path: file.path))
            }
        }
        return files.compactMap { decoded[$0.path]?.file }
    }

    private func forget(except paths: Set<String>) {
        decoded = decoded.filter { paths.contains($0.key) }
    }

    // MARK: Status

    func isAncestor(_ ancestor: String, of commit: String) async throws(RepositoryError) -> Bool {
        guard let first = CommitID(ancestor), let second = CommitID(commit) else { return false }
        do { return try await mirror.isAncestor(first, of: second) } catch { throw RepositoryError(error) }
    }

    func status(at commit: String) async throws(RepositoryError) -> StatusHead {
        guard let id = CommitID(commit) else { throw .refused("\(commit) is no commit") }
        do { return try await readStatus(at: id) } catch { throw RepositoryError(error) }
    }

    func publish(
        _ changes: [String: StatusFile?], message: String, on base: String?
    ) async throws(RepositoryError) -> StatusHead {
        let base = base.flatMap(CommitID.init)
        do {
            let branch = try await resolveStatusBranch()
            let tip = try await mirror.publish(
                changes.mapValues { $0?.bytes }, on: base, to: branch, message: message, by: author, at: now().seconds)
            statusTip = tip
            try? lastHead.write(tip, of: branch)
            do throws(GitError) {
                return try await readStatus(at: tip, after: base, with: changes)
            } catch {
                throw RepositoryError.unknownOutcome("the push arrived, but cannot be read back: \(error)")
            }
        } catch let error as GitError {
            throw RepositoryError(publishing: error)
        } catch let error as RepositoryError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }
}

/// What is worth a look in a tree: YAML files outside hidden folders.
private func isConfiguration(_ path: String, _ kind: EntryKind) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    if name.hasPrefix(".") { return false }
    return kind == .folder || Settings.isYAML(name)
}

/// A folder that was moved, or misspelt, is not one whose instances were all removed.
///
/// - Parameter source: as people call it: `on branch main`.
func requireManifests(
    in folders: [String]?, among paths: [String], of source: String
) throws(RepositoryError) {
    guard let missing = folders?.first(where: { folder in !paths.contains { $0.hasPrefix(folder + "/") } }) else {
        return
    }
    throw .refused(
        "there are no manifests in folder '\(missing)' \(source); look at --path, or at folders in operator.yaml")
}

/// Folders as people give them, `./machines/`, as the repository names them; `nil` is the whole repository.
func folders(_ paths: [String]) -> [String]? {
    let folders = paths.map { $0.split(separator: "/").filter { $0 != "." }.joined(separator: "/") }
    return folders.contains("") ? nil : folders
}

extension RepositoryError {
    /// Of a read.
    init(_ error: GitError) {
        switch error.nextStep {
        case .retry: self = .unreachable(error.description, retryAfter: error.pause)
        case .lookAgain: self = .unreachable(error.description)
        case .askPerson, .repairHost: self = .refused(error.description)
        }
    }

    /// Of a push.
    init(publishing error: GitError) {
        switch error {
        case .lostRace(_, _, _, let reason): self = .lostRace(reason: reason.map { _ in error.description })
        case .unknownCommit: self = .lostRace()
        case .unknownOutcome: self = .unknownOutcome(error.description)
        case .unreachable, .timedOut, .interrupted:
            self = .unreachable(error.description, retryAfter: error.pause)
        default: self = .cannotPublish(error.description)
        }
    }
}
