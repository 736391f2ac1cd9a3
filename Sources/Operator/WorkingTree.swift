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
    ///
    /// A folder with an `operator.yaml` stands for a repository: its settings say what in it is read.
    func files() throws -> [SourceFile] {
        try paths.flatMap { path throws in
            let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            var info = stat()
            guard stat(trimmed, &info) == 0 else { throw ValidationError("There is no file or folder '\(path)'.") }
            guard info.st_mode & S_IFMT == S_IFDIR else { return [try read(trimmed, in: "")] }
            return try folder(trimmed)
        }
    }

    private func folder(_ path: String) throws -> [SourceFile] {
        var found: [String] = []
        try walk(path, depth: 0, into: &found)
        let prefix = path == "." ? "" : path + "/"
        let isRoot = found.contains(prefix + Settings.path)
        let files = try found.sorted().map { try read($0, in: isRoot && path != "." ? path : "") }
        guard isRoot, let settings = files.first(where: { $0.path == prefix + Settings.path }).map(decode)?.settings
        else { return files }
        return files.filter { settings.reads(String($0.path.dropFirst(prefix.count))) }
    }

    private func read(_ path: String, in root: String) throws -> SourceFile {
        do throws(FileError) {
            return SourceFile(path: path, in: root, bytes: try readFile(path, limit: Self.fileLimit))
        } catch {
            throw ValidationError("\(error)")
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
