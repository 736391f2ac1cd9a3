import Instances
import Reconciler

/// Whether everything comes to rest once nothing goes wrong any more: after so many passes at most, as the manifests
/// say, and so that one more pass changes nothing.
struct Calm {
    /// More than any way from anywhere to anywhere takes, for each operator.
    private static let mostPasses = 12
    /// More than another operator's pushes ever come in between.
    private static let mostRefusals = 4

    private var passes = 0
    /// By host: the calls that were sent when its last pass ended, if everything had settled then.
    private var settled: [Int: Int] = [:]

    /// - Returns: whether everything has arrived, and stayed for a whole pass.
    mutating func passed(_ report: PassReport, by life: Life, in episode: Episode) -> Bool {
        passes += 1
        let host = life.host.number
        let isLate = passes > Self.mostPasses * episode.options.operators
        if isLate, !episode.isLivenessOwed {
            let refusals = episode.people.recoveriesRefused
            if refusals > Self.mostRefusals, !episode.people.lostUnwanted {
                episode.violate("I3", "the status branch could not be recovered \(refusals) times in a row")
            }
            return true
        }
        guard report.isSettled(except: episode.isCutOff) else {
            settled[host] = nil
            if isLate { episode.violate("I3", "not settled after \(passes) passes: \(report.text)") }
            return false
        }
        defer { settled[host] = episode.calls }
        guard let before = settled[host], before == episode.calls else {
            if isLate { episode.violate("I3", "still changing something after \(passes) passes") }
            return false
        }
        if episode.isLivenessOwed, let (invariant, what) = episode.leftOver() { episode.violate(invariant, what) }
        return true
    }
}

extension PassReport {
    func isSettled(except isCutOff: (InstanceName) -> Bool = { _ in false }) -> Bool {
        unreachable == nil && lockedBy == nil && unpublished == nil
            && instances.allSatisfy { $0.outcome.isAtRest || isCutOff($0.name) }
    }

    var text: String {
        if isSettled() { return "settled" }
        return
            ([unreachable, lockedBy.map { "locked by \($0)" }, unpublished].compactMap(\.self)
            + instances.filter { !$0.outcome.isAtRest }.map {
                "\($0.name) \($0.outcome), \($0.explanation.reason): \($0.explanation.message)"
            }).joined(separator: "; ")
    }
}

extension Episode {
    /// What is not as the manifests say, or is left over.
    func leftOver() -> (invariant: String, what: String)? {
        for (index, wish) in remote.wishes.enumerated() where wish.isPresent && !isCutOff(wish.name) {
            if let what = unfulfilled(wish, index) { return ("I3", "\(wish.name): \(what)") }
            guard let status = remote.status?.tree.files[wish.name]?.status, status.isReady else {
                return ("I5", "\(wish.name): the status does not say that it is ready")
            }
        }
        for (index, ghost) in ghosts.enumerated() where remote.wishes[index].isPresent && !isCutOff(ghost.name) {
            if let what = unreferenced(index) { return ("I2", "\(ghost.name): \(what) is left over") }
        }
        return nil
    }

    private func unfulfilled(_ wish: Wish, _ index: Int) -> String? {
        guard let record = remote.record(of: wish.name) else { return "there is no record" }
        guard let cloud = clouds.first(where: { $0.place.zone == record.zone }) else { return "the zone is unknown" }
        let machine = record.server.id.flatMap(cloud.machine).map { cloud.machines[$0].seen }
        if wish.isUp {
            guard machine?.state == .running else { return "the server does not run" }
            if machine?.type != wish.type { return "the server has the wrong type" }
        } else if wish.whenDisabled == .delete {
            if record.server != .absent { return "the server exists" }
        } else if let machine, machine.state != .stopped {
            return "the server is \(machine.state)"
        }
        if record.activity != nil { return "the record says that something goes on" }
        if !record.condemned.isEmpty { return "something is condemned for ever" }
        guard wish.hasDataDisk else { return record.data == .none ? nil : "there is a data disk" }
        if wish.isLive {
            guard case .live(let id, _) = record.data, let volume = cloud.volume(id).map({ cloud.volumes[$0].seen })
            else { return "the data disk is not live" }
            if wish.isUp, volume.attachment?.server != record.server.id { return "the data disk is not attached" }
            if volume.sizeBytes < Int64(wish.dataGB) * bytesInGigabyte { return "the data disk is too small" }
        } else if case .live = record.data {
            return "the data is not in a snapshot"
        }
        if record.snapshots.count > wish.keep + 1 { return "there are too many snapshots" }
        return nil
    }

    /// What exists of an instance and is not in its record.
    private func unreferenced(_ index: Int) -> String? {
        let record = remote.record(of: ghosts[index].name)
        for cloud in clouds {
            func isNamed(_ resource: ResourceID, _ tags: Tags?) -> Bool {
                // A request that lands when its instance is forgotten and lives anew: the status tells of it.
                let isOfEarlierLife = tags.map { $0.instance != record?.uid } ?? false
                return record?.names(resource) ?? false || cloud.disowned.contains(resource) || isOfEarlierLife
            }
            let machines = cloud.machines.filter { $0.instance == index }
            if let left = machines.first(where: { !isNamed(.server($0.seen.id), $0.seen.tags) }) {
                return "\(left.seen.id)"
            }
            let volumes = cloud.volumes.filter { $0.instance == index && !isNamed(.disk($0.seen.id), $0.seen.tags) }.map
            {
                (id: "\($0.seen.id)", role: $0.seen.tags?.role, isFailed: false)
            }
            let copies = cloud.copies.filter { $0.instance == index && !isNamed(.snapshot($0.seen.id), $0.seen.tags) }
                .map {
                    (id: "\($0.seen.id)", role: $0.seen.tags?.role, isFailed: $0.seen.state == .error)
                }
            let left = (volumes + copies).first {
                $0.role != .data || !isTold($0.id, of: index, isFailed: $0.isFailed)
            }
            if let left { return left.id }
        }
        return nil
    }
}

extension Episode {
    /// Whether the data of an instance was given up, its record was lost, or a copy failed that may be newer than what is
    /// recorded, and the status says that this is left.
    fileprivate func isTold(_ id: String, of index: Int, isFailed: Bool) -> Bool {
        let ghost = ghosts[index]
        guard isFailed || ghost.isGivenUp || ghost.recoveries > 0,
            let status = remote.status?.tree.files[ghost.name]?.status
        else {
            return false
        }
        return status.conditions.ready.message.split { $0 == " " || $0 == "," }.contains { $0 == id }
    }
}

extension PassReport.Outcome {
    /// Whether nothing is left to do, by the manifest's own word.
    var isAtRest: Bool { self == .settled || self == .suspended || self == .retained }
}
