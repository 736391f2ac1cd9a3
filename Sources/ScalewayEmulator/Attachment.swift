extension World {
    func attachVolumeRequest(_ call: Call) throws(Refusal) -> (Server, String, Bool) {
        let server = try server(call)
        try checkLock(server.id, "instance_server")
        let body = try call.body()
        return (server, try body.required("volume_id"), try body.flag("boot") ?? false)
    }

    mutating func attachVolume(_ call: Call) throws(Refusal) -> APIResponse {
        let (server, id, boot) = try attachVolumeRequest(call)
        guard [.stopped, .running, .stoppedInPlace].contains(server.state) else {
            throw .transient("instance_server", server.id, server.state.rawValue)
        }
        try checkAttachable(id, zone: call.zone)
        guard server.slots.count < Catalogue.volumesPerServer else {
            throw .invalid("volume_id", "constraint", "at most \(Catalogue.volumesPerServer) volumes")
        }
        let key = (server.slots.map(\.key).max() ?? -1) + 1
        attach(volume: id, key: key, boot: boot, to: server.id, status: .attaching, at: call.now)
        servers.update(server.id) { $0.updatedAt = call.now }
        return answer(try stored(server.id))
    }

    func checkAttachable(_ id: String, zone: String) throws(Refusal) {
        if let local = localVolumes[id], local.zone == zone {
            guard local.server == nil else {
                throw .precondition(400, "resource_still_in_use", "volume \(id) is already attached")
            }
            return
        }
        guard let volume = volumes[id], volume.zone == zone else { throw .notFound("volume", id) }
        try checkLock(id, "volume")
        guard volume.references.isEmpty else {
            throw .precondition(400, "resource_still_in_use", "volume \(id) is already attached")
        }
        guard volume.base == .available else { throw .transient("volume", id, volume.base.rawValue) }
    }

    /// - Parameter status: `.attached` at the creation of a server, `.attaching` later.
    mutating func attach(
        volume id: String, key: Int, boot: Bool, to server: String, status: Reference.Status, at now: Instant
    ) {
        servers.update(server) {
            $0.slots.append(Server.Slot(key: key, volume: id, boot: boot))
            $0.slots.sort { $0.key < $1.key }
        }
        localVolumes.update(id) { $0.server = server }
        guard volumes[id] != nil else { return }
        let reference = Reference(
            id: randomness.identifier(), product: .server, productID: server, createdAt: now, status: status)
        volumes.update(id) {
            $0.references.append(reference)
            $0.updatedAt = now
        }
        if status == .attaching {
            plan(.referenceIsAttached(volume: id, reference: reference.id), after: .attach, from: now)
        }
    }

    /// The API takes every volume away from a server that runs, the root too.
    mutating func detachVolume(_ call: Call) throws(Refusal) -> APIResponse {
        let server = try server(call)
        try checkLock(server.id, "instance_server")
        let id = try call.body().required("volume_id")
        guard server.slot(of: id) != nil else {
            throw .invalid("volume_id", "constraint", "Volume \(id) is not attached to this server")
        }
        guard [.stopped, .running, .stoppedInPlace].contains(server.state) else {
            throw .transient("instance_server", server.id, server.state.rawValue)
        }
        detach(volume: id, from: server, at: call.now)
        servers.update(server.id) { $0.updatedAt = call.now }
        return answer(try stored(server.id))
    }

    /// The volume is gone from the server at once; the reference lingers.
    mutating func detach(volume id: String, from server: Server, at now: Instant) {
        servers.update(server.id) { $0.slots.removeAll { $0.volume == id } }
        localVolumes.update(id) { $0.server = nil }
        guard let reference = volumes[id]?.references.first(where: { $0.productID == server.id }) else { return }
        let notice = plan(
            .referenceDetaches(volume: id, reference: reference.id), after: .detachNotice, from: now)
        plan(
            .referenceIsGone(volume: id, reference: reference.id),
            after: isBooting(server, at: now) ? .detachFromBootingGuest : .detach, from: notice)
    }

    /// Whether the guest is on its way up, when it does not yet answer to changes of its hardware.
    func isBooting(_ server: Server, at now: Instant) -> Bool {
        guard server.state == .running else { return server.state == .starting }
        guard let bootedAt = server.bootedAt else { return false }
        return now.seconds(since: bootedAt) < Delay.bootingGuest * configuration.timeScale
    }
}
