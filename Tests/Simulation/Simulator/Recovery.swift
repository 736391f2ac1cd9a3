import Instances
import Reconciler

/// A world in which the status branch is lost and somebody runs `operator recover --accept`.
struct RecoveryOptions: Sendable {
    /// The branch is deleted, not moved back.
    var isDeleted: Bool
    /// The operators remember the branch as it was, and stand still; otherwise they go on meanwhile.
    var isNoticed: Bool
    /// How long it takes a person to see it.
    var longestDelay: Duration
    /// Somebody else's resources carry the name of an instance.
    var hasNamesake: Bool

    /// Drawn apart from everything else, so that the worlds without are what they were.
    private static let salt: UInt64 = 0x2EC0_7E2

    /// - Returns: `nil` in most worlds.
    init?(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ Self.salt)
        guard random.chance(200) else { return nil }
        isDeleted = random.chance(300)
        isNoticed = random.chance(400)
        longestDelay = .seconds(random.pick([5, 60, 300]))
        hasNamesake = random.chance(100)
    }
}

extension People {
    /// Sooner or later somebody notices.
    func recoverLater() {
        guard let recovery = episode.options.recovery else { return }
        if recovery.hasNamesake { episode.clouds.first?.addNamesake(of: episode.ghosts[0].name) }
        episode.scheduler.after(random.duration(upTo: recovery.longestDelay)) { self.recover() }
    }

    /// Once at a time.
    func recover() {
        guard !episode.isEnding, !isRecovering, !episode.isLivenessOwed else { return }
        isRecovering = true
        episode.runRecovery()
    }

    /// A request from before the loss may land after everything was recovered: then the operators ask for it once more.
    /// That it helps at the second time, and that nothing else makes them ask, is what people may expect.
    func read(_ report: PassReport) {
        let reasons = ["UnknownOperation", "RecordIsOld"]
        for instance in report.instances where reasons.contains(instance.explanation.reason) {
            guard let index = episode.index(of: instance.name), episode.ghosts[index].recoveries == 1 else { continue }
            episode.ghosts[index].isRolledBack = true
            if !episode.isCalm { episode.scheduler.after(random.duration(upTo: .seconds(60))) { self.recover() } }
        }
    }

    /// Until it has worked, for as long as there is trouble; in calm every pass gives another occasion.
    ///
    /// - Parameter trouble: why nothing could be written.
    func hasRecovered(_ trouble: String?) {
        isRecovering = false
        recoveriesRefused = trouble == nil ? 0 : recoveriesRefused + 1
        guard !episode.isCalm else { return }
        episode.scheduler.after(random.duration(upTo: .seconds(60))) { self.recover() }
    }
}

extension Episode {
    /// What `operator recover --accept` does, with the same functions, on a machine that knows nothing of what was.
    func runRecovery() {
        let life = Life(of: Host(number: hosts.count, isPersons: true), number: 1, in: self)
        note(life.actor, key: 20, "runs recover")
        Task(executorPreference: scheduler) {
            var reconciler = Reconciler(
                repository: RepositoryPort(life: life, remote: self.remote, acceptsStatusRewrite: true),
                surroundings: self.surroundings(of: life), options: self.passOptions(of: life))
            let report = await reconciler.proposeRecovery()
            var trouble = report.trouble
            if trouble == nil, report.notLookedAt.contains(where: { !self.isCutOff($0) }) {
                trouble = "not all was seen"
            }
            // A person sees whose lineage that is.
            let proposals = report.proposals.filter { $0.owner != Cloud.namesakesOwner }
            if trouble == nil { trouble = await reconciler.accept(proposals) }
            if trouble == nil, !life.isOver { self.recovered(report) }
            self.note(life.actor, key: 21, "recover ends: \(report.text); \(trouble ?? "accepted")")
            life.abandon()
            self.people.hasRecovered(trouble)
        }
    }

    /// The branch counts as it is from now on, and names the newest data of what was recovered.
    private func recovered(_ report: RecoveryReport) {
        for host in hosts { host.lastHead = nil }
        let names = Set(report.proposals.map(\.name))
        for index in ghosts.indices where ghosts[index].isRolledBack {
            // Of an instance without a manifest nothing was looked at.
            let isWhole =
                report.refusals[ghosts[index].name] == nil && remote.wishes[index].isPresent && isRecorded(index)
            guard names.contains(ghosts[index].name) || isWhole else { continue }
            ghosts[index].isRolledBack = false
            ghosts[index].recoveries += 1
            // What is gone cannot be proposed, and a person agreed to what was.
            if !hasCopy(index) { ghosts[index].isReleased = true }
            // It begins to settle only now.
            calm = Calm()
        }
        check()
    }
}

extension RecoveryReport {
    fileprivate var text: String {
        let refusals = refusals.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return (proposals.map { "\($0.name): \($0.record.data)" } + refusals).joined(separator: ", ")
    }
}

extension Cloud {
    fileprivate static let namesakesOwner = OwnerID("theirs")

    /// Of another status branch, with the name of one of our instances.
    func addNamesake(of name: InstanceName) {
        let tags = Tags(
            owner: Self.namesakesOwner, instance: InstanceUID("theirs"), name: name, role: .data,
            operation: Operation(epoch: 1, nonce: "theirs"))
        let disk = Disk(
            id: DiskID("theirs"), name: "theirs", tags: tags, state: .available, sizeBytes: bytesInGigabyte,
            createdAt: episode.wallClock)
        change(.person, disk.id.key, "others make a disk for a machine called \(name)") {
            volumes.append(Volume(seen: disk, isForeign: true))
        }
    }

    /// They have seen that the name is taken.
    func removeNamesakes() { volumes.removeAll { $0.isForeign && $0.seen.tags != nil } }
}
