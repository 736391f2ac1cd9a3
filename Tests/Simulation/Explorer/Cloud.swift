/// What calls do in the cloud, as far as a cloud allows them.
extension WorldState {
    /// Carries a call out.
    ///
    /// - Parameters:
    ///   - caller: the operator that is told of what was made; `nil`: nobody.
    ///   - isLate: lists show what is made only later.
    mutating func carryOut(_ call: Call, toldTo caller: Int?, isLate: Bool, in world: World) {
        let known: UInt8 = isLate ? caller.map { 1 << UInt8($0) } ?? 0 : 0
        switch call.kind {
        case .none: break
        case .createServer: createServer(call, known, isLate, world)
        case .createDisk: createDisk(call, known, isLate)
        case .createSnapshot: createSnapshot(call, known, isLate)
        case .configure: change(server: call.id) { $0.isConfigured = true }
        case .powerOn: powerOn(call.id)
        case .powerOff: change(server: call.id) { $0.isRunning = false }
        case .attach: attach(call.id, to: call.second)
        case .detach: change(disk: call.id) { if $0.server == call.second { $0.detach() } }
        case .tag: tag(call)
        case .delete: delete(call)
        }
    }

    mutating func change(server id: UInt8, _ change: (inout CloudServer) -> Void) {
        if let index = servers.firstIndex(where: { $0.id == id }) { change(&servers[index]) }
    }

    mutating func change(disk id: UInt8, _ change: (inout CloudDisk) -> Void) {
        if let index = disks.firstIndex(where: { $0.id == id }) { change(&disks[index]) }
    }

    func disk(_ id: UInt8) -> CloudDisk? { disks.first { $0.id == id } }
    func snapshot(_ id: UInt8) -> CloudSnapshot? { snapshots.first { $0.id == id } }
    func server(_ id: UInt8) -> CloudServer? { servers.first { $0.id == id } }

    private mutating func createServer(_ call: Call, _ known: UInt8, _ isLate: Bool, _ world: World) {
        var server = CloudServer(id: next.server, op: call.op)
        server.isConfigured = !world.configures
        (server.isListed, server.knownTo) = (!isLate, known)
        if call.second != 0 {
            guard let disk = disk(call.second), disk.state == .available, disk.server == 0 else { return }
            server.bootDisk = disk.id
            change(disk: disk.id) { $0.server = server.id }
        } else if world.hasRootDisks {
            server.bootDisk = next.disk
            var disk = CloudDisk(id: next.disk, op: world.tagsRootDisks ? call.op : 0, isRoot: true, state: .available)
            (disk.server, disk.isListed) = (server.id, true)
            disks.append(disk)
            next.disk += 1
        }
        servers.append(server)
        next.server += 1
    }

    private mutating func createDisk(_ call: Call, _ known: UInt8, _ isLate: Bool) {
        var disk = CloudDisk(id: next.disk, op: call.op, isRoot: call.isRoot)
        if call.id != 0 {
            guard let source = snapshot(call.id), source.state == .available else { return }
            (disk.source, disk.content) = (source.id, source.content)
        }
        (disk.isListed, disk.knownTo) = (!isLate, known)
        disks.append(disk)
        next.disk += 1
    }

    private mutating func createSnapshot(_ call: Call, _ known: UInt8, _ isLate: Bool) {
        guard let disk = disk(call.id), disk.state == .available else { return }
        let isInUse = server(disk.server)?.isRunning ?? (disk.server != 0)
        var snapshot = CloudSnapshot(
            id: next.snapshot, op: call.op, isRoot: call.isRoot, disk: disk.id,
            content: isInUse ? CloudSnapshot.torn : disk.content)
        (snapshot.isListed, snapshot.knownTo) = (!isLate, known)
        snapshots.append(snapshot)
        next.snapshot += 1
    }

    private mutating func powerOn(_ id: UInt8) {
        guard let server = server(id), !server.isRunning else { return }
        change(server: id) { $0.isRunning = true }
        for disk in disks where disk.server == id && !disk.isRoot { boot(on: disk.id) }
    }

    private mutating func attach(_ id: UInt8, to serverID: UInt8) {
        guard let server = server(serverID), let disk = disk(id), disk.state == .available, disk.server == 0 else {
            return
        }
        change(disk: id) { $0.server = serverID }
        if disks.count(where: { !$0.isRoot && $0.server != 0 && $0.server != CloudDisk.foreignServer }) > 1 {
            broken = .twoDisks
        }
        if server.isRunning { boot(on: id) }
    }

    /// A guest gets hold of a disk: it makes a file system on the first one, and later must find what it wrote last.
    private mutating func boot(on id: UInt8) {
        guard let disk = disk(id) else { return }
        if newest == 0 {
            newest = 1
            change(disk: id) { $0.content = 1 }
        } else if disk.content != newest {
            broken = .bootedOld
        }
    }

    private mutating func tag(_ call: Call) {
        switch call.on {
        case .server: change(server: call.id) { ($0.op, $0.isCondemned) = (call.op, call.isCondemned) }
        case .disk: change(disk: call.id) { ($0.op, $0.isCondemned) = (call.op, call.isCondemned) }
        case .snapshot:
            guard let index = snapshots.firstIndex(where: { $0.id == call.id }) else { return }
            (snapshots[index].op, snapshots[index].isCondemned) = (call.op, call.isCondemned)
        }
    }

    private mutating func delete(_ call: Call) {
        switch call.on {
        case .server:
            guard let server = server(call.id), !server.isRunning else { return }
            servers.removeAll { $0.id == call.id }
            for index in disks.indices where disks[index].server == call.id { disks[index].detach() }
        case .disk:
            disks.removeAll { $0.id == call.id && $0.server == 0 && $0.state != .creating }
        case .snapshot:
            let isSource = disks.contains { $0.source == call.id && $0.state == .creating }
            snapshots.removeAll { $0.id == call.id && $0.state != .creating && !isSource }
        }
    }
}

extension CloudDisk {
    mutating func detach() {
        server = 0
        detached += 1
    }
}
