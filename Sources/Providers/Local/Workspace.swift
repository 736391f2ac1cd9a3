import FoundationEssentials
import Glibc
import Reconciler

/// What an operation changes in the state directory. Paths are relative to it.
struct Changes {
    /// New or replaced documents.
    var documents: [(path: String, bytes: [UInt8])] = []
    /// Files and folders that were made in the workspace, by their names there.
    var arrivals: [(name: String, path: String)] = []
    var removals: [String] = []

    mutating func put(_ document: some Metadata, _ kind: StateDirectory.Kind) throws(ProviderError) {
        documents.append((StateDirectory.metadata(kind, document.id), try document.encoded))
    }
}

/// One operation's own folder, where it prepares what it changes, and the step by which all of it becomes visible.
///
/// Everything is written and flushed here first. Then a list of renames is flushed under the name `commit`: from that
/// moment the operation is complete, and whoever comes next carries out what is left of the list. Readers take the
/// commit lock shared and so never see half of it. Without that list the folder is a leftover of nobody's and goes.
struct Workspace: ~Copyable {
    let path: String
    private let state: StateDirectory
    private let name: String
    /// Says that this operation is alive. Taken before the folder exists.
    private let lock: RangeLock

    init(_ state: StateDirectory) throws(ProviderError) {
        let name = StateDirectory.randomDigits()
        let lock = try state.lease([name])
        try FileSystem.makeFolder(state.absolute("work"))
        let path = state.absolute("work/\(name)")
        try FileSystem.makeFolder(path)
        self.state = state
        self.name = name
        self.path = path
        self.lock = lock
    }

    deinit {
        // A commit that could not be carried out to its end is left to whoever comes next.
        if !FileSystem.exists("\(path)/\(Commit.fileName)") { try? FileSystem.removeTree(path) }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes the changes visible, and durable, all at once.
    ///
    /// - Throws: where nothing was changed; `unknownOutcome` where it was, or will be, but could not be finished.
    func commit(_ changes: Changes) throws(ProviderError) {
        let moves = try stage(changes)
        let lock = try state.commitLock(.exclusive)
        defer { withExtendedLifetime(lock) {} }
        try state.finishCommits()
        if moves.count == 1 {
            try FileSystem.rename(state.absolute(moves[0].from), to: state.absolute(moves[0].to))
            try afterwards { () throws(ProviderError) in try state.synchronizeFolders(of: moves) }
        } else {
            try write(Commit(moves: moves))
            try afterwards { () throws(ProviderError) in
                try FileSystem.synchronize(path)
                try state.carryOut(Commit(moves: moves), in: name)
            }
        }
    }

    private func stage(_ changes: Changes) throws(ProviderError) -> [Commit.Move] {
        var moves: [Commit.Move] = []
        for arrival in changes.arrivals {
            moves.append(Commit.Move(from: "work/\(name)/\(arrival.name)", to: arrival.path))
        }
        for (index, document) in changes.documents.enumerated() {
            try FileSystem.create(file("\(index).json"), document.bytes)
            moves.append(Commit.Move(from: "work/\(name)/\(index).json", to: document.path))
        }
        for (index, path) in changes.removals.enumerated() {
            moves.append(Commit.Move(from: path, to: "work/\(name)/removed-\(index)"))
        }
        return moves
    }

    private func write(_ commit: Commit) throws(ProviderError) {
        let draft = file("draft")
        do { try FileSystem.create(draft, Array(JSONEncoder().encode(commit))) } catch let error as ProviderError {
            throw error
        } catch { throw ProviderError(.host, "a commit cannot be written: \(error)") }
        try FileSystem.synchronize(path)
        try FileSystem.synchronize(state.absolute("work"))
        try FileSystem.rename(draft, to: file(Commit.fileName))
    }
}

/// What follows when something was changed already: a failure here does not mean that nothing was.
func afterwards<Value>(_ step: () throws(ProviderError) -> Value) throws(ProviderError) -> Value {
    do { return try step() } catch {
        throw ProviderError(.unknownOutcome, "\(error) (after the change was begun; look before trying again)")
    }
}

/// The renames that make up a change.
struct Commit: Codable {
    static let fileName = "commit"

    struct Move: Codable {
        var from: String
        var to: String
    }

    var moves: [Move]
}

extension StateDirectory {
    /// A commit takes milliseconds; who holds the lock for longer than this is stopped or hangs.
    private static let commitPatience = 10_000
    private static let pauseMilliseconds: UInt32 = 2

    /// Waits for its turn.
    func commitLock(_ mode: RangeLock.Mode) throws(ProviderError) -> RangeLock {
        for _ in 0..<(Self.commitPatience / Int(Self.pauseMilliseconds)) {
            if let lock = try RangeLock(absolute("lock"), bytes: [0], mode) { return lock }
            usleep(Self.pauseMilliseconds * 1000)
        }
        throw ProviderError(.conflict, "another operator has held the lock of \(path) for too long")
    }

    /// Reads what is between two commits.
    func reading<Value>(_ body: () throws(ProviderError) -> Value) throws(ProviderError) -> Value {
        while true {
            do {
                let lock = try commitLock(.shared)
                defer { withExtendedLifetime(lock) {} }
                if try unfinishedCommits().isEmpty { return try body() }
            }
            let lock = try commitLock(.exclusive)
            defer { withExtendedLifetime(lock) {} }
            try finishCommits()
        }
    }

    /// Carries out what operators that died left of their commits. The caller holds the commit lock.
    func finishCommits() throws(ProviderError) {
        for name in try unfinishedCommits() {
            let file = absolute("work/\(name)/\(Commit.fileName)")
            guard let bytes = try FileSystem.read(file),
                let commit = try? JSONDecoder().decode(Commit.self, from: Data(bytes))
            else { throw ProviderError(.host, "\(file) cannot be read") }
            try carryOut(commit, in: name)
            try FileSystem.removeTree(absolute("work/\(name)"))
        }
    }

    /// Removes what operations that died have left behind before they were complete.
    func removeLeftovers() throws(ProviderError) {
        for name in try FileSystem.entries(of: absolute("work")) ?? [] {
            guard let lock = try leaseIfFree([name]) else { continue }
            defer { withExtendedLifetime(lock) {} }
            guard !FileSystem.exists(absolute("work/\(name)/\(Commit.fileName)")) else { continue }
            try FileSystem.removeTree(absolute("work/\(name)"))
        }
    }

    fileprivate func carryOut(_ commit: Commit, in name: String) throws(ProviderError) {
        for move in commit.moves {
            let (source, target) = (absolute(move.from), absolute(move.to))
            guard Glibc.rename(source, target) != 0 else { continue }
            // Carried out before the crash.
            guard errno == ENOENT && FileSystem.exists(target) else { throw FileSystem.failure("rename", source) }
        }
        try synchronizeFolders(of: commit.moves)
        try FileSystem.removeTree(absolute("work/\(name)/\(Commit.fileName)"))
        try FileSystem.synchronize(absolute("work/\(name)"))
    }

    fileprivate func synchronizeFolders(of moves: [Commit.Move]) throws(ProviderError) {
        for folder in Set(moves.map { String($0.to[..<($0.to.lastIndex(of: "/") ?? $0.to.startIndex)]) }).sorted() {
            try FileSystem.synchronize(absolute(folder))
        }
    }

    private func unfinishedCommits() throws(ProviderError) -> [String] {
        try (FileSystem.entries(of: absolute("work")) ?? []).filter {
            FileSystem.exists(absolute("work/\($0)/\(Commit.fileName)"))
        }
    }
}
