import Instances
import Reconciler

extension ProviderContract {
    func accountIsStable() async throws {
        let account = try await provider.account()
        try require(!account.isEmpty, "the account has no name")
        let disk = try await makeDisk()
        try expect(try await provider.account(), account, "the account")
        try await delete(disk.id)
    }

    func deletedIsNotFound() async throws {
        let disk = try await makeDisk()
        let server = try await makeServer()
        let snapshot = try await makeSnapshot(of: disk.id)
        try await clear(server, disk.id)
        try await delete(snapshot.id)
        // Absence takes more than one read; it has to last.
        try await expectAbsent(server.id, disk.id, snapshot.id)
        let inventory = try await inventory()
        try require(!inventory.servers.contains { $0.id == server.id }, "a deleted server is listed")
        try require(!inventory.disks.contains { $0.id == disk.id }, "a deleted disk is listed")
        try require(!inventory.snapshots.contains { $0.id == snapshot.id }, "a deleted snapshot is listed")
    }

    func neverMadeIsNotFound() async throws {
        for text in ["00000000-0000-4000-8000-00000000beef", "../lock", "", "a b\n"] {
            try await expectAbsent(ServerID(text), DiskID(text), SnapshotID(text))
        }
    }

    private func expectAbsent(_ server: ServerID, _ disk: DiskID, _ snapshot: SnapshotID) async throws {
        try await expectRefusal(.notFound, of: "reading an absent server") { () throws(ProviderError) in
            _ = try await provider.server(server)
        }
        try await expectRefusal(.notFound, of: "reading an absent disk") { () throws(ProviderError) in
            _ = try await provider.disk(disk)
        }
        try await expectRefusal(.notFound, of: "reading an absent snapshot") { () throws(ProviderError) in
            _ = try await provider.snapshot(snapshot)
        }
    }

    func tagsAreKept() async throws {
        let disk = try await makeDisk()
        let server = try await makeServer()
        try expect(disk.tags, tags(.data), "the tags of a new disk")
        try expect(server.tags, tags(.server), "the tags of a new server")
        try await attach(disk.id, to: server.id)
        try await boot(server.id)
        try expect(try await provider.server(server.id).tags, tags(.server), "the tags of a running server")
        try expect(try await provider.disk(disk.id).tags, tags(.data), "the tags of an attached disk")
        try await stop(server.id)
        try expect(try await detach(disk.id, from: server.id).tags, tags(.data), "the tags of a detached disk")
        let snapshot = try await makeSnapshot(of: disk.id)
        try expect(snapshot.tags, tags(.data), "the tags of a new snapshot")
        try await provider.growDisk(disk.id, toBytes: disk.sizeBytes + harness.dataBytes)
        try expect(try await state(of: disk.id, .available).tags, tags(.data), "the tags of a grown disk")

        var changed = tags(.data, condemned: true)
        changed.operation = Operation(epoch: 2, nonce: randomDigits())
        for resource in [ResourceID.disk(disk.id), .snapshot(snapshot.id)] {
            try await provider.tag(resource, with: changed)
        }
        try expect(try await provider.disk(disk.id).tags, changed, "the replaced tags of a disk")
        try expect(try await provider.snapshot(snapshot.id).tags, changed, "the replaced tags of a snapshot")
        let inventory = try await inventory()
        try expect(inventory.disks.first { $0.id == disk.id }?.tags, changed, "the listed tags of a disk")
        try expect(inventory.snapshots.first { $0.id == snapshot.id }?.tags, changed, "the listed tags of a snapshot")
        try expect(inventory.servers.first { $0.id == server.id }?.tags, tags(.server), "the listed tags of a server")
        try await clear(server, disk.id)
        try await delete(snapshot.id)
    }

    func lostTagMakesForeign() async throws {
        let disk = try await makeDisk()
        let server = try await makeServer()
        let snapshot = try await makeSnapshot(of: disk.id)
        for resource in [ResourceID.disk(disk.id), .server(server.id), .snapshot(snapshot.id)] {
            try await harness.stripTags(from: resource)
        }
        try expect(try await provider.disk(disk.id).tags, nil, "the tags of a stripped disk")
        try expect(try await provider.server(server.id).tags, nil, "the tags of a stripped server")
        try expect(try await provider.snapshot(snapshot.id).tags, nil, "the tags of a stripped snapshot")
        try require(
            try await inventory().disks.contains { $0.id == disk.id && $0.tags == nil }, "a stripped disk is not listed"
        )
        try await clear(server, disk.id)
        try await delete(snapshot.id)
    }

    func tagsOfOthersStay() async throws {
        let disk = try await makeDisk()
        try await harness.addForeignTag(to: .disk(disk.id))
        try expect(try await provider.disk(disk.id).tags, tags(.data), "the tags beside one of others")
        try await provider.tag(.disk(disk.id), with: tags(.data, condemned: true))
        try require(try await harness.hasForeignTag(.disk(disk.id)), "a tag of others was taken away")
        try await delete(disk.id)
    }

    func listingIsWhole() async throws {
        var disks: [Disk] = []
        for _ in 0..<3 { disks.append(try await makeDisk()) }
        let server = try await makeServer()
        let snapshot = try await makeSnapshot(of: disks[0].id)
        try await attach(disks[1].id, to: server.id)
        let inventory = try await inventory()
        for disk in disks {
            let listed = inventory.disks.filter { $0.id == disk.id }
            try expect(listed, [try await provider.disk(disk.id)], "a listed disk")
        }
        try expect(
            inventory.servers.filter { $0.id == server.id }, [try await provider.server(server.id)], "a listed server")
        try expect(
            inventory.snapshots.filter { $0.id == snapshot.id }, [try await provider.snapshot(snapshot.id)],
            "a listed snapshot")
        if let root = server.bootDisk {
            try require(inventory.disks.contains { $0.id == root }, "the root disk of a server is not listed")
        }
        _ = try await detach(disks[1].id, from: server.id)
        try await clear(server, disks[0].id, disks[1].id, disks[2].id)
        try await delete(snapshot.id)
    }

    func idsAreNotReused() async throws {
        var seen: Set<String> = []
        for _ in 0..<3 {
            let disk = try await makeDisk()
            let server = try await makeServer()
            let snapshot = try await makeSnapshot(of: disk.id)
            for id in [disk.id.text, server.id.text, snapshot.id.text] + (server.bootDisk.map { [$0.text] } ?? []) {
                try require(seen.insert(id).inserted, "id \(id) was given out twice")
            }
            try await clear(server, disk.id)
            try await delete(snapshot.id)
        }
    }
}
