import ScalewayEmulator
import Testing

@Suite struct VolumeTests {
    private let volumes = "\(Laboratory.block)/volumes"
    private let snapshots = "\(Laboratory.block)/snapshots"

    @Test func `a volume is being created, then available, and deleted at once`() {
        var lab = Laboratory()
        let created = lab.expect(200, "POST", volumes, ["name": "v", "from_empty": ["size": 10_000_000_000]])
        #expect(created["status"] == "creating")
        let id = created["id"]?.text ?? ""
        lab.wait(seconds: 7)
        #expect(lab.volume(id)["status"] == "available")
        lab.expect(204, "DELETE", "\(volumes)/\(id)")
        #expect(lab.expect(404, "GET", "\(volumes)/\(id)")["resource"] == "volume")
        lab.expect(404, "DELETE", "\(volumes)/\(id)")
        #expect(lab.expect(200, "GET", "\(volumes)?include_deleted=False")["total_count"] == 0)
        let listed = lab.expect(200, "GET", "\(volumes)?include_deleted=true")["volumes"]?.items
        #expect(listed?.first?["status"] == "deleted")
    }

    @Test func `a volume in use cannot be deleted until its reference is gone`() {
        var lab = Laboratory()
        let (server, volume) = (lab.makeServer(), lab.makeVolume())
        lab.attach(volume, to: server)
        #expect(lab.volume(volume)["references"]?.items?.first?["status"] == "attaching")
        lab.wait(seconds: 5)
        #expect(lab.expect(412, "DELETE", "\(volumes)/\(volume)")["type"] == "precondition_failed")
        lab.act("poweron", on: server)
        lab.wait(seconds: 36)
        lab.detach(volume, from: server)
        #expect(lab.server(server)["volumes"]?["1"] == nil)
        // The block API learns of it a moment later.
        #expect(lab.volume(volume)["references"]?.items?.first?["status"] == "attached")
        lab.wait(seconds: 1.5)
        #expect(lab.volume(volume)["status"] == "in_use")
        #expect(lab.volume(volume)["references"]?.items?.first?["status"] == "detaching")
        lab.expect(412, "DELETE", "\(volumes)/\(volume)")
        lab.wait(seconds: 67)
        #expect(lab.volume(volume)["status"] == "available")
        lab.expect(204, "DELETE", "\(volumes)/\(volume)")
    }

    @Test func `what is not attached cannot be detached`() {
        var lab = Laboratory()
        let server = lab.makeServer()
        let refusal = lab.expect(
            400, "POST", "\(Laboratory.zone)/servers/\(server)/detach-volume",
            ["volume_id": "11111111-1111-1111-1111-111111111111"])
        #expect(refusal["type"] == "invalid_arguments")
        #expect(
            refusal["details"]?.items?.first?["help_message"]
                == "Volume 11111111-1111-1111-1111-111111111111 is not attached to this server")
    }

    @Test func `a volume grows and quickens, later, and never shrinks`() {
        var lab = Laboratory()
        let id = lab.makeVolume(gigabytes: 20)
        lab.expect(400, "PATCH", "\(volumes)/\(id)", ["size": 10_000_000_000])
        let growing = lab.expect(200, "PATCH", "\(volumes)/\(id)", ["size": 30_000_000_000, "perf_iops": 15_000])
        #expect(growing["status"] == "updating" && growing["size"] == 20_000_000_000)
        lab.wait(seconds: 7)
        let grown = lab.volume(id)
        #expect(grown["status"] == "available" && grown["size"] == 30_000_000_000 && grown["type"] == "sbs_15k")
    }

    @Test func `a snapshot outlives its volume, which it then no longer names`() {
        var lab = Laboratory()
        let volume = lab.makeVolume()
        let id = lab.makeSnapshot(of: volume)
        #expect(lab.snapshot(id)["status"] == "creating")
        lab.expect(412, "DELETE", "\(snapshots)/\(id)")
        lab.wait(seconds: 32)
        #expect(lab.snapshot(id)["status"] == "available")
        #expect(lab.snapshot(id)["parent_volume"]?["id"] == .string(volume))
        lab.expect(204, "DELETE", "\(volumes)/\(volume)")
        #expect(lab.snapshot(id)["parent_volume"] == .null)
        #expect(lab.snapshot(id)["status"] == "available")
        let restored = lab.expect(
            200, "POST", volumes, ["name": "r", "from_snapshot": ["snapshot_id": .string(id), "size": .null]])
        #expect(restored["parent_snapshot_id"] == .string(id))
        #expect(restored["size"] == 10_000_000_000)
        lab.expect(204, "DELETE", "\(snapshots)/\(id)")
        lab.expect(404, "GET", "\(snapshots)/\(id)")
    }

    @Test func `an image keeps its snapshot in use`() {
        var lab = Laboratory()
        let snapshot = lab.makeSnapshot(of: lab.makeVolume())
        lab.wait()
        let image =
            lab.expect(
                201, "POST", "\(Laboratory.zone)/images",
                ["name": "i", "root_volume": .string(snapshot), "arch": "x86_64"])["image"]?["id"]?.text ?? ""
        #expect(lab.snapshot(snapshot)["status"] == "in_use")
        let refusal = lab.expect(412, "DELETE", "\(snapshots)/\(snapshot)")
        #expect(refusal["help_message"] == "Snapshot is currently in use, deletion is not permitted.")
        lab.expect(204, "DELETE", "\(Laboratory.zone)/images/\(image)")
        lab.expect(204, "DELETE", "\(snapshots)/\(snapshot)")
    }

    @Test func `tags select any on block and all on instance`() {
        var lab = Laboratory()
        for tags: JSON in [["a", "b"], ["b"]] {
            lab.expect(200, "POST", volumes, ["name": "v", "tags": tags, "from_empty": ["size": 1_000_000_000]])
            _ = lab.makeServer(["tags": tags])
        }
        func names(_ json: JSON, _ list: String) -> Int? { json[list]?.items?.count }
        #expect(names(lab.expect(200, "GET", "\(volumes)?tags=a&tags=b"), "volumes") == 2)
        #expect(names(lab.expect(200, "GET", "\(Laboratory.zone)/servers?tags=a,b"), "servers") == 1)
    }

    @Test func `lists are paged in both styles and end with an empty page`() {
        var lab = Laboratory()
        for _ in 0..<3 { _ = lab.makeServer() }
        let first = lab.send("GET", "\(Laboratory.zone)/servers?per_page=2")
        #expect(first.json?["servers"]?.items?.count == 2)
        #expect(first[header: "X-Total-Count"] == "3")
        #expect(
            first[header: "Link"]
                == "</servers?page=2&per_page=2&>; rel=\"next\",</servers?page=2&per_page=2&>; rel=\"last\"")
        #expect(lab.send("GET", "\(Laboratory.zone)/servers?per_page=2&page=3").json?["servers"] == [])
        let page = lab.expect(200, "GET", "\(volumes)?page_size=2&page=2")
        #expect(page["volumes"]?.items?.count == 1 && page["total_count"] == 3)
        #expect(lab.expect(200, "GET", "\(volumes)?page=9")["volumes"] == [])
    }
}
