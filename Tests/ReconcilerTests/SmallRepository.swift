import Instances
import Reconciler
import Synchronization

/// Both branches in memory. A test commits, reads the status back, and lets others push at the wrong moment.
final class SmallRepository: Repository {
    struct Contents: Sendable {
        var commits: [ConfigurationHead]
        /// Commits that are not part of the history of the newest one.
        var rewritten: Set<String> = []
        var files: [String: [UInt8]] = [:]
        var status: Int?
        var messages: [String] = []
        /// What was there after each push.
        var history: [[String: [UInt8]]] = []
        /// What pushes throw; the first is thrown next.
        var pushFailures: [RepositoryError] = []
        /// A push that throws is carried out all the same.
        var landsAnyway = false
        /// Before the next pushes arrive others push this.
        var others: [@Sendable (inout [String: [UInt8]]) -> Void] = []
        var headFailures: [RepositoryError] = []
        var readFailures: [RepositoryError] = []
    }

    private let contents: Mutex<Contents>

    init(_ configuration: Configuration) {
        let first = ConfigurationHead(commit: "c0", message: "first", configuration: configuration)
        contents = Mutex(Contents(commits: [first]))
    }

    func bend<Result>(_ change: (inout sending Contents) -> sending Result) -> Result { contents.withLock(change) }

    func commit(_ configuration: Configuration, message: String = "change") {
        contents.withLock { contents in
            let commit = "c\(contents.commits.count)"
            contents.commits.append(
                ConfigurationHead(commit: commit, message: message, configuration: configuration))
        }
    }

    /// Somebody takes the status out of an instance's file and leaves the record.
    func loseStatus(of name: InstanceName) {
        bend { contents in
            let path = "instances/\(name).yaml"
            let text = contents.files[path].map { String(decoding: $0, as: UTF8.self) } ?? ""
            contents.files[path] = Array(text.replacing("\nstatus:", with: "\nlost:").utf8)
            contents.status = 99
        }
    }

    var tree: StatusTree { StatusTree(files: contents.withLock { $0.files }) }
    var pushes: Int { contents.withLock { $0.messages.count } }

    func heads() async throws(RepositoryError) -> Heads {
        try contents.withLock { contents throws(RepositoryError) in
            if !contents.headFailures.isEmpty { throw contents.headFailures.removeFirst() }
            return Heads(
                configuration: contents.commits.last?.commit ?? "", status: contents.status.map { "s\($0)" })
        }
    }

    func configuration(at commit: String) async throws(RepositoryError) -> ConfigurationHead {
        try contents.withLock { contents throws(RepositoryError) in
            guard let head = contents.commits.last(where: { $0.commit == commit }) else {
                throw .refused("no commit \(commit)")
            }
            return head
        }
    }

    func isAncestor(_ ancestor: String, of commit: String) async throws(RepositoryError) -> Bool {
        contents.withLock { !$0.rewritten.contains(ancestor) }
    }

    func status(at commit: String) async throws(RepositoryError) -> StatusHead {
        try contents.withLock { contents throws(RepositoryError) in
            if !contents.readFailures.isEmpty { throw contents.readFailures.removeFirst() }
            return StatusHead(commit: commit, tree: StatusTree(files: contents.files))
        }
    }

    func publish(
        _ changes: [String: StatusFile?], message: String, on base: String?
    ) async throws(RepositoryError) -> StatusHead {
        try contents.withLock { contents throws(RepositoryError) in
            if !contents.others.isEmpty {
                contents.others.removeFirst()(&contents.files)
                contents.status = (contents.status ?? 0) + 1
            }
            guard base == contents.status.map({ "s\($0)" }) else { throw .lostRace() }
            let failure = contents.pushFailures.isEmpty ? nil : contents.pushFailures.removeFirst()
            if let failure, !contents.landsAnyway { throw failure }
            for (path, file) in changes { contents.files[path] = file?.bytes }
            contents.status = (contents.status ?? 0) + 1
            contents.messages.append(message)
            contents.history.append(contents.files)
            if let failure { throw failure }
            return StatusHead(commit: "s\(contents.status ?? 0)", tree: StatusTree(files: contents.files))
        }
    }
}
