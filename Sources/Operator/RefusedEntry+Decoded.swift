import Git
import Instances

extension RefusedEntry {
    /// What the configuration is told of it.
    var decoded: DecodedFile {
        switch reason {
        case .symbolicLink, .submodule, .unknownMode:
            if isFolder { return .closedFolder(path: path, reason: reason.sentence) }
        case .unsafeName, .pathTooLong, .tooDeep: break
        }
        return .refused(
            path: path, reason: "\(reason.sentence). Put a plain \(isFolder ? "folder" : "file") in its place")
    }
}

extension RefusedEntry.Reason {
    /// What it is, within a sentence.
    var kind: String {
        switch self {
        case .symbolicLink: "a symbolic link"
        case .submodule: "a submodule"
        case .unknownMode: "no plain file"
        case .unsafeName, .pathTooLong, .tooDeep: "out of reach"
        }
    }

    fileprivate var sentence: String {
        switch self {
        case .symbolicLink: "symbolic links are never followed"
        case .submodule: "submodules are never followed"
        case .unknownMode: "this entry is no plain file"
        case .unsafeName: "the name holds characters that are not allowed in paths"
        case .pathTooLong(let limit): "the path is longer than \(limit) bytes"
        case .tooDeep(let limit): "the folder is nested deeper than \(limit) levels"
        }
    }
}
