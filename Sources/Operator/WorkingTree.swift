import ArgumentParser
import Git
import Glibc
import Instances

/// Manifests as they lie on disk: for `validate`, and for `plan` before a commit.
struct WorkingTree {
    /// Folders nested deeper than this are a loop or no configuration.
    private static let deepest = 16

    let paths: [String]
    /// Instead of those that the settings name; `nil`: what the settings say.
    var chosenFolders: [String]?

    struct File {
        /// Empty where they could not be read.
        var bytes: [UInt8] = []
        var decoded: DecodedFile

        var path: String { decoded.path }
    }

    /// Every YAML file outside hidden folders, in the order of paths. Symbolic links are not followed, and told as they
    /// are told of a commit.
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
        var found = Found()
        try walk(path, depth: 0, into: &found)
        let prefix = path == "." ? "" : path + "/"
        let isRoot = found.files.contains(prefix + Settings.path)
        let opened = found.files.map { read($0, in: isRoot && path != "." ? path : "") }
        let files = (opened + found.links.map { File(decoded: $0.decoded) }).sorted { $0.path < $1.path }
        var reading = files.first { $0.path == prefix + Settings.path }?.decoded.settings ?? Settings()
        if let chosenFolders { reading.folders = chosenFolders }
        guard isRoot || chosenFolders != nil else { return files }
        let places = opened.map { String($0.path.dropFirst(prefix.count)) }
        try requireManifests(in: reading.folders, among: places, of: "in '\(path)'")
        return files.filter { file in
            let place = String(file.path.dropFirst(prefix.count))
            // Any manifest could be in a folder that cannot be opened.
            return reading.reads(file.decoded.isClosedFolder ? place + "/any.yaml" : place)
        }
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

    private struct Found {
        var files: [String] = []
        var links: [RefusedEntry] = []
    }

    private func walk(_ folder: String, depth: Int, into found: inout Found) throws {
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
            case S_IFREG where Settings.isYAML(name): found.files.append(path)
            case S_IFLNK:
                found.links.append(RefusedEntry(path: path, reason: .symbolicLink, isFolder: !Settings.isYAML(name)))
            default: continue
            }
        }
    }
}
