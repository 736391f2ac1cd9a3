import Instances

/// Makes what exists what the repository says, one pass at a time.
///
/// A pass is rounds of observe, decide, publish, act, until every instance rests or the time is up. Every round starts
/// from what is there; what this value remembers between rounds only shortens waits.
public struct Reconciler: Sendable {
    let repository: any Repository
    let surroundings: Surroundings
    let options: PassOptions
    let observer: Observer
    var memory = Memory()
    var configuration: ConfigurationHead?
    var book = StatusBook()
    /// Who was looked at last.
    var roster: Roster?
    /// The lock of another operator, and since when it has not changed, by our own clock.
    var foreignLock: (lock: Lock, since: Stopwatch.Moment)?
    /// Until when the remote wants not to be asked again.
    var quietUntil: Stopwatch.Moment?
    /// When the own lock was last pushed.
    var lockRenewed: Stopwatch.Moment?
    /// The lineage of a status branch that this process may have to begin.
    private let mintedOwner: OwnerID
    /// What providers found nothing wrong with.
    var validated: [InstanceName: (manifest: Manifest, undertaking: Undertaking)] = [:]

    public init(repository: any Repository, surroundings: Surroundings, options: PassOptions) {
        self.repository = repository
        self.surroundings = surroundings
        self.options = options
        observer = Observer(lookup: surroundings.provider)
        mintedOwner = OwnerID(surroundings.nonce())
    }

    /// Whose resources these are: the lineage of the status branch.
    var owner: OwnerID {
        guard case .known(let owner) = book.lineage else { return mintedOwner }
        return owner
    }

    /// Runs one pass.
    public mutating func pass() async -> PassReport {
        let deadline = surroundings.clock.now.advanced(by: options.timeout)
        memory.beginPass()
        var rhythm = Rhythm(longest: options.pollInterval)
        var patience = Rhythm(longest: max(options.pollInterval, Self.longestRetry))
        var refusals = 0
        while true {
            if let trouble = await refresh() {
                refusals += 1
                let isHopeless =
                    trouble.isFinal || configuration == nil && refusals >= 3
                    || quietUntil.map { $0 > deadline } ?? false
                guard !isHopeless, !isOver(deadline) else { return report(of: trouble) }
                surroundings.say(.note(trouble.text))
                await pause(max(patience.next(), quiet), until: deadline)
                continue
            }
            refusals = 0
            patience.reset()
            var round = await look()
            let progress = await advance(&round, until: deadline)
            if !round.isUnsettled || isOver(deadline) { return await finish(round) }
            await renewLock(round)
            if progress { rhythm.reset() } else { await pause(rhythm.next(), until: deadline) }
        }
    }

    /// A remote that does not answer is asked less and less often, to be no part of what keeps it busy.
    static var longestRetry: Duration { .seconds(60) }

    /// How long the remote wants not to be asked, from now on.
    var quiet: Duration { quietUntil.map { max(.zero, surroundings.clock.now.duration(to: $0)) } ?? .zero }

    mutating func keepQuiet(for pause: Duration?) {
        quietUntil = pause.map { surroundings.clock.now.advanced(by: $0) }
    }

    func isOver(_ deadline: Stopwatch.Moment) -> Bool {
        surroundings.isStopping() || surroundings.clock.now >= deadline
    }

    /// Not where the process is told to stop; that a sleep ends when it is told so meanwhile is the clock's affair.
    func pause(_ duration: Duration, until deadline: Stopwatch.Moment) async {
        guard !surroundings.isStopping() else { return }
        let clock = surroundings.clock
        await clock.sleep(until: min(clock.now.advanced(by: duration), deadline))
    }

    // MARK: Reading git

    struct Trouble {
        var text: String
        var isFinal: Bool
        /// Asked for something that does not exist.
        var isMisuse = false
    }

    /// Reads what has moved; level-triggered, so that a commit in the middle of a pass counts at once.
    mutating func refresh() async -> Trouble? {
        do {
            let heads = try await repository.heads()
            quietUntil = nil
            if heads.status != book.head {
                book = try await readBook(at: heads.status)
            }
            if heads.configuration != configuration?.commit {
                if let trouble = try await rewritten(to: heads.configuration) { return trouble }
                configuration = try await repository.configuration(at: heads.configuration)
                validated = [:]
            }
            return book.conflict.map { Trouble(text: $0, isFinal: true) } ?? strangerAskedFor
        } catch {
            if case .refused = error { return Trouble(text: error.description, isFinal: true) }
            if case .unreachable(_, let pause) = error { keepQuiet(for: pause) }
            return Trouble(text: error.description, isFinal: false)
        }
    }

    /// A name that was asked for and that nobody knows: a slip of the pen, better said than taken for "nothing to do".
    private var strangerAskedFor: Trouble? {
        guard let configuration = configuration?.configuration, configuration.removalsAreCertain else { return nil }
        let known = book.names.union(configuration.manifests.map(\.name)).union(configuration.frozen)
        guard let stranger = options.only.subtracting(known).min() else { return nil }
        let meant = Suggestion.meant(by: stranger.text, among: known.map(\.text).sorted())
        let hint = meant.map { "did you mean \($0)?" } ?? "`operator status` lists the instances"
        return Trouble(text: "no instance is called \(stranger); \(hint)", isFinal: true, isMisuse: true)
    }

    /// Reads the status branch; one that does not exist is an empty book.
    func readBook(at head: String?) async throws(RepositoryError) -> StatusBook {
        guard let head else { return StatusBook() }
        return StatusBook(try await repository.status(at: head))
    }

    /// A configuration that does not descend from the one the status speaks of was rewritten, and might hold less.
    private func rewritten(to commit: String) async throws(RepositoryError) -> Trouble? {
        // Where the status speaks of it already, somebody has accepted it elsewhere.
        guard holds(.rewriteWaits), book.configurationCommit != commit,
            let known = configuration?.commit ?? book.configurationCommit,
            try await !repository.isAncestor(known, of: commit)
        else { return nil }
        guard !options.acceptsRewrite else {
            surroundings.say(
                .note(
                    "\(commit.prefix(12)) does not descend from \(known.prefix(12)), which the status branch speaks of: what "
                        + "was committed since they parted is not in it, and counts as taken back"))
            return nil
        }
        return Trouble(
            text:
                "the configuration branch was rewritten: \(commit.prefix(12)) does not descend from \(known.prefix(12)), "
                + "which the status branch speaks of. Nothing was changed. If that is meant, run once with "
                + "--accept-rewrite; otherwise push the lost commits back", isFinal: true)
    }
}

/// How long to wait between looks: soon at first, then less and less often.
struct Rhythm {
    let longest: Duration
    private var current: Duration

    init(longest: Duration) {
        self.longest = longest
        current = Self.shortest
    }

    static let shortest = Duration.milliseconds(200)

    mutating func next() -> Duration {
        defer { current = min(longest, current * 2) }
        return min(current, longest)
    }

    mutating func reset() { current = Self.shortest }
}
