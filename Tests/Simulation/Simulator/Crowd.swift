import Instances
import Reconciler

/// What people do to many instances at once, and what they answer to operators that ask.
extension People {
    /// With how much weight each of these is chosen.
    var actsOfFleets: [(weight: Int, act: (Int) -> Void)] {
        guard let fleet = episode.options.fleet else { return [] }
        return [
            (fleet.removals, { _ in self.removeMany() }), (fleet.stops, { _ in self.stopMany() }),
            (fleet.surrenders, surrender), (fleet.wipes, { _ in self.wipe() }),
            (fleet.vanishings, { _ in self.vanish(fleet) }), (fleet.answers, { _ in self.answer(fleet) }),
        ]
    }

    // MARK: Many at once

    /// A folder is deleted, or comes back.
    private func removeMany() {
        let isGone = random.chance(600)
        let chosen = some()
        change(chosen, isGone ? "removed" : "brought back") { index, wish in
            // Only of what holds data: what is forgotten comes back as another one.
            if !isGone || self.episode.remote.record(of: wish.name)?.holdsData ?? false { wish.isPresent = !isGone }
        }
    }

    private func stopMany() {
        let isUp = random.chance(400)
        change(some(), isUp ? "all up" : "all down") { _, wish in wish.isUp = isUp }
    }

    /// The data disk is taken out of a manifest, or put back.
    private func surrender(_ instance: Int) {
        change([instance], "with or without its data") { _, wish in wish.hasDataDisk.toggle() }
    }

    /// Somebody cleans up by hand, and takes the wrong ones.
    private func wipe() {
        for instance in some() { wipe(instance) }
    }

    private func vanish(_ fleet: FleetOptions) {
        // Where a record knows less than there is, what there is has to say so.
        guard !hasRolledBack else { return }
        let cloud = random.pick(episode.clouds)
        cloud.vanish(random.pick([1000, 1000, 500, 200]), for: random.duration(upTo: fleet.longestVanishing))
    }

    /// Any of the instances.
    private func some() -> [Int] {
        let share = PerMille(random.pick([300, 600, 1000]))
        return episode.ghosts.indices.filter { _ in random.chance(share) }
    }

    private func change(_ instances: [Int], _ message: String, _ change: (Int, inout Wish) -> Void) {
        var wishes = episode.remote.wishes
        for index in instances { change(index, &wishes[index]) }
        guard wishes != episode.remote.wishes else { return }
        let isApproved = random.chance(100)
        let names = instances.map { episode.ghosts[$0].name }
        episode.remote.commit(
            wishes, "\(names.count) machines \(message)",
            approving: isApproved ? Assent(names: Set(names)) : .none)
    }

    // MARK: Answers

    /// Reads the status branch, and approves what it asks for; or something else, or takes it back.
    private func answer(_ fleet: FleetOptions) {
        let statuses = episode.remote.status?.tree.files.compactMapValues(\.status) ?? [:]
        let asking = statuses.filter { $0.value.asks }.map(\.key).sorted()
        let others = episode.ghosts.map(\.name).filter { !asking.contains($0) }
        guard !asking.isEmpty else {
            if random.chance(200) { approve(Assent(names: [random.pick(others)])) }
            return
        }
        guard random.chance(fleet.slips) else {
            return approve(random.chance(700) ? Assent(names: Set(asking)) : Assent(count: asking.count))
        }
        switch random.below(5) {
        case 0: approve(Assent(names: [random.pick(asking)]))
        case 1: approve(Assent(count: asking.count - 1))
        case 2: approve(Assent(names: Set(others)))
        case 3:
            // Somebody else commits before anybody has read it.
            approve(Assent(names: Set(asking)))
            episode.remote.commit(episode.remote.wishes, "a typing error")
        default:
            change(asking.compactMap(episode.index), "as they were") { _, wish in
                (wish.isPresent, wish.hasDataDisk) = (true, true)
            }
        }
    }

    private func approve(_ assent: Assent) {
        episode.remote.commit(episode.remote.wishes, "approved", approving: assent)
    }
}

extension InstanceStatus {
    /// Whether it tells a person to approve something.
    var asks: Bool {
        tellsOfLoss || conditions.stalled.status == .isTrue && conditions.stalled.reason == "NeedsApproval"
    }
}
