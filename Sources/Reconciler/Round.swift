import Instances

/// One look at all instances, and what is to be done about each.
struct Round: Sendable {
    struct Entry: Sendable {
        /// Shared between copies, of which a look makes many: it is large.
        var situation: Situation {
            get { shared.situation }
            set { shared = Shared(newValue) }
        }
        private var shared: Shared
        var place: ProviderPlace?
        var provider: (any Provider)?
        var decision: Decision
        /// A call that failed and is waited out, or will not be tried again in this pass.
        var failure: Explanation?
        var isGivenUp = false
        /// It halts, but not yet for long enough to be sure.
        var isDoubtful = false
        /// Its file is left as it is, for a person to mend.
        var isRecordUnreadable = false
        /// Why nothing is known of it.
        var unknown: String?

        init(situation: Situation, place: ProviderPlace?, decision: Decision) {
            shared = Shared(situation)
            self.place = place
            self.decision = decision
        }

        private final class Shared: Sendable {
            let situation: Situation
            init(_ situation: Situation) { self.situation = situation }
        }

        /// What failed on the way does not matter any more once it rests.
        mutating func take(_ decision: Decision, in situation: Situation) {
            self.situation = situation
            self.decision = decision
            if decision.isRest { failure = nil }
        }
    }

    var entries: [InstanceName: Entry] = [:]
    /// In their order.
    private(set) var names: [InstanceName] = []
    var diagnostics: [Diagnostic] = []
    /// What carries the operator's tags and is in no record, for the status.
    var foreign: [ForeignResource] = []
    /// Set while somebody else's lock is waited for.
    var lockedBy: String?
    var unpublished: String?

    /// Whether anything is to be published or called.
    var wantsToAct: Bool {
        entries.values.contains { entry in
            guard !entry.isGivenUp, entry.unknown == nil else { return false }
            switch entry.decision {
            case .publish, .act: return true
            case .rest, .wait, .halt, .blocked: return false
            }
        }
    }

    /// - Parameter name: comes after those that were added before.
    mutating func add(_ name: InstanceName, _ entry: Entry) {
        names.append(name)
        entries[name] = entry
    }

    /// Whether another round could bring something forward.
    var isUnsettled: Bool {
        if unpublished != nil { return false }
        return entries.values.contains { entry in
            guard !entry.isGivenUp else { return false }
            // A look that failed says nothing; the next may succeed.
            guard entry.unknown == nil else { return true }
            switch entry.decision {
            case .publish, .act, .wait: return true
            case .halt: return entry.isDoubtful
            case .rest, .blocked: return false
            }
        }
    }
}

extension Round.Entry {
    var outcome: PassReport.Outcome {
        if unknown != nil { return .unknown }
        if isGivenUp { return .failed }
        switch decision {
        case .rest(.frozen): return .invalid
        case .rest(.suspended): return .suspended
        case .rest(.retained): return .retained
        case .rest: return .settled
        case .publish, .act, .wait: return .converging
        case .halt: return .failed
        case .blocked: return .blocked
        }
    }

    var explanation: Explanation {
        unknown.map { Explanation("ProviderUnreachable", $0) } ?? failure ?? decision.explanation
    }
}
