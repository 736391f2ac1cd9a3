extension World {
    /// Lets everything happen that is due.
    mutating func advance(to now: Instant) {
        while let entry = agenda.popNext(until: now) { perform(entry.transition, at: entry.due) }
    }

    private mutating func perform(_ transition: Transition, at now: Instant) {
        switch transition {
        case .serverRuns(let id, let action): if isCurrent(id, action) { run(id, at: now) }
        case .serverStops(let id, let action): if isCurrent(id, action) { stop(id, at: now) }
        case .serverStopsInPlace(let id, let action): if isCurrent(id, action) { stopInPlace(id, at: now) }
        case .serverIsGone(let id, let action): if isCurrent(id, action) { terminate(id, at: now) }
        case .addressAttaches(let server): servers.update(server) { $0.dynamicAddress?.state = "attached" }
        case .backupIsReady(let image): images.update(image) { $0.state = "available" }
        case .volumeIsReady(let id):
            volumes.update(id) {
                if $0.base == .creating { $0.base = .available }
                $0.updatedAt = now
            }
        case .volumeIsUpdated(let id, let size, let iops):
            volumes.update(id) {
                $0.size = size ?? $0.size
                $0.iops = iops ?? $0.iops
                $0.base = .available
                $0.updatedAt = now
            }
        case .referenceIsAttached(let volume, let reference):
            volumes.update(volume) { volume in
                guard let index = volume.references.firstIndex(where: { $0.id == reference }),
                    volume.references[index].status == .attaching
                else { return }
                volume.references[index].status = .attached
                volume.updatedAt = now
            }
        case .referenceDetaches(let volume, let reference):
            volumes.update(volume) { volume in
                guard let index = volume.references.firstIndex(where: { $0.id == reference }) else { return }
                volume.references[index].status = .detaching
            }
        case .referenceIsGone(let volume, let reference):
            volumes.update(volume) {
                $0.references.removeAll { $0.id == reference }
                $0.lastDetachedAt = now
                $0.updatedAt = now
            }
        case .snapshotIsReady(let id):
            snapshots.update(id) {
                guard $0.base == .creating else { return }
                $0.base = .available
                $0.references.removeAll { $0.product == .intern }
                $0.updatedAt = now
            }
        case .interfaceIsReady(let id):
            interfaces.update(id) {
                $0.state = "available"
                $0.updatedAt = now
            }
        case .securityGroupIsReady(let id): securityGroups.update(id) { $0.state = "available" }
        case .requestIsProcessed(let request): _ = Routes.respond(to: request, in: &self, at: now)
        }
    }

    private func isCurrent(_ server: String, _ action: Int) -> Bool { servers[server]?.action == action }

    private mutating func run(_ id: String, at now: Instant) {
        guard let server = servers[id] else { return }
        if server.node == nil {
            let node = Server.Node(
                cluster: Int(randomness.next() % 60) + 1, hypervisor: Int(randomness.next() % 800) + 1,
                node: Int(randomness.next() % 40) + 1)
            servers.update(id) { $0.node = node }
        }
        servers.update(id) {
            $0.state = .running
            $0.stateDetail = "booting kernel"
            $0.bootedAt = now
            $0.boots += 1
            $0.updatedAt = now
        }
        if server.dynamicAddress?.state == "pending" {
            plan(.addressAttaches(server: id), after: .dynamicAddress, from: now)
        }
        guestWrites(server, at: now)
    }

    /// The guest counts its boots on every disk that it does not boot from.
    private mutating func guestWrites(_ server: Server, at now: Instant) {
        for slot in server.slots where slot.volume != server.bootVolume { write(to: slot.volume, at: now) }
    }

    private mutating func stop(_ id: String, at now: Instant) {
        guard let server = servers[id] else { return }
        if configuration.writesAtShutdown, server.node != nil { guestWrites(server, at: now) }
        servers.update(id) {
            $0.state = .stopped
            $0.stateDetail = ""
            $0.node = nil
            $0.dynamicAddress = nil
            $0.bootedAt = nil
            $0.updatedAt = now
        }
    }

    mutating func stopInPlace(_ id: String, at now: Instant) {
        guard let server = servers[id] else { return }
        if configuration.writesAtShutdown { guestWrites(server, at: now) }
        servers.update(id) {
            $0.state = .stoppedInPlace
            $0.stateDetail = "stopped in place"
            $0.bootedAt = nil
            $0.updatedAt = now
        }
    }

    /// Destroys the local volumes with the server; block volumes are only detached.
    private mutating func terminate(_ id: String, at now: Instant) {
        guard let server = servers[id] else { return }
        removeServer(id, at: now)
        for slot in server.slots {
            guard let volume = localVolumes.remove(slot.volume) else { continue }
            checkLineage(volume.content.lineage, at: now, because: "server \(id) was terminated")
        }
    }
}
