import Instances
import Reconciler

/// What people do while the operators work, and how they help once there is calm.
final class People {
    unowned let episode: Episode
    var random: SplitMix64
    /// Until when a deletion that was sent may still land, by instance.
    private var deletions: [Moment]
    /// Where the status branch was before somebody moved it.
    private var lostHead: String?
    private var earlierHead: String?
    private(set) var hasRolledBack = false
    var isRecovering = false
    /// In a row, and each as a whole: of single instances `recover` may say that a person has to choose.
    var recoveriesRefused = 0
    private var hasDeleted = false
    /// The status branch was lost, and before it was recovered a manifest was removed or invalid: nobody can tell then whose
    /// the resources are, and others may have begun a branch of their own.
    private(set) var lostUnwanted = false
    /// Instances that were approved in calm: a limit that counts several has to hear of all of them at once.
    private var approved: Set<InstanceName> = []

    init(in episode: Episode) {
        self.episode = episode
        random = episode.random.split()
        deletions = Array(repeating: .start, count: episode.options.instances)
    }

    var options: PeopleOptions { episode.options.people }

    // MARK: Beginning and ending

    func begin() {
        let wishes = (0..<episode.options.instances).map { number in
            guard let name = InstanceName("box-\(number + 1)") else { preconditionFailure("a name is well formed") }
            episode.ghosts.append(Ghost(name: name))
            var wish = Wish(name: name, zone: random.pick(Episode.zones))
            wish.isUp = random.chance(700)
            wish.isLive = random.chance(800)
            wish.whenDisabled = random.chance(700) ? .delete : .powerOff
            wish.snapshotsRoot = random.chance(300)
            wish.keep = random.pick([0, 0, 1, 2])
            wish.hasReservedAddress = random.chance(200)
            wish.deletionPolicy = random.pick([.retain, .snapshot])
            if episode.options.fleet != nil { wish.keep = random.within(0...2) }
            if episode.options.fleet?.deletes ?? false, random.chance(400) { wish.deletionPolicy = .delete }
            return wish
        }
        episode.remote.commit(wishes, "the first machines")
        goOn()
    }

    private func goOn() {
        episode.scheduler.after(random.duration(upTo: options.longestPause)) {
            guard !self.episode.isCalm, !self.episode.isEnding else { return }
            self.act()
            let isBlurred = self.episode.remote.wishes.contains { !$0.isPresent || $0.isMistaken }
            if self.hasDeleted, !self.episode.isLivenessOwed, isBlurred { self.lostUnwanted = true }
            self.goOn()
        }
    }

    private func act() {
        let acts: [(weight: Int, act: (Int) -> Void)] =
            [
                (options.flips, flip), (options.edits, edit), (options.removals, removeOrBringBack),
                (options.powers, power), (options.touches, touch), (options.deletions, delete),
                (options.rollback == .none || hasRolledBack ? 0 : 1, { _ in self.rollBack() }),
            ] + actsOfFleets + actsOfQuirks
        var choice = random.below(acts.reduce(0) { $0 + $1.weight })
        let instance = random.below(episode.ghosts.count)
        for (weight, act) in acts {
            if choice < weight { return act(instance) }
            choice -= weight
        }
    }

    /// The last thing before calm: what is in the way by their own doing is taken away.
    func leave() {
        // Where somebody has gone on from the old state, bringing the newer one back would lose that in turn.
        if let lostHead, episode.remote.statusHead == earlierHead {
            episode.remote.force(to: lostHead)
            for index in episode.ghosts.indices { episode.ghosts[index].isRolledBack = false }
        }
        var wishes = episode.remote.wishes
        for index in wishes.indices {
            wishes[index].isMistaken = false
            wishes[index].isSuspended = false
            if index == 0 || random.chance(500) { wishes[index].isPresent = true }
        }
        episode.remote.commit(wishes, "mended")
        for cloud in episode.clouds {
            cloud.releaseForeign()
            cloud.reappear()
            cloud.removeNamesakes()
        }
    }

    /// Does what the operators ask people for: approves what is meant, gives up what is gone.
    func help(_ report: PassReport) {
        for instance in report.instances { deleteByHand(instance) }
        let asking = report.instances.filter { instance in
            instance.outcome == .blocked
                || instance.outcome == .failed
                    && ["DataMissing", "DataDiskMissing"].contains(instance.explanation.reason)
        }
        guard !asking.isEmpty else { return }
        var wishes = episode.remote.wishes
        for instance in asking {
            guard let index = episode.index(of: instance.name) else { continue }
            // What was approved before did not help: there is nothing to go on from. Only a manifest can say so.
            if approved.contains(instance.name), instance.outcome == .failed {
                wishes[index].isPresent = true
                wishes[index].hasDataDisk = false
                episode.ghosts[index].isGivenUp = true
            }
        }
        approved.formUnion(asking.flatMap { [$0.name] + names(inTrailerOf: $0.explanation.message) })
        episode.remote.commit(wishes, "approved", approving: Assent(names: approved))
    }

    /// What the status says is to be deleted by hand.
    private func deleteByHand(_ instance: PassReport.Instance) {
        guard let index = episode.index(of: instance.name) else { return }
        switch instance.explanation.reason {
        case "DataDiskDamaged": deleteDamaged(index)
        case "UnknownResources" where episode.isLivenessOwed: deleteRemains(index)
        case "DataNotInRecord" where isNothingToRecover: deleteUnrecorded(index)
        default: break
        }
    }

    /// Where a record was made from tags, or has to be, data that it does not name is the fault of that.
    private var isNothingToRecover: Bool {
        (episode.options.recovery == nil || !hasRolledBack) && episode.isLivenessOwed
    }

    /// Those that a message asks to approve.
    private func names(inTrailerOf message: String) -> [InstanceName] {
        guard let trailer = message.firstRange(of: "`Operator-Approve: ") else { return [] }
        return message[trailer.upperBound...].prefix { $0 != "`" }.split(separator: ",").compactMap {
            InstanceName(String($0.filter { $0 != " " }))
        }
    }

    // MARK: Manifests

    private func change(_ instance: Int, _ message: String, _ change: (inout Wish) -> Void) {
        var wishes = episode.remote.wishes
        change(&wishes[instance])
        guard wishes != episode.remote.wishes else { return }
        episode.remote.commit(wishes, "\(episode.ghosts[instance].name): \(message)")
    }

    private func flip(_ instance: Int) {
        let isUp = random.chance(500)
        let isLive = random.chance(500)
        change(instance, "\(isUp ? "up" : "down"), \(isLive ? "live" : "snapshot")") { wish in
            wish.isUp = isUp
            wish.isLive = isLive
        }
    }

    private func edit(_ instance: Int) {
        let choice = random.below(8)
        let keep = random.below(3)
        change(instance, "edited") { wish in
            switch choice {
            case 0: wish.whenDisabled = wish.whenDisabled == .delete ? .powerOff : .delete
            case 1: wish.keep = keep
            case 2: wish.dataGB += 5
            case 3: wish.type = wish.type == "small" ? "large" : "small"
            case 4: wish.snapshotsRoot.toggle()
            case 5: wish.hasReservedAddress.toggle()
            case 6: wish.isSuspended.toggle()
            default: wish.isMistaken.toggle()
            }
        }
    }

    /// Only of what holds data: what is forgotten comes back as another one.
    private func removeOrBringBack(_ instance: Int) {
        guard episode.remote.record(of: episode.ghosts[instance].name)?.holdsData ?? false else { return }
        change(instance, "removed or brought back") { $0.isPresent.toggle() }
    }

    // MARK: The status branch

    private func rollBack() {
        guard let head = episode.remote.statusHead else { return }
        let isDeleted = episode.options.recovery?.isDeleted ?? false
        let earlier = isDeleted ? nil : episode.remote.status(before: random.within(1...6))
        guard isDeleted || earlier != nil, episode.clouds.allSatisfy(\.hidden.isEmpty) else { return }
        hasRolledBack = true
        hasDeleted = isDeleted
        lostHead = head
        earlierHead = earlier
        for index in episode.ghosts.indices { episode.ghosts[index].isRolledBack = true }
        if options.rollback == .unnoticed {
            for host in episode.hosts {
                host.life?.crash("with its state directory")
                host.lastHead = nil
            }
        }
        episode.remote.force(to: earlier)
        recoverLater()
    }

    /// A request from before the loss may land when others have begun a branch of their own, because nothing was there.
    func made(by owner: OwnerID) {
        guard hasDeleted, case .known(let lineage)? = episode.remote.status?.tree.lineage else { return }
        if lineage != owner { lostUnwanted = true }
    }

    // MARK: Keeping out of the way

    func deletion(of instance: Int, mayLandBy moment: Moment) {
        deletions[instance] = max(deletions[instance], moment)
    }

    /// Whether an operator is in the middle of a deletion that rests on what it has just read. No provider deletes on
    /// condition, so what people do right then cannot be noticed in time; they are taken not to.
    func mustKeepOut(of instance: Int) -> Bool {
        let name = episode.ghosts[instance].name
        return deletions[instance] >= episode.scheduler.now
            || episode.hosts.contains { $0.life?.deleting.contains(name) ?? false }
    }
}

extension Episode {
    /// A deletion is sent.
    func deletion<Failure>(of instance: Int, mayLandIn fate: Fate<Failure>, _ latency: Duration) {
        let delay: Duration
        switch fate {
        case .refused: return
        case .answered, .answerLost: delay = latency
        case .late(let late): delay = late
        }
        people.deletion(of: instance, mayLandBy: scheduler.now.advanced(by: delay))
    }
}
