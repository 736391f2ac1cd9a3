extension InstanceStatus {
    /// `scaleway/fr-par-2`.
    var place: String { [provider, zone].filter { !$0.isEmpty }.joined(separator: "/") }

    var serverText: String {
        guard let server else { return "" }
        let others = otherServers.isEmpty ? [] : ["and \(otherServers.count) more"]
        return ([server.type, server.id.text, server.publicIPv4 ?? ""].filter { !$0.isEmpty } + others)
            .joined(separator: ", ")
    }

    /// `root 30 GB, data 100 GB (creating)`: a state only where it is not the usual one.
    var disksText: String {
        storages.map { disk in
            let isUsual = disk.state == Disk.State.attached.word || disk.state == Disk.State.available.word
            return "\(disk.role.rawValue) \(disk.size.words)" + (isUsual ? "" : " (\(disk.state))")
        }.joined(separator: ", ")
    }

    /// `2, newest 2026-07-30 12:56:15`.
    var snapshotsText: String {
        guard !snapshots.isEmpty else { return "" }
        let newest = snapshots.compactMap(\.createdAt).max().map { ", newest \($0.words)" } ?? ""
        return "\(snapshots.count)\(newest)"
    }

    /// What the instance waits for, or what keeps it from being ready; empty where all is well.
    var waitingText: String {
        if let waiting { return waiting.message }
        return state.isAtRest ? "" : why.message
    }
}

extension InstanceState {
    /// Nothing goes on, and nobody has to do anything.
    fileprivate var isAtRest: Bool {
        switch self {
        case .running, .stopped, .off, .retained: true
        case .needsApproval, .invalidManifest, .stalled, .failing, .working, .unknown, .suspended: false
        }
    }

    /// For somebody who has to do something.
    var wayOut: String {
        switch self {
        case .needsApproval:
            "if it is meant, commit with the trailer that the message names; if not, revert the commit that asked for it."
        case .invalidManifest:
            "mend the manifest and commit. The instance is left as it is until then."
        case .stalled:
            "resolve what the message says. Nothing of this instance is changed or deleted until then."
        case .failing:
            "nothing, if it passes: the step is tried again. Otherwise resolve what the message says."
        default:
            "nothing."
        }
    }

    /// Every word that a reader of a table can meet.
    static let legend: [(words: String, meaning: String)] = [
        (running.text, "the server runs, as the manifest says."),
        (stopped.text, "the server is powered off and kept, as the manifest says."),
        (off.text, "there is no server, as the manifest says; what data there is is kept on a disk or in a snapshot."),
        (
            "\(working(.start).text), \(working(.stop).text), \(working(nil).text) …",
            "it is being brought to what the manifest says."
        ),
        (failing.text, "a step failed and is tried again."),
        (stalled.text, "something that should not be was found; a person has to look."),
        (needsApproval.text, "a guard against accidents waits for an approval."),
        (invalidManifest.text, "the manifest has an error."),
        (UnreadableInstance.state, "its file on this branch is damaged or was edited; nothing is done to it."),
        (suspended.text, "the manifest says to leave it alone for now."),
        (unknown.text, "the provider could not be asked; what is shown is what was last known."),
        (retained.text, "the manifest was removed; everything is kept and no longer touched."),
    ]
}
