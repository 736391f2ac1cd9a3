import YAML

/// One YAML document of a file, and what may be taken from it.
struct Document {
    /// The only version of the format so far.
    static let apiVersion = "operator/v1"

    enum Content {
        case instance(Manifest)
        case settings(Settings)
        /// An instance that is invalid.
        case frozen(InstanceName)
        /// Something that may be an instance, and it cannot be told which.
        case unnamed
        /// Settings that are invalid, or do not stand where they are looked for.
        case settingsInDoubt
        /// Made for another program: no instance hides in it.
        case foreign
    }

    let mark: Mark
    let content: Content
    let diagnostics: [Diagnostic]
    /// The name that it takes, whether or not it is valid otherwise.
    let claim: Claim?

    init(_ node: Node, in file: String, isSettingsFile: Bool) {
        mark = node.mark
        let name = Self.name(in: node)
        var reader: Reader
        switch DocumentKind(of: node) {
        case .instance:
            reader = Reader(mark, outline: ManifestForm.document.outline)
            var manifest = ManifestForm.document.fresh
            let isMapping = ManifestForm.document.read(node, into: &manifest, &reader)
            if isMapping, !reader.hasErrors {
                manifest.source = ManifestSource(file: file, document: node.mark, fields: reader.fields)
                content = .instance(manifest)
            } else {
                content = name.map { .frozen($0.name) } ?? .unnamed
            }
            claim = name.map { Claim(name: $0.name, file: file, mark: $0.mark) }
        case .settings:
            reader = Reader(mark, outline: SettingsForm.document.outline)
            var settings = SettingsForm.document.fresh
            if !isSettingsFile {
                reader.report(
                    "settings are read only from \(Settings.path) at the root of the repository: move them there",
                    at: node.mark)
            }
            let isMapping = SettingsForm.document.read(node, into: &settings, &reader)
            content = isMapping && !reader.hasErrors ? .settings(settings) : .settingsInDoubt
            claim = nil
        case .other(let problem, let mark, let mayBeInstance):
            reader = Reader(mark, outline: [])
            reader.report(problem, at: mark)
            content = mayBeInstance ? name.map { .frozen($0.name) } ?? .unnamed : .foreign
            claim = mayBeInstance ? name.map { Claim(name: $0.name, file: file, mark: $0.mark) } : nil
        }
        diagnostics = reader.problems.map {
            Diagnostic(file: file, mark: $0.mark, severity: $0.severity, text: $0.text, instance: name?.name)
        }
    }

    /// The name in a document of which nothing else has to be right.
    private static func name(in node: Node) -> (name: InstanceName, mark: Mark)? {
        guard let value = node.value(of: "metadata")?.value(of: "name"), let text = value.scalar?.text,
            let name = InstanceName(text)
        else { return nil }
        return (name, value.mark)
    }
}

/// A name that a document takes.
struct Claim: Hashable, Sendable {
    let name: InstanceName
    let file: String
    let mark: Mark

    /// `file:line:column`.
    var place: String { "\(visible(file, limit: .max)):\(mark.line):\(mark.column)" }
}

/// What a document says it is.
private enum DocumentKind {
    case instance
    case settings
    /// Nothing that can be decoded, and why.
    case other(String, Mark, mayBeInstance: Bool)

    init(of node: Node) {
        guard case .mapping = node.content else {
            self = .other(
                "a document must be a mapping, not \(shown(node)): \(Self.wayOut)", node.mark, mayBeInstance: true)
            return
        }
        let version = node.value(of: "apiVersion")
        let kind = node.value(of: "kind")
        guard version != nil || kind != nil || node.value(of: "metadata") != nil || node.value(of: "spec") != nil else {
            self = .other(
                "this is no manifest, it has neither apiVersion nor kind: \(Self.wayOut)", node.mark,
                mayBeInstance: false)
            return
        }
        self = Self.judge(version: version) ?? Self.judge(kind: kind)
    }

    private static let wayOut =
        "every YAML file outside hidden folders is read; move this one to a folder whose name begins with '.', "
        + "or list the folders of manifests in spec.folders of \(Settings.path)"

    /// - Returns: `nil` where it is ours, or so nearly ours that the rest of the document is worth reading.
    private static func judge(version: Node?) -> Self? {
        guard let version, let text = version.scalar?.text, text != Document.apiVersion else { return nil }
        if text.hasPrefix("operator/") {
            let demand = "\(Document.apiVersion), the only one that this operator knows"
            return .other("apiVersion must be \(demand), not \(shown(version))", version.mark, mayBeInstance: true)
        }
        guard !text.isEmpty, Suggestion.meant(by: text, among: [Document.apiVersion]) == nil else { return nil }
        return .other(
            "apiVersion must be \(Document.apiVersion), not \(shown(version)): \(wayOut)", version.mark,
            mayBeInstance: false)
    }

    private static func judge(kind: Node?) -> Self {
        let kinds = [ManifestForm.kind, SettingsForm.kind]
        // An empty kind, or a list: the rest is read as what it most probably is.
        guard let kind, let text = kind.scalar?.text, !text.isEmpty else { return .instance }
        switch kinds.contains(text) ? text : Suggestion.meant(by: text, among: kinds) {
        case ManifestForm.kind: return .instance
        case SettingsForm.kind: return .settings
        default:
            return .other(
                "kind must be \(kinds.joined(separator: " or ")), not \(shown(kind))", kind.mark, mayBeInstance: true)
        }
    }
}

extension Node {
    /// `nil` where it is no mapping, or has no such key.
    fileprivate func value(of key: String) -> Node? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key == key }?.value
    }
}
