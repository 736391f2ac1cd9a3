import Instances

/// Asks the production planner, its check and the deletion proofs, and remembers the answers: many states differ only in
/// what an operator does not see.
final class Mind {
    /// What one look leads to.
    struct Thought {
        enum End: UInt8 { case rests, waits, halts }

        var end = End.rests
        /// To be pushed first.
        var record: CompactRecord?
        /// After that.
        var call: Call?
        /// The planner decided something that the second check refuses.
        var refusal: String?
        /// For traces.
        var reasons: [String] = []
    }

    /// What an operator sees at one moment.
    struct View {
        var record: CompactRecord
        var desired: UInt8
        var servers: [CloudServer]
        var disks: [CloudDisk]
        var snapshots: [CloudSnapshot]
        var attempt: Attempt
        /// Seen by nobody for once: reads by id lag, or fail.
        var stale: Named?
        var unreadable: Named?
    }

    let world: World
    private let manifests: [Manifest]
    private var thoughts: [[UInt8]: Thought] = [:]
    private var proofs: [[UInt8]: Bool] = [:]
    private var encoder = Encoder()

    init(_ world: World) {
        self.world = world
        manifests = world.runtimes.indices.map { world.manifest(UInt8($0)) }
    }

    var remembered: Int { thoughts.count }

    // MARK: Looks

    func think(_ view: View) -> Thought {
        encoder.clear()
        encoder.put(view.record)
        encoder.put(view.desired)
        encoder.put(UInt8(view.attempt == .givenUp ? 2 : view.attempt == .unsent ? 1 : 0))
        for named in [view.stale, view.unreadable] {
            encoder.put(named.map { $0.kind.rawValue << 6 | $0.id } ?? UInt8.max)
        }
        view.servers.forEach { encoder.put($0) }
        encoder.separate()
        view.disks.forEach { encoder.put($0) }
        encoder.separate()
        view.snapshots.forEach { encoder.put($0) }
        if let known = thoughts[encoder.bytes] { return known }
        let key = encoder.bytes
        let thought = follow(situation(view))
        thoughts[key] = thought
        return thought
    }

    /// As the reconciler does: decisions that only change the record are one push, and what follows them is done in the
    /// same round.
    private func follow(_ start: Situation) -> Thought {
        var situation = start
        var thought = Thought()
        for _ in 0..<16 {
            let decision = decide(situation)
            thought.reasons.append(decision.explanation.reason)
            if let refusal = check(decision, in: situation) {
                thought.refusal = "\(decision.explanation.reason): \(refusal)"
                return thought
            }
            switch decision {
            case .publish(let record, _):
                situation = situation.published(record)
                thought.record = Translation.compact(record)
            case .act(let action, _):
                thought.call = Translation.call(action)
                return thought
            case .wait:
                thought.end = .waits
                return thought
            case .halt, .blocked:
                thought.end = .halts
                return thought
            case .rest: return thought
            }
        }
        return thought
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
        let disk = state.disk(call.on == .disk ? call.id : record.disk)
        let subject = call.on == .snapshot ? state.snapshot(call.id) : nil
        let copy = sentence.reason == 0 ? nil : state.snapshot(sentence.reason)
        encoder.clear()
        encoder.put(call)
        encoder.put(record)
        if let server { encoder.put(server) }
        encoder.separate()
        if let disk { encoder.put(disk) }
        encoder.separate()
        if let subject { encoder.put(subject) }
        encoder.separate()
        if let copy { encoder.put(copy) }
        if let known = proofs[encoder.bytes] { return known }
        let key = encoder.bytes
        let record = Translation.record(record)
        let newer = copy.map(Translation.seen)
        let answer =
            switch call.on {
            case .server:
                server.map { Translation.seen($0, manifests[0]) }.flatMap { fresh in
                    try? ServerDeletionProof(record: record, fresh: fresh, data: disk.map(Translation.seen))
                } != nil
            case .disk:
                disk.map(Translation.seen).flatMap { fresh in
                    try? DiskDeletionProof(record: record, fresh: fresh, snapshot: newer)
                } != nil
            case .snapshot:
                subject.map(Translation.seen).flatMap { fresh in
                    try? SnapshotDeletionProof(record: record, fresh: fresh, newer: newer)
                } != nil
            }
        proofs[key] = answer
        return answer
    }
}
