/// Conditions without their times: what holds now, and why.
struct Verdict: Hashable, Sendable {
    /// Reason of Reconciling after a step that failed; what failed is the reason of Ready.
    static let retrying = "Retrying"
    /// Characters of a message that are kept; a provider's error page is longer.
    static let messageLimit = 1000

    var ready: Condition.Status
    var why: Explanation
    /// `nil`: nothing is under way.
    var reconciling: Explanation?
    /// `nil`: nothing is in the way.
    var stalled: Explanation?

    /// What a decision means.
    ///
    /// - Parameters:
    ///   - failure: of the step that was tried, or of the observation.
    ///   - isObserved: whether the provider could be asked.
    ///   - previous: kept in part where nothing is known.
    init(decision: Decision?, failure: Explanation?, isObserved: Bool, previous: Conditions?) {
        switch decision {
        case .halt(let why)?: self.init(stalled: why)
        case .blocked(let block)?: self.init(stalled: block.explanation)
        case .rest(.frozen)?: self.init(stalled: Rest.frozen.explanation)
        // Nobody compares it with anything meanwhile.
        case .rest(.suspended(let suspension))?: self.init(.isUnknown, Rest.suspended(suspension).explanation)
        case .rest(let rest)? where isObserved: self.init(rest: rest, failure: failure)
        case .publish(_, let why)? where isObserved, .act(_, let why)? where isObserved,
            .wait(let why)? where isObserved:
            self.init(working: why, failure: failure)
        case .rest?, .publish?, .act?, .wait?, nil: self.init(unobserved: failure, previous: previous)
        }
    }

    private init(
        _ ready: Condition.Status, _ why: Explanation, reconciling: Explanation? = nil, stalled: Explanation? = nil
    ) {
        self.ready = ready
        self.why = why
        self.reconciling = reconciling
        self.stalled = stalled
    }

    private init(stalled why: Explanation) { self.init(.isFalse, why, stalled: why) }

    private init(working why: Explanation, failure: Explanation?) {
        if let failure {
            self.init(.isFalse, failure, reconciling: Explanation(Self.retrying, failure.message))
        } else {
            self.init(.isFalse, why, reconciling: why)
        }
    }

    private init(rest: Rest, failure: Explanation?) {
        if let failure {
            self.init(working: rest.explanation, failure: failure)
        } else {
            self.init(.isTrue, rest.explanation)
        }
    }

    /// What was under way or in the way still is, as far as anybody knows.
    private init(unobserved failure: Explanation?, previous: Conditions?) {
        func held(_ condition: Condition?) -> Explanation? {
            condition.flatMap { $0.status == .isTrue ? $0.explanation : nil }
        }
        self.init(
            .isUnknown, failure ?? Explanation("NotObserved", "not looked at yet"),
            reconciling: held(previous?.reconciling), stalled: held(previous?.stalled))
    }

    /// Says since when each answer is what it is.
    func conditions(after previous: Conditions?, now: Timestamp) -> Conditions {
        func condition(_ status: Condition.Status, _ why: Explanation, after previous: Condition?) -> Condition {
            let since = previous.flatMap { $0.status == status ? $0.lastTransitionTime : nil } ?? now
            return Condition(
                status: status, reason: why.reason, message: terminalText(why.message, limit: Self.messageLimit),
                lastTransitionTime: since)
        }
        return Conditions(
            ready: condition(ready, why, after: previous?.ready),
            reconciling: condition(
                reconciling == nil ? .isFalse : .isTrue, reconciling ?? Explanation("Settled", ""),
                after: previous?.reconciling),
            stalled: condition(
                stalled == nil ? .isFalse : .isTrue, stalled ?? Explanation("Unhindered", ""),
                after: previous?.stalled))
    }
}
