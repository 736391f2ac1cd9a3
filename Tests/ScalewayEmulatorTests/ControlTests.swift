import ScalewayEmulator
import Testing

@Suite struct ControlTests {
    private let servers = "\(Laboratory.zone)/servers"

    @Test func `requests are counted by route`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        _ = (lab.server(id), lab.server(id))
        let log = lab.expect(200, "GET", "/_emulator/requests")
        #expect(log["total"] == 3)
        #expect(
            log["routes"] == [
                ["route": "GET /instance/v1/zones/{zone}/servers/{id}", "count": 2],
                ["route": "POST /instance/v1/zones/{zone}/servers", "count": 1],
            ])
        #expect(log["requests"]?.items?.first?["status"] == 201)
        lab.expect(200, "DELETE", "/_emulator/requests")
        #expect(lab.expect(200, "GET", "/_emulator/requests")["total"] == 0)
    }

    @Test func `time stands still while a test holds it`() {
        var lab = Laboratory()
        lab.expect(200, "POST", "/_emulator/clock", ["freeze": true])
        let id = lab.makeServer()
        lab.act("poweron", on: id)
        lab.wait()
        #expect(lab.server(id)["state"] == "starting")
        lab.expect(200, "POST", "/_emulator/clock", ["advance": 36])
        #expect(lab.server(id)["state"] == "running")
        lab.act("poweroff", on: id)
        lab.expect(200, "POST", "/_emulator/clock", ["resume": true])
        #expect(lab.server(id)["state"] == "stopping")
        lab.wait()
        #expect(lab.server(id)["state"] == "stopped")
    }

    @Test func `a guest that shuts itself down leaves the server stopped in place`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        lab.act("poweron", on: id)
        lab.wait()
        lab.expect(200, "POST", "/_emulator/servers/\(id)/shutdown")
        #expect(lab.server(id)["state"] == "stopped in place")
        #expect(lab.expect(200, "GET", "\(servers)?state=stopped+in+place")["servers"]?.items?.count == 1)
    }

    @Test func `a type that is out of stock cannot be started`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        lab.expect(200, "POST", "/_emulator/stock", ["zone": "fr-par-1", "type": "DEV1-S", "in_stock": false])
        let refusal = lab.expect(503, "POST", "\(servers)/\(id)/action", ["action": "poweron"])
        #expect(refusal["type"] == "out_of_stock")
        let availability = lab.expect(200, "GET", "\(Laboratory.zone)/products/servers/availability")
        #expect(availability["servers"]?["DEV1-S"]?["availability"] == "shortage")
        #expect(lab.server(id)["state"] == "stopped")
        lab.expect(200, "POST", "/_emulator/stock", ["type": "DEV1-S", "in_stock": true])
        lab.act("poweron", on: id)
    }

    @Test func `a quota refuses what exceeds it`() {
        var lab = Laboratory(Configuration(quotas: ["servers": 1]))
        _ = lab.makeServer()
        let body: JSON = ["commercial_type": "DEV1-S", "image": "ubuntu_jammy"]
        let refusal = lab.expect(403, "POST", servers, body)
        #expect(refusal["type"] == "quotas_exceeded")
        #expect(refusal["details"]?.items?.first?["quota"] == 1)
        #expect(lab.expect(200, "GET", "/iam/v1alpha1/quota/servers")["limit"] == 1)
        lab.expect(200, "POST", "/_emulator/quotas", ["servers": .null])
        lab.expect(201, "POST", servers, body)
    }

    @Test func `a resource that the provider locked refuses changes`() {
        var lab = Laboratory()
        let id = lab.makeServer()
        lab.expect(200, "POST", "/_emulator/locks", ["id": .string(id)])
        #expect(lab.expect(423, "POST", "\(servers)/\(id)/action", ["action": "poweron"])["type"] == "locked")
        lab.expect(423, "DELETE", "\(servers)/\(id)")
        lab.expect(200, "POST", "/_emulator/locks", ["id": .string(id), "locked": false])
        lab.expect(204, "DELETE", "\(servers)/\(id)")
    }

    @Test func `a request without the key learns nothing`() {
        var lab = Laboratory()
        let answer = lab.emulator.handle(APIRequest("GET", servers, token: "wrong"), at: lab.now)
        #expect(answer.response.status == 401)
        #expect(answer.response.json?["type"] == "denied_authentication")
    }

    @Test func `the same seed and requests give the same bytes`() {
        func life(seed: UInt64) -> [UInt8] {
            var lab = Laboratory(Configuration(seed: seed))
            let (server, volume) = (lab.makeServer(), lab.makeVolume())
            lab.attach(volume, to: server)
            lab.act("poweron", on: server)
            lab.wait(seconds: 20)
            return lab.send("GET", "/_emulator/state").body + lab.send("GET", servers).body
        }
        #expect(life(seed: 3) == life(seed: 3))
        #expect(life(seed: 3) != life(seed: 4))
    }

    @Test func `requests that come too fast are refused for a while`() {
        var lab = Laboratory(Configuration(rateLimit: 3))
        #expect((1...5).map { _ in lab.send("GET", servers).status } == [200, 200, 200, 429, 429])
        lab.wait(seconds: 1.9)
        #expect(lab.send("GET", servers).status == 429)
        lab.wait(seconds: 0.2)
        #expect((1...3).map { _ in lab.send("GET", servers).status } == [200, 200, 200])
    }

    @Test func `a project that is not there is forbidden to look at`() {
        var lab = Laboratory()
        let nobody = "11111111-2222-4333-8444-555555555555"
        #expect(lab.expect(403, "GET", "\(servers)?project=\(nobody)")["type"] == "permissions_denied")
        lab.expect(403, "GET", "\(Laboratory.block)/volumes?project_id=\(nobody)")
        lab.expect(200, "GET", "\(servers)?project=\(lab.configuration.projects[0])")
    }

    @Test func `everything else is unknown`() {
        var lab = Laboratory()
        #expect(lab.expect(501, "GET", "/k8s/v1/regions/fr-par/clusters")["message"] == "unknown service")
        lab.expect(404, "GET", "/metadata")
        lab.expect(404, "GET", "/_emulator/nonsense")
        lab.expect(400, "GET", "/instance/v1/zones/us-east-1/servers")
    }
}
