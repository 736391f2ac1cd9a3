/// What an instance is doing, in one word or two: of the conditions and the facts, never stored.
public enum InstanceState: Hashable, Sendable {
    /// A guard wants an approval.
    case needsApproval
    case invalidManifest
    case stalled
    /// A step failed and is being tried again.
    case failing
    /// Being brought to the desired state.
    case working(Activity.Kind?)
    /// The provider could not be asked.
    case unknown
    case suspended
    /// The manifest was removed; everything is kept.
    case retained
    case running
    case stopped
    /// There is no server, and none is wanted.
    case off

    /// For tables, messages of commits and scripts. Made of `[a-z ]`.
    public var text: String {
        switch self {
        case .needsApproval: "needs approval"
        case .invalidManifest: "invalid manifest"
        case .stalled: "stalled"
        case .failing: "failing"
        case .working(.start?): "starting"
        case .working(.stop?): "stopping"
        case .working(.change?): "changing"
        case .working(.snapshotRoot?): "snapshotting root"
        case .working(.grow?): "growing"
        case .working(.cleanUp?): "cleaning up"
        case .working(.destroy?): "deleting"
        case .working(nil): "reconciling"
        case .unknown: "unknown"
        case .suspended: "suspended"
        case .retained: "retained"
        case .running: "running"
        case .stopped: "stopped"
        case .off: "off"
        }
    }

    /// Whether somebody should look: nothing happens any more, or a step failed and is being tried again.
    public var needsAttention: Bool {
        switch self {
        case .needsApproval, .invalidManifest, .stalled, .failing: true
        case .working, .unknown, .suspended, .retained, .running, .stopped, .off: false
        }
    }
}

extension InstanceStatus {
    public var state: InstanceState {
        if conditions.stalled.status == .isTrue {
            switch conditions.stalled.reason {
            case Reason.needsApproval: return .needsApproval
            case Reason.invalidManifest: return .invalidManifest
            default: return .stalled
            }
        }
        if conditions.ready.status == .isUnknown {
            return conditions.ready.reason == Reason.suspended ? .suspended : .unknown
        }
        if conditions.reconciling.status == .isTrue {
            if conditions.reconciling.reason == Verdict.retrying { return .failing }
            return .working(intents.lazy.compactMap { Activity.Kind(rawValue: $0.kind) }.first)
        }
        if conditions.ready.reason == Reason.retained { return .retained }
        guard let server else { return .off }
        return server.state == Reason.running ? .running : .stopped
    }

    /// When the state became what it is.
    public var since: Timestamp {
        if conditions.stalled.status == .isTrue { return conditions.stalled.lastTransitionTime }
        if conditions.ready.status == .isUnknown { return conditions.ready.lastTransitionTime }
        if conditions.reconciling.status == .isTrue { return conditions.reconciling.lastTransitionTime }
        return conditions.ready.lastTransitionTime
    }

    /// Whether it says that the data is missing.
    public var tellsOfLoss: Bool {
        conditions.stalled.status == .isTrue && Loss.told.contains(conditions.stalled.reason)
    }

    /// Whether it asks this very question: an answer to one about another copy is none.
    public func asks(_ question: Explanation) -> Bool {
        conditions.stalled.status == .isTrue && conditions.stalled.reason == question.reason
            && conditions.stalled.message == terminalText(question.message, limit: Verdict.messageLimit)
    }

    /// Whether somebody should look at it.
    public var needsAttention: Bool { state.needsAttention }

    /// Why it is as it is, in a sentence; of what is most pressing.
    public var why: Explanation {
        conditions.stalled.status == .isTrue ? conditions.stalled.explanation : conditions.ready.explanation
    }
}

/// What decisions call themselves in a status.
private enum Reason {
    static let needsApproval = Block(.lastCopy, "").explanation.reason
    static let invalidManifest = Rest.frozen.explanation.reason
    static let suspended = Rest.suspended(Suspension()).explanation.reason
    static let retained = Rest.retained.explanation.reason
    static let running = Server.State.running.word
}
