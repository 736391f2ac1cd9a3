import Instances
import Reconciler

/// Servers and companions: what calls do to them, and what they do by themselves.
extension Cloud {
    func createServer(_ specification: ServerSpecification) throws(ProviderError) -> Server {
        let tags = specification.tags
        guard Self.types.contains(specification.type) else {
            throw ProviderError(.invalid, "type \(specification.type) does not exist")
        }
        var server = Server(
            id: ServerID(mint("server")), name: specification.name, tags: tags, state: .stopped,
            type: specification.type, guestReady: options.hasGuestAgent ? false : nil, createdAt: episode.wallClock)
        var root: Volume?
        switch specification.boot {
        case .image(let image, let bytes):
            let id = DiskID(mint("disk"))
            var rootTags: Tags? = tags
            rootTags?.role = .root
            if episode.random.chance(options.untaggedRoots) { rootTags = nil }
            let disk = Disk(
                id: id, name: image, tags: rootTags, state: .attached, sizeBytes: bytes ?? 10 * bytesInGigabyte,
                attachment: Disk.Attachment(server: server.id, phase: .attached), createdAt: episode.wallClock)
            root = Volume(seen: disk, content: .system, instance: episode.index(of: tags.name), isRoot: true)
            server.bootDisk = id
        case .disk(let id):
            let index = try require(id)
            guard volumes[index].seen.state == .available, volumes[index].seen.attachment == nil else {
                throw ProviderError(.conflict, "disk \(id) is not available")
            }
            server.bootDisk = id
        }
        episode.requireOnce(.server(server.id), tags, in: self)
        var machine = Machine(seen: server, instance: episode.index(of: tags.name), created: now)
        machine.isMissedOnce = episode.random.chance(options.staleReads)
        change(.cloud, server.id.key, "\(tags.name): \(server.id) is made (\(tags.operation))") {
            machines.append(machine)
            if let root { volumes.append(root) }
            if case .disk(let id) = specification.boot, let index = volume(id) {
                volumes[index].seen.state = .attached
                volumes[index].seen.attachment = Disk.Attachment(server: server.id, phase: .attached)
            }
        }
        return server
    }

    static let types = ["small", "large"]

    func configureServer(
        _ id: ServerID, tags: Tags, as configuration: ServerConfiguration
    ) throws(ProviderError) {
        let index = try require(id)
        episode.requireOwn(machines[index].seen.tags, isForeign: machines[index].isForeign, .server(id))
        change(.cloud, id.key &+ 1, "\(id) is configured") {
            machines[index].seen.configurationDigest = configuration.digest
            guard configuration.publicIP == .reserved else { return }
            if let own = companions.firstIndex(where: { $0.tags?.instance == tags.instance }) {
                companions[own].usedBy = id
            } else {
                companions.append(
                    Companion(
                        id: CompanionID(mint("address")), kind: .address, name: "address", tags: tags, usedBy: id))
            }
        }
    }

    func changeType(of id: ServerID, to type: String) throws(ProviderError) {
        let index = try require(id)
        guard Self.types.contains(type) else { throw ProviderError(.invalid, "type \(type) does not exist") }
        guard machines[index].seen.state == .stopped else { throw ProviderError(.conflict, "\(id) is not stopped") }
        episode.requireOwn(machines[index].seen.tags, isForeign: machines[index].isForeign, .server(id))
        change(.cloud, id.key &+ 2, "\(id) becomes \(type)") { machines[index].seen.type = type }
    }

    func deleteServer(_ id: ServerID) throws(ProviderError) {
        let index = try require(id)
        guard machines[index].seen.state == .stopped else { throw ProviderError(.conflict, "\(id) is not stopped") }
        episode.requireOwn(machines[index].seen.tags, isForeign: machines[index].isForeign, .server(id))
        remove(id, by: .cloud)
    }

    func remove(_ id: ServerID, by actor: Trace.Actor) {
        change(actor, id.key &+ 3, "\(id) is deleted") {
            machines.removeAll { $0.seen.id == id }
            for index in companions.indices where companions[index].usedBy == id { companions[index].usedBy = nil }
            for index in volumes.indices where volumes[index].seen.attachment?.server == id {
                release(volumes[index].seen.id, from: id)
            }
        }
    }

    func deleteCompanion(_ id: CompanionID) throws(ProviderError) {
        guard let index = companions.firstIndex(where: { $0.id == id }) else {
            throw ProviderError(.notFound, "\(id) does not exist")
        }
        episode.requireOwn(companions[index].tags, isForeign: false, .companion(id))
        change(.cloud, id.key, "\(id) is deleted") { companions.remove(at: index) }
    }

    // MARK: Power

    func powerOn(_ id: ServerID, by actor: Trace.Actor = .cloud) throws(ProviderError) {
        let index = try require(id)
        switch machines[index].seen.state {
        case .running, .starting: return
        case .stopped, .stoppedInPlace: break
        default: throw ProviderError(.conflict, "\(id) is \(machines[index].seen.state)")
        }
        if actor == .cloud {
            episode.requireOwn(machines[index].seen.tags, isForeign: machines[index].isForeign, .server(id))
        }
        enter(.starting, id, by: actor)
        later { self.boot(id) }
    }

    func powerOff(_ id: ServerID, by actor: Trace.Actor = .cloud) throws(ProviderError) {
        let index = try require(id)
        switch machines[index].seen.state {
        case .stopped, .stopping: return
        case .running, .stoppedInPlace: break
        default: throw ProviderError(.conflict, "\(id) is \(machines[index].seen.state)")
        }
        if actor == .cloud {
            episode.requireOwn(machines[index].seen.tags, isForeign: machines[index].isForeign, .server(id))
        }
        let wasRunning = machines[index].seen.state == .running
        enter(.stopping, id, by: actor)
        let cycle = machines[index].cycle
        later {
            guard let index = self.machine(id), self.machines[index].cycle == cycle else { return }
            // Whatever the guest still holds reaches its disk before the power goes.
            if wasRunning, self.episode.random.chance(500) { self.write(on: id) }
            self.enter(.stopped, id, by: .cloud)
        }
    }

    /// The state changes, and what was set off before is off.
    private func enter(_ state: Server.State, _ id: ServerID, by actor: Trace.Actor) {
        guard let index = machine(id) else { return }
        change(actor, id.key &+ 8 &+ state.key, "\(id) is \(state)") {
            machines[index].seen.state = state
            machines[index].cycle += 1
            if options.hasGuestAgent { machines[index].seen.guestReady = false }
        }
    }

    /// For a while a server that runs or is off is in a state in which nothing can be done with it.
    func hold(_ id: ServerID, as state: Server.State, for time: Duration) {
        guard let index = machine(id) else { return }
        let before = machines[index].seen.state
        guard before == .running || before == .stopped else { return }
        enter(state, id, by: .cloud)
        let cycle = machines[index].cycle
        episode.scheduler.after(time) {
            guard let index = self.machine(id), self.machines[index].cycle == cycle else { return }
            self.enter(before, id, by: .cloud)
            guard before == .running else { return }
            if self.options.hasGuestAgent { self.machines[index].seen.guestReady = true }
            self.goOn(id, self.machines[index].cycle)
        }
    }

    // MARK: Guests

    private func boot(_ id: ServerID) {
        guard let index = machine(id), machines[index].seen.state == .starting else { return }
        enter(.running, id, by: .cloud)
        let cycle = machines[index].cycle
        for volume in volumes where volume.seen.attachment?.server == id { mount(volume.seen.id, on: id) }
        goOn(id, cycle)
        guard options.hasGuestAgent else { return }
        later {
            guard let index = self.machine(id), self.machines[index].cycle == cycle else { return }
            self.change(.guest, id.key &+ 4, "\(id) is ready") { self.machines[index].seen.guestReady = true }
        }
    }

    /// A guest gets hold of a disk: it makes a file system on an empty one, and must find what it wrote last.
    private func mount(_ disk: DiskID, on server: ServerID) {
        guard let machine = machine(server), let index = volume(disk) else { return }
        if volumes[index].isRoot {
            if volumes[index].content == .torn { episode.violate("I8", "\(server) boots from a torn copy, \(disk)") }
            return
        }
        guard !machines[machine].isForeign, !isGivenUp(volumes[index]) else { return }
        episode.mounted(disk, content: volumes[index].content, of: volumes[index].instance, on: machines[machine])
        if volumes[index].content == .empty { write(on: server) }
    }

    /// The guest writes now and then, and may shut itself down.
    private func goOn(_ id: ServerID, _ cycle: Int) {
        later(atMost: options.longestPauseOfGuests) {
            guard !self.episode.isEnding, let index = self.machine(id), self.machines[index].cycle == cycle,
                self.machines[index].seen.state == .running
            else { return }
            if !self.episode.isCalm, self.episode.random.chance(self.options.guestShutsDown) {
                self.write(on: id)
                return self.enter(.stoppedInPlace, id, by: .guest)
            }
            if !self.episode.isQuiet { self.write(on: id) }
            self.goOn(id, cycle)
        }
    }

    /// What was denied and given up meanwhile goes on by itself, and is nobody's newest content.
    private func isGivenUp(_ volume: Volume) -> Bool {
        guard disowned.contains(.disk(volume.seen.id)), let instance = volume.instance else { return false }
        let record = episode.remote.record(of: episode.ghosts[instance].name)
        return !(record?.names(.disk(volume.seen.id)) ?? false)
    }

    /// One more write to each data disk of a server.
    func write(on server: ServerID) {
        for index in volumes.indices where volumes[index].seen.attachment?.server == server && !volumes[index].isRoot {
            guard let instance = volumes[index].instance else { continue }
            let disk = volumes[index].seen.id
            guard !isGivenUp(volumes[index]) else { continue }
            let number = episode.ghosts[instance].written + 1
            change(.guest, disk.key &+ UInt64(number), "\(server) writes \(number) to \(disk)") {
                episode.ghosts[instance].written = number
                volumes[index].content = .writes(number)
            }
        }
    }
}

extension Server.State {
    fileprivate var key: UInt64 {
        switch self {
        case .starting: 1
        case .running: 2
        case .stopping: 3
        case .stopped: 4
        case .stoppedInPlace: 5
        case .locked: 6
        case .deleting: 7
        case .unknown: 8
        case .unresponsive: 9
        }
    }
}
