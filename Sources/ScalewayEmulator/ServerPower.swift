extension World {
    /// The answer carries a task that does not exist: the server is to be watched instead.
    mutating func performAction(_ call: Call) throws(Refusal) -> APIResponse {
        let server = try server(call)
        let body = try call.body()
        let action = try body.required("action")
        try checkLock(server.id, "instance_server")
        if server.isProtected, ["poweroff", "stop_in_place", "reboot", "terminate"].contains(action) {
            throw .protected
        }
        var result = "/servers/\(server.id)"
        switch action {
        case "poweron": try powerOn(server, at: call.now)
        case "poweroff":
            try require(server, .running, .stoppedInPlace, otherwise: "server should be running")
            let delay = server.state == .running ? Delay.powerOff : .release
            begin(.stopping, "stopping", server, delay, at: call.now) { .serverStops(server.id, action: $0) }
        case "stop_in_place":
            try require(server, .running, otherwise: "server should be running")
            begin(.stopping, "stopping in place", server, .stopInPlace, at: call.now) {
                .serverStopsInPlace(server.id, action: $0)
            }
        case "reboot":
            try require(server, .running, .stoppedInPlace, otherwise: "server should be running")
            begin(.starting, "rebooting", server, .reboot, at: call.now) { .serverRuns(server.id, action: $0) }
        case "terminate":
            try require(server, .running, .stoppedInPlace, otherwise: "server should be running")
            for address in server.addresses { detach(address: address) }
            begin(.stopping, "terminating", server, .terminate, at: call.now) {
                .serverIsGone(server.id, action: $0)
            }
        case "backup": result = "/images/\(try backUp(server, name: body.text("name"), at: call.now))"
        case "enable_routed_ip": break
        default: throw .invalid("action", "constraint", "not a valid value")
        }
        return APIResponse(
            202,
            [
                "task": [
                    "id": "00000000-0000-0000-0000-000000000000", "description": "fake task", "status": "pending",
                    "href_from": .string("/servers/\(server.id)/action"), "href_result": .string(result),
                    "started_at": .string(call.now.instanceStamp), "terminated_at": .null, "progress": 0,
                    "zone": .string(server.zone),
                ]
            ])
    }

    private func require(_ server: Server, _ states: Server.State..., otherwise message: String) throws(Refusal) {
        if states.contains(server.state) { return }
        if server.state == .starting || server.state == .stopping {
            throw .transient("instance_server", server.id, server.state.rawValue)
        }
        throw .badRequest(message)
    }

    private mutating func powerOn(_ server: Server, at now: Instant) throws(Refusal) {
        try require(server, .stopped, .stoppedInPlace, otherwise: "server should be stopped")
        // A server that was stopped in place still has its node.
        if server.state == .stopped, outOfStock.contains("\(server.zone)/\(server.commercialType)") {
            throw .outOfStock(server.commercialType)
        }
        let detail = server.state == .stopped ? "allocating node" : "stopped in place"
        if server.state == .stopped, server.dynamicAddressRequired, server.addresses.isEmpty {
            let dynamic = Server.DynamicAddress(
                id: randomness.identifier(), address: newPublicAddress(isIPv6: false), state: "pending")
            servers.update(server.id) { $0.dynamicAddress = dynamic }
        }
        begin(.starting, detail, server, .powerOn, at: now) { .serverRuns(server.id, action: $0) }
    }

    private mutating func begin(
        _ state: Server.State, _ detail: String, _ server: Server, _ delay: Delay, at now: Instant,
        then transition: (Int) -> Transition
    ) {
        servers.update(server.id) {
            $0.state = state
            $0.stateDetail = detail
            $0.action += 1
            $0.updatedAt = now
        }
        plan(transition(server.action + 1), after: delay, from: now)
    }

    /// An image of the server, and a snapshot of its root behind it.
    private mutating func backUp(_ server: Server, name: String?, at now: Instant) throws(Refusal) -> String {
        guard let root = server.bootVolume, let volume = volumes[root] else {
            throw .badRequest("server has no block volume to back up")
        }
        let snapshot = cutSnapshot(
            of: volume, name: "\(name ?? "backup")_snap_0", project: server.project, tags: [], isPublic: false,
            delay: .backup, at: now)
        let image = addImage(
            name: name ?? "backup", snapshot: snapshot, size: volume.size, arch: server.arch, project: server.project,
            zone: server.zone, tags: [], isPublic: false, at: now)
        images.update(image) {
            $0.state = "creating"
            $0.fromServer = server.id
        }
        plan(.backupIsReady(image: image), after: .backup, from: now)
        return image
    }

    /// Makes an image and links the snapshot to it.
    mutating func addImage(
        name: String, snapshot: String, size: Int, arch: String, project: String, zone: String, tags: [String],
        isPublic: Bool, at now: Instant
    ) -> String {
        let id = randomness.identifier()
        images.insert(
            Image(
                id: id, zone: zone, name: name, organization: configuration.organization, project: project,
                arch: arch, isPublic: isPublic, rootSnapshot: snapshot, rootVolume: "", size: size, tags: tags,
                createdAt: now, updatedAt: now),
            id: id)
        let reference = Reference(
            id: randomness.identifier(), product: .image, productID: id, createdAt: now, status: .attached)
        snapshots.update(snapshot) { $0.references.append(reference) }
        return id
    }
}
