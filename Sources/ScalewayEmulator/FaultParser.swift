/// Why a fault cannot be understood.
public struct FaultError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

extension Fault {
    /// Reads a fault such as
    /// `{"on": "POST /block/v1/zones/*/snapshots", "when": {"nth": 1}, "do": "server-error"}`.
    ///
    /// - Throws: at unknown members too: a misspelt fault would never happen.
    init(_ json: JSON, id: String, seed: UInt64) throws(FaultError) {
        try Self.check(json, "fault", ["on", "with", "when", "do"])
        guard let on = json["on"]?.text else { throw FaultError("a fault needs \"on\": \"METHOD /path\"") }
        guard let effect = json["do"] else { throw FaultError("a fault needs \"do\"") }
        pattern = try RequestPattern(on, body: json["with"])
        occurrence = try Self.occurrence(json["when"] ?? [:])
        self.effect = try Self.effect(effect)
        self.id = id
        source = json
        randomness = Randomness(seed: seed)
    }

    private static func check(_ json: JSON, _ what: String, _ names: [String]) throws(FaultError) {
        guard let members = json.members else { throw FaultError("\(what) is no object: \(json)") }
        for member in members where !names.contains(member.name) {
            throw FaultError("\(what) has no member \"\(member.name)\"; there are \(names.joined(separator: ", "))")
        }
    }

    private static func occurrence(_ json: JSON) throws(FaultError) -> Occurrence {
        try check(json, "when", ["nth", "every", "from", "times", "probability"])
        var occurrence = Occurrence()
        if let nth = json["nth"] {
            let numbers = nth.items ?? [nth]
            occurrence.numbers = numbers.compactMap(\.integer)
            guard occurrence.numbers.count == numbers.count else { throw FaultError("nth is a number or a list") }
        }
        occurrence.every = try positive(json, "every")
        occurrence.from = try positive(json, "from")
        occurrence.times = try positive(json, "times")
        if let probability = json["probability"] {
            guard let number = probability.number, 0...1 ~= number else {
                throw FaultError("probability is from 0 to 1")
            }
            occurrence.probability = number
        }
        return occurrence
    }

    private static func positive(_ json: JSON, _ name: String) throws(FaultError) -> Int? {
        guard let value = json[name] else { return nil }
        guard let number = value.integer, number > 0 else { throw FaultError("\(name) is a number above 0") }
        return number
    }

    private static func effect(_ json: JSON) throws(FaultError) -> Effect {
        if let name = json.text {
            guard let effect = named[name] else {
                throw FaultError(
                    "no fault is called \"\(name)\"; there are \(named.keys.sorted().joined(separator: ", "))")
            }
            return effect
        }
        if json["status"] != nil { return try answer(json) }
        try check(json, "do", ["late", "delay", "truncate", "stale", "omit", "status", "body", "headers"])
        guard let members = json.members, members.count == 1, let member = members.first else {
            throw FaultError("\"do\" is a name or has one member")
        }
        switch member.name {
        case "late": return .late(try seconds(member))
        case "delay": return .delay(try seconds(member))
        case "stale": return .stale(try seconds(member))
        case "truncate":
            guard let bytes = member.value.integer, bytes >= 0 else {
                throw FaultError("truncate is a number of bytes")
            }
            return .truncate(bytes)
        default: return .omit(try omission(member.value))
        }
    }

    private static func seconds(_ member: JSON.Member) throws(FaultError) -> Double {
        guard let seconds = member.value.number, seconds >= 0 else {
            throw FaultError("\(member.name) is a number of seconds")
        }
        return seconds
    }

    private static func omission(_ json: JSON) throws(FaultError) -> Omission {
        if let count = json.integer { return Omission(count: count) }
        try check(json, "omit", ["count", "ids", "hide"])
        return Omission(
            count: json["count"]?.integer ?? 0, ids: json["ids"]?.items?.compactMap(\.text) ?? [],
            hidesLoss: json["hide"]?.flag ?? false)
    }

    private static func answer(_ json: JSON) throws(FaultError) -> Effect {
        try check(json, "do", ["status", "body", "headers"])
        guard let status = json["status"]?.integer, 200...599 ~= status else {
            throw FaultError("status is a number from 200 to 599")
        }
        var response = APIResponse(status: status)
        for header in json["headers"]?.members ?? [] {
            response.headers.append(APIResponse.Header(header.name, header.value.text ?? ""))
        }
        switch json["body"] {
        case nil: break
        case .string(let text)?: response.body = Array(text.utf8)
        case let body?:
            response.headers.append(APIResponse.Header("Content-Type", "application/json"))
            response.body = body.bytes
        }
        return .answer(response)
    }

    /// The faults that need no figures. Bodies are those of `Refusal`.
    private static let named: [String: Effect] = [
        "drop-before": .dropBefore, "drop-after": .dropAfter, "hold-before": .holdBefore, "hold-after": .holdAfter,
        "rate-limited": .answer(Refusal.rateLimited.response), "server-error": .answer(Refusal.serverError.response),
        "unauthenticated": .answer(Refusal.unauthenticated.response),
        "forbidden": .answer(Refusal.forbidden("instance", "read").response),
        "not-found": .answer(Refusal.notFound("resource", "00000000-0000-0000-0000-000000000000").response),
        "out-of-stock": .answer(Refusal.outOfStock("instance_server").response),
        "quota": .answer(
            Refusal.quotaExceeded("servers", quota: 0, current: 0, project: Configuration.defaultProject).response),
        "locked": .answer(Refusal.locked("instance_server", "00000000-0000-0000-0000-000000000000").response),
        "transient": .answer(
            Refusal.transient("instance_server", "00000000-0000-0000-0000-000000000000", "stopping").response),
        "unavailable": .answer(APIResponse(status: 503)),
        "not-json": .answer(
            APIResponse(
                status: 502, headers: [APIResponse.Header("Content-Type", "text/html")],
                body: Array("<html><body>502 Bad Gateway</body></html>".utf8))),
    ]
}

extension RequestPattern {
    init(_ text: String, body: JSON?) throws(FaultError) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let slash = parts[1].first, slash == "/" else {
            throw FaultError("\"on\" is a method and a path, such as \"GET /instance/**\", and not \"\(text)\"")
        }
        let address = parts[1].split(separator: "?", maxSplits: 1)
        method = String(parts[0])
        segments = address[0].split(separator: "/").map(String.init)
        query = address.dropFirst().first.map { APIRequest.Parameter.list($0) } ?? []
        self.body = body
    }
}

extension FaultError {
    fileprivate init(_ text: String) { description = text }
}
