import Instances
import Reconciler

extension ProviderContract {
    func attachedDiskIsNotDeleted() async throws {
        let disk = try await makeDisk()
        let server = try await makeServer()
        let proof = try await proof(disk.id)
        try await attach(disk.id, to: server.id)
        try await expectRefusal(.inUse, .conflict, of: "deleting an attached disk") { () throws(ProviderError) in
            try await provider.deleteDisk(proof)
        }
        let other = try await makeServer()
        try await expectRefusal(.inUse, .conflict, .invalid, of: "attaching a disk twice") {
            () throws(ProviderError) in try await provider.attachDisk(disk.id, to: other.id)
        }
        try expect(try await provider.disk(disk.id).attachment?.server, server.id, "the server of the disk")
        _ = try await detach(disk.id, from: server.id)
        try await clear(server, disk.id)
        try await clear(other)
    }

    func runningServerIsNotTouched() async throws {
        let disk = try await makeDisk()
        let server = try await makeServer()
        try await provider.tag(.server(server.id), with: tags(.server, condemned: true))
        let proof = try ServerDeletionProof(
            record: record(condemning: .server(server.id), .unwantedServer),
            fresh: try await provider.server(server.id), data: nil)
        try await attach(disk.id, to: server.id)
        try await boot(server.id)
        try await expectRefusal(.conflict, .inUse, of: "deleting a running server") { () throws(ProviderError) in
            try await provider.deleteServer(proof)
        }
        try expect(try await provider.server(server.id).state, .running, "the state after a refused deletion")
        try expect(try await provider.disk(disk.id).attachment?.server, server.id, "the server of its disk")
        try await stop(server.id)
        _ = try await detach(disk.id, from: server.id)
        try await clear(server, disk.id)
    }

    func disksOutliveTheirServer() async throws {
        let disk = try await makeDisk()
        let server = try await makeServer()
        try await attach(disk.id, to: server.id)
        try await boot(server.id)
        try await stop(server.id)
        let root = try await provider.server(server.id).bootDisk
        try await delete(server.id)
        let left = try await state(of: disk.id, .available)
        try expect(left.attachment, nil, "the attachment of a disk whose server is gone")
        try require(left.lastDetachedAt != nil, "a disk whose server is gone was never detached")
        if let root {
            try expect(try await state(of: root, .available).attachment, nil, "the attachment of its root disk")
            try await delete(root, .root)
        }
        try await delete(disk.id)
    }

    func bootDiskIsNotDetached() async throws {
        let server = try await makeServer()
        guard let root = server.bootDisk else {
            throw ContractViolation("a new server names no disk that it boots from")
        }
        try await expectRefusal(.invalid, of: "detaching what a server boots from") { () throws(ProviderError) in
            try await provider.detachDisk(root, from: server.id)
        }
        try expect(try await provider.server(server.id).bootDisk, root, "the disk that a server boots from")
        try expect(try await provider.disk(root).attachment?.server, server.id, "the server of that disk")
        try await clear(server)
    }

    func everyDetachHasItsTime() async throws {
        let disk = try await makeDisk()
        let server = try await makeServer()
        var times: Set<Timestamp> = []
        for _ in 0..<3 {
            try await attach(disk.id, to: server.id)
            let detached = try await detach(disk.id, from: server.id)
            guard let time = detached.lastDetachedAt, times.insert(time).inserted else {
                throw ContractViolation("a detach left the time \(String(describing: detached.lastDetachedAt))")
            }
            try expect(try await provider.disk(disk.id).lastDetachedAt, time, "the detach time, read again")
        }
        try await clear(server, disk.id)
    }

    func typeChangesWhileStopped() async throws {
        let server = try await makeServer()
        try await provider.changeType(of: server.id, to: harness.otherType)
        let changed = try await wait(for: "another type", { try await provider.server(server.id) }) {
            $0.type == harness.otherType && $0.state == .stopped
        }
        try expect(changed.bootDisk, server.bootDisk, "the root disk after a change of type")
        try expect(changed.tags, server.tags, "the tags after a change of type")
        try await expectRefusal(.invalid, .notFound, of: "a type that does not exist") { () throws(ProviderError) in
            try await provider.changeType(of: server.id, to: "no-such-type")
        }
        try await clear(server)
    }

    func digestIsKept() async throws {
        let server = try await makeServer()
        let configuration = ServerConfiguration(publicIP: .none)
        try await provider.configureServer(server.id, tags: tags(.companion), as: configuration)
        try await provider.configureServer(server.id, tags: tags(.companion), as: configuration)
        try expect(
            try await provider.server(server.id).configurationDigest, configuration.digest,
            "the digest of what was applied")
        try await boot(server.id)
        try await stop(server.id)
        try expect(
            try await provider.server(server.id).configurationDigest, configuration.digest, "the digest after a boot")
        try await clear(server)
    }

    func repeatedCallsAreHarmless() async throws {
        let disk = try await makeDisk()
        let server = try await makeServer()
        try await attach(disk.id, to: server.id)
        try await harmless("a second attach") { () throws(ProviderError) in
            try await provider.attachDisk(disk.id, to: server.id)
        }
        try await boot(server.id)
        try await harmless("a second power on") { () throws(ProviderError) in try await provider.powerOn(server.id) }
        _ = try await state(of: server.id, .running)
        try await stop(server.id)
        try await harmless("a second power off") { () throws(ProviderError) in try await provider.powerOff(server.id) }
        _ = try await state(of: server.id, .stopped)
        let detached = try await detach(disk.id, from: server.id)
        try await harmless("a second detach") { () throws(ProviderError) in
            try await provider.detachDisk(disk.id, from: server.id)
        }
        try expect(try await provider.disk(disk.id), detached, "the disk after a second detach")
        try await clear(server, disk.id)
    }

    /// The call may do nothing, or say that there is nothing to do.
    private func harmless(_ what: String, _ call: () async throws(ProviderError) -> Void) async throws {
        do throws(ProviderError) { try await call() } catch {
            let excuses: [ProviderError.Reason] = [.conflict, .inUse, .invalid, .notFound]
            try require(excuses.contains(error.reason), "\(what) fails: \(error.reason) \(error)")
        }
    }
}
