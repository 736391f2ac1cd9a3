/// Any clock, as the time since a moment of it: so that passes are compiled for one kind of moment, whatever they are
/// measured with.
struct Stopwatch: Sendable {
    /// Whole microseconds: a clock that shows no less would never arrive at a moment between two of them.
    struct Moment: InstantProtocol {
        var microseconds: Int64

        func advanced(by duration: Duration) -> Moment { Moment(microseconds: microseconds + duration.microseconds) }
        func duration(to other: Moment) -> Duration { .microseconds(other.microseconds - microseconds) }
        static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }
    }

    private let elapsed: @Sendable () -> Duration
    private let sleepUntil: @Sendable (Duration) async -> Void

    init<C: Clock>(_ clock: C) where C.Duration == Duration {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        sleepUntil = { try? await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
    }

    var now: Moment { Moment(microseconds: elapsed().microseconds) }

    func sleep(until moment: Moment) async { await sleepUntil(.microseconds(moment.microseconds)) }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
