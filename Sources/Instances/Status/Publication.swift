/// One commit to the status branch: what changes, and what it says.
public struct Publication: Hashable, Sendable {
    public enum LockChange: Hashable, Sendable {
        case keep
        case take(Lock)
        case release
    }

    /// By path; `nil` deletes the file. Of a page the bytes may be those that are there.
    public var changes: [String: StatusFile?]
    /// Of the commit, with trailers.
    public var message: String
}

extension StatusTree {
    /// What has to be committed so that the branch says this.
    ///
    /// Instances that are not named stay as they are; so does the file of one whose record cannot be read, because
    /// writing it anew would destroy what a person could still mend. README.md and index.json tell all of them; of one
    /// that cannot be read they tell just that.
    ///
    /// - Parameters:
    ///   - fleet: the statuses that are known now. Its lineage counts for a branch that has none yet; one that has
    ///     keeps its own.
    ///   - records: those that change; the others stay.
    ///   - forgotten: instances of which nothing is left; their files go.
    ///   - nonce: makes the commit differ from one that another operator makes of the same content.
    /// - Returns: `nil` where the branch says all this already, and where it cannot be told whose it is: ask ``lineage``
    ///   first.
    public func publication(
        of fleet: FleetStatus, records: [InstanceName: Record] = [:], forgetting forgotten: Set<InstanceName> = [],
        lock change: Publication.LockChange = .keep, nonce: String
    ) -> Publication? {
        guard let owner = owner(orNew: fleet.lineage) else { return nil }
        var changes: [String: StatusFile?] = [:]
        var events: [StatusCommit.Event] = []
        func tell(_ name: InstanceName, _ new: InstanceStatus?) {
            let file = files[name]
            guard case .success(let old) = file?.record(in: .known(owner)) ?? .success(nil) else { return }
            let before = file?.status
            let status = new ?? before
            let record = records[name] ?? old
            guard file == nil || before != status || old != record else { return }
            changes[InstanceFile.path(of: name)] = .instance(
                name: name, lineage: owner, status: status, record: record)
            events.append(StatusCommit.Event(name: name, before: before, after: status))
        }
        let told = Set(fleet.instances.lazy.map(\.name))
        for status in fleet.instances where !forgotten.contains(status.name) { tell(status.name, status) }
        for name in Set(records.keys).subtracting(told).subtracting(forgotten).sorted() { tell(name, nil) }
        for name in forgotten.sorted() {
            guard let file = files[name], case .success = file.record(in: .known(owner)) else { continue }
            changes.updateValue(nil, forKey: InstanceFile.path(of: name))
            events.append(StatusCommit.Event(name: name, before: file.status, after: nil))
        }
        let whole = whole(fleet, owner: owner, told: told, forgotten: forgotten)
        // A page goes with whatever else changes. Only where nothing does, its bytes have to tell whether it differs.
        for page in [StatusFile.readme(whole), .index(whole)]
        where !isWritten(page) && (!changes.isEmpty || self.page(page.path) != page.bytes) { changes[page.path] = page }
        switch change {
        case .take(let lock) where lock != self.lock: changes[Lock.path] = .lock(lock)
        case .release where self.lock != nil: changes.updateValue(nil, forKey: Lock.path)
        case .keep, .take, .release: break
        }
        guard !changes.isEmpty else { return nil }
        return Publication(
            changes: changes, message: StatusCommit.message(events: events, fleet: whole, nonce: nonce))
    }

    /// What the pages tell: this fleet, what it does not speak of, and what cannot be read.
    private func whole(
        _ fleet: FleetStatus, owner: OwnerID, told: Set<InstanceName>, forgotten: Set<InstanceName>
    ) -> FleetStatus {
        let unreadable = files.values.compactMap { file in
            file.trouble(in: .known(owner)).map { UnreadableInstance(name: file.name, why: $0) }
        }
        let left = forgotten.union(unreadable.map(\.name))
        let others = files.keys.filter { !told.contains($0) && !left.contains($0) }
        return FleetStatus(
            lineage: owner, commit: fleet.commit,
            instances: fleet.instances.filter { !left.contains($0.name) } + others.compactMap { files[$0]?.status },
            unreadable: unreadable, diagnostics: fleet.diagnostics, foreign: fleet.foreign)
    }

    private func owner(orNew lineage: OwnerID) -> OwnerID? {
        switch self.lineage {
        case .none: lineage
        case .known(let owner): owner
        case .conflict: nil
        }
    }
}
