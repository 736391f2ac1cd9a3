/// What happens to the one instance of a trial.
enum Plot: String, CaseIterable, Sendable {
    case create, stop, start, rootSnapshot

    /// Manifests that come before the change, and the change itself.
    func manifests(_ manifest: (_ enabled: Bool, _ data: String, _ rootSnapshot: Bool) -> String) -> [String] {
        let (live, saved) = (manifest(true, "live", false), manifest(false, "snapshot", false))
        return switch self {
        case .create: [live]
        case .stop: [live, saved]
        case .start: [live, saved, live]
        case .rootSnapshot: [manifest(true, "live", true)]
        }
    }

    /// What there is at the end.
    var end: Holdings {
        switch self {
        case .create: Holdings(running: 1, servers: 1, volumes: 2)
        case .stop: Holdings(snapshots: 1)
        case .start, .rootSnapshot: Holdings(running: 1, servers: 1, volumes: 2, snapshots: 1)
        }
    }
}
