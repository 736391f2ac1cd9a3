import ArgumentParser
import Git
import Glibc

/// Which repository, which branches, and where this host keeps its mirror.
struct RepositoryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The git repository: an https or ssh address, or a path. (OPERATOR_REPO)", valueName: "url|path"))
    var repo: String?

    @Option(help: "The branch that the manifests are on; default main. (OPERATOR_BRANCH)")
    var branch: String?

    @Option(
        name: .customLong("path"),
        help: ArgumentHelp(
            "A folder of the repository to read; may be repeated; default all. (OPERATOR_PATH)", valueName: "dir"))
    var paths: [String] = []

    @Option(help: "The branch that the status is committed to; default status. (OPERATOR_STATUS_BRANCH)")
    var statusBranch: String?

    @Option(
        help: ArgumentHelp(
            """
            Where this host keeps its mirror of the repository, and remembers its status branches; no data depends on it. \
            (OPERATOR_STATE_DIR)
            """,
            valueName: "dir"))
    var stateDir: String?

    @Flag(help: "Accept a configuration branch whose history was rewritten. (OPERATOR_ACCEPT_REWRITE)")
    var acceptRewrite = false
}

/// The options with the environment and the defaults filled in.
struct RepositorySettings: Sendable {
    var remote: Remote
    var branch: String
    var paths: [String]
    /// `nil`: what the repository's settings say, else `status`.
    var statusBranch: String?
    var stateDirectory: String
    var acceptsRewrite: Bool

    init(_ options: RepositoryOptions, environment: Environment) throws {
        guard let repo = try options.repo ?? environment.option("OPERATOR_REPO") else {
            throw ValidationError("Which repository? Give --repo URL or PATH, or set OPERATOR_REPO.")
        }
        do {
            remote = try Remote(repo, relativeTo: currentDirectory())
        } catch {
            throw ValidationError("\(error)")
        }
        branch = try options.branch ?? environment.option("OPERATOR_BRANCH") ?? "main"
        paths = options.paths.isEmpty ? environment.list("OPERATOR_PATH") : options.paths
        statusBranch = try options.statusBranch ?? environment.option("OPERATOR_STATUS_BRANCH")
        acceptsRewrite = try options.acceptRewrite || environment.flag("OPERATOR_ACCEPT_REWRITE")
        stateDirectory = try absolute(
            options.stateDir ?? environment.option("OPERATOR_STATE_DIR")
                ?? defaultStateDirectory(for: remote, environment: environment))
        guard branch != statusBranch else {
            throw ValidationError("The manifests and the status cannot be on the same branch (\(branch)).")
        }
    }
}

/// One folder for each repository, so that two of them do not share a mirror.
private func defaultStateDirectory(for remote: Remote, environment: Environment) -> String {
    let base =
        environment["XDG_STATE_HOME"] ?? environment["HOME"].map { $0 + "/.local/state" } ?? "/var/lib"
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in remote.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return base + "/operator/" + String(hash, radix: 16)
}

func currentDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
}

func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : currentDirectory() + "/" + path
}
