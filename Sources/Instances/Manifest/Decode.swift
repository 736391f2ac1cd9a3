import YAML

/// A file of the repository that may hold manifests.
public struct SourceFile: Hashable, Sendable {
    /// In the repository, with `/`.
    public let path: String
    public let bytes: [UInt8]

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// What one file says. A value of the file alone, so that a file that did not change need not be read again.
public struct DecodedFile: Hashable, Sendable {
    public let path: String
    /// The valid ones, in the order of the file.
    public internal(set) var manifests: [Manifest] = []
    /// Only from `operator.yaml`, and only where all of them are valid.
    public internal(set) var settings: Settings?
    /// In the order of the file.
    public internal(set) var diagnostics: [Diagnostic] = []
    /// Instances whose documents are invalid, in the order of the file: they are left as they are.
    public internal(set) var frozen: [InstanceName] = []
    /// Something in the file could not even be given a name, so any instance may hide in it.
    public internal(set) var unreadable = false
    /// Settings are there and could not be read, so it is not known which folders and which guards count.
    public internal(set) var settingsInDoubt = false
    /// Every name that is taken in the file.
    var claims: [Claim] = []

    init(path: String) { self.path = path }
}

/// Reads all documents of a file, and goes on after what is wrong.
public func decode(_ file: SourceFile) -> DecodedFile {
    var decoded = DecodedFile(path: file.path)
    do {
        let nodes = try parse(file.bytes)
        for node in nodes { decoded.add(Document(node, in: file.path)) }
        decoded.diagnostics.sort()
        if nodes.isEmpty {
            decoded.doubt(
                "the file holds no document: delete it, or move it to a folder whose name begins with '.'",
                at: .start)
        }
    } catch {
        decoded.doubt(error.reason.description, at: error.mark)
    }
    return decoded
}

extension DecodedFile {
    private var isSettingsFile: Bool { path == Settings.path }

    /// Nothing is known of the whole file.
    fileprivate mutating func doubt(_ text: String, at mark: Mark) {
        diagnostics.append(Diagnostic(file: path, mark: mark, text: text))
        unreadable = true
        settingsInDoubt = isSettingsFile
    }

    fileprivate mutating func add(_ document: Document) {
        diagnostics += document.diagnostics
        if let claim = document.claim { claims.append(claim) }
        switch document.content {
        case .instance(let manifest): manifests.append(manifest)
        case .frozen(let name): frozen.append(name)
        case .unnamed:
            unreadable = true
            settingsInDoubt = settingsInDoubt || isSettingsFile
        case .settings(let settings) where self.settings == nil: self.settings = settings
        case .settings:
            diagnostics.append(
                Diagnostic(file: path, mark: document.mark, text: "settings are here a second time: remove one of them")
            )
            settingsInDoubt = true
        // Beside `operator.yaml` it was most probably meant to be that file; further down nobody looks for settings.
        case .settingsInDoubt: settingsInDoubt = settingsInDoubt || !path.contains("/")
        case .foreign: settingsInDoubt = settingsInDoubt || isSettingsFile
        }
        if settingsInDoubt { settings = nil }
    }
}
