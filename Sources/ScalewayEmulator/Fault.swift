/// Something that goes wrong on purpose: with which requests, how often, and what.
struct Fault: Sendable, Codable {
    var id: String
    var pattern: RequestPattern
    var occurrence: Occurrence
    var effect: Effect
    /// The text it was made from.
    var source: JSON

    /// Matching requests so far, and how many of them met the fault.
    var seen = 0
    var fired = 0
    var randomness: Randomness

    /// What happens to a request or its answer.
    enum Effect: Hashable, Sendable, Codable {
        /// Answers without carrying the request out.
        case answer(APIResponse)
        /// Breaks the connection before the request is carried out.
        case dropBefore
        /// Carries the request out and breaks the connection.
        case dropAfter
        /// Breaks the connection now and carries the request out seconds later.
        case late(Double)
        /// Carries the request out at once and answers seconds later.
        case delay(Double)
        /// Breaks the connection after so many bytes of the answer's body.
        case truncate(Int)
        /// Answers a read as it was seconds ago.
        case stale(Double)
        /// Leaves entries out of a list.
        case omit(Omission)
        /// Waits until the control API lets the request go on, before or after it is carried out.
        case holdBefore
        case holdAfter
    }

    /// Which entries a list lacks.
    struct Omission: Hashable, Sendable, Codable {
        /// So many at the end of the page.
        var count = 0
        var ids: [String] = []
        /// The total says how many entries are left, so that nothing shows the loss.
        var hidesLoss = false
    }

    /// Which of the matching requests meet the fault; the first is number 1.
    struct Occurrence: Hashable, Sendable, Codable {
        var numbers: [Int] = []
        var every: Int?
        var from: Int?
        var times: Int?
        var probability: Double?
    }

    /// Counts a matching request.
    ///
    /// - Returns: whether it meets the fault.
    mutating func fires() -> Bool {
        seen += 1
        if let times = occurrence.times, fired >= times { return false }
        if !occurrence.numbers.isEmpty, !occurrence.numbers.contains(seen) { return false }
        if let every = occurrence.every, !seen.isMultiple(of: every) { return false }
        if let from = occurrence.from, seen < from { return false }
        if let probability = occurrence.probability, randomness.fraction() >= probability { return false }
        fired += 1
        return true
    }
}

/// Which requests are meant: `POST /block/v1/zones/*/snapshots`, `GET /**?page=2`, `* /instance/**`.
struct RequestPattern: Hashable, Sendable, Codable {
    /// `*` is any.
    var method: String
    /// `*` is one segment, `**` is the rest.
    var segments: [String]
    var query: [APIRequest.Parameter]
    /// Members that the body has, with these values.
    var body: JSON?

    func matches(_ request: APIRequest) -> Bool {
        guard method == "*" || method == request.method, pathMatches(request.path) else { return false }
        guard query.allSatisfy(request.query.contains) else { return false }
        guard let wanted = body?.members else { return true }
        guard let body = try? JSON(parsing: request.body) else { return false }
        return wanted.allSatisfy { body[$0.name] == $0.value }
    }

    private func pathMatches(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        for (index, segment) in segments.enumerated() {
            if segment == "**" { return true }
            guard index < parts.count, segment == "*" || segment == parts[index] else { return false }
        }
        return parts.count == segments.count
    }
}
