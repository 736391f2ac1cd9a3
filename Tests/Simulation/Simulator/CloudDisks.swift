import Instances
import Reconciler

/// Disks, snapshots and tags: what calls do to them.
extension Cloud {
    func createDisk(_ specification: DiskSpecification) throws(ProviderError) -> Disk {
        var content = Content.empty
        var bytes = specification.sizeBytes ?? 0
        if let source = specification.source {
            let copy = copies[try require(source)]
            guard copy.seen.state == .available else { throw ProviderError(.conflict, "\(source) is not available") }
            guard specification.sizeBytes ?? .max >= copy.seen.sizeBytes else {
                throw ProviderError(.invalid, "smaller than \(source)")
            }
            (content, bytes) = (copy.content, specification.sizeBytes ?? copy.seen.sizeBytes)
        }
        let tags = specification.tags
        let disk = Disk(
            id: DiskID(mint("disk")), name: specification.name, tags: tags, state: .creating, sizeBytes: bytes,
            source: specification.source, iops: specification.iops, createdAt: episode.wallClock)
        episode.requireOnce(.disk(disk.id), tags, in: self)
        var volume = Volume(seen: disk, content: content, instance: episode.index(of: tags.name))
        volume.isRoot = tags.role == .root
        volume.isMissedOnce = episode.random.chance(options.staleReads)
        change(.cloud, disk.id.key, "\(tags.name): \(disk.id) is being made (\(tags.operation))") {
            volumes.append(volume)
        }
        let fails = !episode.isCalm && episode.random.chance(options.failedDisks)
        later {
            guard let index = self.volume(disk.id), self.volumes[index].seen.state == .creating else { return }
            self.change(.cloud, disk.id.key &+ 1, "\(disk.id) is \(fails ? "broken" : "available")") {
                self.volumes[index].seen.state = fails ? .error : .available
                if fails { self.volumes[index].content = .torn }
            }
        }
        return disk
    }

    func growDisk(_ id: DiskID, toBytes bytes: Int64) throws(ProviderError) {
        let index = try require(id)
        let disk = volumes[index].seen
        guard bytes != disk.sizeBytes else { return }
        guard bytes > disk.sizeBytes else { throw ProviderError(.invalid, "\(id) is never made smaller") }
        guard disk.state == .available || disk.state == .attached else {
            throw ProviderError(.conflict, "\(id) is busy")
        }
        episode.requireOwn(disk.tags, isForeign: volumes[index].isForeign, .disk(id))
        change(.cloud, id.key &+ 2, "\(id) grows") { volumes[index].seen.state = .busy }
        later {
            guard let index = self.volume(id), self.volumes[index].seen.state == .busy else { return }
            self.change(.cloud, id.key &+ 3, "\(id) has grown") {
                self.volumes[index].seen.sizeBytes = bytes
                self.volumes[index].seen.state = self.volumes[index].seen.attachment == nil ? .available : .attached
            }
        }
    }

    func deleteDisk(_ id: DiskID) throws(ProviderError) {
        let index = try require(id)
        let disk = volumes[index].seen
        guard disk.attachment == nil else { throw ProviderError(.inUse, "\(id) is attached") }
        guard disk.state != .busy else { throw ProviderError(.conflict, "\(id) is busy") }
        episode.requireOwn(disk.tags, isForeign: volumes[index].isForeign, .disk(id))
        remove(id, by: .cloud)
    }

    func remove(_ id: DiskID, by actor: Trace.Actor) {
        change(actor, id.key &+ 4, "\(id) is deleted") {
            volumes.removeAll { $0.seen.id == id }
            for index in copies.indices where copies[index].seen.sourceDisk == id {
                // What is still being read cannot be finished.
                if copies[index].seen.state == .creating { copies[index].seen.state = .error }
                if options.forgetsParents { copies[index].seen.sourceDisk = nil }
            }
        }
    }

    // MARK: Attaching

    func attachDisk(_ id: DiskID, to server: ServerID) throws(ProviderError) {
        let index = try require(id)
        let machine = machines[try require(server)]
        let disk = volumes[index].seen
        if let attachment = disk.attachment {
            guard attachment.server == server else { throw ProviderError(.inUse, "\(id) is attached elsewhere") }
            guard attachment.phase == .detaching else { return }
        }
        guard disk.state == .available else { throw ProviderError(.conflict, "\(id) is not available") }
        guard machine.seen.state == .stopped else { throw ProviderError(.conflict, "\(server) is not stopped") }
        episode.requireOwn(disk.tags, isForeign: volumes[index].isForeign, .disk(id))
        attach(id, to: server, by: .cloud)
    }

    func attach(_ id: DiskID, to server: ServerID, by actor: Trace.Actor) {
        guard let index = volume(id) else { return }
        change(actor, id.key &+ 5, "\(id) is attached to \(server)") {
            volumes[index].seen.state = .attached
            volumes[index].seen.attachment = Disk.Attachment(server: server, phase: .attaching)
        }
        later(atMost: .seconds(3)) {
            guard let index = self.volume(id), self.volumes[index].seen.attachment?.server == server,
                self.volumes[index].seen.attachment?.phase == .attaching
            else { return }
            self.change(.cloud, id.key &+ 6, "\(id) has been attached") {
                self.volumes[index].seen.attachment?.phase = .attached
            }
        }
    }

    func detachDisk(_ id: DiskID, from server: ServerID, by actor: Trace.Actor = .cloud) throws(ProviderError) {
        let index = try require(id)
        let machine = machines[try require(server)]
        guard volumes[index].seen.attachment?.server == server else { return }
        guard volumes[index].seen.attachment?.phase != .detaching else { return }
        guard machine.seen.state == .stopped else { throw ProviderError(.conflict, "\(server) is not stopped") }
        guard machine.seen.bootDisk != id else { throw ProviderError(.invalid, "\(id) is what \(server) boots from") }
        if actor == .cloud {
            episode.requireOwn(volumes[index].seen.tags, isForeign: volumes[index].isForeign, .disk(id))
        }
        change(actor, id.key &+ 7, "\(id) is being detached from \(server)") { release(id, from: server) }
    }

    /// It stays listed with its server for a while; the time of detaching is never the same twice.
    func release(_ id: DiskID, from server: ServerID) {
        // Whoever lets go of it late may find that it is somebody else's by now.
        guard let index = volume(id), volumes[index].seen.attachment?.server == server else { return }
        volumes[index].seen.attachment?.phase = .detaching
        later {
            guard let index = self.volume(id), self.volumes[index].seen.attachment?.server == server,
                self.volumes[index].seen.attachment?.phase == .detaching
            else { return }
            self.change(.cloud, id.key &+ 8, "\(id) has been detached") {
                self.volumes[index].seen.attachment = nil
                if self.volumes[index].seen.state == .attached { self.volumes[index].seen.state = .available }
                self.volumes[index].seen.lastDetachedAt = self.episode.uniqueTime()
            }
        }
    }

    // MARK: Snapshots

    func createSnapshot(_ specification: SnapshotSpecification) throws(ProviderError) -> Snapshot {
        let disk = volumes[try require(specification.disk)]
        guard disk.seen.state == .available || disk.seen.state == .attached else {
            throw ProviderError(.conflict, "\(disk.seen.id) is \(disk.seen.state)")
        }
        let tags = specification.tags
        episode.requireOwn(disk.seen.tags, isForeign: disk.isForeign, .disk(disk.seen.id))
        let id = SnapshotID(mint("snapshot"))
        episode.requireOnce(.snapshot(id), tags, in: self)
        let user = disk.seen.attachment.flatMap { machine($0.server) }.map { machines[$0].seen.state }
        let isInUse = disk.seen.attachment != nil && user != .stopped
        let snapshot = Snapshot(
            id: id, name: specification.name, tags: tags, state: .creating, sizeBytes: disk.seen.sizeBytes,
            sourceDisk: disk.seen.id, createdAt: episode.wallClock)
        var copy = Copy(
            seen: snapshot, content: isInUse ? .torn : disk.content, instance: episode.index(of: tags.name),
            isRoot: disk.isRoot)
        copy.isMissedOnce = episode.random.chance(options.staleReads)
        change(.cloud, id.key, "\(tags.name): \(id) of \(disk.seen.id) is being cut (\(tags.operation))") {
            copies.append(copy)
            if options.isBusyWhileCut, let index = volume(disk.seen.id) { volumes[index].seen.state = .busy }
        }
        let fails = !episode.isCalm && episode.random.chance(options.failedSnapshots)
        later { self.finish(id, of: disk.seen.id, fails: fails) }
        return snapshot
    }

    private func finish(_ id: SnapshotID, of disk: DiskID, fails: Bool) {
        guard let index = copy(id), copies[index].seen.state == .creating else { return }
        change(.cloud, id.key &+ 1, "\(id) is \(fails ? "broken" : "available")") {
            copies[index].seen.state = fails ? .error : .available
            guard options.isBusyWhileCut, let index = volume(disk), volumes[index].seen.state == .busy else { return }
            volumes[index].seen.state = volumes[index].seen.attachment == nil ? .available : .attached
        }
    }

    func deleteSnapshot(_ id: SnapshotID) throws(ProviderError) {
        let index = try require(id)
        guard copies[index].seen.state != .creating else { throw ProviderError(.conflict, "\(id) is being cut") }
        guard !volumes.contains(where: { $0.seen.source == id && $0.seen.state == .creating }) else {
            throw ProviderError(.inUse, "a disk is being made from \(id)")
        }
        episode.requireOwn(copies[index].seen.tags, isForeign: copies[index].isForeign, .snapshot(id))
        remove(id, by: .cloud)
    }

    func remove(_ id: SnapshotID, by actor: Trace.Actor) {
        change(actor, id.key &+ 2, "\(id) is deleted") { copies.removeAll { $0.seen.id == id } }
    }

    // MARK: Tags

    func tag(_ resource: ResourceID, with tags: Tags) throws(ProviderError) {
        let text = "\(resource.text) is tagged \(tags.operation)\(tags.condemned ? ", condemned" : "")"
        switch resource {
        case .server(let id):
            let index = try require(id)
            episode.requireOwn(machines[index].seen.tags, isForeign: machines[index].isForeign, resource)
            change(.cloud, id.key &+ 16, text) { machines[index].seen.tags = tags }
        case .disk(let id):
            let index = try require(id)
            // A root disk that came with a server of ours is claimed by this.
            let isClaimed = volumes[index].isRoot && volumes[index].instance != nil
            episode.requireOwn(
                volumes[index].seen.tags ?? (isClaimed ? tags : nil), isForeign: volumes[index].isForeign, resource)
            change(.cloud, id.key &+ 16, text) { volumes[index].seen.tags = tags }
        case .snapshot(let id):
            let index = try require(id)
            episode.requireOwn(copies[index].seen.tags, isForeign: copies[index].isForeign, resource)
            change(.cloud, id.key &+ 16, text) { copies[index].seen.tags = tags }
        case .companion(let id):
            guard let index = companions.firstIndex(where: { $0.id == id }) else {
                throw ProviderError(.notFound, "\(id) does not exist")
            }
            companions[index].tags = tags
        }
    }
}
