import ScalewayEmulator
import Testing

@Suite struct FaultTests {
    private let volumes = "\(Laboratory.block)/volumes"
    private let volume: JSON = ["name": "v", "from_empty": ["size": 1_000_000_000]]

    private func count(_ lab: inout Laboratory) -> Int? {
        lab.expect(200, "GET", "/_emulator/state")["volumes"]?.items?.count
    }

    @Test func `a fault meets the requests it is meant for, when it is meant to`() {
        var lab = Laboratory()
        lab.expect(
            200, "POST", "/_emulator/faults",
            [
                "on": "POST /block/v1/zones/*/volumes", "with": ["name": "v"], "when": ["nth": [2, 4]],
                "do": "server-error",
            ])
        lab.expect(200, "GET", volumes)
        lab.expect(200, "POST", volumes, ["name": "other", "from_empty": ["size": 1_000_000_000]])
        #expect((1...5).map { _ in lab.send("POST", volumes, volume).status } == [200, 500, 200, 500, 200])
        let faults = lab.expect(200, "GET", "/_emulator/faults")["faults"]?.items
        #expect(faults?.first?["seen"] == 5 && faults?.first?["fired"] == 2)
        lab.expect(200, "DELETE", "/_emulator/faults")
        #expect((1...5).map { _ in lab.send("POST", volumes, volume).status } == [200, 200, 200, 200, 200])
    }

    @Test(
        arguments: [
            (["every": 2], [200, 503, 200, 503, 200]), (["from": 4], [200, 200, 200, 503, 503]),
            (["times": 2], [503, 503, 200, 200, 200]), (["probability": 0.0], [200, 200, 200, 200, 200]),
            (["probability": 1.0], [503, 503, 503, 503, 503]),
        ] as [(JSON, [Int])])
    func `a fault happens as often as it says`(when: JSON, statuses: [Int]) {
        var lab = Laboratory()
        lab.expect(200, "POST", "/_emulator/faults", ["on": "GET /**", "when": when, "do": "unavailable"])
        #expect((1...5).map { _ in lab.send("GET", volumes).status } == statuses)
    }

    @Test func `chance comes from the seed`() {
        func statuses(seed: UInt64) -> [Int] {
            var lab = Laboratory(Configuration(seed: seed))
            lab.expect(
                200, "POST", "/_emulator/faults", ["on": "* /**", "when": ["probability": 0.5], "do": "server-error"])
            return (1...32).map { _ in lab.send("GET", volumes).status }
        }
        #expect(statuses(seed: 7) == statuses(seed: 7))
        #expect(statuses(seed: 7) != statuses(seed: 8))
    }

    @Test func `the rate limit is answered as recorded`() {
        var lab = Laboratory()
        lab.expect(200, "POST", "/_emulator/faults", ["on": "GET /block/**", "do": "rate-limited"])
        let response = lab.send("GET", volumes)
        #expect(response.status == 429 && response.body.isEmpty)
        #expect(response[header: "X-Envoy-Ratelimited"] == "true")
        #expect(response[header: "Content-Type"] == nil)
    }

    @Test func `a connection breaks before or after the request is carried out`() {
        var lab = Laboratory()
        lab.expect(
            200, "POST", "/_emulator/faults",
            [
                ["on": "POST /**", "when": ["nth": 1], "do": "drop-before"],
                ["on": "POST /**", "when": ["nth": 2], "do": "drop-after"],
            ])
        #expect(lab.answer("POST", volumes, volume).delivery == .nothing)
        #expect(count(&lab) == 0)
        #expect(lab.answer("POST", volumes, volume).delivery == .nothing)
        #expect(count(&lab) == 1)
        #expect(lab.answer("POST", volumes, volume).delivery == .whole)
    }

    @Test func `a lost request takes effect later`() {
        var lab = Laboratory()
        lab.expect(200, "POST", "/_emulator/faults", ["on": "POST /block/**", "do": ["late": 20]])
        #expect(lab.answer("POST", volumes, volume).delivery == .nothing)
        lab.wait(seconds: 19)
        #expect(count(&lab) == 0)
        lab.wait(seconds: 2)
        #expect(count(&lab) == 1)
    }

    @Test func `an answer is cut or late`() {
        var lab = Laboratory()
        lab.expect(
            200, "POST", "/_emulator/faults",
            [
                ["on": "GET /block/**", "do": ["truncate": 10]], ["on": "GET /instance/**", "do": ["delay": 3]],
            ])
        #expect(lab.answer("GET", volumes).delivery == .cut(bytes: 10))
        #expect(lab.answer("GET", "\(Laboratory.zone)/servers").delay == 3)
    }

    @Test func `a stale list shows the account as it was`() {
        var lab = Laboratory()
        lab.expect(200, "POST", volumes, volume)
        lab.wait()
        lab.expect(200, "POST", "/_emulator/faults", ["on": "GET /block/**", "do": ["stale": 30]])
        lab.expect(200, "POST", volumes, volume)
        let id = lab.expect(200, "GET", volumes)["volumes"]?.items?.first?["id"]?.text ?? ""
        #expect(lab.expect(200, "GET", volumes)["total_count"] == 1)
        lab.wait(seconds: 10)
        lab.expect(204, "DELETE", "\(volumes)/\(id)")
        lab.wait(seconds: 21)
        let listed = lab.expect(200, "GET", volumes)["volumes"]?.items
        #expect(listed?.count == 2)
        #expect(listed?.last?["status"] == "creating")
        lab.wait(seconds: 10)
        #expect(lab.expect(200, "GET", volumes)["total_count"] == 1)
    }

    @Test func `a list lacks entries, openly or not`() {
        var lab = Laboratory()
        for _ in 0..<3 { lab.expect(200, "POST", volumes, volume) }
        let first = lab.expect(200, "GET", volumes)["volumes"]?.items?.first?["id"] ?? .null
        lab.expect(200, "POST", "/_emulator/faults", ["on": "GET /block/v1/zones/*/volumes", "do": ["omit": 1]])
        let short = lab.expect(200, "GET", volumes)
        #expect(short["volumes"]?.items?.count == 2 && short["total_count"] == 3)
        lab.expect(200, "DELETE", "/_emulator/faults")
        lab.expect(
            200, "POST", "/_emulator/faults",
            ["on": "GET /block/v1/zones/*/volumes", "do": ["omit": ["ids": [first], "hide": true]]])
        let hidden = lab.expect(200, "GET", volumes)
        #expect(hidden["volumes"]?.items?.count == 2 && hidden["total_count"] == 2)
        #expect(hidden["volumes"]?.items?.first?["id"] != first)
    }

    @Test func `one page of a list fails`() {
        var lab = Laboratory()
        lab.expect(
            200, "POST", "/_emulator/faults", ["on": "GET /block/v1/zones/*/volumes?page=2", "do": "server-error"])
        lab.expect(200, "GET", "\(volumes)?page=1")
        lab.expect(500, "GET", "\(volumes)?page=2")
    }

    @Test(
        arguments: [
            ["do": "server-error"], ["on": "GET", "do": "server-error"], ["on": "GET /x", "do": "no-such-fault"],
            ["on": "GET /x", "do": "server-error", "wen": ["nth": 1]], ["on": "GET /x", "do": ["late": "soon"]],
            ["on": "GET /x", "do": "server-error", "when": ["nth": "first"]], ["on": "GET /x", "do": ["status": 1000]],
            ["on": "GET /x", "do": "server-error", "when": ["every": 0]],
        ] as [JSON])
    func `a fault that is no fault is refused`(fault: JSON) {
        var lab = Laboratory()
        lab.expect(400, "POST", "/_emulator/faults", fault)
        #expect(lab.expect(200, "GET", "/_emulator/faults")["faults"] == [])
    }
}
