import ScalewayEmulator
import TestThreads
import Testing

/// Clients that know nothing of this emulator.
@Suite(.runs(on: .programs), .enabled(if: Python.program != nil, Comment(rawValue: Python.absent)))
struct ClientTests {
    @Test func `the official SDK creates, starts, stops, keeps and restores`() async throws {
        let server = try await RunningServer.start("--time-scale", "0.01")
        let run = try await Python.script("drive.py", [], environment: server.environment)
        #expect(run.status == 0, "\(run.output)")
        let invariants = await server.ask("GET", "/_emulator/invariants")?.json
        #expect(invariants?["ok"] == true)
        #expect(invariants?["lineages"]?.items?.first?["newest"] == 2)
    }

    @Test(.enabled(if: Python.documents != nil, "the OpenAPI documents of ../shared are not here"))
    func `what the SDK is answered agrees with the OpenAPI documents`() async throws {
        let server = try await RunningServer.start("--time-scale", "0.01")
        let documents = try #require(Python.documents)
        let run = try await Python.script(
            "proxied.py", [documents.proxy, documents.folder], environment: server.environment)
        #expect(run.status == 0, "\(run.output)")
    }
}
