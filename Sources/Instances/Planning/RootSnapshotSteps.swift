/// The snapshot of the root disk: taken once after the first successful boot, kept until it is replaced.
extension Planner {
    func rootSnapshotStep() -> Decision? {
        guard case .cutting(let operation, let replacing) = record.rootSnapshot else { return vanished() }
        guard let manifest = goal.manifest, manifest.rootDisk.snapshotEnabled, goal.server == .up,
            case .present(let disk, _, let image) = record.root, let server
        else { return abandonCut(replacing) }
        switch creation(snapshots(of: operation, role: .root)) {
        case .doubled: return doubled("root snapshots", operation)
        case .found(let snapshot): return judge(snapshot, of: disk, image, operation, replacing)
        case .pending: return wait("SnapshottingRoot", "waiting to see whether the root snapshot was cut")
        case .givenUp: return abandonCut(replacing)
        case .callable:
            // Off first, which the server step sees to.
            guard server.state == .stopped else { return nil }
            let specification = SnapshotSpecification(
                name: "\(record.name)-root-\(operation.epoch)", tags: tags(.root, operation), disk: disk)
            return act(
                .snapshotRoot, .createSnapshot(specification), "SnapshottingRoot",
                "cutting a snapshot of root disk \(disk)")
        }
    }

    private func vanished() -> Decision? {
        guard case .ready(let snapshot) = record.rootSnapshot, sighting(snapshot.id).isGone else { return nil }
        return publish("RootSnapshotVanished", "root snapshot \(snapshot.id) was deleted by somebody") { record in
            record.noteVanished(.snapshot(snapshot.id))
            record.rootSnapshot = .none
        }
    }

    private func abandonCut(_ replacing: SnapshotRecord?) -> Decision {
        publish("RootSnapshotGivenUp", "the root snapshot is not taken now") { record in
            record.rootSnapshot = replacing.map(RootSnapshotRecord.ready) ?? .none
        }
    }

    private func judge(
        _ snapshot: Snapshot, of disk: DiskID, _ image: String, _ operation: Operation, _ replacing: SnapshotRecord?
    ) -> Decision {
        switch snapshot.state {
        case .creating, .locked, .unknown, .deleting:
            return wait("SnapshottingRoot", "snapshot \(snapshot.id) of root disk \(disk) is being cut")
        case .error:
            return publish(
                "RootSnapshotFailed", "root snapshot \(snapshot.id) failed; trying again", isSpoiled: true
            ) { $0.discard(snapshot.id, as: operation, replacing) }
        case .available:
            guard snapshot.sourceDisk == disk, snapshot.sizeBytes == seen(disk)?.sizeBytes else {
                return halt(
                    "SnapshotMismatch", "root snapshot \(snapshot.id) does not have the source or size of disk \(disk)")
            }
            // Somebody may have started it just before the cut.
            guard server?.state == .stopped else {
                return publish(
                    "RootSnapshotSpoiled",
                    "the server did not stay off while root snapshot \(snapshot.id) was cut; it is taken again"
                ) { $0.discard(snapshot.id, as: operation, replacing) }
            }
            return publish("RootSnapshotReady", "root snapshot \(snapshot.id) is good") { record in
                let good = SnapshotRecord(
                    id: snapshot.id, operation: operation, sourceDisk: disk, sizeBytes: snapshot.sizeBytes,
                    createdAt: snapshot.createdAt, image: image)
                record.rootSnapshot = .ready(good)
                if let replacing {
                    record.condemn(.snapshot(replacing.id), as: operation, because: .supersededBy(good.id))
                }
            }
        }
    }

    /// Begins a cut once the server has booted from an image that no root snapshot is of.
    func beginRootSnapshot() -> Decision? {
        guard let manifest = goal.manifest, manifest.rootDisk.snapshotEnabled, goal.server == .up,
            case .present(_, _, let image) = record.root, record.rootSnapshot.verified?.image != image,
            let server, server.state == .running, hasBooted(server)
        else { return nil }
        let replacing = record.rootSnapshot.verified
        return begin(.snapshotRoot, "SnapshottingRoot", "the first boot went well; taking a root snapshot") {
            record, operation in record.rootSnapshot = .cutting(operation, replacing: replacing)
        }
    }

    private func hasBooted(_ server: Server) -> Bool {
        server.guestReady ?? ((situation.secondsRunning ?? 0) >= situation.bootSeconds)
    }

    /// A sentence where a root snapshot is due but the guest has not run for long enough.
    func awaitingBoot() -> Decision? {
        guard let manifest = goal.manifest, manifest.rootDisk.snapshotEnabled, goal.server == .up,
            case .present(_, _, let image) = record.root, record.rootSnapshot.verified?.image != image,
            let server, server.state == .running, server.guestReady == nil
        else { return nil }
        return wait(
            "Booting", "the root snapshot is taken once the guest has run for \(situation.bootSeconds) seconds")
    }
}

extension Record {
    /// What was cut is no root snapshot; the one before, if any, goes on being it.
    fileprivate mutating func discard(_ cut: SnapshotID, as operation: Operation, _ replacing: SnapshotRecord?) {
        condemn(.snapshot(cut), as: operation, because: .abandoned)
        rootSnapshot = replacing.map(RootSnapshotRecord.ready) ?? .none
    }
}
