import FoundationEssentials
import Instances
import Testing

@testable import ScalewayProvider

/// What the API's words come to.
@Suite struct MappingTests {
    private func decode<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    @Test(arguments: [
        ("running", "booting kernel", Server.State.running), ("stopped", "", .stopped), ("starting", "", .starting),
        ("stopping", "stopping", .stopping), ("stopping", "terminating", .deleting),
        ("stopped in place", "stopped in place", .stoppedInPlace), ("locked", "", .locked),
        ("hibernated", "", .unknown("hibernated")), ("Running", "", .unknown("Running")), ("", "", .unknown("")),
        ("stopped_in_place", "", .unknown("stopped_in_place")),
    ])
    func `a word for the state of a server means that state or none`(
        word: String, detail: String, state: Server.State
    ) throws {
        #expect(Server(try decode(Sample.server(1, state: word, detail: detail)), in: nil).state == state)
    }

    @Test func `a server boots from the disk at key 0`() throws {
        let server = Server(try decode(Sample.server(1)), in: nil)
        #expect(server.bootDisk == DiskID(Sample.id(0xd001)))
        #expect(server.guestReady == nil)
        #expect(server.tags == nil)
        let bare = Sample.server(1).replacing("\"volumes\": {", with: "\"volumes\": {}, \"other\": {")
        #expect(Server(try decode(bare), in: nil).bootDisk == nil)
    }

    @Test func `the public address is the first of family inet`() throws {
        let addresses = """
            [{"id": "a", "address": "2001:db8::1", "family": "inet6"}, \
            {"id": "b", "address": "203.0.113.7", "family": "inet", "dynamic": true}]
            """
        let text = Sample.server(1).replacing("\"public_ips\": []", with: "\"public_ips\": \(addresses)")
        #expect(Server(try decode(text), in: nil).publicIPv4 == "203.0.113.7")
    }

    struct VolumeCase: Sendable {
        var status: String
        var references: String
        var state: Disk.State
        var attachment: Disk.Attachment?

        init(_ status: String, _ references: String, _ state: Disk.State, _ phase: Disk.Attachment.Phase? = nil) {
            (self.status, self.references, self.state) = (status, references, state)
            attachment = phase.map { Disk.Attachment(server: ServerID(Sample.id(7)), phase: $0) }
        }
    }

    @Test(arguments: [
        VolumeCase("available", "", .available),
        VolumeCase("creating", "", .creating),
        VolumeCase("in_use", Sample.reference(7, "attaching"), .attached, .attaching),
        VolumeCase("in_use", Sample.reference(7, "attached"), .attached, .attached),
        VolumeCase("in_use", Sample.reference(7, "detaching"), .attached, .detaching),
        // Free is what says so and has no reference left that holds it.
        VolumeCase("available", Sample.reference(7, "detaching"), .attached, .detaching),
        VolumeCase("available", Sample.reference(7, "detached"), .available),
        VolumeCase("available", Sample.reference(7, "detached") + "," + Sample.reference(8, "detached"), .available),
        VolumeCase(
            "available", Sample.reference(8, "detached") + "," + Sample.reference(7, "detaching"), .attached, .detaching
        ),
        VolumeCase("available", Sample.reference(7, "error"), .attached, .attached),
        VolumeCase("available", Sample.reference(0, "attached", type: "internal"), .busy),
        VolumeCase("in_use", Sample.reference(7, "detached"), .busy),
        VolumeCase("in_use", "", .busy),
        VolumeCase("in_use", Sample.reference(0, "attached", type: "internal"), .busy),
        VolumeCase("in_use", Sample.reference(7, "quantum"), .attached, .attached),
        VolumeCase("snapshotting", Sample.reference(7, "attached"), .busy, .attached),
        VolumeCase("updating", "", .busy), VolumeCase("resizing", "", .busy),
        VolumeCase("deleting", "", .deleting), VolumeCase("deleted", "", .deleting),
        VolumeCase("error", "", .error), VolumeCase("locked", "", .locked),
        VolumeCase("unknown_status", "", .unknown("unknown_status")),
        VolumeCase("archived", "", .unknown("archived")),
        VolumeCase(
            "in_use", Sample.reference(7, "attached") + "," + Sample.reference(8, "attached"),
            .unknown("attached to 2 servers"), .attached),
    ])
    func `attachment is what the disk says`(volume: VolumeCase) throws {
        let disk = Disk(try decode(Sample.volume(1, status: volume.status, references: volume.references)))
        #expect(disk.state == volume.state)
        #expect(disk.attachment == volume.attachment)
    }

    @Test func `the times and the source of a disk are kept`() throws {
        let more = """
            , "parent_snapshot_id": "\(Sample.id(3))", "last_detached_at": "2026-07-30T12:53:54.125969Z", \
            "created_at": "2026-07-30T12:00:00Z"
            """
        let disk = Disk(try decode(Sample.volume(1, more: more)))
        #expect(disk.source == SnapshotID(Sample.id(3)))
        #expect(disk.lastDetachedAt?.description == "2026-07-30T12:53:54.125969Z")
        #expect(disk.iops == 5_000)
    }

    @Test func `a time that cannot be read is not taken for never`() {
        #expect(throws: DecodingError.self) {
            let _: BlockVolume = try decode(Sample.volume(1, more: ", \"last_detached_at\": \"yesterday\""))
        }
    }

    @Test(arguments: ["tags", "references", "size", "status", "project_id", "zone", "id"])
    func `a disk without what decides about it is no disk`(field: String) {
        #expect(throws: DecodingError.self) {
            let _: BlockVolume = try decode(Sample.volume(1).replacing("\"\(field)\"", with: "\"x\""))
        }
    }

    @Test(arguments: [
        ("creating", Snapshot.State.creating), ("available", .available), ("in_use", .available), ("error", .error),
        ("deleting", .deleting), ("deleted", .deleting), ("locked", .locked), ("exporting", .unknown("exporting")),
        ("unknown_status", .unknown("unknown_status")),
    ])
    func `a snapshot is good when its word says so`(word: String, state: Snapshot.State) throws {
        let snapshot = Snapshot(try decode(Sample.snapshot(1, status: word)))
        #expect(snapshot.state == state)
        #expect(snapshot.sourceDisk == nil)
    }

    @Test func `a snapshot that an image was made from is linked, one that a disk came from is not known to be`() throws
    {
        func isLinked(by kind: String) throws -> Bool {
            let reference =
                "{\"product_resource_type\": \"\(kind)\", \"product_resource_id\": \"x\", \"status\": \"attached\"}"
            let text = Sample.snapshot(1).replacing("\"tags\"", with: "\"references\": [\(reference)], \"tags\"")
            return Snapshot(try decode(text)).isLinked
        }
        #expect(try isLinked(by: "instance_image"))
        #expect(try !isLinked(by: "internal"))
        #expect(try !Snapshot(decode(Sample.snapshot(1))).isLinked)
        #expect(try Snapshot(decode(Sample.snapshot(1, status: "in_use"))).isLinked)
    }

    @Test func `disks inside a machine are listed with their server`() async throws {
        let local = "\"1\": {\"id\": \"\(Sample.id(9))\", \"volume_type\": \"l_ssd\", \"size\": 20000000000}"
        let scaleway = ScriptedScaleway { address, _ in
            let path = address.split(separator: "?")[0]
            if path.hasSuffix("/servers") {
                let server = Sample.server(1).replacing("\"volumes\": {", with: "\"volumes\": {\(local), ")
                return .success(Sample.page("servers", [server], total: 1))
            }
            let name = String(path.split(separator: "/").last ?? "")
            return .success(Sample.page(name, [], total: 0))
        }
        guard case .complete(let inventory) = try await scaleway.provider().list() else {
            Issue.record("no listing")
            return
        }
        #expect(inventory.disks.map(\.id.text) == [Sample.id(9)])
        #expect(inventory.disks.first?.attachment?.server == ServerID(Sample.id(1)))
        #expect(inventory.disks.first?.sizeBytes == 20_000_000_000)
    }

    @Test func `a note about a firewall holds as long as the group was not changed`() throws {
        func group(_ policy: String = "drop", modified: String = "2026-07-30T12:54:25.617451+00:00") throws
            -> SecurityGroup
        {
            try decode(
                """
                {"id": "g", "name": "web", "project": "p", "zone": "z", "tags": [], "servers": [], "stateful": true, \
                "inbound_default_policy": "\(policy)", "outbound_default_policy": "accept", \
                "modification_date": "\(modified)"}
                """)
        }
        let before: InstanceServer = try decode(Sample.server(1))
        let words = AppliedConfiguration(digest: "abcd", on: before, firewall: try group()).words
        let after: InstanceServer = try decode(Sample.server(1, tags: words))
        #expect(Server(after, in: try group()).configurationDigest == "abcd")
        #expect(Server(after, in: try group("accept")).configurationDigest == nil)
        #expect(Server(after, in: try group(modified: "2026-07-30T12:54:27Z")).configurationDigest == nil)
        #expect(Server(after, in: nil).configurationDigest == nil)
    }

    @Test func `lists that are null are empty, lists that are missing are an error`() throws {
        let volume: BlockVolume = try decode(
            Sample.volume(1).replacing("\"references\": []", with: "\"references\": null"))
        #expect(volume.references == [])
        #expect(throws: DecodingError.self) {
            let _: BlockVolume = try decode(Sample.volume(1).replacing(", \"references\": []", with: ""))
        }
    }

    @Test(arguments: ["", ", \"tags\": null", ", \"tags\": null, \"servers\": null"])
    func `what is shared needs no tags and no users`(more: String) throws {
        let place = "\"id\": \"i\", \"name\": \"n\", \"project\": \"p\", \"project_id\": \"p\", \"zone\": \"z\""
        let policies =
            "\"inbound_default_policy\": \"drop\", \"outbound_default_policy\": \"accept\", \"stateful\": true"
        let group: SecurityGroup = try decode("{\(place), \(policies)\(more)}")
        let address: InstanceIP = try decode("{\(place)\(more)}")
        let network: PrivateNetwork = try decode("{\(place), \"region\": \"r\"\(more)}")
        #expect(group.tags + address.tags + network.tags == [])
        #expect(group.servers == [])
    }

    @Test func `a server whose disks are null has none`() throws {
        let text = Sample.server(1).replacing("\"volumes\": {", with: "\"volumes\": null, \"other\": {")
        #expect(try (decode(text) as InstanceServer).volumes == [:])
        #expect(throws: DecodingError.self) {
            let _: InstanceServer = try decode(text.replacing("\"volumes\": null, ", with: ""))
        }
    }

    @Test func `a time that only is shown may be unreadable`() throws {
        let (old, new) = (", \"creation_date\": \"long ago\"", ", \"created_at\": \"long ago\"")
        #expect(try (decode(Sample.server(1, more: old)) as InstanceServer).createdAt == nil)
        #expect(try (decode(Sample.volume(1, more: new)) as BlockVolume).createdAt == nil)
        let cut = Sample.snapshot(1).replacing("\"tags\"", with: "\"created_at\": \"long ago\", \"tags\"")
        #expect(try (decode(cut) as BlockSnapshot).createdAt == nil)
    }

    @Test func `an answer is taken with and without its envelope`() throws {
        let wrapped: Envelope<InstanceServer> = try decode("{\"server\": \(Sample.server(1))}")
        let bare: Envelope<InstanceServer> = try decode(Sample.server(1))
        #expect(wrapped.content == bare.content)
    }

    @Test func `a note holds as long as what it says is in place`() throws {
        let nic = "\"private_nics\": [{\"id\": \"n\", \"private_network_id\": \"p\"}]"
        let group = "\"security_group\": {\"id\": \"g\", \"name\": \"web\"}"
        let more = ", \"dynamic_ip_required\": false, \"protected\": true, \(nic), \(group)"
        let before: InstanceServer = try decode(Sample.server(1, more: more))
        let words = AppliedConfiguration(digest: "abcd", on: before, firewall: nil).words
        func digest(_ more: String, tags: [String] = words) throws -> String? {
            Server(try decode(Sample.server(1, state: "running", tags: tags, more: more)), in: nil).configurationDigest
        }
        #expect(try digest(more) == "abcd")
        #expect(try digest(more.replacing(nic, with: "\"private_nics\": []")) == nil)
        #expect(try digest(more.replacing("\"p\"", with: "\"q\"")) == nil)
        #expect(try digest(more.replacing("\"id\": \"g\"", with: "\"id\": \"h\"")) == nil)
        #expect(try digest(more.replacing("\"protected\": true", with: "\"protected\": false")) == nil)
        #expect(try digest(more.replacing("required\": false", with: "required\": true")) == nil)
        #expect(try digest(more, tags: words + words) == nil)
        #expect(try digest(more, tags: Array(words.prefix(1))) == nil)
    }
}
