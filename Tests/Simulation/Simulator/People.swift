import Instances
import Reconciler

/// What people do while the operators work, and how they help once there is calm.
final class People {
    unowned let episode: Episode
    private var random: SplitMix64
    /// Until when a deletion that was sent may still land, by instance.
    private var deletions: [Moment]

    init(in episode: Episode) {
        self.episode = episode
        random = episode.random.split()
        deletions = Array(repeating: .start, count: episode.options.instances)
    }

    private var options: PeopleOptions { episode.options.people }

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
            wish.deletionPolicy = random.pick([.retain, .retain, .snapshot, .delete])
            return wish
        }
        episode.remote.commit(wishes, "the first machines")
        goOn()
    }

    private func goOn() {
        episode.scheduler.after(random.duration(upTo: options.longestPause)) {
            guard !self.episode.isCalm, !self.episode.isEnding else { return }
            self.act()
            self.goOn()
        }
    }

    private func act() {
        let acts: [(weight: Int, act: (Int) -> Void)] = [
            (options.flips, flip)
        ]
        var choice = random.below(acts.reduce(0) { $0 + $1.weight })
        let instance = random.below(episode.ghosts.count)
        for (weight, act) in acts {
            if choice < weight { return act(instance) }
            choice -= weight
        }
    }

    /// The last thing before calm: what is in the way by their own doing is taken away.
    func leave() {
        var wishes = episode.remote.wishes
        for index in wishes.indices {
            wishes[index].isMistaken = false
            wishes[index].isSuspended = false
        }
        episode.remote.commit(wishes, "mended")
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

    // MARK: Keeping out of the way

    func deletion(of instance: Int, mayLandBy moment: Moment) {
        deletions[instance] = max(deletions[instance], moment)
    }
}

extension Episode {
    /// A deletion is sent: there is no call that deletes only if nothing has changed since, so people are taken to keep
    /// their hands off meanwhile.
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
