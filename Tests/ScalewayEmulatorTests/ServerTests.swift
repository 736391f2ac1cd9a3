import ScalewayEmulator
import Testing

@Suite struct ServerTests {
    private let servers = "\(Laboratory.zone)/servers"

    @Test func `a new server is stopped and has a root volume that the provider made`() {
        var lab = Laboratory()
        let server = lab.server(lab.makeServer(["tags": ["owner=me"]]))
        #expect(server["state"] == "stopped")
        #expect(server["allowed_actions"] == ["poweron", "backup"])
        #expect(server["tags"] == ["owner=me"])
        let root = lab.volume(server["volumes"]?["0"]?["id"]?.text ?? "")
        #expect(root["name"] == "Ubuntu 22.04 Jammy Jellyfish_sbs_volume_0")
        #expect(root["tags"] == [])
        #expect(root["size"] == 10_000_000_000)
        #expect(root["status"] == "in_use")
        #expect(root["references"]?.items?.first?["status"] == "attached")
        #expect(root["parent_snapshot_id"] == server["image"]?["root_volume"]?["id"])
    }

    @Test func `a server starts, stops and keeps its volumes`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        lab.act("poweron", on: id)
        #expect(lab.server(id)["state"] == "starting")
        #expect(lab.server(id)["state_detail"] == "allocating node")
        #expect(lab.server(id)["allowed_actions"] == ["stop_in_place", "backup"])
        lab.wait()
        let running = lab.server(id)
        #expect(running["state"] == "running")
        #expect(running["allowed_actions"] == ["poweroff", "terminate", "reboot", "stop_in_place", "backup"])
        #expect(running["location"]?["zone_id"] == "fr-par-1")
        lab.act("poweroff", on: id)
        #expect(lab.server(id)["state"] == "stopping")
        lab.wait()
        let stopped = lab.server(id)
        #expect(stopped["state"] == "stopped")
        #expect(stopped["location"] == .null)
        #expect(lab.volume(stopped["volumes"]?["0"]?["id"]?.text ?? "")["status"] == "in_use")
    }

    @Test func `an action in the wrong state is refused`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        #expect(
            lab.expect(400, "POST", "\(servers)/\(id)/action", ["action": "poweroff"])["message"]
                == "server should be running")
        lab.expect(400, "POST", "\(servers)/\(id)/action", ["action": "terminate"])
        lab.act("poweron", on: id)
        let refusal = lab.expect(409, "POST", "\(servers)/\(id)/action", ["action": "poweroff"])
        #expect(refusal["type"] == "transient_state")
        #expect(refusal["current_state"] == "starting")
    }

    @Test func `a protected server refuses power actions but not its deletion`() {
        var lab = Laboratory()
        let id = lab.makeServer(["protected": true])
        lab.act("poweron", on: id)
        lab.wait()
        #expect(lab.server(id)["allowed_actions"] == ["backup"])
        let refusal = lab.expect(400, "POST", "\(servers)/\(id)/action", ["action": "poweroff"])
        #expect(refusal["precondition"] == "protected_resource")
        lab.expect(200, "PATCH", "\(servers)/\(id)", ["protected": false])
        lab.act("poweroff", on: id)
        lab.wait()
        lab.expect(200, "PATCH", "\(servers)/\(id)", ["protected": true])
        lab.expect(204, "DELETE", "\(servers)/\(id)")
    }

    @Test func `deleting a server keeps its volumes, and one that runs is refused`() {
        var lab = Laboratory()
        let id = lab.makeServer(["volumes": ["1": ["volume_type": "l_ssd", "size": 5_000_000_000, "name": "fast"]]])
        let volumes = lab.server(id)["volumes"]
        let (root, local) = (volumes?["0"]?["id"]?.text ?? "", volumes?["1"]?["id"]?.text ?? "")
        lab.act("poweron", on: id)
        lab.wait()
        #expect(lab.expect(400, "DELETE", "\(servers)/\(id)")["type"] == "precondition_failed")
        lab.act("poweroff", on: id)
        lab.wait()
        lab.expect(204, "DELETE", "\(servers)/\(id)")
        #expect(lab.expect(404, "GET", "\(servers)/\(id)")["resource"] == "instance_server")
        lab.wait()
        #expect(lab.volume(root)["status"] == "available")
        #expect(lab.volume(root)["last_detached_at"]?.text != nil)
        #expect(lab.expect(200, "GET", "\(Laboratory.zone)/volumes/\(local)")["volume"]?["server"] == .null)
    }

    @Test func `terminating destroys local volumes and only detaches block volumes`() {
        var lab = Laboratory()
        let id = lab.makeServer(["volumes": ["1": ["volume_type": "l_ssd", "size": 5_000_000_000, "name": "fast"]]])
        let volumes = lab.server(id)["volumes"]
        let (root, local) = (volumes?["0"]?["id"]?.text ?? "", volumes?["1"]?["id"]?.text ?? "")
        lab.act("poweron", on: id)
        lab.wait()
        lab.act("terminate", on: id)
        #expect(lab.server(id)["state_detail"] == "terminating")
        lab.wait()
        lab.expect(404, "GET", "\(servers)/\(id)")
        lab.expect(404, "GET", "\(Laboratory.zone)/volumes/\(local)")
        lab.wait()
        #expect(lab.volume(root)["status"] == "available")
    }

    @Test func `stopping in place keeps the node and powering off from there is quick`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        lab.act("poweron", on: id)
        lab.wait()
        lab.act("stop_in_place", on: id)
        lab.wait(seconds: 50)
        #expect(lab.server(id)["state"] == "stopped in place")
        #expect(lab.server(id)["location"] != .null)
        lab.act("poweroff", on: id)
        lab.wait(seconds: 11)
        #expect(lab.server(id)["state"] == "stopped")
    }

    @Test func `a server can boot from an existing volume without an image`() {
        var lab = Laboratory()
        let volume = lab.makeVolume()
        let id = lab.makeServer([
            "image": .null, "volumes": ["0": ["id": .string(volume), "volume_type": "sbs_volume", "boot": false]],
        ])
        #expect(lab.server(id)["image"] == .null)
        #expect(lab.server(id)["volumes"]?["0"]?["id"] == .string(volume))
        #expect(lab.volume(volume)["references"]?.items?.first?["product_resource_id"] == .string(id))
    }

    @Test func `a refused creation leaves nothing behind`() {
        var lab = Laboratory()
        let missing = lab.expect(400, "POST", servers, ["name": "x"])
        #expect(missing["type"] == "invalid_request_error")
        #expect(missing["fields"]?.members?.map(\.name) == ["commercial_type", "image", "volumes"])
        let unknown = lab.expect(
            404, "POST", servers,
            ["name": "x", "commercial_type": "DEV1-S", "image": "7a892c1a-bbdc-491f-9974-4008e3708664"])
        #expect(unknown["resource"] == "instance_image")
        lab.expect(
            403, "POST", servers,
            [
                "commercial_type": "DEV1-S", "image": "ubuntu_jammy", "project": "7a892c1a-bbdc-491f-9974-4008e3708664",
            ])
        lab.expect(
            400, "POST", servers,
            [
                "commercial_type": "PRO2-XXS", "image": "ubuntu_jammy",
                "volumes": ["1": ["volume_type": "l_ssd", "size": 5_000_000_000]],
            ])
        #expect(lab.expect(200, "GET", servers)["servers"] == [])
        #expect(lab.expect(200, "GET", "\(Laboratory.block)/volumes")["volumes"] == [])
    }

    @Test func `replacing the volume map detaches what is left out`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        let root = lab.server(id)["volumes"]?["0"]?["id"] ?? .null
        let volume = lab.makeVolume()
        lab.attach(volume, to: id)
        #expect(lab.server(id)["allowed_actions"] == [])
        lab.wait(seconds: 5)
        #expect(lab.server(id)["volumes"]?["1"]?["id"] == .string(volume))
        lab.expect(200, "PATCH", "\(servers)/\(id)", ["volumes": ["0": ["id": root, "name": "x", "boot": false]]])
        #expect(lab.server(id)["volumes"]?.members?.count == 1)
        lab.wait(seconds: 10)
        #expect(lab.volume(volume)["status"] == "available")
    }

    @Test func `user data is kept byte by byte and a missing key has no body`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        let missing = lab.send("GET", "\(servers)/\(id)/user_data/cloud-init")
        #expect(missing.status == 404 && missing.body.isEmpty && missing[header: "Content-Type"] == "text/plain")
        let bytes = Array("#cloud-config\n\u{E9}\n".utf8)
        let written = lab.emulator.handle(
            APIRequest(
                "PATCH", "\(servers)/\(id)/user_data/cloud-init", token: lab.configuration.secretKey,
                contentType: "text/plain", body: bytes),
            at: lab.now)
        #expect(written.response.status == 204)
        #expect(lab.send("GET", "\(servers)/\(id)/user_data/cloud-init").body == bytes)
        #expect(lab.expect(200, "GET", "\(servers)/\(id)/user_data")["user_data"] == ["cloud-init"])
        lab.expect(204, "DELETE", "\(servers)/\(id)/user_data/cloud-init")
        #expect(lab.send("GET", "\(servers)/\(id)/user_data/cloud-init").status == 404)
    }
}
