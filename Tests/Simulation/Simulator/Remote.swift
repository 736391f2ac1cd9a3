import Instances
import Reconciler

private let trailer = "Config-Commit: "

/// The git server: what its two branches hold and held.
final class Remote {
    /// Commits are shared, not copied: they are looked at after every effect.
    final class ConfigurationCommit {
        let parent: String?
        let head: ConfigurationHead
        let wishes: [Wish]
        let assent: Assent

        init(parent: String?, head: ConfigurationHead, wishes: [Wish], assent: Assent) {
            self.parent = parent
            self.head = head
            self.wishes = wishes
            self.assent = assent
        }
    }

    final class StatusCommit {
        let parent: String?
        let message: String
        let changes: [String: StatusFile?]
        let tree: StatusTree
        /// The configuration that its author went by.
        let configuration: String?

        init(_ changes: [String: StatusFile?], message: String, on parent: String?, making tree: StatusTree) {
            self.parent = parent
            self.message = message
            self.changes = changes
            self.tree = tree
            configuration = message.split(separator: "\n").last { $0.hasPrefix(trailer) }.map {
                String($0.dropFirst(trailer.count))
            }
        }
    }

    unowned let episode: Episode
    private(set) var configurationHead = ""
    private(set) var statusHead: String?
    private var configurations: [String: ConfigurationCommit] = [:]
    private var statuses: [String: StatusCommit] = [:]
    /// Why nobody may push to the status branch; `nil`: whoever is first may.
    private var refusal: RepositoryError?
    /// Whether everything that is pushed is read from its bytes, as another process does. That what was written is read
    /// back as it was written holds in the other worlds too, and is most of the work there is in a push.
    private let isInBytes: Bool

    /// The configurations under which a status told of lost data.
    var lossesTold: [InstanceName: Set<String>] = [:]

    /// Files that a person has edited so that nobody can read them, as they were: what is true of them meanwhile.
    var garbled: [InstanceName: InstanceFile] = [:]

    init(in episode: Episode) {
        self.episode = episode
        isInBytes = episode.seed.isMultiple(of: 16)
    }

    /// Whether a commit can be an answer to a loss. It may still have been made before anybody read of it: between the
    /// two lies a push.
    func hasToldOfLoss(_ name: InstanceName, before configuration: String?) -> Bool {
        lossesTold[name]?.contains { $0 != configuration } ?? false
    }

    // MARK: Configuration

    var wishes: [Wish] { configurations[configurationHead]?.wishes ?? [] }
    var message: String { configurations[configurationHead]?.head.message ?? "" }

    func commit(_ wishes: [Wish], _ text: String, approving assent: Assent = .none) {
        let message = text + (assent.text.map { "\n\n\($0)\n" } ?? "")
        var decoded = wishes.filter(\.isPresent).map(\.decoded)
        if let settings = episode.options.fleet?.settingsFile { decoded.append(settings) }
        var fingerprint = Fingerprint()
        fingerprint.mix(configurationHead)
        fingerprint.mix(message)
        wishes.forEach { fingerprint.mix($0.text) }
        fingerprint.mix(UInt64(configurations.count))
        let id = fingerprint.text
        configurations[id] = ConfigurationCommit(
            parent: configurationHead.isEmpty ? nil : configurationHead,
            head: ConfigurationHead(commit: id, message: message, configuration: combine(decoded)), wishes: wishes,
            assent: assent)
        configurationHead = id
        episode.note(
            .person, key: fingerprint.value,
            "commits \(id.prefix(8)): \(message.split(separator: "\n").joined(separator: " "))")
    }

    func configuration(at commit: String) throws(RepositoryError) -> ConfigurationCommit {
        guard let found = configurations[commit] else { throw .unreachable("no such commit") }
        return found
    }

    // MARK: Status

    func status(at commit: String) throws(RepositoryError) -> StatusCommit {
        guard let found = statuses[commit] else { throw .unreachable("no such commit") }
        return found
    }

    /// What the status branch says now.
    var status: StatusCommit? { statusHead.flatMap { statuses[$0] } }

    func record(of name: InstanceName) -> Record? {
        guard case .success(let record?)? = (garbled[name] ?? status?.tree.files[name])?.record else { return nil }
        return record
    }

    func isAncestor(_ ancestor: String, of commit: String) -> Bool {
        var current: String? = commit
        while let id = current {
            if id == ancestor { return true }
            current = configurations[id]?.parent ?? statuses[id]?.parent
        }
        return false
    }

    /// A push that arrives: it counts if the branch is where its author thinks. Commits have the same name if and only
    /// if they say the same on top of the same.
    func push(
        _ changes: [String: StatusFile?], message: String, on base: String?, by actor: Trace.Actor
    ) throws(RepositoryError) -> String {
        if let refusal { throw refusal }
        let before = status
        if let statusHead, let before, before.parent == base, before.message == message, before.changes == changes {
            return statusHead
        }
        guard statusHead == base else { throw .lostRace() }
        var tree = before?.tree ?? StatusTree()
        // `recover` makes records that no reading has seen before.
        let isRead = isInBytes || actor == .person
        for (path, file) in changes {
            if isRead { tree.set(path, to: file?.bytes) } else { tree.take(path, file) }
        }
        let commit = StatusCommit(changes, message: message, on: base, making: tree)
        let id = take(commit, by: actor)
        episode.pushed(
            commit, after: before, changing: changes.keys.compactMap(InstanceFile.name(path:)).sorted(), by: actor)
        return id
    }

    /// From now on the server takes no push.
    ///
    /// - Parameter isTold: it says that the branch is protected, and not just that it could not be moved.
    func protect(sayingSo isTold: Bool) {
        refusal = isTold ? .cannotPublish("the branch is protected") : .lostRace(reason: "failed to update ref")
        episode.note(.git, key: 12, "takes no push")
    }

    func unprotect() {
        guard refusal != nil else { return }
        refusal = nil
        episode.note(.git, key: 13, "takes pushes again")
    }

    /// A person commits to the status branch by hand.
    func commit(by actor: Trace.Actor, _ message: String, _ change: (inout StatusTree) -> Void) {
        var tree = status?.tree ?? StatusTree()
        change(&tree)
        take(StatusCommit([:], message: message, on: statusHead, making: tree), by: actor)
    }

    @discardableResult
    private func take(_ commit: StatusCommit, by actor: Trace.Actor) -> String {
        var fingerprint = Fingerprint()
        fingerprint.mix(commit.parent ?? "")
        fingerprint.mix(commit.message)
        fingerprint.mix(UInt64(statuses.count))
        let id = fingerprint.text
        statuses[id] = commit
        statusHead = id
        episode.note(
            .git, key: fingerprint.value,
            "takes \(id.prefix(8)) of \(actor.text): \(commit.message.prefix { $0 != "\n" })")
        return id
    }

    /// Somebody moves the branch by force.
    func force(to head: String?) {
        statusHead = head
        episode.note(.person, key: 11, "forces the status branch to \(head?.prefix(8) ?? "nothing")")
        episode.check()
    }

    /// The commit so many steps before the head.
    func status(before steps: Int) -> String? {
        var current = statusHead
        for _ in 0..<steps { current = current.flatMap { statuses[$0]?.parent } }
        return current
    }
}

extension Fingerprint {
    /// 40 hexadecimal digits, as git names a commit.
    fileprivate var text: String {
        let digits = String(value, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        return padded + padded + padded.prefix(8)
    }
}
