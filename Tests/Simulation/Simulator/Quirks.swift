import Instances
import Reconciler

/// What is odd now and then, and gets right again by itself or by the hand that did it.
struct QuirkOptions: Sendable {
    /// How often each kind of act is chosen, beside those of every world.
    var holds: Int
    var garbles: Int
    var strips: Int
    /// How long it lasts.
    var longest: Duration

    /// Drawn apart from everything else, so that the worlds without are what they were.
    private static let salt: UInt64 = 0x0DD_5EED

    /// - Returns: `nil` in most worlds.
    init?(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ Self.salt)
        guard random.chance(300) else { return nil }
        holds = random.within(0...3)
        garbles = random.within(0...2)
        strips = random.within(0...2)
        longest = .seconds(random.pick([20, 120]))
    }
}

extension People {
    /// With how much weight each of these is chosen.
    var actsOfQuirks: [(weight: Int, act: (Int) -> Void)] {
        guard let quirks = episode.options.quirks else { return [] }
        return [
            (quirks.holds, { self.hold($0, quirks) }), (quirks.garbles, { self.garble($0, quirks) }),
            (quirks.strips, { self.strip($0, quirks) }),
        ]
    }

    /// The provider locks a server that runs or is off, or has a new word for how it is.
    private func hold(_ instance: Int, _ quirks: QuirkOptions) {
        for cloud in episode.clouds {
            guard let server = cloud.machines.first(where: { $0.instance == instance })?.seen.id else { continue }
            return cloud.hold(
                server, as: random.pick([.locked, .unknown("rebooting")]),
                for: random.duration(upTo: quirks.longest))
        }
    }

    /// Somebody takes the tags from something, and puts them back once its status is missed.
    private func strip(_ instance: Int, _ quirks: QuirkOptions) {
        // Where records are lost as well, nothing tells whose it is.
        guard options.rollback == .none else { return }
        for cloud in episode.clouds {
            let resources =
                cloud.machines.filter { $0.instance == instance }.map { ResourceID.server($0.seen.id) }
                + cloud.volumes.filter { $0.instance == instance }.map { .disk($0.seen.id) }
                + cloud.copies.filter { $0.instance == instance }.map { .snapshot($0.seen.id) }
            guard !resources.isEmpty else { continue }
            return cloud.strip(random.pick(resources), for: random.duration(upTo: quirks.longest))
        }
    }

    /// Somebody edits the file of an instance on the status branch, and takes that back once its status is missed.
    private func garble(_ instance: Int, _ quirks: QuirkOptions) {
        let name = episode.ghosts[instance].name
        // What is moved back by force takes edits with it.
        guard options.rollback == .none, let remote = episode.remote, remote.garble(name) else { return }
        episode.scheduler.after(random.duration(upTo: quirks.longest)) { remote.mend(name) }
    }
}

extension Remote {
    /// - Returns: whether there was anything to garble.
    fileprivate func garble(_ name: InstanceName) -> Bool {
        guard garbled[name] == nil, let file = status?.tree.files[name], case .success(_?) = file.record else {
            return false
        }
        garbled[name] = file
        commit(by: .person, "edits \(name)") { $0.set(InstanceFile.path(of: name), to: Array("status: {".utf8)) }
        return true
    }

    /// The commit that takes an edit back. Meanwhile nobody has touched the file.
    fileprivate func mend(_ name: InstanceName) {
        guard let file = garbled[name] else { return }
        if let record = try? status?.tree.files[name]?.record.get() {
            episode.violate("I6", "\(record.name) could not be read, and its file was written")
        }
        guard case .success(let record) = file.record, let lineage = file.lineage else { return }
        commit(by: .person, "takes back the edit of \(name)") {
            $0.take(
                InstanceFile.path(of: name),
                .instance(name: name, lineage: lineage, status: file.status, record: record))
        }
        garbled[name] = nil
    }
}

extension Cloud {
    fileprivate func strip(_ resource: ResourceID, for time: Duration) {
        guard let tags = tags(of: resource) else { return }
        change(.person, 40, "the tags of \(resource) are taken away") { set(nil, on: resource) }
        stripped[resource] = (tags, now)
        episode.scheduler.after(time) {
            guard self.exists(resource), self.tags(of: resource) == nil else { return }
            self.change(.person, 41, "the tags of \(resource) are put back") { self.set(tags, on: resource) }
        }
    }

    private func set(_ tags: Tags?, on resource: ResourceID) {
        switch resource {
        case .server(let id): if let index = machine(id) { machines[index].seen.tags = tags }
        case .disk(let id): if let index = volume(id) { volumes[index].seen.tags = tags }
        case .snapshot(let id): if let index = copy(id) { copies[index].seen.tags = tags }
        case .companion: break
        }
    }
}
