/// An account at Scaleway, as a value: it answers requests and changes by itself as time passes.
///
/// Pure: the same configuration, requests and times give the same answers. Time is an argument and never goes back;
/// nothing happens between two calls.
public struct Emulator: Sendable, Codable {
    var world: World
    var faults: [Fault] = []
    var faultsMade = 0
    var log = RequestLog()
    var gateway = Gateway()
    var clock = Clock()
    /// The account after each change, as long as a fault may want to show it; the oldest first.
    var past: [Past] = []

    struct Past: Sendable, Codable {
        var at: Instant
        var world: World
    }

    /// A request that was let in, and the faults it met.
    public struct Admission: Sendable {
        public let request: APIRequest
        /// Counts all requests, from 1.
        public let number: Int
        let effects: [Fault.Effect]

        /// The caller waits before `process`, until somebody lets the request go on.
        public var isHeldBefore: Bool { effects.contains(.holdBefore) }
        /// The caller waits after `process`, before it answers.
        public var isHeldAfter: Bool { effects.contains(.holdAfter) }
    }

    /// What is sent back, and how.
    public struct Answer: Sendable {
        public var response: APIResponse
        public var delivery: Delivery
        /// Seconds of real time to wait before anything is sent.
        public var delay = 0.0

        public init(_ response: APIResponse, delivery: Delivery = .whole) {
            self.response = response
            self.delivery = delivery
        }
    }

    /// How much of an answer arrives.
    public enum Delivery: Hashable, Sendable {
        case whole
        /// The connection breaks without an answer.
        case nothing
        /// The connection breaks after so many bytes of the body.
        case cut(bytes: Int)
    }

    public init(configuration: Configuration, now: Instant) {
        world = World(configuration: configuration, now: now)
    }

    /// When something happens next by itself, on the emulator's clock; nil where nothing will.
    public var nextEvent: Instant? { world.agenda.next }

    /// Answers one request; nothing is held.
    public mutating func handle(_ request: APIRequest, at realNow: Instant) -> Answer {
        process(admit(request, at: realNow), at: realNow)
    }

    /// Counts the request and decides what goes wrong with it; requests of the control API meet no fault.
    public mutating func admit(_ request: APIRequest, at realNow: Instant) -> Admission {
        if request.isControl { return Admission(request: request, number: 0, effects: []) }
        let now = clock.time(at: realNow)
        var met: [Fault] = []
        for index in faults.indices where faults[index].pattern.matches(request) {
            if faults[index].fires() { met.append(faults[index]) }
        }
        let number = log.begin(request, faults: met.map(\.id), at: now)
        var effects = met.map(\.effect)
        if let limit = world.configuration.rateLimit, gateway.refuses(at: now, limit: limit) {
            effects.insert(.answer(Refusal.rateLimited.response), at: 0)
        }
        return Admission(request: request, number: number, effects: effects)
    }

    /// Carries the request out, unless a fault prevents it.
    public mutating func process(_ admission: Admission, at realNow: Instant) -> Answer {
        let now = clock.time(at: realNow)
        world.advance(to: now)
        if admission.request.isControl { return Answer(control(admission.request, at: realNow)) }
        var answer = Answer(respond(to: admission.request, admission.effects, at: now))
        for effect in admission.effects { apply(effect, to: &answer) }
        answer.response.headers.append(
            APIResponse.Header("X-Request-Id", Randomness.identifier(for: "request \(admission.number)")))
        log.end(admission.number, status: answer.delivery == .nothing ? nil : answer.response.status)
        return answer
    }

    private mutating func respond(to request: APIRequest, _ effects: [Fault.Effect], at now: Instant) -> APIResponse {
        var staleness: Double?
        for effect in effects {
            switch effect {
            case .answer(let response): return response
            case .dropBefore: return APIResponse(status: 500)
            case .late(let seconds):
                if request.token == world.configuration.secretKey {
                    world.agenda.plan(.requestIsProcessed(request), at: now.advanced(bySeconds: seconds))
                }
                return APIResponse(status: 500)
            case .stale(let seconds): staleness = seconds
            case .dropAfter, .delay, .truncate, .omit, .holdBefore, .holdAfter: break
            }
        }
        guard request.token == world.configuration.secretKey else { return Refusal.unauthenticated.response }
        if let staleness, !request.isMutating { return respond(to: request, asOf: now.advanced(bySeconds: -staleness)) }
        let response = Routes.respond(to: request, in: &world, at: now)
        if request.isMutating { remember(at: now) }
        return response
    }

    private func apply(_ effect: Fault.Effect, to answer: inout Answer) {
        switch effect {
        case .dropBefore, .dropAfter, .late: answer.delivery = .nothing
        case .delay(let seconds): answer.delay += seconds
        case .truncate(let bytes):
            if answer.delivery == .whole, bytes < answer.response.body.count { answer.delivery = .cut(bytes: bytes) }
        case .omit(let omission): answer.response.omit(omission)
        case .answer, .stale, .holdBefore, .holdAfter: break
        }
    }

    /// Answers a read from the account as it was, or as it was when the oldest memory of it was made.
    private func respond(to request: APIRequest, asOf then: Instant) -> APIResponse {
        guard var world = (past.last { $0.at <= then } ?? past.first)?.world else { return APIResponse(status: 500) }
        world.advance(to: then)
        return Routes.respond(to: request, in: &world, at: then)
    }

    /// Keeps the account as it is now, and forgets what is older than any fault looks back.
    mutating func remember(at now: Instant) {
        let horizon = faults.reduce(-1.0) { longest, fault in
            if case .stale(let seconds) = fault.effect { max(longest, seconds) } else { longest }
        }
        guard horizon >= 0 else {
            past = []
            return
        }
        past.append(Past(at: now, world: world))
        let oldest = now.advanced(bySeconds: -horizon)
        while past.count > 1, past[1].at <= oldest { past.removeFirst() }
    }
}

/// Counts requests, to refuse those that come too fast.
struct Gateway: Sendable, Codable {
    private var second = Instant(microseconds: 0)
    private var count = 0
    private var closedUntil = Instant(microseconds: 0)

    /// How long it stays closed.
    private static let penalty = 2.0

    mutating func refuses(at now: Instant, limit: Int) -> Bool {
        guard now >= closedUntil else { return true }
        if now.seconds(since: second) >= 1 {
            second = now
            count = 0
        }
        count += 1
        guard count > limit else { return false }
        closedUntil = now.advanced(bySeconds: Self.penalty)
        return true
    }
}

/// The emulator's time: the machine's, until a test holds it.
struct Clock: Sendable, Codable {
    private var frozenAt: Instant?
    private var aheadMicroseconds = 0

    var isFrozen: Bool { frozenAt != nil }

    func time(at real: Instant) -> Instant {
        frozenAt ?? Instant(microseconds: real.microseconds + aheadMicroseconds)
    }

    mutating func freeze(at real: Instant) { frozenAt = time(at: real) }

    mutating func advance(bySeconds seconds: Double) {
        if let frozen = frozenAt {
            frozenAt = frozen.advanced(bySeconds: seconds)
        } else {
            aheadMicroseconds += Int((seconds * 1_000_000).rounded())
        }
    }

    /// Goes on from where it is held.
    mutating func resume(at real: Instant) {
        guard let frozen = frozenAt else { return }
        aheadMicroseconds = frozen.microseconds - real.microseconds
        frozenAt = nil
    }
}

extension APIRequest {
    /// Not a request of the real API.
    var isControl: Bool { path == "/_emulator" || path.hasPrefix("/_emulator/") }
}

extension APIResponse {
    /// Takes entries out of the list that the answer carries, if it carries one.
    mutating func omit(_ omission: Fault.Omission) {
        guard case .object(var members)? = json,
            let index = members.firstIndex(where: { $0.value.items != nil }), let items = members[index].value.items
        else { return }
        var left = items.filter { item in !(item["id"]?.text.map(omission.ids.contains) ?? false) }
        left.removeLast(min(omission.count, left.count))
        members[index].value = .array(left)
        if omission.hidesLoss {
            let lost = items.count - left.count
            for index in members.indices where members[index].name == "total_count" {
                members[index].value = .integer((members[index].value.integer ?? lost) - lost)
            }
            for index in headers.indices where headers[index].name == "X-Total-Count" {
                headers[index].value = String((Int(headers[index].value) ?? lost) - lost)
            }
        }
        body = JSON.object(members).bytes
    }
}
