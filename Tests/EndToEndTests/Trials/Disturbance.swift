/// What goes wrong in one trial, and at which request or push.
struct Disturbance: Hashable, Sendable, CustomStringConvertible {
    enum Event: Hashable, Sendable {
        /// What the emulator does to the request, as the value of "do".
        case fault(String)
        /// The operator is killed before the request was carried out, which then never happens.
        case killBefore
        /// The operator is killed before the request was carried out, which happens all the same, once another run has
        /// come to its end.
        case killBeforeAndLate
        case killAfter
        /// The operator is asked to end while the request is under way.
        case terminate
    }

    enum Place: Hashable, Sendable {
        /// The request of this number among those to one endpoint.
        case call(Call, Int)
        case push(Int)
    }

    var place: Place
    var event: Event

    var description: String {
        switch place {
        case .call(let call, let number): "\(event) at \(call.pattern) #\(number)"
        case .push(let number): "\(event) at push #\(number)"
        }
    }

    /// What makes happen what is still to happen after the operator came to its end.
    enum Late {
        /// The emulator carries the request out a little later.
        case byItself
        /// The place still holds it.
        case whenLetGo
    }

    var late: Late? {
        switch event {
        case .fault(let effect): effect.contains("late") ? .byItself : nil
        case .killBeforeAndLate: .whenLetGo
        default: nil
        }
    }
}

extension Disturbance {
    private static let answers = [
        #""server-error""#, #""drop-after""#, #""rate-limited""#, #""forbidden""#, #""drop-before""#, #""transient""#,
        #"{"truncate": 10}"#, #""not-found""#, #""unauthenticated""#, #""not-json""#, #"{"delay": 0.3}"#,
    ]
    private static let refusals = [#""unavailable""#, #""locked""#, #"{"late": 0.2}"#, #""quota""#, #""out-of-stock""#]
    private static let oldAnswers = [#"{"stale": 1}"#]
    private static let partialLists = [#"{"omit": 1}"#, #"{"omit": {"count": 1, "hide": true}}"#]

    /// Every fault at every call of a story: at each of those that change something, and at the first and the last of
    /// those that only look.
    static func faults(of story: Story) -> [Disturbance] {
        places(of: story).flatMap { place, call in
            let effects =
                answers + (call.isRead ? oldAnswers + (call.isList ? partialLists : []) : refusals)
            return effects.map { Disturbance(place: place, event: .fault($0)) }
        }
    }

    /// A death before and after every call and every push.
    static func deaths(of story: Story) -> [Disturbance] {
        let atCalls = places(of: story).flatMap { place, call in
            (call.isRead ? [Event.killAfter] : [.killAfter, .killBefore, .killBeforeAndLate])
                .map { Disturbance(place: place, event: $0) }
        }
        let atPushes = (1...max(1, story.pushes)).flatMap { number in
            [Event.killAfter, .killBefore, .killBeforeAndLate].map { Disturbance(place: .push(number), event: $0) }
        }
        return atCalls + atPushes
    }

    static func signals(of story: Story) -> [Disturbance] {
        places(of: story).map { Disturbance(place: $0.0, event: .terminate) }
            + (1...max(1, story.pushes)).map { Disturbance(place: .push($0), event: .terminate) }
    }

    private static func places(of story: Story) -> [(Place, Call)] {
        var order: [Call] = []
        var counts: [Call: Int] = [:]
        for call in story.calls {
            if counts[call] == nil { order.append(call) }
            counts[call, default: 0] += 1
        }
        return order.flatMap { call -> [(Place, Call)] in
            let count = counts[call] ?? 1
            // How often a thing is looked at depends on how long it takes: the last look is one that came early.
            let numbers = call.isRead ? Set([1, max(1, count / 2)]).sorted() : Array(1...count)
            return numbers.map { (.call(call, $0), call) }
        }
    }
}
