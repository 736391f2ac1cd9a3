import HTTP
import Instances
import Reconciler
import ScalewayEmulator

@testable import ScalewayProvider

typealias EmulatorConfiguration = ScalewayEmulator.Configuration

/// The emulator, in this process, behind the provider's transport, with a clock that the test holds.
actor EmulatedScaleway: Transport {
    static let zone = "fr-par-1"

    private var emulator: Emulator
    private var now = Instant(microseconds: 1_790_000_000_000_000)
    private(set) var requests: [String] = []
    /// Method, path and body of everything that is not a read.
    private(set) var sentBodies: [String] = []

    init(_ configuration: EmulatorConfiguration = EmulatorConfiguration()) {
        emulator = Emulator(configuration: configuration, now: now)
    }

    nonisolated static var configuration: ScalewayConfiguration {
        get throws {
            try ScalewayConfiguration.load(
                environment: [
                    "SCW_ACCESS_KEY": EmulatorConfiguration.defaultAccessKey,
                    "SCW_SECRET_KEY": EmulatorConfiguration.defaultSecretKey,
                    "SCW_DEFAULT_PROJECT_ID": EmulatorConfiguration.defaultProject,
                ]) { _ in nil }
        }
    }

    nonisolated func account() throws -> ScalewayAccount {
        ScalewayAccount(try Self.configuration, transport: self)
    }

    nonisolated func provider() throws -> ScalewayProvider {
        try account().provider(zone: Self.zone)
    }

    func send(_ request: Request) async throws(TransportFailure) -> Response {
        let parts = request.url.dropFirst(ScalewayConfiguration.officialURL.count)
            .split(separator: "?", maxSplits: 1)
        let query = parts.dropFirst().first.map { APIRequest.Parameter.list($0) } ?? []
        requests.append("\(request.method.rawValue) \(parts[0])")
        if request.method != .get {
            let body = String(decoding: request.body ?? [], as: UTF8.self)
            sentBodies.append("\(request.method.rawValue) \(parts[0]) \(body)")
        }
        let answer = emulator.handle(
            APIRequest(
                request.method.rawValue, String(parts[0]), query: query,
                token: request.secretHeaders.first?.value.reveal(),
                contentType: request.headers.first { $0.name == "Content-Type" }?.value, body: request.body ?? []),
            at: now)
        switch answer.delivery {
        case .nothing: throw .lost("the connection broke")
        case .cut(let bytes): return Self.response(answer.response, bytes: bytes, now)
        case .whole: return Self.response(answer.response, bytes: answer.response.body.count, now)
        }
    }

    private static func response(_ response: APIResponse, bytes: Int, _ now: Instant) -> Response {
        Response(
            status: response.status, headers: Headers(response.headers.map { HTTP.Header($0.name, $0.value) }),
            body: Array(response.body.prefix(bytes)))
    }

    // MARK: Behind the provider's back

    func wait(seconds: Double) { now = now.advanced(bySeconds: seconds) }

    func forgetRequests() { requests = [] }

    /// Sends a request as somebody else with the same key would.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: JSON? = nil) -> APIResponse {
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.dropFirst().first.map { APIRequest.Parameter.list($0) } ?? []
        return emulator.handle(
            APIRequest(
                method, String(parts[0]), query: query, token: EmulatorConfiguration.defaultSecretKey,
                body: body?.bytes ?? []),
            at: now
        ).response
    }

    func add(fault: JSON) throws { _ = try emulator.add(faults: fault, at: now) }
}

/// What the contract suite needs of the emulator.
struct ScalewayHarness: Sendable {
    let scaleway = EmulatedScaleway()
    let provider: ScalewayProvider
    let type = "DEV1-S"
    let otherType = "DEV1-M"
    let image = "ubuntu_jammy"
    let rootBytes: Int64? = 20_000_000_000
    let dataBytes: Int64 = 1_000_000_000
    /// Times five seconds: longer than anything in the recordings took.
    let looks = 80

    init() throws {
        provider = try scaleway.provider()
    }

    func pause() async throws { await scaleway.wait(seconds: 5) }

    // Content of a disk cannot be reached through the API; the emulator counts generations instead.
    func write(_ content: [UInt8], to disk: DiskID) async throws {}
    func content(of disk: DiskID, bytes: Int) async throws -> [UInt8]? { nil }
    func booted(_ content: [UInt8]) -> [UInt8] { content }

    func stripTags(from resource: ResourceID) async throws {
        await scaleway.ask("PATCH", path(resource), body(resource, tags: []))
    }

    func addForeignTag(to resource: ResourceID) async throws {
        let tags = try await tags(of: resource)
        await scaleway.ask("PATCH", path(resource), body(resource, tags: tags + ["team=ml"]))
    }

    func hasForeignTag(_ resource: ResourceID) async throws -> Bool {
        try await tags(of: resource).contains("team=ml")
    }

    func tags(of resource: ResourceID) async throws -> [String] {
        let json = await scaleway.ask("GET", path(resource)).json
        let object = json?["server"] ?? json
        return object?["tags"]?.items?.compactMap(\.text) ?? []
    }

    private func path(_ resource: ResourceID) -> String {
        switch resource {
        case .server(let id): "/instance/v1/zones/fr-par-1/servers/\(id)"
        case .disk(let id): "/block/v1/zones/fr-par-1/volumes/\(id)"
        case .snapshot(let id): "/block/v1/zones/fr-par-1/snapshots/\(id)"
        case .companion(let id): "/instance/v1/zones/fr-par-1/ips/\(id)"
        }
    }

    private func body(_ resource: ResourceID, tags: [String]) -> JSON {
        if case .snapshot = resource { return ["name": "snapshot", "tags": .array(tags.map { .string($0) })] }
        return ["tags": .array(tags.map { .string($0) })]
    }
}
