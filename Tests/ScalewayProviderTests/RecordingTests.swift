import FoundationEssentials
import HTTP
import Instances
import Reconciler
import Testing

@testable import ScalewayProvider

/// Every answer that the real API was recorded to give is understood.
@Suite(.enabled(if: Recordings.areHere, Comment(rawValue: Recordings.absent))) struct RecordingTests {
    @Test(arguments: Recordings.names) func `every recorded answer is understood`(name: String) throws {
        for exchange in try Recordings.load(name) {
            let call = Call(method: exchange.method, path: exchange.path, purpose: "replay")
            guard (200..<300).contains(exchange.response.status) else {
                let error = Refusal(exchange.response).error(of: call)
                #expect(!error.message.contains("an answer that is not of the API") || exchange.response.body.isEmpty)
                continue
            }
            guard let reader = Self.readers["\(exchange.method.rawValue) \(exchange.route)"] else { continue }
            #expect(throws: Never.self, "\(exchange.method.rawValue) \(exchange.address)") {
                try reader(exchange.response, call)
            }
        }
    }

    @Test func `the readers cover what was recorded of our endpoints`() throws {
        let recorded = try Set(
            Recordings.names.flatMap { try Recordings.load($0) }.filter { (200..<300).contains($0.response.status) }
                .map { "\($0.method.rawValue) \($0.route)" })
        // Endpoints of other products, of older and newer versions, and of disks inside machines.
        let foreign = [
            "vpc-gw", "domain", "vpc/v1", "marketplace/v1", "product-catalog", "v2alpha1", "vpcs", "routes-",
        ]
        let unread = recorded.subtracting(Self.readers.keys)
            .filter { route in !foreign.contains { route.contains($0) } }
            // No body, or one that tells us nothing.
            .filter { !$0.hasPrefix("DELETE") && !$0.hasSuffix("/action") && !$0.contains("user_data/") }
            .filter { !$0.contains("instance/v1/zones/Z/volumes") && !$0.contains("instance/v1/zones/Z/snapshots") }
            .filter { !$0.hasSuffix("ipam/v1/regions/Z/ips") && !$0.hasSuffix("ipam/v1/regions/Z/ips/{}") }
            .filter { !$0.hasSuffix("/images") && !$0.hasSuffix("account/v3/projects") }
        #expect(unread.sorted() == [])
    }

    @Test func `no recorded word of a state is taken for unknown`() throws {
        for exchange in try Recordings.names.flatMap({ try Recordings.load($0) }) where exchange.response.status < 300 {
            let call = Call(method: exchange.method, path: exchange.path, purpose: "replay")
            switch exchange.route {
            case "instance/v1/zones/Z/servers/{}" where exchange.method == .get:
                let server = Server(
                    try Client.decode(exchange.response, as: Wrapped<InstanceServer>.self, of: call).value,
                    in: nil)
                if case .unknown(let word) = server.state { Issue.record("server \(server.id) is \(word)") }
            case "block/v1/zones/Z/volumes/{}" where exchange.method == .get:
                let disk = Disk(try Client.decode(exchange.response, as: BlockVolume.self, of: call))
                if case .unknown(let word) = disk.state { Issue.record("disk \(disk.id) is \(word)") }
                #expect(
                    (disk.state == .available) == (disk.attachment == nil && disk.state != .creating)
                        || disk.state == .busy)
            case "block/v1/zones/Z/snapshots/{}" where exchange.method == .get:
                let snapshot = Snapshot(try Client.decode(exchange.response, as: BlockSnapshot.self, of: call))
                if case .unknown(let word) = snapshot.state { Issue.record("snapshot \(snapshot.id) is \(word)") }
            default: break
            }
        }
    }

    @Test func `recorded refusals mean what they say`() throws {
        var reasons: [String: Set<String>] = [:]
        for exchange in try Recordings.names.flatMap({ try Recordings.load($0) }) where exchange.response.status >= 400
        {
            var call = Call(method: exchange.method, path: exchange.path, purpose: "replay")
            call.subject = exchange.path.split(separator: "/").compactMap { ResourceUUID(String($0)) }.last
                .map(Call.Subject.resource)
            let type = Refusal(exchange.response).body?.type ?? "-"
            let key = "\(exchange.method.rawValue) \(exchange.response.status) \(type)"
            reasons[key, default: []].insert("\(Refusal(exchange.response).error(of: call).reason)")
        }
        #expect(
            reasons == [
                "DELETE 404 not_found": ["notFound"], "GET 404 not_found": ["notFound"],
                // Without a body: of a key of user data, which nobody takes for a server.
                "GET 404 -": ["unavailable"], "GET 404 unknown_resource": ["notFound"],
                "GET 403 permissions_denied": ["forbidden"],
                "GET 429 -": ["rateLimited(retryAfter: nil)"], "PATCH 400 invalid_arguments": ["invalid"],
                "POST 400 invalid_arguments": ["invalid"], "POST 404 not_found": ["invalid"],
                "POST 409 transient_state": ["conflict"], "DELETE 412 precondition_failed": ["inUse"],
                "POST 500 -": ["unknownOutcome"], "POST 500 server_error": ["unknownOutcome"],
            ])
    }

    /// Nobody has recorded an answer that names a kind and no id; these are what the API would leave of its own.
    @Test func `a recorded 404 is absence without its id too, by the kind that it names`() throws {
        let ours = ["servers/{}", "volumes/{}", "snapshots/{}", "ips/{}", "security_groups/{}", "private-networks/{}"]
        var seen: Set<String> = []
        for exchange in try Recordings.names.flatMap({ try Recordings.load($0) }) where exchange.response.status == 404
        {
            guard exchange.method == .get, ours.contains(where: exchange.route.hasSuffix) else { continue }
            var refusal = Refusal(exchange.response)
            refusal.body?.resourceID = nil
            var call = Call(method: .get, path: exchange.path, purpose: "replay")
            call.subject = exchange.path.split(separator: "/").last.flatMap { ResourceUUID(String($0)) }
                .map(Call.Subject.resource)
            #expect(refusal.error(of: call).reason == .notFound, "\(exchange.route)")
            seen.formUnion([refusal.body?.resource ?? "-"])
        }
        #expect(
            seen.isSuperset(of: ["instance_server", "volume", "snapshot", "instance_ip", "instance_security_group"]))
    }

    private struct Wrapped<Value: Decodable>: Decodable {
        let value: Value

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: AnyKey.self)
            value = try fields.decode(Value.self, forKey: try #require(fields.allKeys.first))
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct List<Value: Decodable>: Decodable {
        let values: [Value]

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: AnyKey.self)
            let key = fields.allKeys.first { $0.stringValue != "total_count" }
            values = try fields.decode([Value].self, forKey: try #require(key))
        }
    }

    private struct Catalogued<Value: Decodable>: Decodable { let servers: [String: Value] }
    private struct Availability: Decodable { let availability: String }
    private struct Keys: Decodable { let user_data: [String] }

    private typealias Reader = @Sendable (Response, Call) throws -> Void

    private static func reader<Answer: Decodable & SendableMetatype>(_ type: Answer.Type) -> Reader {
        { response, call in _ = try Client.decode(response, as: type, of: call) }
    }

    private static let readers: [String: Reader] = {
        var readers: [String: Reader] = [:]
        let server = reader(Wrapped<InstanceServer>.self)
        let servers = "instance/v1/zones/Z/servers"
        readers["GET \(servers)"] = reader(List<InstanceServer>.self)
        for route in [
            "POST \(servers)", "GET \(servers)/{}", "PATCH \(servers)/{}", "POST \(servers)/{}/attach-volume",
            "POST \(servers)/{}/detach-volume",
        ] { readers[route] = server }
        readers["GET \(servers)/{}/user_data"] = reader(Keys.self)
        readers["GET \(servers)/{}/private_nics"] = reader(List<PrivateNIC>.self)
        readers["GET \(servers)/{}/private_nics/{}"] = reader(Wrapped<PrivateNIC>.self)
        readers["GET instance/v1/zones/Z/products/servers"] = reader(Catalogued<ServerType>.self)
        readers["GET instance/v1/zones/Z/products/servers/availability"] = reader(Catalogued<Availability>.self)
        readers["GET instance/v1/zones/Z/images/{}"] = reader(Wrapped<InstanceImage>.self)
        for method in ["GET", "PATCH"] {
            readers["\(method) instance/v1/zones/Z/ips/{}"] = reader(Wrapped<InstanceIP>.self)
            readers["\(method) instance/v1/zones/Z/security_groups/{}"] = reader(Wrapped<SecurityGroup>.self)
        }
        readers["POST instance/v1/zones/Z/ips"] = reader(Wrapped<InstanceIP>.self)
        readers["POST instance/v1/zones/Z/security_groups"] = reader(Wrapped<SecurityGroup>.self)
        for method in ["GET", "PUT"] {
            readers["\(method) instance/v1/zones/Z/security_groups/{}/rules"] = reader(List<SecurityGroupRule>.self)
        }
        for version in ["v1", "v1alpha1"] {
            let volumes = "block/\(version)/zones/Z/volumes"
            let snapshots = "block/\(version)/zones/Z/snapshots"
            readers["GET \(volumes)"] = reader(List<BlockVolume>.self)
            readers["GET \(snapshots)"] = reader(List<BlockSnapshot>.self)
            for route in ["POST \(volumes)", "GET \(volumes)/{}", "PATCH \(volumes)/{}"] {
                readers[route] = reader(BlockVolume.self)
            }
            for route in ["POST \(snapshots)", "GET \(snapshots)/{}"] { readers[route] = reader(BlockSnapshot.self) }
        }
        for route in ["POST vpc/v2/regions/Z/private-networks", "GET vpc/v2/regions/Z/private-networks/{}"] {
            readers[route] = reader(PrivateNetwork.self)
        }
        readers["GET marketplace/v2/local-images"] = reader(List<LocalImage>.self)
        return readers
    }()
}
