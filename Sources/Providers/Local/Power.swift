import Dispatch
public import Instances
public import Reconciler

extension LocalProvider {
    /// How often a machine that is to stop is looked at, and how often its button is pressed meanwhile: a guest that
    /// has not come far enough when it is pressed for the first time does not notice.
    private static let stopStep = Duration.milliseconds(500)
    private static let stepsBetweenPresses = 4

    public func powerOn(_ id: ServerID) async throws(ProviderError) {
        try await change(withDisksOf: id) { (server, cancellation) throws(ProviderError) in
            var server = server
            let program = try self.machineProgram()
            let machine = self.machine(of: server)
            if try machine.process() != nil {
                guard server.powerOffRequestedAt == nil else { throw self.conflict(id, "is still stopping") }
            } else {
                // First of all, so that a stop of an earlier life cannot be taken for one of this life.
                try self.remember(&server, poweredOn: false, powerOffRequestedAt: nil)
                let board = try self.board(of: server)
                let accelerator = try Accelerator.best(in: self.state, program: program, cancellation)
                try machine.start(board, accelerator, program: program, cancellation)
            }
            try afterwards { () throws(ProviderError) in
                try self.remember(&server, poweredOn: true, powerOffRequestedAt: nil)
            }
        }
    }

    public func powerOff(_ id: ServerID) async throws(ProviderError) {
        let isGone = try await change([id.text]) { (_) throws(ProviderError) in
            var server = try self.require(id)
            let machine = self.machine(of: server)
            let isRunning = try machine.process() != nil
            let requested = isRunning ? server.powerOffRequestedAt ?? StoredTime(self.now()) : nil
            try self.remember(&server, poweredOn: false, powerOffRequestedAt: requested)
            return try self.pushStop(of: server, machine, pressing: true)
        }
        if !isGone { watchStop(of: id, pressed: true) }
    }

    private func remember(
        _ server: inout ServerMetadata, poweredOn: Bool, powerOffRequestedAt: StoredTime?
    ) throws(ProviderError) {
        guard (server.poweredOn, server.powerOffRequestedAt) != (poweredOn, powerOffRequestedAt) else { return }
        server.poweredOn = poweredOn
        server.powerOffRequestedAt = powerOffRequestedAt
        try replace(server, .server)
    }

    // MARK: Stopping

    /// Presses the button until the deadline, then cuts the power.
    ///
    /// - Returns: whether the machine is gone.
    private func pushStop(
        of server: ServerMetadata, _ machine: Machine, pressing: Bool
    ) throws(ProviderError) -> Bool {
        guard let requested = server.powerOffRequestedAt, try machine.process() != nil else { return true }
        let waited = Duration.microseconds(now().microseconds - requested.timestamp.microseconds)
        // A negative wait is a clock that was set back: better to stop too early than never.
        if waited >= powerOffDeadline || waited < .zero {
            try machine.cut()
            return true
        }
        if pressing, var monitor = try? MachineMonitor(folder: machine.folder) { try? monitor.pressPowerButton() }
        return false
    }

    /// Keeps pushing a stop that was asked for, by this operator or one before it, until the machine is gone.
    private func watchStop(of id: ServerID, pressed: Bool) {
        guard stops.begin(id) else { return }
        step(of: id, pressed ? 1 : 0)
    }

    private func step(of id: ServerID, _ number: Int) {
        let pause = DispatchTimeInterval.milliseconds(Int(Self.stopStep / .milliseconds(1)))
        DispatchQueue(label: "local-provider.stop").asyncAfter(deadline: .now() + pause) { [weak self] in
            guard let self else { return }
            // What fails here is tried again: at the next step, or by whoever lists the servers next.
            let pressing = number % Self.stepsBetweenPresses == 0
            if (try? self.pushStop(of: id, pressing: pressing)) ?? false {
                self.stops.end(id)
            } else {
                self.step(of: id, number + 1)
            }
        }
    }

    private func pushStop(of id: ServerID, pressing: Bool) throws(ProviderError) -> Bool {
        guard let lease = try state.leaseIfFree([id.text]) else { return false }
        defer { withExtendedLifetime(lease) {} }
        guard let server = try state.load(ServerMetadata.self, .server, id.text) else { return true }
        return try pushStop(of: server, machine(of: server), pressing: pressing)
    }

    // MARK: What a server is

    func machine(of server: ServerMetadata) -> Machine {
        Machine(
            id: server.id, folder: state.folder(ofServer: server.id),
            bootDisk: state.content(ofDisk: server.bootDisk))
    }

    func present(_ metadata: ServerMetadata) async -> Server {
        var server = Server(
            id: ServerID(metadata.id), name: metadata.name, tags: Tags(words: metadata.tags), state: .stopped,
            type: metadata.type, bootDisk: DiskID(metadata.bootDisk),
            configurationDigest: metadata.configurationDigest, createdAt: metadata.createdAt.timestamp)
        let isCounter = metadata.image == CounterGuest.imageName
        do {
            (server.state, server.guestReady) = try await run { (_) throws(ProviderError) in
                let machine = self.machine(of: metadata)
                let state = try self.powerState(of: metadata, machine)
                guard isCounter else { return (state, nil) }
                return (state, state == .running && CounterGuest.isReady(serial: machine.serialHead()))
            }
        } catch {
            server.state = .unknown(error.message)
        }
        // Whoever asked for the stop may be gone.
        if server.state == .stopping { watchStop(of: server.id, pressed: false) }
        return server
    }

    /// Ample for QEMU to close its files, also on a host under heavy load.
    private static let farewell = Duration.seconds(3)

    private func powerState(of server: ServerMetadata, _ machine: Machine) throws(ProviderError) -> Server.State {
        guard try machine.process() != nil else { return try stateWithoutProcess(server) }
        if server.powerOffRequestedAt != nil { return .stopping }
        try machine.trimSerialLog()
        do throws(ProviderError) { return try monitoredState(machine) } catch {
            // A machine that ends hangs up some moments before it is gone.
            guard try machine.waitForEnd(Self.farewell) else { return .unresponsive(error.message) }
            return try stateWithoutProcess(server)
        }
    }

    /// Reads again what is remembered: the machine may have been asked to stop, and have stopped, since it was read.
    private func stateWithoutProcess(_ server: ServerMetadata) throws(ProviderError) -> Server.State {
        guard server.poweredOn else { return .stopped }
        let latest = try state.load(ServerMetadata.self, .server, server.id)
        return latest?.poweredOn ?? true ? .stoppedInPlace : .stopped
    }

    private func monitoredState(_ machine: Machine) throws(ProviderError) -> Server.State {
        guard var monitor = try MachineMonitor(folder: machine.folder) else { return .starting }
        switch try monitor.status() {
        case "running": return .running
        case "io-error":
            // QEMU pauses a machine whose write did not fit on the host's disk. Once there is room, it goes on.
            try monitor.goOn()
            return .unresponsive("paused since it cannot write to its disk; is there room in \(state.path)?")
        case "shutdown":
            // The guest is off, and QEMU about to end.
            throw ProviderError(.unknownOutcome, "the machine has shut down and does not end")
        case let status: return .unresponsive(status)
        }
    }

    private func board(of server: ServerMetadata) throws(ProviderError) -> Machine.Board {
        let type = try machineType(server.type)
        var disks: [(id: String, path: String)] = []
        for id in server.disks {
            guard let disk = try state.load(DiskMetadata.self, .disk, id),
                try state.present(disk).state == .attached
            else {
                throw ProviderError(.host, "\(id) of \(server.id) is damaged: its file is missing or too short")
            }
            disks.append((id, state.content(ofDisk: id)))
        }
        return Machine.Board(type: type, disks: disks, isCounter: server.image == CounterGuest.imageName)
    }

    func conflict(_ id: ServerID, _ how: String) -> ProviderError { ProviderError(.conflict, "\(id) \(how)") }
}
