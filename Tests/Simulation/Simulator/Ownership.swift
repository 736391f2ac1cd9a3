import Instances
import Reconciler

extension Life {
    /// A call is sent for one of the instances that act: what it changes, uses and makes has to carry that instance's
    /// tags, all of them, and no instance has more than one call at a time. What does not exist any more has none.
    ///
    /// - Parameter given: the tags of what it makes, or that it gives; a record that was published has to name their
    ///   operation.
    func requireOwned(_ resources: [ResourceID], as given: Tags?, in cloud: Cloud) {
        let began = knowledge.look.began[cloud.place] ?? .start
        let found = resources.filter(cloud.exists).map { ($0, tags: cloud.tags(of: $0, seenSince: began)) }
        if given == nil, let (bare, _) = found.first(where: { $0.tags == nil }) {
            return episode.violate("I4", "\(bare) carries no tags and is changed by \(actor.text)")
        }
        let tags = found.compactMap(\.tags) + [given].compactMap(\.self)
        guard let first = tags.first else { return }
        guard let name = acting.sorted().first(where: { owns($0, tags, under: given?.operation) }) else {
            let names = acting.sorted().map(\.text).joined(separator: ", ")
            return episode.violate(
                "I4",
                "\(actor.text) acts for \(names.isEmpty ? "nobody" : names); no published record of theirs knows \(first)"
            )
        }
        acting.remove(name)
    }

    /// By its record as it was when this process looked, or as it has published it since.
    private func owns(_ name: InstanceName, _ tags: [Tags], under operation: Operation?) -> Bool {
        [knowledge.status, knowledge.look.status].compactMap { $0 }.contains { commit in
            guard let tree = try? episode.remote.status(at: commit).tree, case .known(let owner) = tree.lineage,
                case .success(let record?)? = tree.files[name]?.record
            else { return false }
            if let operation, !record.operations.contains(operation) { return false }
            return tags.allSatisfy { ($0.owner, $0.instance, $0.name) == (owner, record.uid, name) }
        }
    }
}

extension Cloud {
    /// What this carries as far as a process can know that has looked since a moment: a listing may be older.
    func tags(of resource: ResourceID, seenSince moment: Moment) -> Tags? {
        if let tags = tags(of: resource) { return tags }
        guard let (tags, time) = stripped[resource] else { return nil }
        return time.advanced(by: options.listLag) >= moment ? tags : nil
    }

    func exists(_ resource: ResourceID) -> Bool {
        switch resource {
        case .server(let id): machine(id) != nil
        case .disk(let id): volume(id) != nil
        case .snapshot(let id): copy(id) != nil
        case .companion(let id): companions.contains { $0.id == id }
        }
    }

    /// What something carries, whatever anybody sees of it.
    func tags(of resource: ResourceID) -> Tags? {
        switch resource {
        case .server(let id): machine(id).flatMap { machines[$0].seen.tags }
        case .disk(let id): volume(id).flatMap { volumes[$0].seen.tags }
        case .snapshot(let id): copy(id).flatMap { copies[$0].seen.tags }
        case .companion(let id): companions.first { $0.id == id }?.tags
        }
    }
}
