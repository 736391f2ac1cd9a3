import YAML

/// A status branch as it was read: every file understood, or why not.
public struct StatusTree: Hashable, Sendable {
    /// By instance; those that cannot be read included.
    public private(set) var files: [InstanceName: InstanceFile] = [:]
    public private(set) var index: StatusIndex?
    public private(set) var lock: Lock?
    /// Paths that are not the operator's. They are left alone.
    public private(set) var strangers: Set<String> = []
    /// What stands where the operator writes and is no plain file, by path, for people: `a folder`. Of an instance's file
    /// it is that instance's trouble, see ``setUnreadable(_:_:)``.
    public private(set) var obstacles: [String: String] = [:]
    /// README.md and index.json.
    private var pages: [String: Page] = [:]

    private enum Page: Hashable {
        case read([UInt8])
        /// By this process: made into bytes only where somebody wants them.
        case written(StatusFile)

        var bytes: [UInt8] {
            switch self {
            case .read(let bytes): bytes
            case .written(let file): file.bytes
            }
        }

        static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
        func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
    }

    /// An empty branch.
    public init() {}

    /// - Parameter files: all files by path.
    public init(files: [String: [UInt8]]) {
        for (path, bytes) in files { set(path, to: bytes) }
    }

    /// Takes over one file that changed; `nil`: it was deleted. Cheaper than reading the whole branch again.
    public mutating func set(_ path: String, to bytes: [UInt8]?) {
        if let name = InstanceFile.name(path: path) {
            files[name] = bytes.map { InstanceFile(name: name, bytes: $0) }
        } else if path == Lock.path {
            lock = bytes.map { Lock(bytes: $0) }
        } else if path == StatusIndex.path || path == StatusReadme.path {
            pages[path] = bytes.map { .read($0) }
            if path == StatusIndex.path { index = bytes.flatMap { StatusIndex($0) } }
        } else if bytes == nil {
            strangers.remove(path)
        } else {
            strangers.insert(path)
        }
    }

    /// Whether a path is one of the operator's. What is in others is nobody's affair: ``set(_:to:)`` takes any bytes.
    public static func isOwn(_ path: String) -> Bool {
        InstanceFile.name(path: path) != nil || [Lock.path, StatusIndex.path, StatusReadme.path].contains(path)
    }

    /// Takes over an instance's file that cannot be read: the instance is left as it is, and no other.
    ///
    /// - Parameter why: for people: `the file has more than 9 bytes`.
    public mutating func setUnreadable(_ name: InstanceName, _ why: String) {
        files[name] = InstanceFile(name: name, lineage: nil, status: nil, record: .failure(.broken(.start, why)))
    }

    /// Takes over what is no plain file: a link, a submodule, or a folder in the place of a file and a file in that of a
    /// folder. What is in nobody's way is left alone.
    ///
    /// - Parameter found: all of the branch by path, for people: `a folder`.
    public mutating func setObstacles(_ found: [String: String]) {
        for path in obstacles.keys where found[path] == nil { obstacles[path] = nil }
        for (path, what) in found {
            if let name = InstanceFile.name(path: path) {
                setUnreadable(name, "\(what) is in its place, which is not read; put a plain file there")
            } else if Self.isOwn(path) || path + "/" == InstanceFile.folder {
                obstacles[path] = what
            }
        }
    }

    /// Takes over one change of a publication. What was written is understood as if it had been read.
    public mutating func take(_ path: String, _ file: StatusFile?) {
        switch file {
        case .instance(let name, let lineage, let status, let record)?:
            files[name] = InstanceFile(name: name, lineage: lineage, status: status, record: .success(record))
        case .readme?: pages[path] = file.map { .written($0) }
        case .index(let fleet)?:
            pages[path] = file.map { .written($0) }
            index = StatusIndex(fleet)
        case .lock(let lock)?: self.lock = lock
        case nil: set(path, to: nil)
        }
    }

    public var isEmpty: Bool {
        files.isEmpty && pages.isEmpty && lock == nil && strangers.isEmpty && obstacles.isEmpty
    }

    /// What may be relied on of one instance.
    ///
    /// - Returns: `nil` inside a success where there is no record yet.
    public func record(of name: InstanceName) -> Result<Record?, RecordError> {
        files[name]?.record(in: lineage) ?? .success(nil)
    }

    /// Records that can be read, by instance.
    public var records: [InstanceName: Record] {
        let lineage = lineage
        return files.values.reduce(into: [:]) { records, file in
            if case .success(let record?) = file.record(in: lineage) { records[file.name] = record }
        }
    }

    /// Why nothing may be done to an instance, by instance: its record cannot be read.
    public var unreadable: [InstanceName: Explanation] {
        let lineage = lineage
        return files.values.reduce(into: [:]) { explanations, file in
            explanations[file.name] = file.trouble(in: lineage)
        }
    }

    /// In the order of their names; of those alone whose record can be read.
    public var statuses: [InstanceStatus] {
        let lineage = lineage
        return files.values.compactMap { $0.trouble(in: lineage) == nil ? $0.status : nil }.sorted { $0.name < $1.name }
    }

    /// README.md or index.json, as it is.
    public func page(_ path: String) -> [UInt8]? { pages[path]?.bytes }

    /// Whether a page was written by this process, and as this.
    func isWritten(_ page: StatusFile) -> Bool {
        guard case .written(let file)? = pages[page.path] else { return false }
        return file == page
    }
}
