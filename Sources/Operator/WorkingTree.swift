import ArgumentParser
import Glibc
import Instances

/// Manifests as they lie on disk: for `validate`, and for `plan` before a commit.
struct WorkingTree {
    /// Folders nested deeper than this are a loop or no configuration.
    private static let deepest = 16

    let paths: [String]

    struct File {
        /// Empty where they could not be read.
        var bytes: [UInt8] = []
        var decoded: DecodedFile

        var path: String { decoded.path }
    }

    /// Every YAML file outside hidden folders, in the order of paths. Symbolic links are not followed.
    ///
    /// A folder with an `operator.yaml` stands for a repository: its settings say what in it is read.
    func files() throws -> [File] {
        try paths.flatMap { path throws in
            let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            var info = stat()
            guard stat(trimmed, &info) == 0 else { throw ValidationError("There is no file or folder '\(path)'.") }
            guard info.st_mode & S_IFMT == S_IFDIR else { return [read(trimmed, in: "")] }
            return try folder(trimmed)
        }
    }

    private func folder(_ path: String) throws -> [File] {
        var found: [String] = []
        try walk(path, depth: 0, into: &found)
        let prefix = path == "." ? "" : path + "/"
        let isRoot = found.contains(prefix + Settings.path)
        let files = found.sorted().map { read($0, in: isRoot && path != "." ? path : "") }
        guard isRoot, let settings = files.first(where: { $0.path == prefix + Settings.path })?.decoded.settings
        else { return files }
        return files.filter { settings.reads(String($0.path.dropFirst(prefix.count))) }
    }

    /// What cannot be read is told like any other mistake in a file, beside those of all other files.
    private func read(_ path: String, in root: String) -> File {
        do throws(FileError) {
            let bytes = try readFile(path, limit: SourceFile.largest)
            return File(bytes: bytes, decoded: decode(SourceFile(path: path, in: root, bytes: bytes)))
        } catch  where error.code == EFBIG {
            return File(decoded: .tooLarge(path: path))
        } catch {
            return File(decoded: .refused(path: path, reason: String(cString: strerror(error.code))))
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
            case S_IFREG where Settings.isYAML(name): found.append(path)
            default: continue
            }
        }
    }
}
