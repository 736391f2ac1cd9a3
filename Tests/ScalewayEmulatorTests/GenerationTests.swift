import ScalewayEmulator
import Testing

/// Where the newest data is.
@Suite struct GenerationTests {
    private func generation(_ id: String, in kind: String, of lab: inout Laboratory) -> Int? {
        let rows = lab.expect(200, "GET", "/_emulator/state")[kind]?.items
        return rows?.first { $0["id"] == .string(id) }?["generation"]?.integer
    }

    private func isWhole(_ lab: inout Laboratory) -> Bool {
        lab.expect(200, "GET", "/_emulator/invariants")["ok"] == true
    }

    /// A running server and its data volume.
    private func running(_ lab: inout Laboratory) -> (server: String, data: String) {
        let (server, data) = (lab.makeServer(), lab.makeVolume())
        lab.attach(data, to: server)
        lab.wait(seconds: 5)
        lab.act("poweron", on: server)
        lab.wait()
        return (server, data)
    }

    private func release(_ data: String, from server: String, in lab: inout Laboratory) {
        lab.act("poweroff", on: server)
        lab.wait()
        lab.detach(data, from: server)
        lab.wait()
    }

    @Test func `every boot writes to the data disk and not to the root`() {
        var lab = Laboratory()
        let (server, data) = running(&lab)
        let root = lab.server(server)["volumes"]?["0"]?["id"]?.text ?? ""
        #expect(generation(data, in: "volumes", of: &lab) == 1)
        lab.act("reboot", on: server)
        lab.wait()
        #expect(generation(data, in: "volumes", of: &lab) == 2)
        lab.expect(200, "POST", "/_emulator/servers/\(server)/write")
        #expect(generation(data, in: "volumes", of: &lab) == 3)
        #expect(generation(root, in: "volumes", of: &lab) == 0)
    }

    @Test func `a snapshot holds what was there at the cut, and what is made from it goes on`() {
        var lab = Laboratory()
        let (server, data) = running(&lab)
        let snapshot = lab.makeSnapshot(of: data)
        lab.expect(200, "POST", "/_emulator/servers/\(server)/write")
        lab.wait()
        #expect(generation(snapshot, in: "snapshots", of: &lab) == 1)
        #expect(generation(data, in: "volumes", of: &lab) == 2)
        let restored = lab.expect(
            200, "POST", "\(Laboratory.block)/volumes",
            ["name": "r", "from_snapshot": ["snapshot_id": .string(snapshot)]])
        #expect(generation(restored["id"]?.text ?? "", in: "volumes", of: &lab) == 1)
    }

    @Test func `the careful order loses nothing`() {
        var lab = Laboratory()
        let (server, data) = running(&lab)
        release(data, from: server, in: &lab)
        let snapshot = lab.makeSnapshot(of: data)
        lab.wait()
        lab.expect(204, "DELETE", "\(Laboratory.block)/volumes/\(data)")
        #expect(isWhole(&lab))
        #expect(generation(snapshot, in: "snapshots", of: &lab) == 1)
    }

    @Test func `a disk that is deleted while its snapshot is being cut is lost`() {
        var lab = Laboratory()
        let (server, data) = running(&lab)
        release(data, from: server, in: &lab)
        let snapshot = lab.makeSnapshot(of: data)
        lab.expect(204, "DELETE", "\(Laboratory.block)/volumes/\(data)")
        lab.wait()
        #expect(lab.snapshot(snapshot)["status"] == "error")
        let invariants = lab.expect(200, "GET", "/_emulator/invariants")
        #expect(invariants["ok"] == false)
        #expect(invariants["violations"]?.items?.first?["kind"] == "newestGenerationLost")
    }

    @Test func `a disk whose snapshot was cut before the last write is lost with it`() {
        var lab = Laboratory()
        let (server, data) = running(&lab)
        _ = lab.makeSnapshot(of: data)
        lab.expect(200, "POST", "/_emulator/servers/\(server)/write")
        release(data, from: server, in: &lab)
        #expect(isWhole(&lab))
        lab.expect(204, "DELETE", "\(Laboratory.block)/volumes/\(data)")
        #expect(!isWhole(&lab))
    }

    @Test func `a guest that boots on an old copy is found out`() {
        var lab = Laboratory()
        let (server, data) = running(&lab)
        let snapshot = lab.makeSnapshot(of: data)
        lab.expect(200, "POST", "/_emulator/servers/\(server)/write")
        lab.wait()
        let old =
            lab.expect(
                200, "POST", "\(Laboratory.block)/volumes",
                ["name": "r", "from_snapshot": ["snapshot_id": .string(snapshot)]])["id"]?.text ?? ""
        lab.wait()
        let other = lab.makeServer()
        lab.attach(old, to: other)
        lab.wait()
        lab.act("poweron", on: other)
        lab.wait()
        let invariants = lab.expect(200, "GET", "/_emulator/invariants")
        #expect(invariants["violations"]?.items?.first?["kind"] == "staleCopyWritten")
    }

    @Test func `a guest that writes when it is shut down makes an earlier snapshot old`() {
        var lab = Laboratory(Configuration(writesAtShutdown: true))
        let (server, data) = running(&lab)
        let snapshot = lab.makeSnapshot(of: data)
        release(data, from: server, in: &lab)
        #expect(generation(data, in: "volumes", of: &lab) == 2)
        #expect(generation(snapshot, in: "snapshots", of: &lab) == 1)
    }

    @Test func `data that a test gives up may go`() {
        var lab = Laboratory()
        let (server, data) = running(&lab)
        release(data, from: server, in: &lab)
        lab.expect(200, "POST", "/_emulator/lineages/\(data)/give-up")
        lab.expect(204, "DELETE", "\(Laboratory.block)/volumes/\(data)")
        #expect(isWhole(&lab))
    }
}
