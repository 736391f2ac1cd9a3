/// The server. Servers hold no data, so they are made and unmade as needed.
extension Planner {
    // MARK: What others did

    /// A recorded server that is gone is forgotten; it is made again if it is wanted.
    func serverSighted() -> Decision? {
        guard let id = record.server.id else { return nil }
        switch sighting(id) {
        case .seen: return nil
        case .unknown(let why): return wait("ServerUnknown", "server \(id) cannot be read: \(why)")
        case .missing:
            guard sighting(id).isGone else { return wait("ServerUnknown", "server \(id) is not listed") }
            return publish("ServerVanished", "server \(id) was deleted by somebody") { $0.server = .absent }
        }
    }

    // MARK: Towards the goal

    func serverStep() -> Decision? {
        if let step = condemnedServers() ?? condemnAbandonedServers() { return step }
        if case .creating(let operation) = record.server { return create(operation) }
        switch goal.server {
        case .up: return bringUp()
        case .off: return bringDown(deleting: false, detaching: nil) ?? dropUnmadeRoot()
        case .absent: return bringDown(deleting: true, detaching: nil) ?? dropRoot()
        }
    }

    /// Condemned servers go before anything is made or snapshotted: a late call that still aims at one then finds nothing.
    func condemnedServers() -> Decision? {
        guard holds(.condemnedServersGoFirst) else { return nil }
        for condemned in record.condemned {
            guard case .server(let id) = condemned.resource else { continue }
            if let step = condemnedStep(condemned) { return step }
            return wait("DeletingServer", "server \(id) is being deleted")
        }
        return nil
    }

    private func create(_ operation: Operation) -> Decision? {
        switch creation(servers(of: operation)) {
        case .doubled: return doubled("servers", operation)
        case .found(let server):
            return publish("ServerMade", "server \(server.id) was made") { $0.server = .present(server.id, operation) }
        case .callable where goal.server != .up:
            return publish("ServerNotNeeded", "the server is not wanted any more") { $0.server = .absent }
        case .callable:
            guard let manifest = goal.manifest, let boot = boot(manifest) else {
                return publish("ServerNotMade", "what it was to boot from is gone") { $0.server = .absent }
            }
            let specification = ServerSpecification(
                name: record.name.text, tags: tags(.server, operation), type: manifest.server.type, boot: boot,
                configuration: manifest.server.configuration)
            return act(.start, .createServer(specification), "CreatingServer", "making a server")
        case .pending: return wait("CreatingServer", "waiting to see whether the server was made")
        case .givenUp:
            return publish("ServerNotMade", "the server was not made; trying again") { $0.server = .absent }
        }
    }

    private func boot(_ manifest: Manifest) -> ServerSpecification.Boot? {
        switch record.root {
        case .absent:
            .image(manifest.server.image, rootBytes: manifest.rootDisk.sizeGB.map { Int64($0) * bytesInGigabyte })
        case .present(let disk, _, _): seen(disk).map { .disk($0.id) }
        case .creating: nil
        }
    }

    private func bringUp() -> Decision? {
        guard record.server != .absent else { return beginServer() }
        guard let server else { return nil }
        switch server.state {
        case .starting: return wait("Starting", "server \(server.id) is starting")
        case .stopping: return wait("Stopping", "server \(server.id) is stopping")
        case .deleting: return wait("DeletingServer", "server \(server.id) is being deleted")
        case .locked: return halt("ServerLocked", "server \(server.id) is locked by the provider: ask its support")
        case .unknown(let word):
            return wait("ServerStateUnknown", "server \(server.id) is in a state we do not know: \(word)")
        case .unresponsive(let why):
            return wait(
                "ServerUnresponsive",
                "server \(server.id) is on and at a standstill: \(why). If it stays so, a commit that stops it cuts its power"
            )
        case .running: return whileRunning(server)
        case .stoppedInPlace where whyOff(server) == nil: return powerOn(server)
        case .stoppedInPlace: return powerOff(server, "it was shut down from inside")
        case .stopped: return whileStopped(server)
        }
    }

    private func beginServer() -> Decision? {
        if case .creating(let operation, let source) = record.root { return createRoot(operation, from: source) }
        guard let manifest = goal.manifest else { return nil }
        if record.root == .absent, let wait = untilRootSnapshotIsRead(manifest) { return wait }
        if record.root == .absent, let image = situation.bootableRootSnapshot(manifest) {
            return begin(.start, "CreatingRootDisk", "making a root disk from snapshot \(image.id)") {
                record, operation in
                record.root = .creating(operation, from: image.id)
            }
        }
        return begin(.start, "CreatingServer", "making a server") { record, operation in
            record.server = .creating(operation)
        }
    }

    // MARK: Running and stopped

    /// Why a server that is to run has to be off for a moment.
    private func whyOff(_ server: Server) -> String? {
        if let manifest = goal.manifest, server.type != manifest.server.type {
            return "its type changes from \(server.type) to \(manifest.server.type)"
        }
        if case .cutting = record.rootSnapshot { return "a snapshot of its root disk is taken" }
        if let disk = condemnedAttached(to: server) { return "disk \(disk.id) is to be detached" }
        if case .live(let id, _) = record.data, let disk = seen(id), disk.attachment?.phase != .attached {
            return "data disk \(id) is to be attached"
        }
        return nil
    }

    private func condemnedAttached(to server: Server) -> Disk? {
        situation.observation.seenDisks.first {
            $0.attachment?.server == server.id && record.condemns(.disk($0.id))
        }
    }

    private func whileRunning(_ server: Server) -> Decision? {
        if let why = whyOff(server) { return powerOff(server, why) }
        if let step = configure(server) { return step }
        guard server.guestReady != false else { return wait("Booting", "the guest of server \(server.id) is booting") }
        return nil
    }

    private func whileStopped(_ server: Server) -> Decision? {
        if let disk = condemnedAttached(to: server) { return detach(disk, from: server) }
        if let manifest = goal.manifest, server.type != manifest.server.type {
            return act(
                .change, .changeType(server.id, manifest.server.type), "ChangingType",
                "changing the type of server \(server.id) to \(manifest.server.type)")
        }
        return configure(server) ?? attachData(to: server) ?? powerOn(server)
    }

    private func configure(_ server: Server) -> Decision? {
        guard let manifest = goal.manifest, case .present(_, let operation) = record.server else { return nil }
        let wanted = manifest.server.configuration
        guard server.configurationDigest != wanted.digest else { return nil }
        return act(
            .start, .configureServer(server.id, tags(.server, operation), wanted), "Configuring",
            "applying the configuration of server \(server.id)")
    }

    /// Only the disk that the record names is ever attached.
    private func attachData(to server: Server) -> Decision? {
        guard case .live(let id, _) = record.data else { return nil }
        return seen(id).flatMap { attach($0, to: server) }
    }

    func attach(_ disk: Disk, to server: Server) -> Decision? {
        switch disk.attachment?.phase {
        case .attached: return nil
        case .attaching: return wait("Attaching", "data disk \(disk.id) is being attached")
        case .detaching: return wait("Detaching", "data disk \(disk.id) is being detached")
        case nil:
            guard disk.state == .available else {
                return wait("Attaching", "data disk \(disk.id) is not available yet")
            }
            return act(.start, .attachDisk(disk.id, server.id), "Attaching", "attaching data disk \(disk.id)")
        }
    }

    private func powerOn(_ server: Server) -> Decision {
        act(.start, .powerOn(server.id), "PoweringOn", "powering on server \(server.id)")
    }

    private func powerOff(_ server: Server, _ why: String) -> Decision {
        act(.stop, .powerOff(server.id), "PoweringOff", "powering off server \(server.id): \(why)")
    }

    private func detach(_ disk: Disk, from server: Server) -> Decision {
        guard disk.attachment?.phase != .detaching else {
            return wait("Detaching", "disk \(disk.id) is being detached")
        }
        return act(.stop, .detachDisk(disk.id, server.id), "Detaching", "detaching disk \(disk.id)")
    }

    // MARK: Down

    /// Takes the server down.
    ///
    /// - Parameters:
    ///   - deleting: it is also deleted, after every data disk was taken from it.
    ///   - disk: a disk that has to be free afterwards.
    /// - Returns: `nil` once all of that is so.
    func bringDown(deleting: Bool, detaching disk: Disk?) -> Decision? {
        if let step = condemnedServers() ?? condemnAbandonedServers() { return step }
        if case .creating(let operation) = record.server { return create(operation) }
        guard let server else { return nil }
        switch server.state {
        case .running, .starting, .stoppedInPlace, .unresponsive: return powerOff(server, "it is to be off")
        case .stopping: return wait("Stopping", "server \(server.id) is stopping")
        case .deleting: return wait("DeletingServer", "server \(server.id) is being deleted")
        case .locked: return halt("ServerLocked", "server \(server.id) is locked by the provider: ask its support")
        case .unknown(let word):
            return wait("ServerStateUnknown", "server \(server.id) is in a state we do not know: \(word)")
        case .stopped: break
        }
        let attached = disk ?? (deleting ? record.data.disk.flatMap(seen) : nil)
        if let attached, attached.attachment?.server == server.id { return detach(attached, from: server) }
        guard deleting, case .present(_, let operation) = record.server else { return nil }
        return publish("DeletingServer", "server \(server.id) is off and will be deleted") { record in
            record.condemn(.server(server.id), as: operation, because: .unwantedServer)
            record.server = .absent
        }
    }
}
