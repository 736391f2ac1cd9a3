import HTTP
import Synchronization

@testable import ScalewayProvider

/// A server that says what the test tells it to say.
final class ScriptedScaleway: Transport {
    typealias Answer = @Sendable (_ address: String, _ count: Int) -> Result<Response, TransportFailure>

    private let answer: Answer
    private let sent = Mutex<[Request]>([])

    /// - Parameter answer: gets method and address of a request, such as `GET /instance/…?page=1`, and how many
    ///   requests came before it.
    init(_ answer: @escaping Answer) { self.answer = answer }

    var requests: [Request] { sent.withLock { $0 } }
    var addresses: [String] { requests.map(Self.address) }

    func send(_ request: Request) async throws(TransportFailure) -> Response {
        let count = sent.withLock { sent in
            sent.append(request)
            return sent.count - 1
        }
        return try answer(Self.address(request), count).get()
    }

    private static func address(_ request: Request) -> String {
        "\(request.method.rawValue) \(request.url.dropFirst(ScalewayConfiguration.officialURL.count))"
    }

    var client: Client {
        Client(endpoint: ScalewayConfiguration.officialURL, token: Secret("none"), transport: self)
    }

    func provider() throws -> ScalewayProvider {
        try ScalewayAccount(try EmulatedScaleway.configuration, transport: self).provider(zone: EmulatedScaleway.zone)
    }
}

extension Response {
    init(_ status: Int, _ body: String, headers: [(String, String)] = []) {
        self.init(status: status, headers: Headers(headers.map { Header($0.0, $0.1) }), body: Array(body.utf8))
    }
}

/// Answers of the API, as far as a test cares.
enum Sample {
    static let project = "22222222-2222-4222-8222-222222222222"

    /// A different UUID for every number.
    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    static func server(
        _ number: Int, state: String = "stopped", detail: String = "", tags: [String] = [], more: String = ""
    ) -> String {
        """
        {"id": "\(id(number))", "name": "web", "project": "\(project)", "zone": "fr-par-1", "tags": \(tags), \
        "state": "\(state)", "state_detail": "\(detail)", "commercial_type": "DEV1-S", "public_ips": [], \
        "volumes": {"0": {"id": "\(id(0xd000 + number))", "volume_type": "sbs_volume", "boot": false}}\(more)}
        """
    }

    static func volume(_ number: Int, status: String = "available", references: String = "", more: String = "")
        -> String
    {
        """
        {"id": "\(id(number))", "name": "data", "project_id": "\(project)", "zone": "fr-par-1", "tags": [], \
        "status": "\(status)", "size": 1000000000, "references": [\(references)], "specs": {"perf_iops": 5000}\(more)}
        """
    }

    static func reference(_ server: Int, _ status: String, type: String = "instance_server") -> String {
        """
        {"product_resource_type": "\(type)", "product_resource_id": "\(id(server))", "status": "\(status)"}
        """
    }

    static func snapshot(_ number: Int, status: String = "available", project: String = project) -> String {
        """
        {"id": "\(id(number))", "name": "cut", "project_id": "\(project)", "zone": "fr-par-1", "tags": [], \
        "status": "\(status)", "size": 1000000000, "parent_volume": null}
        """
    }

    static func address(_ number: Int, tags: [String] = [], usedBy server: Int? = nil) -> String {
        let user = server.map { "{\"id\": \"\(id($0))\", \"name\": \"web\"}" } ?? "null"
        return """
            {"id": "\(id(number))", "project": "\(project)", "zone": "fr-par-1", "tags": \(tags), \
            "address": "203.0.113.7", "type": "routed_ipv4", "server": \(user)}
            """
    }

    static func securityGroup(_ number: Int, tags: [String] = [], usedBy server: Int? = nil) -> String {
        let users = server.map { "{\"id\": \"\(id($0))\", \"name\": \"web\"}" } ?? ""
        return """
            {"id": "\(id(number))", "name": "web", "project": "\(project)", "zone": "fr-par-1", "tags": \(tags), \
            "servers": [\(users)], "inbound_default_policy": "drop", "outbound_default_policy": "accept", \
            "stateful": true}
            """
    }

    static func page(_ name: String, _ items: [String], total: Int? = nil) -> Response {
        let count = total.map { ", \"total_count\": \($0)" } ?? ""
        let headers = total.map { [("X-Total-Count", String($0))] } ?? []
        return Response(200, "{\"\(name)\": [\(items.joined(separator: ", "))]\(count)}", headers: headers)
    }
}
