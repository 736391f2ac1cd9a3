import Instances

/// What is true of an instance, whatever anybody knows of it.
struct Ghost {
    let name: InstanceName
    /// Writes that its guest has made; 0: there never was any data.
    var written = 0
    /// A person has destroyed the last copy of what was written last. Nobody has to keep what is gone, but nobody may
    /// go on from less without being told to either.
    var isBereft = false
    /// A person has destroyed one of several copies of what was written last. Who has seen it a moment before may still
    /// record it; what is left is found, and told.
    var isCopyTaken = false
    /// A commit says that its data may go, or that it may go on from what is left.
    var isReleased = false
    /// In calm a commit gave up what nobody could find any more. Of the copies that are left the status may only tell.
    var isGivenUp = false
    /// How often its record was made from tags. What that could not place the status may only tell.
    var recoveries = 0
    /// The status branch was moved by force: the record names what was.
    var isRolledBack = false

    var mustBeKept: Bool { written > 0 && !isBereft && !isReleased }
}

/// What must hold after every effect; the names are those of the design.
extension Episode {
    func check() {
        for index in ghosts.indices {
            checkAttachments(of: index)
            guard ghosts[index].mustBeKept else { continue }
            guard hasCopy(index) else {
                violate("I1", "no copy of write \(ghosts[index].written) of \(ghosts[index].name) is left")
                continue
            }
            guard !ghosts[index].isRolledBack, !ghosts[index].isCopyTaken, !isRecorded(index) else { continue }
            violate("I1r", "the record of \(ghosts[index].name) does not name a copy of write \(ghosts[index].written)")
        }
    }

    /// Whether the newest content of an instance is in a disk or snapshot that has settled: in a certain one, or in any.
    func hasCopy(_ index: Int, disk: DiskID? = nil, snapshot: SnapshotID? = nil) -> Bool {
        let isAny = disk == nil && snapshot == nil
        let newest = Content.writes(ghosts[index].written)
        for cloud in clouds {
            for volume in cloud.volumes
            where volume.content == newest && volume.instance == index && (isAny || volume.seen.id == disk) {
                switch volume.seen.state {
                case .available, .attached, .busy: return true
                case .creating, .deleting, .error, .locked, .unknown: break
                }
            }
            for copy in cloud.copies
            where copy.content == newest && copy.instance == index && (isAny || copy.seen.id == snapshot)
                && copy.seen.state == .available
            {
                return true
            }
        }
        return false
    }

    /// How many disks and snapshots hold the newest content of an instance, in whatever state.
    func copies(_ index: Int) -> Int {
        let newest = Content.writes(ghosts[index].written)
        return clouds.reduce(0) { count, cloud in
            count + cloud.volumes.count { $0.instance == index && $0.content == newest && $0.seen.state != .deleting }
                + cloud.copies.count { $0.instance == index && $0.content == newest && $0.seen.state != .deleting }
        }
    }

    func isRecorded(_ index: Int) -> Bool {
        guard let record = remote.record(of: ghosts[index].name) else { return false }
        switch record.data {
        case .none, .creating: return false
        case .live(let disk, _), .quiescing(let disk, _), .snapshotting(let disk, _, _):
            return hasCopy(index, disk: disk)
        // A person may have written to the disk after its snapshot was cut.
        case .deleting(let disk, let snapshot, _, _):
            return hasCopy(index, snapshot: snapshot) || hasCopy(index, disk: disk)
        case .snapshot(let snapshot), .restoring(let snapshot, _): return hasCopy(index, snapshot: snapshot)
        }
    }

    private func checkAttachments(of index: Int) {
        var running = 0
        for cloud in clouds {
            for volume in cloud.volumes where volume.instance == index && !volume.isRoot {
                // People gave up what was denied, and began anew.
                if cloud.disowned.contains(.disk(volume.seen.id)) { continue }
                guard let server = volume.seen.attachment?.server, let machine = cloud.machine(server) else { continue }
                if !cloud.machines[machine].isForeign, cloud.machines[machine].seen.state == .running { running += 1 }
            }
        }
        if running > 1 { violate("I8", "two data disks of \(ghosts[index].name) are in use at once") }
    }

    // MARK: Single effects

    /// A guest of an instance gets hold of a data disk.
    func mounted(_ disk: DiskID, content: Content, of instance: Int?, on machine: Cloud.Machine) {
        guard let instance, instance == machine.instance else {
            return violate("I8", "\(disk) is mounted by \(machine.seen.id), which is not its instance's")
        }
        let written = ghosts[instance].written
        // What an approval has condemned stays given up, however long it goes on being used.
        let isCondemned = remote.record(of: ghosts[instance].name)?.condemns(.disk(disk)) ?? false
        switch content {
        case .writes(written):
            // Nor does a record that was moved back take an approval back.
            if !isCondemned, !ghosts[instance].isRolledBack { ghosts[instance].isReleased = false }
            ghosts[instance].isCopyTaken = false
            ghosts[instance].isBereft = false
        case .empty where written == 0: break
        case .empty, .writes:
            // Where the record is lost as well as every copy, nobody can know that there was any data.
            let isForgotten = ghosts[instance].isRolledBack && !hasCopy(instance)
            guard ghosts[instance].isReleased || isForgotten else {
                return violate(
                    "I8", "\(machine.seen.id) goes on from \(content) of \(disk) instead of write \(written)")
            }
            // A person has said so: from now on this is the newest.
            if case .writes(let number) = content {
                ghosts[instance].written = number
            } else {
                ghosts[instance].written = 0
            }
            if !isCondemned { ghosts[instance].isReleased = false }
            ghosts[instance].isBereft = false
        case .torn, .system: violate("I8", "\(machine.seen.id) mounts \(disk), which holds \(content)")
        }
    }

    /// A call changes something: it has to be the instance's own.
    func requireOwn(_ tags: Tags?, isForeign: Bool, _ resource: ResourceID) {
        if isForeign { violate("I4", "\(resource) belongs to others and is changed") }
        // Of what somebody takes the tags from meanwhile it was judged when the call was sent.
        guard let tags = tags ?? clouds.lazy.compactMap({ $0.stripped[resource]?.tags }).first else {
            return violate("I4", "\(resource) carries no tags and is changed")
        }
        guard index(of: tags.name) != nil else { return violate("I4", "\(resource) is nobody's and is changed") }
    }

    /// Nothing is ever made twice under one operation.
    func requireOnce(_ resource: ResourceID, _ tags: Tags, in cloud: Cloud) {
        people.made(by: tags.owner)
        let key = "\(resource.kind) \(tags.role.rawValue) \(tags.operation.nonce)"
        guard cloud.made.insert(key).inserted else {
            return violate("I6", "\(resource) is made a second time under operation \(tags.operation)")
        }
    }

    /// The status branch has moved forward.
    func pushed(
        _ commit: Remote.StatusCommit, after before: Remote.StatusCommit?, changing names: [InstanceName],
        by actor: Trace.Actor
    ) {
        for name in names {
            if let configuration = commit.configuration, commit.tree.files[name]?.status?.tellsOfLoss ?? false {
                remote.lossesTold[name, default: []].insert(configuration)
            }
            guard case .success(let old?)? = before?.tree.files[name]?.record else { continue }
            let record = try? commit.tree.files[name]?.record.get()
            // What a person recovers takes the place of what is known to be wrong.
            if actor != .person { requireAssent(to: record, after: old, by: commit) }
            if let record, record.uid == old.uid, record.epoch < old.epoch {
                violate("I6", "the epoch of \(name) went back")
            }
        }
        check()
    }
}
