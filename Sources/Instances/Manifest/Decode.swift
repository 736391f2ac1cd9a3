import YAML

/// A file of the repository that may hold manifests.
public struct SourceFile: Hashable, Sendable {
    /// With `/`; as people are told it.
    public let path: String
    /// The folder at the start of the path that is the root of the repository; empty where the path begins there.
    public let root: String
    public let bytes: [UInt8]

    public init(path: String, in root: String = "", bytes: [UInt8]) {
        self.path = path
        self.root = root
        self.bytes = bytes
    }

    /// A larger file is no manifest. Bytes.
    public static let largest = 64 * 1024

    /// The path in the repository.
    fileprivate var place: Substring {
        let prefix = root.isEmpty || root.hasSuffix("/") ? root : root + "/"
        return path.hasPrefix(prefix) ? path.dropFirst(prefix.count) : Substring(path)
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
    /// No file, but what may stand for a folder that nobody can look into.
    public internal(set) var isClosedFolder = false
    /// Every name that is taken in the file.
    var claims: [Claim] = []

    init(path: String) { self.path = path }

    /// A file that cannot be read as bytes: a link, or one that is too large.
    public static func refused(path: String, reason: String) -> DecodedFile {
        var file = DecodedFile(path: path)
        file.doubt(visible(reason, limit: .max), at: .start, isSettingsFile: path == Settings.path)
        return file
    }

    /// A link or a submodule, which may stand where a folder of manifests was. Most have nothing to do with manifests and
    /// are there to stay: so this is a warning, and makes doubtful only what was in it.
    public static func closedFolder(path: String, reason: String) -> DecodedFile {
        var file = DecodedFile(path: path)
        let text =
            "\(reason): an instance whose manifest was in it is left as it is, and no other manifest is read from it. "
            + "Put a plain folder in its place, or name the folders that hold manifests in operator.yaml"
        file.diagnostics = [Diagnostic(file: path, mark: .start, severity: .warning, text: visible(text, limit: .max))]
        file.isClosedFolder = true
        return file
    }

    /// A file of more bytes than ``SourceFile/largest``.
    public static func tooLarge(path: String) -> DecodedFile {
        refused(
            path: path,
            reason:
                "a manifest has at most \(SourceFile.largest) bytes, this file has more. Split it, or move what is no "
                + "manifest into a hidden folder")
    }
}

/// Reads all documents of a file, and goes on after what is wrong.
public func decode(_ file: SourceFile) -> DecodedFile {
    var decoded = DecodedFile(path: file.path)
    let isSettingsFile = file.place == Settings.path
    do {
        let nodes = try parse(file.bytes)
        for node in nodes {
            let document = Document(node, in: file.path, isSettingsFile: isSettingsFile)
            decoded.add(document, isSettingsFile: isSettingsFile, isAtRoot: !file.place.contains("/"))
        }
        decoded.diagnostics.sort()
        if nodes.isEmpty {
            decoded.doubt(
                "the file holds no document: delete it, or move it to a folder whose name begins with '.'",
                at: .start, isSettingsFile: isSettingsFile)
        }
    } catch {
        decoded.doubt(error.reason.description, at: error.mark, isSettingsFile: isSettingsFile)
    }
    return decoded
}

extension DecodedFile {
    /// Nothing is known of the whole file.
    fileprivate mutating func doubt(_ text: String, at mark: Mark, isSettingsFile: Bool) {
        diagnostics.append(Diagnostic(file: path, mark: mark, text: text))
        unreadable = true
        settingsInDoubt = isSettingsFile
    }

    fileprivate mutating func add(_ document: Document, isSettingsFile: Bool, isAtRoot: Bool) {
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
        case .settingsInDoubt: settingsInDoubt = settingsInDoubt || isAtRoot
        case .foreign: settingsInDoubt = settingsInDoubt || isSettingsFile
        }
        if settingsInDoubt { settings = nil }
    }
}
