import FoundationEssentials
import ScalewayEmulator
import YAML

/// One request to the real API and what it answered.
struct Recording: Sendable {
    var method: String
    /// Without the query.
    var path: String
    var query: [APIRequest.Parameter]
    var body: String
    var status: Int
    var answer: String

    var json: JSON? { try? JSON(parsing: Array(answer.utf8)) }

    /// Where the recordings are; nil where they are not at hand.
    static let folder: String? = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let shared = ProcessInfo.processInfo.environment["OPERATOR_SHARED"] ?? "/\(root)/../shared"
        let folder = "\(shared)/data/scaleway-cassettes"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()

    static let absent = "the recordings of ../shared/data/scaleway-cassettes are not here"

    /// The names of all cassettes, in order.
    static func names() throws -> [String] {
        guard let folder else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".cassette.yaml") }.map { String($0.dropLast(".cassette.yaml".count)) }.sorted()
    }

    static func read(_ name: String) throws -> [Recording] {
        let bytes = try Data(contentsOf: URL(filePath: "\(folder ?? "")/\(name).cassette.yaml"))
        let limits = Limits(bytes: 8 << 20, depth: 16, events: 2_000_000, documents: 1)
        let document = try parse(Array(bytes), limits: limits).first
        return document?["interactions"]?.items.compactMap(Recording.init) ?? []
    }

    private init?(_ node: Node) {
        guard let request = node["request"], let response = node["response"], let url = request["url"]?.text,
            let method = request["method"]?.text, let code = response["code"]?.text, let status = Int(code)
        else { return nil }
        let address = url.dropFirst("https://api.scaleway.com".count).split(separator: "?", maxSplits: 1)
        self.method = method
        path = String(address[0])
        query = address.dropFirst().first.map { APIRequest.Parameter.list($0) } ?? []
        self.status = status
        answer = response["body"]?.text ?? ""
        body = request["body"]?.text ?? ""
        if body == answer, let json { body = Self.request(thatGave: json, at: path).description }
    }

    /// Some sessions were recorded with the answer in the place of the request's body: makes one that fits the answer.
    private static func request(thatGave answer: JSON, at path: String) -> JSON {
        func pick(_ names: String..., from json: JSON?) -> [JSON.Member] {
            names.compactMap { name in json?[name].map { JSON.Member(name, $0) } }
        }
        switch path.split(separator: "/").last {
        case "volumes":
            return .object(
                pick("name", "project_id", "tags", from: answer)
                    + [JSON.Member("from_empty", ["size": answer["size"] ?? .null])])
        case "snapshots":
            return .object(
                pick("name", "project_id", "tags", from: answer)
                    + [JSON.Member("volume_id", answer["parent_volume"]?["id"] ?? .null)])
        case "servers":
            let server = answer["server"]
            return .object(
                pick("name", "commercial_type", "project", "dynamic_ip_required", "tags", from: server)
                    + [JSON.Member("image", server?["image"]?["id"] ?? .null)])
        case "attach-volume": return ["volume_id": answer["server"]?["volumes"]?.members?.last?.value["id"] ?? .null]
        case "detach-volume":
            let help = answer["details"]?.items?.first?["help_message"]?.text ?? ""
            return [
                "volume_id": .string(help.split(separator: " ").map(String.init).first(where: \.isIdentifier) ?? "")
            ]
        case "action": return ["action": "backup"]
        default: return answer
        }
    }
}

extension Node {
    fileprivate subscript(key: String) -> Node? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    fileprivate var text: String? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar.text
    }

    fileprivate var items: [Node] {
        guard case .sequence(let items) = content else { return [] }
        return items
    }
}
