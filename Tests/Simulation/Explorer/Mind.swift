import Instances

/// Asks the production planner, its check and the deletion proofs, and remembers the answers: many states differ only in
/// what an operator does not see.
final class Mind {
    /// What one look leads to.
    struct Thought: BitwiseCopyable {
        enum End: UInt8 { case rests, waits, halts }

        var end = End.rests
        /// To be pushed first.
        var record: CompactRecord?
        /// After that.
        var call: Call?
        /// The planner decided something that the second check refuses.
        var isRefused = false
    }

    /// What an operator sees at one moment.
    struct View {
        var record: CompactRecord
        var desired: UInt8
        var servers: Row<4, CloudServer>
        var disks: Row<5, CloudDisk>
        var snapshots: Row<5, CloudSnapshot>
        var attempt: Attempt
        /// Seen by nobody for once: reads by id lag, or fail.
        var stale: Named?
        var unreadable: Named?
    }

    let world: World
    private let manifests: [Manifest]
    private var questions = DigestTable()
    private var thoughts: [Thought] = []
    private var deletions = DigestTable()
    private var proofs: [Bool] = []

    init(_ world: World) {
        self.world = world
        manifests = world.runtimes.indices.map { world.manifest(UInt8($0)) }
    }

    var remembered: Int { thoughts.count }

    // MARK: Looks

    func think(_ view: View) -> Thought {
        let (place, isNew) = questions.insert(digest(of: view))
        if isNew { thoughts.append(follow(situation(view)).thought) }
        return thoughts[place]
    }

    /// The reasons for a thought, for a trace.
    func explain(_ view: View) -> String { follow(situation(view)).reasons.joined(separator: ", ") }

    private func digest(of view: View) -> UInt128 {
        var digester = Digester()
        digester.put(view.record)
        digester.put(view.desired)
        digester.put(UInt8(view.attempt == .givenUp ? 2 : view.attempt == .unsent ? 1 : 0))
        digester.put(view.stale != nil, view.unreadable != nil, false)
        if let stale = view.stale { digester.put(stale) }
        if let unreadable = view.unreadable { digester.put(unreadable) }
        digester.put(UInt8(view.servers.count))
        for server in view.servers { digester.put(seen: server) }
        digester.put(UInt8(view.disks.count))
        for disk in view.disks { digester.put(seen: disk) }
        for snapshot in view.snapshots { digester.put(seen: snapshot) }
        return digester.digest
    }

    /// As the reconciler does: decisions that only change the record are one push, and what follows them is done in the
    /// same round.
    private func follow(_ start: Situation) -> (thought: Thought, reasons: [String]) {
        var situation = start
        var thought = Thought()
        var reasons: [String] = []
        for _ in 0..<16 {
            let decision = decide(situation)
            reasons.append(decision.explanation.reason)
            if let refusal = check(decision, in: situation) {
                thought.isRefused = true
                return (thought, reasons + ["the check refuses: \(refusal)"])
            }
            switch decision {
            case .publish(let record, _):
                situation = situation.published(record)
                thought.record = Translation.compact(record)
            case .act(let action, _):
                thought.call = Translation.call(action)
                return (thought, reasons)
            case .wait:
                thought.end = .waits
                return (thought, reasons)
            case .halt, .blocked:
                thought.end = .halts
                return (thought, reasons)
            case .rest: return (thought, reasons)
            }
        }
        return (thought, reasons)
    }

    private func situation(_ view: View) -> Situation {
        let manifest = manifests[Int(view.desired)]
        let record = Translation.record(view.record)
        var observation = Observation()
        for id in record.namedResources {
            switch id {
            case .server(let id): observation.servers[id] = .missing(times: Observation.readsThatProveAbsence)
            case .disk(let id): observation.disks[id] = .missing(times: Observation.readsThatProveAbsence)
            case .snapshot(let id): observation.snapshots[id] = .missing(times: Observation.readsThatProveAbsence)
            case .companion: break
            }
        }
        for server in view.servers {
            let id = Named(kind: .server, id: server.id)
            observation.servers[Translation.server(server.id)] =
                sighting(id, view) ?? .seen(Translation.seen(server, manifest))
        }
        for disk in view.disks {
            let id = Named(kind: .disk, id: disk.id)
            observation.disks[Translation.disk(disk.id)] = sighting(id, view) ?? .seen(Translation.seen(disk))
        }
        for snapshot in view.snapshots {
            let id = Named(kind: .snapshot, id: snapshot.id)
            observation.snapshots[Translation.snapshot(snapshot.id)] =
                sighting(id, view) ?? .seen(Translation.seen(snapshot))
        }
        return Situation(
            name: Translation.name, desired: .manifest(manifest), record: record, observation: observation,
            owner: Translation.owner, account: Translation.account, attempt: view.attempt,
            secondsRunning: 0, now: Timestamp(seconds: 0),
            fresh: ("uid", Translation.nonces[Int(Op.freshNonce)]))
    }

    private func sighting<Resource>(_ named: Named, _ view: View) -> Sighting<Resource>? {
        if named == view.unreadable { return .unknown("the provider answered with an error") }
        return named == view.stale ? .missing(times: 1) : nil
    }

    // MARK: Proofs

    /// Whether the record and fresh reads prove that a deletion loses nothing.
    func proves(_ call: Call, by record: CompactRecord, in state: WorldState) -> Bool {
        let named = Named(kind: call.on, id: call.id)
        guard let sentence = record.condemned.first(where: { $0.on == named }) else { return false }
        let server = call.on == .server ? state.server(call.id) : nil
        let instead = record.copy(insteadOf: sentence)
        let disk = call.on == .disk ? state.disk(call.id) : state.disk(record.disk)
        let subject = call.on == .snapshot ? state.snapshot(call.id) : nil
        let saved = instead?.kind == .snapshot ? state.snapshot(instead?.id ?? 0) : nil
        let live = instead?.kind == .disk ? state.disk(instead?.id ?? 0) : nil
        var digester = Digester()
        digester.put(call)
        digester.put(record)
        digester.put(server != nil, disk != nil, subject != nil, instead == nil)
        digester.put(saved != nil, live != nil, false)
        if let server { digester.put(seen: server) }
        if let disk { digester.put(seen: disk) }
        if let subject { digester.put(seen: subject) }
        if let saved { digester.put(seen: saved) }
        if let live { digester.put(seen: live) }
        let copy = saved.map { DataCopy.snapshot(Translation.seen($0)) } ?? live.map { .disk(Translation.seen($0)) }
        let (place, isNew) = deletions.insert(digester.digest)
        if isNew { proofs.append(permits(call, record, server, disk, subject, copy)) }
        return proofs[place]
    }

    private func permits(
        _ call: Call, _ record: CompactRecord, _ server: CloudServer?, _ disk: CloudDisk?, _ subject: CloudSnapshot?,
        _ copy: DataCopy?
    ) -> Bool {
        let record = Translation.record(record)
        return switch call.on {
        case .server:
            server.map { Translation.seen($0, manifests[0]) }.flatMap { fresh in
                try? ServerDeletionProof(record: record, fresh: fresh, data: disk.map(Translation.seen))
            } != nil
        case .disk:
            disk.map(Translation.seen).flatMap { fresh in
                try? DiskDeletionProof(record: record, fresh: fresh, copy: copy)
            } != nil
        case .snapshot:
            subject.map(Translation.seen).flatMap { fresh in
                try? SnapshotDeletionProof(record: record, fresh: fresh, copy: copy)
            } != nil
        }
    }
}
