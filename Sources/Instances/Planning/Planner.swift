/// The situation of one instance with its goal. The steps are in the files beside this one, by what they work on.
///
/// Every step answers the one next thing, or `nil` where there is nothing to do for it.
struct Planner {
    let situation: Situation
    let record: Record
    let goal: Goal

    init(_ situation: Situation, _ record: Record, _ goal: Goal) {
        self.situation = situation
        self.record = record
        self.goal = goal
    }

    func decide() -> Decision {
        if holds(.lastCopyWaits), goal.data == .destroyed, situation.approval == nil { return .blocked(lastCopyBlock) }
        return serverSighted() ?? rootSighted() ?? spoiledStep() ?? dataStep() ?? rootSnapshotStep() ?? serverStep()
            ?? upkeepStep() ?? settled()
    }

    // MARK: Answers

    func publish(
        _ reason: String, _ message: String, isSpoiled: Bool = false, _ change: (inout Record) -> Void
    ) -> Decision {
        var changed = record
        change(&changed)
        return .publish(changed, Explanation(reason, message, isSpoiled: isSpoiled))
    }

    /// Publishes a record with a new current operation, whose resources are the only ones adopted from now on.
    func begin(
        _ kind: Activity.Kind, _ reason: String, _ message: String, isSpoiled: Bool = false,
        _ change: (inout Record, Operation) -> Void
    ) -> Decision {
        publish(reason, message, isSpoiled: isSpoiled) { record in
            let carried = Set(taggedResources(situation.observation).map(\.tags.operation))
            let operation = record.begin(nonce: situation.fresh.nonce, keeping: carried)
            record.activity = Activity(kind: kind, operation: operation, since: situation.now)
            change(&record, operation)
        }
    }

    /// A call to the provider, or first the intent where none is published.
    func act(_ kind: Activity.Kind, _ action: Action, _ reason: String, _ message: String) -> Decision {
        guard requires(.intentFirst, record.activity != nil) else { return begin(kind, reason, message) { _, _ in } }
        return .act(action, Explanation(reason, message))
    }

    func wait(_ reason: String, _ message: String) -> Decision { .wait(Explanation(reason, message)) }
    func halt(_ reason: String, _ message: String) -> Decision { .halt(Explanation(reason, message)) }

    private func settled() -> Decision {
        if record.activity != nil {
            return publish("Converged", summary) { $0.activity = nil }
        }
        guard goal.manifest == nil else { return .rest(.converged(Explanation("Converged", summary))) }
        return .rest(record.isEmpty ? .forgotten : .retained)
    }

    /// One sentence on the state that was reached.
    private var summary: String { placeOfEverything + leftAlone + back + linked }

    /// What vanished and is there again. What is data is told as left alone already.
    private var back: String {
        let left = record.unrecordedData(in: situation.observation).map(\.id)
        let ids = record.vanished.filter { isThere($0) && !left.contains($0) && !record.names($0) }
        return ids.isEmpty
            ? ""
            : "; left alone, because it was missing and came back: " + ids.map(\.description).joined(separator: ", ")
    }

    private var linked: String {
        let ids = record.condemned.compactMap { condemned -> String? in
            guard case .snapshot(let id) = condemned.resource, seen(id)?.isLinked == true else { return nil }
            return id.description
        }
        return ids.isEmpty
            ? ""
            : "; to be deleted once nothing at the provider needs it any more, such as an image made from it: snapshot "
                + ids.joined(separator: ", ")
    }

    private var leftAlone: String {
        let left = [false, true].flatMap { record.unrecordedData(in: situation.observation, condemned: $0) }.map(\.id)
        let ids = left.filter(isThere).map(\.description)
        return ids.isEmpty
            ? ""
            : "; left alone, because tagged as this instance's data and not in its record: \(ids.joined(separator: ", "))"
    }

    /// Whether it was seen, and is not on its way out.
    private func isThere(_ id: ResourceID) -> Bool {
        switch id {
        case .disk(let disk): seen(disk).map { $0.state != .deleting } ?? false
        case .snapshot(let snapshot): seen(snapshot).map { $0.state != .deleting } ?? false
        case .server, .companion: false
        }
    }

    private var placeOfEverything: String {
        let server =
            switch goal.server {
            case .up: "running"
            case .off: record.server == .absent ? "no server" : "server off"
            case .absent: "no server"
            }
        switch record.data {
        case .none: return goal.data == .snapshot ? "\(server); no data disk yet" : server
        case .live(let disk, _): return "\(server); data live on disk \(disk)"
        case .snapshot(let snapshot): return "\(server); data in snapshot \(snapshot)"
        default: return server
        }
    }

    private var lastCopyBlock: Block {
        let why =
            goal.destroysEverything
            ? "its manifest was removed with deletionPolicy delete" : "dataDisk was taken out of the manifest"
        return Block(
            .lastCopy,
            "the last copy of the data of \(record.name) would be destroyed (\(why)). To go ahead commit with the trailer "
                + "`Operator-Approve: \(record.name)`; to keep the data bring back what was removed")
    }

    // MARK: Looking

    func sighting(_ id: ServerID) -> Sighting<Server> {
        situation.observation.servers[id] ?? .unknown("not read")
    }

    func sighting(_ id: DiskID) -> Sighting<Disk> {
        situation.observation.disks[id] ?? .unknown("not read")
    }

    func sighting(_ id: SnapshotID) -> Sighting<Snapshot> {
        situation.observation.snapshots[id] ?? .unknown("not read")
    }

    /// The recorded server, where it was seen.
    var server: Server? {
        guard let id = record.server.id, case .seen(let server) = sighting(id) else { return nil }
        return server
    }

    func seen(_ id: DiskID) -> Disk? {
        guard case .seen(let disk) = sighting(id) else { return nil }
        return disk
    }

    func seen(_ id: SnapshotID) -> Snapshot? {
        guard case .seen(let snapshot) = sighting(id) else { return nil }
        return snapshot
    }

    /// The tags of something made by an operation.
    func tags(_ role: Tags.Role, _ operation: Operation) -> Tags {
        Tags(
            owner: situation.owner, instance: record.uid, name: record.name, role: role, operation: operation)
    }
}

extension Sighting {
    /// Whether absence is proven.
    var isGone: Bool {
        guard case .missing(let times) = self else { return false }
        return times >= (holds(.absenceTwice) ? Observation.readsThatProveAbsence : 1)
    }
}

/// What became of the one resource that an operation was to make.
enum Creation<Resource> {
    case found(Resource)
    case doubled
    /// The create call may be sent.
    case callable
    /// It may still land.
    case pending
    /// Nothing was found for as long as the settle time.
    case givenUp
}

extension Planner {
    /// Only resources of exactly this operation are ever adopted.
    func creation<Resource>(_ candidates: [Resource]) -> Creation<Resource> {
        if let only = candidates.first { return candidates.count == 1 ? .found(only) : .doubled }
        switch situation.attempt {
        case .unsent, .refused: return .callable
        case .unsettled: return holds(.unsettledWaits) ? .pending : .callable
        case .givenUp: return .givenUp
        }
    }

    func disks(of operation: Operation, role: Tags.Role) -> [Disk] {
        situation.observation.seenDisks.filter {
            requires(.adoptionByOperation, $0.tags?.operation == operation) && $0.tags?.role == role
                && !record.condemns(.disk($0.id))
        }
    }

    func snapshots(of operation: Operation, role: Tags.Role) -> [Snapshot] {
        situation.observation.seenSnapshots.filter {
            requires(.adoptionByOperation, $0.tags?.operation == operation) && $0.tags?.role == role
                && !record.condemns(.snapshot($0.id))
        }
    }

    func servers(of operation: Operation) -> [Server] {
        situation.observation.seenServers.filter {
            $0.tags?.operation == operation && !record.condemns(.server($0.id))
        }
    }

    func doubled(_ what: String, _ operation: Operation) -> Decision {
        halt(
            "Ambiguous",
            "two \(what) carry operation \(operation) where one was made; which is the right one cannot be known. Look at "
                + "both and delete the wrong one by hand")
    }
}
