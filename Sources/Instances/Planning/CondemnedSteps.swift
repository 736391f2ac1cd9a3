/// The end of what was condemned: freed, marked, deleted, and seen to be gone.
extension Planner {
    /// So many failed copies are put up with before they are cleaned up and another is tried: they count against quotas
    /// and are billed. Fewer are left for later, because a failed copy that cannot be deleted should hold nothing up.
    private static let failedCopiesPutUpWith = 3

    func spoiledStep() -> Decision? {
        let spoiled = record.condemned.filter { condemned in
            switch condemned.resource {
            case .disk(let id): condemned.ground == .abandoned && seen(id)?.state == .error
            case .snapshot(let id): condemned.ground == .abandoned && seen(id)?.state == .error
            case .server, .companion: false
            }
        }
        guard spoiled.count >= Self.failedCopiesPutUpWith else { return nil }
        return spoiled.lazy.compactMap(condemnedStep).first
    }

    /// The next step towards the deletion of something condemned; `nil` while there is nothing to do but wait for
    /// something else to let go of it.
    func condemnedStep(_ condemned: Condemned) -> Decision? {
        switch condemned.resource {
        case .server(let id):
            guard case .seen(let server) = sighting(id) else { return unseen(condemned, sighting(id).isGone) }
            switch server.state {
            case .running, .starting, .stoppedInPlace, .unresponsive:
                return act(.stop, .powerOff(id), "PoweringOff", "powering off server \(id), which is to be deleted")
            case .stopped:
                return (holds(.condemnedServerIsFreed) ? freeData(from: server) : nil)
                    ?? deletion(of: condemned.resource, tags: server.tags, kind: .stop, isBusy: false)
            case .stopping, .deleting: return wait("DeletingServer", "server \(id) is on its way out")
            case .locked:
                return wait(
                    "DeletingServer", "server \(id), which is to be deleted, is locked by the provider: ask its support"
                )
            case .unknown(let word):
                return wait(
                    "DeletingServer", "server \(id), which is to be deleted, is in a state we do not know: \(word)")
            }
        case .disk(let id):
            guard case .seen(let disk) = sighting(id) else { return unseen(condemned, sighting(id).isGone) }
            if let attachment = disk.attachment { return freeing(disk, attachment) }
            guard isMadeUpFor(condemned, role: disk.tags?.role) else { return nil }
            return deletion(
                of: condemned.resource, tags: disk.tags, kind: .cleanUp, isBusy: disk.state == .deleting)
        case .snapshot(let id):
            guard case .seen(let snapshot) = sighting(id) else { return unseen(condemned, sighting(id).isGone) }
            guard !snapshot.isLinked, isMadeUpFor(condemned, role: snapshot.tags?.role) else { return nil }
            return deletion(
                of: condemned.resource, tags: snapshot.tags, kind: .cleanUp, isBusy: snapshot.state == .deleting)
        case .companion(let id):
            return act(.cleanUp, .deleteCompanion(id), "CleaningUp", "deleting \(condemned.resource)")
        }
    }

    /// Whether its content is seen elsewhere, so that asking for the deletion makes sense.
    private func isMadeUpFor(_ condemned: Condemned, role: Tags.Role?) -> Bool {
        record.isMadeUpFor(condemned, role: role, by: record.copy(insteadOf: condemned).flatMap(copy))
    }

    private func copy(_ id: ResourceID) -> DataCopy? {
        switch id {
        case .disk(let id): seen(id).map(DataCopy.disk)
        case .snapshot(let id): seen(id).map(DataCopy.snapshot)
        case .server, .companion: nil
        }
    }

    /// A late call may have attached the data disk after its server was condemned; it is never deleted with the server.
    private func freeData(from server: Server) -> Decision? {
        guard let id = record.data.disk, let disk = seen(id), let attachment = disk.attachment,
            attachment.server == server.id
        else { return nil }
        guard attachment.phase != .detaching else { return wait("Detaching", "data disk \(id) is being detached") }
        return act(
            .stop, .detachDisk(id, server.id), "Detaching",
            "detaching data disk \(id) from condemned server \(server.id)")
    }

    /// Tag first, then delete, then see that it is gone.
    func deletion(of resource: ResourceID, tags: Tags?, kind: Activity.Kind, isBusy: Bool) -> Decision? {
        guard let condemned = record.condemned.first(where: { $0.resource == resource }) else { return nil }
        guard !isBusy else { return wait("Deleting", "\(resource) is being deleted") }
        guard var tags else {
            // The provider made it and the crash came before its tags: it is claimed and condemned in one go.
            guard condemned.ground == .unneededRoot else { return nil }
            var tags = self.tags(.root, condemned.operation)
            tags.condemned = true
            return act(kind, .tag(resource, tags), "Condemning", "marking \(resource) as condemned")
        }
        guard requires(.condemnedByTag, tags.condemned) else {
            tags.condemned = true
            return act(kind, .tag(resource, tags), "Condemning", "marking \(resource) as condemned")
        }
        return act(kind, .delete(condemned), "Deleting", "deleting \(resource)")
    }

    private func unseen(_ condemned: Condemned, _ isGone: Bool) -> Decision? {
        guard isGone else { return wait("Deleting", "making sure that \(condemned.resource) is gone") }
        return publish("Deleted", "\(condemned.resource) is gone") { $0.condemned.removeAll { $0 == condemned } }
    }

    private func freeing(_ disk: Disk, _ attachment: Disk.Attachment) -> Decision? {
        guard attachment.phase != .detaching else { return wait("Detaching", "disk \(disk.id) is being detached") }
        guard attachment.server == record.server.id, let server, server.state == .stopped else {
            return wait("Detaching", "disk \(disk.id) is still attached to server \(attachment.server)")
        }
        return act(.cleanUp, .detachDisk(disk.id, server.id), "Detaching", "detaching disk \(disk.id)")
    }
}
