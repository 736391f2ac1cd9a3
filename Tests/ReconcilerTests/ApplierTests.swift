import Instances
import Testing

@testable import Reconciler

/// What is read right before a deletion: only "not found" is absence.
@Suite struct ApplierTests {
    private let made = Operation(epoch: 1, nonce: "made")
    private let server = ServerID("server")
    private let disk = DiskID("disk")

    private func tags(_ role: Tags.Role, condemned: Bool = false) -> Tags {
        var tags = Tags(owner: OwnerID("owner"), instance: InstanceUID("uid"), name: box, role: role, operation: made)
        tags.condemned = condemned
        return tags
    }

    /// A server that is condemned and off, from which the data disk was taken.
    private func stoppedCloud() -> SmallCloud {
        let cloud = SmallCloud()
        let (server, disk) = (server, disk)
        let tags = (tags(.server, condemned: true), tags(.data))
        cloud.bend { contents in
            contents.servers[server] = Server(id: server, name: "box", tags: tags.0, state: .stopped, type: "c1-m64")
            contents.disks[disk] = Disk(
                id: disk, name: "box-data", tags: tags.1, state: .available, sizeBytes: bytesInGigabyte)
        }
        return cloud
    }

    private func deleteServer(in cloud: SmallCloud) async -> ProviderError.Reason? {
        var record = Record(
            uid: InstanceUID("uid"), name: box, provider: "local", account: "account", zone: "local",
            operations: [made], data: .quiescing(disk, made))
        record.condemn(.server(server), as: made, because: .unwantedServer)
        do throws(ProviderError) {
            _ = try await Applier(provider: cloud, record: record).apply(.delete(record.condemned[0]))
            return nil
        } catch { return error.reason }
    }

    @Test func `a server is deleted once the data disk was read as detached from it, or as gone`() async {
        let cloud = stoppedCloud()
        cloud.bend { [disk, server] in $0.disks[disk]?.attachment = .init(server: server, phase: .attached) }
        #expect(await deleteServer(in: cloud) == .conflict)
        #expect(cloud.calls.isEmpty)
        #expect(await deleteServer(in: stoppedCloud()) == nil)
        let lost = stoppedCloud()
        lost.bend { $0.disks = [:] }
        #expect(await deleteServer(in: lost) == nil)
        #expect(lost.calls == ["deleteServer"])
    }

    @Test(arguments: [ProviderError.Reason.unavailable, .forbidden, .unauthorized, .unknownOutcome])
    func `a data disk that cannot be read keeps the server`(reason: ProviderError.Reason) async {
        let cloud = stoppedCloud()
        cloud.bend { $0.failures["disk"] = [ProviderError(reason, "no answer")] }
        #expect(await deleteServer(in: cloud) == reason)
        #expect(cloud.calls.isEmpty)
    }
}
