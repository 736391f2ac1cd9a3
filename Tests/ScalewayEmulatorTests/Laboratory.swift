import ScalewayEmulator
import Testing

/// An emulator with a clock that the test holds.
struct Laboratory {
    var emulator: Emulator
    var now = Instant(microseconds: 1_790_000_000_000_000)
    let configuration: Configuration

    static let zone = "/instance/v1/zones/fr-par-1"
    static let block = "/block/v1/zones/fr-par-1"
    /// Longer than every delay of the recordings.
    static let longEnough = 400.0

    init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        emulator = Emulator(configuration: configuration, now: now)
    }

    mutating func wait(seconds: Double = longEnough) { now = now.advanced(bySeconds: seconds) }

    mutating func send(_ method: String, _ address: String, _ body: JSON? = nil) -> APIResponse {
        answer(method, address, body).response
    }

    /// The answer with what is to happen to it on its way.
    mutating func answer(_ method: String, _ address: String, _ body: JSON? = nil) -> Emulator.Answer {
        let parts = address.split(separator: "?", maxSplits: 1)
        let query = parts.dropFirst().first.map { APIRequest.Parameter.list($0) } ?? []
        return emulator.handle(
            APIRequest(
                method, String(parts[0]), query: query, token: configuration.secretKey, body: body?.bytes ?? []),
            at: now)
    }

    /// Sends and expects a status.
    @discardableResult
    mutating func expect(
        _ status: Int, _ method: String, _ address: String, _ body: JSON? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> JSON {
        let response = send(method, address, body)
        #expect(
            response.status == status, "\(method) \(address): \(String(decoding: response.body, as: UTF8.self))",
            sourceLocation: sourceLocation)
        return response.json ?? .null
    }

    /// The identifier of a new server; it is stopped.
    mutating func makeServer(_ fields: JSON = [:], sourceLocation: SourceLocation = #_sourceLocation) -> String {
        var members: [JSON.Member] = [
            JSON.Member("name", "web"), JSON.Member("commercial_type", "DEV1-S"), JSON.Member("image", "ubuntu_jammy"),
            JSON.Member("dynamic_ip_required", false),
        ]
        for member in fields.members ?? [] {
            members.removeAll { $0.name == member.name }
            if !member.value.isNull { members.append(member) }
        }
        let json = expect(201, "POST", "\(Self.zone)/servers", .object(members), sourceLocation: sourceLocation)
        return json["server"]?["id"]?.text ?? ""
    }

    /// The identifier of a new volume that is available.
    mutating func makeVolume(gigabytes: Int = 10, sourceLocation: SourceLocation = #_sourceLocation) -> String {
        let json = expect(
            200, "POST", "\(Self.block)/volumes",
            ["name": "data", "from_empty": ["size": .integer(gigabytes * 1_000_000_000)]],
            sourceLocation: sourceLocation)
        wait(seconds: 10)
        return json["id"]?.text ?? ""
    }

    mutating func makeSnapshot(of volume: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
        let json = expect(
            200, "POST", "\(Self.block)/snapshots", ["name": "cut", "volume_id": .string(volume)],
            sourceLocation: sourceLocation)
        return json["id"]?.text ?? ""
    }

    mutating func act(_ action: String, on server: String, sourceLocation: SourceLocation = #_sourceLocation) {
        expect(
            202, "POST", "\(Self.zone)/servers/\(server)/action", ["action": .string(action)],
            sourceLocation: sourceLocation)
    }

    mutating func attach(_ volume: String, to server: String, sourceLocation: SourceLocation = #_sourceLocation) {
        expect(
            200, "POST", "\(Self.zone)/servers/\(server)/attach-volume",
            ["volume_id": .string(volume), "volume_type": "sbs_volume"], sourceLocation: sourceLocation)
    }

    mutating func detach(_ volume: String, from server: String, sourceLocation: SourceLocation = #_sourceLocation) {
        expect(
            200, "POST", "\(Self.zone)/servers/\(server)/detach-volume", ["volume_id": .string(volume)],
            sourceLocation: sourceLocation)
    }

    mutating func server(_ id: String) -> JSON { send("GET", "\(Self.zone)/servers/\(id)").json?["server"] ?? .null }
    mutating func volume(_ id: String) -> JSON { send("GET", "\(Self.block)/volumes/\(id)").json ?? .null }
    mutating func snapshot(_ id: String) -> JSON { send("GET", "\(Self.block)/snapshots/\(id)").json ?? .null }
}
