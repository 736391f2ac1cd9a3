import Glibc

/// Does something for each element, on as many cores as there are, and hands over what came of it as it comes.
public func inTurn<Element: Sendable, Outcome: Sendable>(
    _ elements: [Element], _ work: @escaping @Sendable (Element) -> Outcome, finished: (Outcome) -> Void
) async {
    await withTaskGroup(of: Outcome.self) { group in
        var rest = elements[...]
        for _ in 0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
            if let element = rest.popFirst() { group.addTask { work(element) } }
        }
        for await outcome in group {
            finished(outcome)
            fflush(nil)
            if let element = rest.popFirst() { group.addTask { work(element) } }
        }
    }
}

/// What some work comes to, and how long it took.
public func timed<Outcome>(_ work: () -> Outcome) -> (Outcome, Duration) {
    let start = ContinuousClock.now
    let outcome = work()
    return (outcome, start.duration(to: .now))
}

extension Duration {
    /// With one digit.
    public var inSeconds: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension Finding {
    /// For people: what it is, and the way there.
    public var lines: [String] { [what] + trace.enumerated().map { "\($0 + 1). \($1)" } }
}
