import Instances
import Reconciler

/// What people do to resources by hand, past every operator.
extension People {
    private func cloud(of instance: Int) -> Cloud? {
        let zone = episode.remote.record(of: episode.ghosts[instance].name)?.zone
        return episode.clouds.first { $0.place.zone == zone }
    }

    /// Starts, stops, or deletes a server.
    func power(_ instance: Int) {
        guard let cloud = cloud(of: instance),
            let machine = cloud.machines.first(where: { $0.instance == instance })?.seen
        else { return }
        switch random.below(4) {
        case 0: try? cloud.powerOn(machine.id, by: .person)
        case 1, 2: try? cloud.powerOff(machine.id, by: .person)
        default:
            // A root disk without tags belongs to nobody once its server is gone: nobody could clean it up.
            let root = machine.bootDisk.flatMap(cloud.volume).map { cloud.volumes[$0].seen }
            if machine.state == .stopped, root?.tags != nil { cloud.remove(machine.id, by: .person) }
        }
    }

    /// Takes the data disk from its server, or uses it with a machine of their own for a while.
    func touch(_ instance: Int) {
        guard !mustKeepOut(of: instance), let cloud = cloud(of: instance),
            let disk = episode.remote.record(of: episode.ghosts[instance].name)?.data.disk,
            let index = cloud.volume(disk), cloud.volumes[index].content == .writes(episode.ghosts[instance].written)
        else { return }
        let seen = cloud.volumes[index].seen
        if let server = seen.attachment?.server {
            try? cloud.detachDisk(disk, from: server, by: .person)
        } else if seen.state == .available {
            cloud.use(disk, writing: random.chance(500))
        }
    }

    /// Deletes a snapshot or a disk. If it was the last copy, that is what they wanted: nobody has to keep it, and
    /// nobody may go on from less without being told to.
    func delete(_ instance: Int) {
        guard !mustKeepOut(of: instance), let cloud = cloud(of: instance) else { return }
        let snapshots = cloud.copies.filter { $0.instance == instance && $0.seen.state == .available }.map(\.seen.id)
        let disk = cloud.volumes.first { volume in
            volume.instance == instance && volume.seen.state == .available && volume.seen.attachment == nil
        }
        bereaving(instance) {
            if let disk, random.chance(200) {
                cloud.remove(disk.seen.id, by: .person)
            } else if !snapshots.isEmpty {
                cloud.remove(random.pick(snapshots), by: .person)
            }
        }
    }

    /// Deletes a data disk that is broken, as its status says.
    func deleteDamaged(_ instance: Int) {
        guard let cloud = cloud(of: instance),
            let disk = episode.remote.record(of: episode.ghosts[instance].name)?.data.disk.flatMap(cloud.volume)
        else { return }
        cloud.remove(cloud.volumes[disk].seen.id, by: .person)
    }

    /// Deletes what a late request has made of an instance that was forgotten, where a new one of its name waits for that.
    func deleteRemains(_ instance: Int) {
        guard episode.remote.record(of: episode.ghosts[instance].name) == nil else { return }
        for cloud in episode.clouds {
            for machine in cloud.machines where machine.instance == instance {
                cloud.remove(machine.seen.id, by: .person)
            }
            for volume in cloud.volumes where volume.instance == instance { cloud.remove(volume.seen.id, by: .person) }
            for copy in cloud.copies where copy.instance == instance { cloud.remove(copy.seen.id, by: .person) }
        }
    }

    /// Deletes the data that its status says is in no record. What nobody has told of is not touched.
    func deleteUnrecorded(_ instance: Int) {
        let record = episode.remote.record(of: episode.ghosts[instance].name)
        guard let record, let cloud = cloud(of: instance) else { return }
        bereaving(instance) {
            for volume in cloud.volumes where volume.instance == instance && volume.seen.tags?.role == .data {
                if !record.names(.disk(volume.seen.id)) { cloud.remove(volume.seen.id, by: .person) }
            }
            for copy in cloud.copies where copy.instance == instance && copy.seen.tags?.role == .data {
                if !record.names(.snapshot(copy.seen.id)) { cloud.remove(copy.seen.id, by: .person) }
            }
        }
    }

    /// Deletes a machine together with the disk of its data, as consoles offer to; of its snapshots nobody thinks.
    func wipe(_ instance: Int) {
        guard !mustKeepOut(of: instance), let cloud = cloud(of: instance) else { return }
        let disk = episode.remote.record(of: episode.ghosts[instance].name)?.data.disk.flatMap(cloud.volume)
        let machine = cloud.machines.first { $0.instance == instance }?.seen
        let root = machine?.bootDisk.flatMap(cloud.volume).map { cloud.volumes[$0].seen }
        bereaving(instance) {
            if let disk { cloud.remove(cloud.volumes[disk].seen.id, by: .person) }
            // A root disk without tags belongs to nobody once its server is gone.
            if let machine, root?.tags != nil { cloud.remove(machine.id, by: .person) }
        }
    }

    /// What people do that may destroy the newest content.
    private func bereaving(_ instance: Int, _ act: () -> Void) {
        let before = episode.copies(instance)
        let wasBereft = episode.ghosts[instance].isBereft
        episode.ghosts[instance].isBereft = true
        act()
        if episode.copies(instance) < before { episode.ghosts[instance].isCopyTaken = true }
        let isKept = episode.hasCopy(instance) && episode.isRecorded(instance)
        episode.ghosts[instance].isBereft = wasBereft || episode.ghosts[instance].written > 0 && !isKept
    }
}

extension Cloud {
    /// Somebody's own machine takes a disk, perhaps writes to it, and lets go of it.
    func use(_ disk: DiskID, writing: Bool) {
        let id = ServerID(mint("theirs"))
        let server = Server(id: id, name: "theirs", tags: nil, state: .running, type: "small")
        change(.person, id.key, "\(id) is made") {
            machines.append(Machine(seen: server, instance: nil, isForeign: true, created: now))
        }
        attach(disk, to: id, by: .person)
        if writing { later { self.write(on: id) } }
        later(atMost: .seconds(120)) { self.release(disk, from: id) }
    }

    /// Whatever is still in use by others is given back.
    func releaseForeign() {
        for volume in volumes {
            guard let server = volume.seen.attachment?.server, let index = machine(server), machines[index].isForeign
            else { continue }
            release(volume.seen.id, from: server)
        }
    }
}
