import Instances
import Reconciler

extension ProviderContract {
    func contentOutlivesItsMachine() async throws {
        let written = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        var disk = try await makeDisk()
        try expect(disk.sizeBytes, harness.dataBytes, "the size of a new disk")
        try expect(disk.lastDetachedAt, nil, "the detach time of a disk that was never attached")
        try await harness.write(written, to: disk.id)

        var server = try await makeServer()
        try await attach(disk.id, to: server.id)
        try await boot(server.id)
        try await stop(server.id)
        disk = try await detach(disk.id, from: server.id)
        try await expectContent(of: disk.id, harness.booted(written), "after one boot")
        try await delete(server.id)
        if let root = server.bootDisk { try await delete(root, .root) }

        let snapshot = try await makeSnapshot(of: disk.id)
        try expect(snapshot.sourceDisk, disk.id, "the source of a snapshot")
        try expect(snapshot.sizeBytes, disk.sizeBytes, "the size of a snapshot")
        try await delete(disk.id, savedIn: snapshot.id)

        let restored = try await makeDisk(from: snapshot.id)
        try require(restored.id != disk.id, "a restored disk has the id of the deleted one")
        try expect(restored.sizeBytes, disk.sizeBytes, "the size of a restored disk")
        try expect(restored.source, snapshot.id, "the source of a restored disk")
        try await expectContent(of: restored.id, harness.booted(written), "after restoring")

        server = try await makeServer()
        try await attach(restored.id, to: server.id)
        try await boot(server.id)
        try await stop(server.id)
        _ = try await detach(restored.id, from: server.id)
        try await expectContent(of: restored.id, harness.booted(harness.booted(written)), "after the second boot")
        try await clear(server, restored.id)
        try await delete(snapshot.id)
    }

    func serversBootFromRootSnapshots() async throws {
        let server = try await makeServer()
        try await boot(server.id)
        try await stop(server.id)
        guard let root = try await provider.server(server.id).bootDisk else {
            throw ContractViolation("a server that was booted names no disk that it boots from")
        }
        try expect(
            try await provider.disk(root).attachment?.server, server.id, "the server of a root disk")
        try await provider.tag(.disk(root), with: tags(.root))
        let snapshot = try await makeSnapshot(of: root, .root)
        try await delete(server.id)
        try await delete(root, .root)

        let restored = try await makeDisk(from: snapshot.id, .root)
        let second = try await makeServer(from: restored.id)
        try expect(second.bootDisk, restored.id, "the disk that a server boots from")
        try expect(
            try await provider.disk(restored.id).attachment?.server, second.id, "the server of a given root disk")
        try await boot(second.id)
        try await stop(second.id)
        try await clear(second)
        try await delete(snapshot.id, .root)
    }

    func snapshotOutlivesItsDisk() async throws {
        let content: [UInt8] = Array("what must not be lost".utf8)
        let disk = try await makeDisk()
        try await harness.write(content, to: disk.id)
        let snapshot = try await makeSnapshot(of: disk.id)
        try await delete(disk.id, savedIn: snapshot.id)
        try expect(try await provider.snapshot(snapshot.id).state, .available, "a snapshot without its disk")

        let bytes = harness.dataBytes * 2
        let restored = try await makeDisk(from: snapshot.id, bytes: bytes)
        try expect(restored.sizeBytes, bytes, "the size of a disk that is larger than its snapshot")
        try await delete(snapshot.id)
        try expect(try await provider.disk(restored.id).state, .available, "a disk without its snapshot")
        try await expectContent(of: restored.id, content, "when its snapshot is gone")
        try await delete(restored.id)
    }

    func disksGrowAndNeverShrink() async throws {
        let content: [UInt8] = Array("at the start".utf8)
        let disk = try await makeDisk()
        try await harness.write(content, to: disk.id)
        let larger = disk.sizeBytes + harness.dataBytes
        try await provider.growDisk(disk.id, toBytes: larger)
        _ = try await wait(for: "larger disk", { try await provider.disk(disk.id) }) {
            $0.sizeBytes == larger && $0.state == .available
        }
        try await provider.growDisk(disk.id, toBytes: larger)
        try await expectRefusal(.invalid, of: "shrinking a disk") { () throws(ProviderError) in
            try await provider.growDisk(disk.id, toBytes: disk.sizeBytes)
        }
        try expect(try await provider.disk(disk.id).sizeBytes, larger, "the size after a refused shrinking")
        try await expectContent(of: disk.id, content, "after growing")
        let snapshot = try await makeSnapshot(of: disk.id)
        try expect(snapshot.sizeBytes, larger, "the size of a snapshot of a grown disk")
        let small = DiskSpecification(
            name: "\(name)-data", tags: tags(.data), sizeBytes: disk.sizeBytes, source: snapshot.id)
        try await expectRefusal(.invalid, of: "a disk that is smaller than its snapshot") {
            () throws(ProviderError) in _ = try await provider.createDisk(small)
        }
        let made = try await inventory().disks.filter { $0.source == snapshot.id }
        try expect(made, [], "what is made of a snapshot that does not fit")
        try await delete(snapshot.id)
        try await delete(disk.id)
    }

    private func expectContent(of disk: DiskID, _ content: [UInt8], _ when: String) async throws {
        guard let found = try await harness.content(of: disk, bytes: content.count) else { return }
        try expect(found, content, "the content of a disk \(when)")
    }
}
