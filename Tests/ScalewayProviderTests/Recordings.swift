import Glibc
import HTTP
import Testing
import YAML

@testable import ScalewayProvider

/// One exchange with the real API, as it was recorded.
struct RecordedExchange: Sendable {
    let method: HTTP.Method
    /// Without scheme and host.
    let address: String
    /// Without the query.
    let path: String
    /// Of the request.
    let body: String
    let response: Response

    /// The path with `Z` for the zone or region and `{}` for every id.
    var route: String {
        let parts = path.split(separator: "/")
        return parts.indices.map { index in
            if index > 0, parts[index - 1] == "zones" || parts[index - 1] == "regions" { return "Z" }
            return ResourceUUID(String(parts[index])) == nil ? String(parts[index]) : "{}"
        }.joined(separator: "/")
    }
}

/// Recordings of the real API, in a folder beside the repository or the one that `OPERATOR_SHARED` names. Where it is
/// missing, the tests that read it are skipped.
enum Recordings {
    static let folder = Workshop.shared + "/data"
    static let cassettes = folder + "/scaleway-cassettes"

    static var areHere: Bool { access(cassettes, R_OK) == 0 }
    static let absent = "../shared/data/scaleway-cassettes is not here"

    /// Names of all recordings, in a fixed order.
    static var names: [String] {
        guard let directory = opendir(cassettes) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".cassette.yaml") { names.append(name) }
        }
        return names.sorted()
    }

    /// The exchanges of one recording, in order.
    static func load(_ name: String) throws -> [RecordedExchange] {
        let limits = Limits(bytes: 4 << 20, depth: 16, events: 1_000_000, documents: 1)
        let root = try #require(try parse(try bytes(of: cassettes + "/" + name), limits: limits).first)
        let items = try #require(root["interactions"]?.items)
        return try items.map { item in
            let request = try #require(item["request"])
            let response = try #require(item["response"])
            let url = try #require(request["url"]?.text)
            let method = HTTP.Method(rawValue: request["method"]?.text ?? "")
            let address = String(url.dropFirst("https://api.scaleway.com".count))
            return RecordedExchange(
                method: try #require(method), address: address,
                path: String(address.prefix { $0 != "?" }), body: request["body"]?.text ?? "",
                response: try Self.response(response))
        }
    }

    private static func response(_ node: Node) throws -> Response {
        let fields = node["headers"]?.pairs.flatMap { pair in
            (pair.value.items ?? []).compactMap(\.text).map { Header(pair.key, $0) }
        }
        return Response(
            status: try #require(Int(node["code"]?.text ?? "")), headers: Headers(fields ?? []),
            body: Array((node["body"]?.text ?? "").utf8))
    }

    static func bytes(of path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"), "\(path) cannot be opened")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
        return bytes
    }
}

extension Node {
    fileprivate var pairs: [Node.Pair] {
        guard case .mapping(let pairs) = content else { return [] }
        return pairs
    }

    fileprivate subscript(key: String) -> Node? { pairs.first { $0.key == key }?.value }

    fileprivate var items: [Node]? {
        guard case .sequence(let items) = content else { return nil }
        return items
    }

    fileprivate var text: String? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar.text
    }
}
