/// One answer about an instance, in the sense that kstatus and `kubectl wait` give to conditions.
public struct Condition: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case isTrue = "True"
        case isFalse = "False"
        case isUnknown = "Unknown"
    }

    public var status: Status
    /// One word in CamelCase, for scripts.
    public var reason: String
    /// A sentence for people; empty where the reason says it all.
    public var message: String
    /// When `status` last became what it is. A new reason or message alone does not change it.
    public var lastTransitionTime: Timestamp

    public init(status: Status, reason: String, message: String, lastTransitionTime: Timestamp) {
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
    }

    public var explanation: Explanation { Explanation(reason, message) }
}

/// The three answers that every status gives, always all of them.
///
/// Source: kstatus, "The Ready condition" and "abnormal-true" conditions.
public struct Conditions: Hashable, Sendable {
    /// The instance is as its manifest says. Unknown: it could not be compared.
    public var ready: Condition
    /// The operator is at work on it, or will be without anybody's help.
    public var reconciling: Condition
    /// Nothing will happen until a person acts.
    public var stalled: Condition

    public init(ready: Condition, reconciling: Condition, stalled: Condition) {
        self.ready = ready
        self.reconciling = reconciling
        self.stalled = stalled
    }
}
