/// Steps as lines of a trace.
extension Step {
    /// - Parameters:
    ///   - before: the state in which it happens.
    ///   - after: the one that it leads to.
    func text(from before: WorldState, to after: WorldState, _ mind: Mind) -> String {
        switch self {
        case .crash(let worker): "\(who(worker)) crashes and forgets"
        case .read(let worker): "\(who(worker)) reads the status"
        case .look(let worker, let givenUp, let stale, let unreadable):
            "\(who(worker)) looks"
                + (givenUp ? " after the settle time" : "")
                + (stale.map { " (\($0.text) is not shown yet)" } ?? "")
                + (unreadable.map { " (\($0.text) cannot be read)" } ?? "")
                + " and decides: " + mind.explain(before.view(of: worker, givenUp, stale, unreadable))
        case .push(let worker, true): "\(who(worker)) pushes: \(after.head.text)"
        case .push(let worker, false): "\(who(worker)) loses the push"
        case .done(let worker, let call, let answered, let isLate):
            "\(who(worker)) calls: \(call.text)" + (answered ? "" : "; the answer is lost")
                + (isLate ? "; lists do not show it yet" : "")
        case .refused(let worker, let call): "\(who(worker)) calls: \(call.text); it is refused"
        case .lost(let worker, let call): "\(who(worker)) calls: \(call.text); it is lost"
        case .late(let worker, let call): "\(who(worker)) calls: \(call.text); no answer, it is still on its way"
        case .proven(let worker, let call, let isProven):
            "\(who(worker)) reads afresh: \(call.text) is \(isProven ? "proven to be safe" : "not proven to be safe")"
        case .lands(let call): "a late call lands: \(call.text)"
        case .listed: "lists show everything"
        case .settles(let named, let isError): "\(named.text) is \(isError ? "in error" : "available")"
        case .flip(let desired): "the manifest changes to runtime \(desired)"
        case .write: "the guest writes"
        case .backUp: "a person keeps a copy of the status branch"
        case .rollBack: "a person force-pushes the copy: \(after.head.text)"
        case .touch(let text): text
        }
    }

    private func who(_ worker: Int) -> String { worker == 0 ? "A" : "B" }
}

extension Named {
    var text: String { "\(kind) \(id)" }
}

extension Call {
    var text: String {
        switch kind {
        case .none: "nothing"
        case .createServer: "create server for \(op.text)"
        case .createDisk:
            "create \(isRoot ? "root" : "data") disk for \(op.text)" + (id == 0 ? "" : " from snapshot \(id)")
        case .createSnapshot: "create snapshot of disk \(id) for \(op.text)"
        case .configure, .powerOn, .powerOff: "\(kind) server \(id)"
        case .attach, .detach: "\(kind) disk \(id), server \(second)"
        case .tag: "tag \(on) \(id)" + (isCondemned ? " as condemned" : "")
        case .delete: "delete \(on) \(id)"
        }
    }
}

extension Op {
    var text: String { self == 0 ? "-" : "\(epoch).\(nonce)" }
}

extension CompactRecord {
    var text: String {
        var parts: [String] = ["epoch \(ops.last?.text ?? "-")"]
        switch server {
        case .absent: break
        case .creating: parts.append("server creating \(serverOp.text)")
        case .present: parts.append("server \(serverID)")
        }
        switch root {
        case .absent: break
        case .creating: parts.append("root creating \(rootOp.text) from \(rootSource)")
        case .present: parts.append("root \(rootID)")
        }
        parts.append(
            "data \(data)" + (disk == 0 ? "" : " disk \(disk)") + (snapshot == 0 ? "" : " snapshot \(snapshot)")
                + (dataOp == 0 ? "" : " \(dataOp.text)"))
        if !snapshots.isEmpty { parts.append("snapshots " + snapshots.map { "\($0.id)" }.joined(separator: " ")) }
        if rootSnapshot != .absent { parts.append("root snapshot \(rootSnapshot) \(rootSnapshotID)") }
        if !condemned.isEmpty { parts.append("condemned " + condemned.map(\.on.text).joined(separator: ", ")) }
        return parts.joined(separator: "; ") + (isActive ? "" : "; at rest")
    }
}
