import Instances
import Reconciler

/// The repository as one process of an operator reaches it. Only `heads` and `publish` go to the server: everything else
/// is read from the mirror on the same machine, which has it by then.
struct RepositoryPort: Repository, @unchecked Sendable {
    let life: Life
    let remote: Remote
    /// A person said that the status branch may have been rolled back.
    var acceptsStatusRewrite = false

    private static let latency = Duration.milliseconds(800)
    private static let dead = RepositoryError.unreachable("the process is over")
    /// Upon which a process that is over tries no other push: nothing would come of it.
    private static let unpublished = RepositoryError.cannotPublish("the process is over")

    func heads() async throws(RepositoryError) -> Heads {
        guard !life.isOver else { throw Self.dead }
        let fails = life.episode.random.chance(life.faults.gitUnreachable)
        let heads = try await life.exchange(
            fails ? .refused(.unreachable("no connection")) : .answered, latency: Self.latency, dead: Self.dead,
            lost: .unreachable("no answer")
        ) {
            Result.success(Heads(configuration: remote.configurationHead, status: remote.statusHead))
        }.get()
        try remember(heads.status)
        if heads.status == nil { life.knowledge.status = nil }
        return heads
    }

    /// As the adapter does: a branch that does not hold what was seen last was rolled back or replaced.
    private func remember(_ head: String?) throws(RepositoryError) {
        if let last = life.host.lastHead, !acceptsStatusRewrite {
            guard let head, remote.isAncestor(last, of: head) else {
                throw .refused("the status branch was rolled back")
            }
        }
        life.host.lastHead = head
    }

    func configuration(at commit: String) async throws(RepositoryError) -> ConfigurationHead {
        let head = try remote.configuration(at: commit).head
        life.knowledge.commit = commit
        return head
    }

    func isAncestor(_ ancestor: String, of commit: String) async throws(RepositoryError) -> Bool {
        remote.isAncestor(ancestor, of: commit)
    }

    func status(at commit: String) async throws(RepositoryError) -> StatusHead {
        let status = StatusHead(commit: commit, tree: try remote.status(at: commit).tree)
        life.knowledge.status = commit
        return status
    }

    func publish(
        _ changes: [String: StatusFile?], message: String, on base: String?
    ) async throws(RepositoryError) -> StatusHead {
        guard !life.isOver else { throw Self.unpublished }
        life.sends()
        life.publishes()
        life.episode.requireSeen(changes, on: base, by: life)
        let faults = life.faults
        var fate = Fate<RepositoryError>.answered
        if life.episode.random.chance(faults.gitUnreachable) {
            fate = .refused(.unreachable("no connection"))
        } else if life.episode.random.chance(faults.gitLostAnswer) {
            fate = .answerLost
        } else if life.episode.random.chance(faults.gitLate) {
            fate = .late(life.episode.random.duration(upTo: faults.latest))
        }
        let actor = life.actor
        let head = try await life.exchange(
            fate, latency: Self.latency, dead: Self.unpublished, lost: .unknownOutcome("no answer")
        ) {
            Result { () throws(RepositoryError) in
                try remote.push(changes, message: message, on: base, by: actor)
            }
        }.get()
        life.host.lastHead = head
        return try await status(at: head)
    }
}
