import ArgumentParser
import Glibc
import Instances

/// Manifests as they lie on disk: for `validate`, and for `plan` before a commit.
struct WorkingTree {
    /// Folders nested deeper than this are a loop or no configuration.
    private static let deepest = 16
    private static let fileLimit = 64 * 1024

    let paths: [String]

    /// Every YAML file outside hidden folders, in the order of paths. Symbolic links are not followed.
    func files() throws -> [SourceFile] {
        var found: [String] = []
        for path in paths {
            let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            var info = stat()
            guard stat(trimmed, &info) == 0 else { throw ValidationError("There is no file or folder '\(path)'.") }
            if info.st_mode & S_IFMT == S_IFDIR {
                try walk(trimmed, depth: 0, into: &found)
            } else {
                found.append(trimmed)
            }
        }
        return try Set(found).sorted().map { path in
            do throws(FileError) {
                let bytes = try readFile(path, limit: Self.fileLimit)
                return SourceFile(path: path.hasPrefix("./") ? String(path.dropFirst(2)) : path, bytes: bytes)
            } catch {
                throw ValidationError("\(error)")
            }
        }
    }

    private func walk(_ folder: String, depth: Int, into found: inout [String]) throws {
        guard depth < Self.deepest else { throw ValidationError("Folder '\(folder)' is nested too deep.") }
        guard let stream = opendir(folder) else { throw ValidationError("Folder '\(folder)' cannot be read.") }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            let path = folder == "." ? name : "\(folder)/\(name)"
            var info = stat()
            guard lstat(path, &info) == 0 else { continue }
            switch info.st_mode & S_IFMT {
            case S_IFDIR: try walk(path, depth: depth + 1, into: &found)
            case S_IFREG where name.hasSuffix(".yaml") || name.hasSuffix(".yml"): found.append(path)
            default: continue
            }
        }
    }
}
