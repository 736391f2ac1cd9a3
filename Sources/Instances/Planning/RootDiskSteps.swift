/// The disk that servers boot from: claimed from the server that it came with, or made from the root snapshot.
extension Planner {
    func rootSighted() -> Decision? {
        guard let id = record.root.id else { return claimRoot() }
        switch sighting(id) {
        case .seen(let disk):
            guard disk.tags == nil, case .present(_, let operation, _) = record.root else { return nil }
            return act(.change, .tag(.disk(id), tags(.root, operation)), "Tagging", "tagging root disk \(id)")
        case .unknown(let why): return wait("RootDiskUnknown", "root disk \(id) cannot be read: \(why)")
        case .missing:
            guard sighting(id).isGone else { return wait("RootDiskUnknown", "root disk \(id) is not listed") }
            if let server, let bootDisk = server.bootDisk { return rootReplaced(id, by: bootDisk, on: server) }
            return publish("RootDiskVanished", "root disk \(id) was deleted by somebody") { record in
                record.noteVanished(.disk(id))
                record.root = .absent
            }
        }
    }

    /// Whatever its server boots from now was not made by the operator, and is not to be taken for the operator's.
    private func rootReplaced(_ id: DiskID, by bootDisk: DiskID, on server: Server) -> Decision {
        guard bootDisk != id else {
            return wait("RootDiskUnknown", "server \(server.id) boots from root disk \(id), which is not found")
        }
        return halt(
            "RootDiskReplaced",
            "root disk \(id) is gone and server \(server.id) boots from disk \(bootDisk), which somebody put there. Nothing "
                + "is touched: delete the server by hand, and another one is made")
    }

    /// The root disk that the provider made together with the server becomes part of the record.
    private func claimRoot() -> Decision? {
        guard record.root == .absent, case .present(_, let operation) = record.server, let server,
            let bootDisk = server.bootDisk, !record.condemns(.disk(bootDisk))
        else { return nil }
        guard seen(bootDisk) != nil else {
            // Once the server is deleted nobody would know the disk any more.
            let mayWait = holds(.rootIsClaimedFirst) && !sighting(bootDisk).isGone
            return mayWait ? wait("RootDiskUnknown", "root disk \(bootDisk) was not read yet") : nil
        }
        let image = goal.manifest?.server.image ?? ""
        return publish("RootDiskFound", "root disk \(bootDisk) came with server \(server.id)") { record in
            record.root = .present(bootDisk, operation, image: image)
        }
    }

    /// A failed read is no reason to start over from the bare image.
    func untilRootSnapshotIsRead(_ manifest: Manifest) -> Decision? {
        guard let snapshot = situation.wantedRootSnapshot(manifest), !sighting(snapshot.id).isGone else { return nil }
        switch seen(snapshot.id)?.state {
        case .available, .error: return nil
        case .creating, .deleting, .locked, .unknown, nil:
            return wait(
                "RootSnapshotUnknown",
                "root snapshot \(snapshot.id) cannot be read as available at the moment; to boot from the image instead take "
                    + "rootDisk.snapshot out of the manifest")
        }
    }

    func createRoot(_ operation: Operation, from source: SnapshotID) -> Decision? {
        switch creation(disks(of: operation, role: .root)) {
        case .doubled: return doubled("root disks", operation)
        case .found(let disk):
            switch disk.state {
            case .available:
                let image = record.rootSnapshot.verified?.image ?? ""
                return publish("RootDiskReady", "root disk \(disk.id) is ready") {
                    $0.root = .present(disk.id, operation, image: image)
                }
            case .error:
                return publish(
                    "RootDiskFailed", "root disk \(disk.id) could not be made; trying again", isSpoiled: true
                ) { record in
                    record.condemn(.disk(disk.id), as: operation, because: .unneededRoot)
                    record.root = .absent
                }
            default: return wait("CreatingRootDisk", "root disk \(disk.id) is being made")
            }
        case .callable:
            if let manifest = goal.manifest, let wait = untilRootSnapshotIsRead(manifest) { return wait }
            guard let manifest = goal.manifest, let snapshot = situation.bootableRootSnapshot(manifest),
                snapshot.id == source
            else {
                return publish("RootDiskNotNeeded", "the root disk is not wanted any more") { $0.root = .absent }
            }
            let wanted = manifest.rootDisk.sizeGB.map { max(Int64($0) * bytesInGigabyte, snapshot.sizeBytes) }
            let specification = DiskSpecification(
                name: "\(record.name)-root", tags: tags(.root, operation), sizeBytes: wanted, source: source)
            return act(.start, .createDisk(specification), "CreatingRootDisk", "making a root disk from \(source)")
        case .pending: return wait("CreatingRootDisk", "waiting to see whether the root disk was made")
        case .givenUp:
            return publish("RootDiskNotMade", "the root disk was not made; trying again") { $0.root = .absent }
        }
    }

    /// A root disk that is still to be made, or that nobody has seen yet, for a server that is not wanted: what is found of
    /// it later goes.
    func dropUnmadeRoot() -> Decision? {
        guard case .creating = record.root, record.server == .absent else { return nil }
        return publish("RootDiskNotNeeded", "the root disk is not wanted any more") { $0.root = .absent }
    }

    /// The root disk of a server that is gone for good: the next server gets a new one.
    func dropRoot() -> Decision? {
        switch record.root {
        case .absent: return nil
        case .creating: return dropUnmadeRoot()
        case .present(let disk, let operation, _):
            return publish("RootDiskNotNeeded", "root disk \(disk) is not needed any more") { record in
                record.condemn(.disk(disk), as: operation, because: .unneededRoot)
                record.root = .absent
            }
        }
    }
}

extension Situation {
    /// The root snapshot, where servers are to boot from it and it came from the image that the manifest names.
    public func bootableRootSnapshot(_ manifest: Manifest) -> SnapshotRecord? {
        guard let snapshot = wantedRootSnapshot(manifest), case .seen(let seen)? = observation.snapshots[snapshot.id],
            seen.state == .available
        else { return nil }
        return snapshot
    }

    fileprivate func wantedRootSnapshot(_ manifest: Manifest) -> SnapshotRecord? {
        guard manifest.rootDisk.snapshotEnabled, let snapshot = record?.rootSnapshot.verified,
            snapshot.image == manifest.server.image
        else { return nil }
        return snapshot
    }
}
