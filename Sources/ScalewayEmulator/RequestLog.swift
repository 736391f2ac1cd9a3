/// What was asked, for tests that count.
struct RequestLog: Sendable, Codable {
    struct Entry: Sendable, Codable {
        var number: Int
        var method: String
        var path: String
        var query: [APIRequest.Parameter]
        /// The template of the endpoint.
        var route: String
        var at: Instant
        /// Nil as long as there is no answer, and for ever where the connection was broken.
        var status: Int?
        var faults: [String]
    }

    /// Older entries go; the counts stay.
    private static let longest = 20_000

    private(set) var entries: [Entry] = []
    private(set) var counts: [String: Int] = [:]
    private(set) var total = 0

    /// - Returns: the number of the request, from 1.
    mutating func begin(_ request: APIRequest, faults: [String], at now: Instant) -> Int {
        total += 1
        let template = Routes.find(request)?.route.template ?? request.path
        counts["\(request.method) \(template)", default: 0] += 1
        if entries.count >= 2 * Self.longest { entries.removeFirst(Self.longest) }
        entries.append(
            Entry(
                number: total, method: request.method, path: request.path, query: request.query, route: template,
                at: now, faults: faults))
        return total
    }

    mutating func end(_ number: Int, status: Int?) {
        guard let first = entries.first else { return }
        let index = number - first.number
        guard entries.indices.contains(index) else { return }
        entries[index].status = status
    }

    mutating func clear() { self = RequestLog() }

    var json: JSON {
        [
            "total": .integer(total),
            "routes": .array(
                counts.sorted { $0.key < $1.key }.map { ["route": .string($0.key), "count": .integer($0.value)] }),
            "requests": .array(entries.map(\.json)),
        ]
    }
}

extension RequestLog.Entry {
    fileprivate var json: JSON {
        [
            "number": .integer(number), "method": .string(method), "path": .string(path),
            "query": .object(query.map { JSON.Member($0.name, .string($0.value)) }), "route": .string(route),
            "at": .string(at.zuluStamp), "status": .optional(status), "faults": .strings(faults),
        ]
    }
}
