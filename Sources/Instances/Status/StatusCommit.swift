/// The message of a commit to the status branch. Made of names of instances and our own words alone, so that nothing
/// from outside can mention anybody, close an issue or pass for a trailer.
enum StatusCommit {
    struct Event {
        var name: InstanceName
        var before: InstanceStatus?
        /// `nil`: the instance is gone, or nothing but its record is known yet.
        var after: InstanceStatus?
    }

    /// Characters of a subject that git's tools show in one line.
    static let subjectLimit = 72

    static func message(events: [Event], fleet: FleetStatus, nonce: String) -> String {
        """
        \(subject(events, fleet))

        Config-Commit: \(word(fleet.commit))
        Instances-Ready: \(fleet.counts.ready)/\(fleet.counts.wanted)
        Operator-Nonce: \(word(nonce))

        """
    }

    private static func subject(_ events: [Event], _ fleet: FleetStatus) -> String {
        guard !events.isEmpty else {
            return "status of \(word(fleet.commit).prefix(12)): \(fleet.counts.ready) of \(fleet.counts.wanted) ready"
        }
        // A new state is what a reader of the log looks for; a new detail can wait.
        let sorted = events.filter(\.isNewState) + events.filter { !$0.isNewState }
        var shown: String?
        var text = ""
        for (position, event) in sorted.enumerated() {
            text += (position == 0 ? "" : "; ") + event.text
            guard text.utf8.count <= subjectLimit else { break }
            let rest = sorted.count - position - 1
            let subject = text + (rest == 0 ? "" : "; \(rest) more")
            if subject.utf8.count <= subjectLimit { shown = subject }
        }
        return shown ?? "\(events.count) instance\(events.count == 1 ? "" : "s") changed"
    }

    /// A hash or a nonce: whatever else is in it is left out.
    private static func word(_ text: String) -> String {
        String(decoding: text.utf8.prefix(64).filter { isAlphanumeric($0) }, as: UTF8.self)
    }
}

extension StatusCommit.Event {
    var isNewState: Bool { before?.state != after?.state }

    var text: String {
        guard let after else { return before == nil ? "\(name): first seen" : "\(name): removed" }
        if isNewState { return "\(name): \(after.state.text)" }
        let reason = after.why.reason.utf8.filter { isAlphanumeric($0) }.prefix(30)
        return "\(name): \(after.state.text), \(String(decoding: reason, as: UTF8.self))"
    }
}
