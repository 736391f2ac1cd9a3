/// What a repository says about itself: the one document of kind `Settings`, in `operator.yaml` at the root.
public struct Settings: Hashable, Sendable {
    /// The file that settings are read from.
    public static let path = "operator.yaml"

    /// The folders that hold manifests, without a slash at the end; `nil` means all.
    public var folders: [String]?
    /// The branch that the state is published to; `nil` leaves it to the host.
    public var statusBranch: String?
    public var guards: Guards

    /// Guards of the repository's own. They never loosen the host's: of two limits the lower one holds.
    public struct Guards: Hashable, Sendable {
        /// How many instances one pass may stop.
        public var maxStops: Int?
        /// How many removed manifests one pass may act on.
        public var maxRemovals: Int?
        /// How many recorded resources may be missing before nothing is done about it.
        public var maxVanished: Int?

        public init(maxStops: Int? = nil, maxRemovals: Int? = nil, maxVanished: Int? = nil) {
            self.maxStops = maxStops
            self.maxRemovals = maxRemovals
            self.maxVanished = maxVanished
        }
    }

    public init(folders: [String]? = nil, statusBranch: String? = nil, guards: Guards = Guards()) {
        self.folders = folders
        self.statusBranch = statusBranch
        self.guards = guards
    }
}

extension Settings {
    /// Whether a file of the repository holds manifests: YAML, not hidden, and in one of the folders.
    ///
    /// `operator.yaml` at the root always does.
    public func reads(_ path: String) -> Bool {
        guard path != Self.path else { return true }
        guard Self.isYAML(path), !path.hasPrefix("."), !path.contains("/.") else { return false }
        return folders?.contains { path.hasPrefix($0 + "/") } ?? true
    }

    /// Whether a file is YAML by its name, however the ending is written: a manifest must not go missing over a capital.
    public static func isYAML(_ name: some StringProtocol) -> Bool {
        let ending = name.suffix(5).lowercased()
        return ending == ".yaml" || ending.hasSuffix(".yml")
    }
}

/// The fields of a document of kind `Settings`.
enum SettingsForm {
    static let kind = "Settings"

    static let document = Form(
        Settings(),
        [
            .apiVersion, .kind(kind, "What this document describes: how the repository is read."),
            .group("spec", isRequired: true, spec, "The settings."),
        ])

    private static let spec = Form(
        Settings(),
        [
            .optional(
                "folders", \.folders, .list(of: .folder, ManifestLimits.folders, unique: true),
                "The folders that hold manifests; files elsewhere are not read. Without it all folders are read."),
            .optional("statusBranch", \.statusBranch, .branch, "The branch that the state is published to."),
            .defaulted(
                "guards", \.guards, .mapping(guards),
                "Limits that a commit has to be approved to pass. The host has its own; the lower one holds."),
        ])

    private static let guards = Form(
        Settings.Guards(),
        [
            .optional(
                "maxStops", \.maxStops, .whole(ManifestLimits.guardedInstances),
                "How many instances one commit may stop."),
            .optional(
                "maxRemovals", \.maxRemovals, .whole(ManifestLimits.guardedInstances),
                "How many manifests one commit may remove before nothing is done about any of them."),
            .optional(
                "maxVanished", \.maxVanished, .whole(ManifestLimits.guardedInstances),
                "How many recorded disks, servers and snapshots may be missing before nothing is done about it."),
        ])
}

extension Value where Result == String {
    /// A path inside the repository. What is hidden is never read, so it cannot be named.
    static var folder: Self {
        let part = "[^./\\\\\(invisible(exceptLines: false))][^/\\\\\(invisible(exceptLines: false))]*"
        let demand = "the path of a folder that is not hidden, such as teams/ml"
        return path(pattern: "^\(part)(/\(part))*$", mustBe: demand) { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") }
                && !text.unicodeScalars.contains { $0 == "\\" || isInvisible($0) }
        }
    }

    /// Source: git-check-ref-format(1); narrower, so that a branch needs no quotes anywhere.
    static var branch: Self {
        let part = Word(ends: "A-Za-z0-9_", inside: "._-", longest: pathLength)
        let expression = part.pattern.dropFirst().dropLast()
        return path(
            pattern: "^(?!.*(\\.\\.|\\.lock(/|$)))\(expression)(/\(expression))*$",
            mustBe: "the name of a branch, such as status"
        ) { text in
            text.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { part.accepts(String($0)) && !$0.contains("..") && !$0.hasSuffix(".lock") }
        }
    }

    /// Characters.
    private static var pathLength: Int { 200 }

    private static func path(
        pattern: String, mustBe demand: String, accepts: @escaping @Sendable (String) -> Bool
    ) -> Self {
        Value(
            schema: [
                .init("type", .text("string")), .init("pattern", .text(pattern)),
                .init("maxLength", .number(pathLength)),
            ],
            read: { node, reader in
                guard let path = text(of: node, &reader) else { return nil }
                let isShort = path.unicodeScalars.count <= pathLength
                if isShort, accepts(path) { return path }
                let plain = path.split(separator: "/").joined(separator: "/")
                reader.refuse(
                    node, mustBe: demand, hint: isShort && plain != path && accepts(plain) ? ": write \(plain)" : "")
                return nil
            })
    }
}
