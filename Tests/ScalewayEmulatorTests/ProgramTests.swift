import FoundationEssentials
import Glibc
import ScalewayEmulator
import TestThreads
import Testing

/// The program itself, over real connections.
@Suite(.runs(on: .programs)) struct ProgramTests {
    private let volumes = "/block/v1/zones/fr-par-1/volumes"
    private let volume: JSON = ["name": "v", "from_empty": ["size": 1_000_000_000]]

    @Test func `it says where it listens and how to reach it`() async throws {
        let server = try await RunningServer.start()
        #expect(server.environment["SCW_API_URL"] == "http://127.0.0.1:\(server.port)")
        #expect(server.environment["SCW_ACCESS_KEY"]?.count == 20)
        let answer = await server.ask("GET", volumes)
        #expect(answer?.status == 200)
        #expect(answer?.json["volumes"] == [])
    }

    @Test func `a dropped connection gives no byte, before and after`() async throws {
        let server = try await RunningServer.start()
        _ = await server.ask(
            "POST", "/_emulator/faults",
            [
                ["on": "POST /block/**", "when": ["nth": 1], "do": "drop-before"],
                ["on": "POST /block/**", "when": ["nth": 2], "do": "drop-after"],
            ])
        #expect(await server.exchange("POST", volumes, volume) == [])
        #expect(await server.ask("GET", volumes)?.json["total_count"] == 0)
        #expect(await server.exchange("POST", volumes, volume) == [])
        #expect(await server.ask("GET", volumes)?.json["total_count"] == 1)
    }

    @Test func `a cut answer promises more than it holds`() async throws {
        let server = try await RunningServer.start()
        _ = await server.ask("POST", "/_emulator/faults", ["on": "GET /block/**", "do": ["truncate": 5]])
        let text = await String(decoding: server.exchange("GET", volumes), as: UTF8.self)
        #expect(text.contains("Content-Length: 30") || text.contains("content-length: 30"))
        #expect(text.hasSuffix("\r\n\r\n{\"vol"))
    }

    @Test func `a held request waits for the control API`() async throws {
        let server = try await RunningServer.start()
        _ = await server.ask(
            "POST", "/_emulator/faults", ["on": "POST /block/**", "when": ["nth": 1], "do": "hold-before"])
        async let answered = server.ask("POST", volumes, volume)
        let held = await server.ask("GET", "/_emulator/holds?wait=600")?.json["holds"]?.items
        #expect(held?.first?["phase"] == "before")
        #expect(await server.ask("GET", volumes)?.json["total_count"] == 0)
        let number = held?.first?["number"]?.integer ?? 0
        #expect(await server.ask("POST", "/_emulator/holds/\(number)")?.status == 200)
        #expect(await answered?.status == 200)
        #expect(await server.ask("GET", volumes)?.json["total_count"] == 1)
    }

    @Test func `a held request can end in a broken connection after it was carried out`() async throws {
        let server = try await RunningServer.start()
        _ = await server.ask("POST", "/_emulator/faults", ["on": "POST /block/**", "do": "hold-after"])
        async let answered = server.ask("POST", volumes, volume)
        let held = await server.ask("GET", "/_emulator/holds?wait=600")?.json["holds"]?.items
        #expect(await server.ask("GET", volumes)?.json["total_count"] == 1)
        _ = await server.ask("POST", "/_emulator/holds/\(held?.first?["number"]?.integer ?? 0)", ["drop": true])
        #expect(await answered?.status == nil)
    }

    @Test func `the account outlives the program in its file`() async throws {
        let path = FileManager.default.temporaryDirectory.path() + "/scaleway-emulator-\(UUID().uuidString).json"
        defer { unlink(path) }
        let first = try await RunningServer.start("--state", path)
        let made = await first.ask("POST", volumes, volume)?.json["id"]
        await first.stop()
        let second = try await RunningServer.start("--state", path)
        #expect(await second.ask("GET", volumes)?.json["volumes"]?.items?.first?["id"] == made)
        #expect(made?.text != nil)
    }

    @Test func `faults come from a file too`() async throws {
        let path = FileManager.default.temporaryDirectory.path() + "/scaleway-emulator-\(UUID().uuidString).json"
        defer { unlink(path) }
        try Data(#"[{"on": "GET /block/**", "do": "rate-limited"}]"#.utf8).write(to: URL(filePath: path))
        let server = try await RunningServer.start("--faults", path)
        #expect(await server.ask("GET", volumes)?.status == 429)
    }
}
