public import Instances

/// What could be made of a status branch that was lost or rolled back.
public struct RecoveryReport: Sendable {
    public var proposals: [RecoveryProposal] = []
    /// Why there is no proposal, by instance.
    public var refusals: [InstanceName: String] = [:]
    /// Those of them whose provider did not say what there is. To accept now would take silence for absence.
    public var notLookedAt: Set<InstanceName> = []
    /// Nothing was found of these although they have a manifest and no record: what comes next is made anew.
    public var unheardOf: [InstanceName] = []
    /// What carries a name that no manifest has, by name, where a record is lost: of an instance that was removed and is
    /// kept, or of others.
    public var withoutManifest: [String: [ResourceID]] = [:]
    /// Why nothing could be looked at.
    public var trouble: String?
    /// It is that something was asked for which does not exist.
    public var isMisuse = false
}

extension Reconciler {
    /// Reads the tags of everything whose record is missing or contradicts what is there. Changes nothing.
    public mutating func proposeRecovery() async -> RecoveryReport {
        var report = RecoveryReport()
        memory.beginPass()
        if let trouble = await refresh() {
            (report.trouble, report.isMisuse) = (trouble.text, trouble.isMisuse)
            return report
        }
        let round = await look()
        for name in round.names {
            guard let entry = round.entries[name] else { continue }
            guard case .manifest(let manifest) = entry.situation.desired, entry.unknown == nil,
                !entry.isRecordUnreadable,
                let place = entry.place
            else {
                report.refusals[name] = entry.whyNotLookedAt
                if entry.unknown != nil { report.notLookedAt.insert(name) }
                continue
            }
            if entry.situation.record == nil, entry.situation.observation.namesakes.isEmpty {
                report.unheardOf.append(name)
            }
            // Its record knows of the data, and no tag tells more.
            if entry.decision.explanation.isOfLoss { report.refusals[name] = entry.decision.explanation.message }
            guard entry.isLost else { continue }
            do {
                let (account, inventory) = try await remains(of: name, in: place)
                let proposal = try proposeRecord(
                    for: manifest, inventory: inventory, account: account, nonce: surroundings.nonce(),
                    replacing: entry.situation.record)
                if let proposal { report.proposals.append(proposal) }
            } catch let error as RecoveryRefusal {
                report.refusals[name] = error.description
            } catch {
                report.refusals[name] = (error as? ProviderError)?.message ?? "\(error)"
                report.notLookedAt.insert(name)
            }
        }
        // With a whole branch they are in no record because they are somebody else's.
        if round.entries.values.contains(where: \.isLost) { report.withoutManifest = round.foreignByUnknownName }
        return report
    }

    /// Everything that carries the instance's name, read by its id: a listing may be old, and here even its tags count.
    private func remains(
        of name: InstanceName, in place: ProviderPlace
    ) async throws(ProviderError) -> (account: String, inventory: Inventory) {
        switch await observer.look(at: [place])[place] {
        case .seen(let provider, let account, let listed)?:
            guard holds(.recoveryReadsByID) else { return (account, listed) }
            let ids = listed.named(name)
            let answers = await observer.read(ids, from: provider)
            var inventory = Inventory()
            for id in ids {
                switch answers[id] {
                case .server(let server): inventory.servers.append(server)
                case .disk(let disk): inventory.disks.append(disk)
                case .snapshot(let snapshot): inventory.snapshots.append(snapshot)
                case .notFound:
                    throw ProviderError(
                        .notFound, "\(id) is listed but not found by its id: run this again in a minute")
                case .unknown(let why): throw ProviderError(.unavailable, "\(id) cannot be read: \(why)")
                case nil: throw ProviderError(.unavailable, "\(id) was not read")
                }
            }
            return (account, inventory)
        case .unknown(let why, _)?: throw ProviderError(.unavailable, why)
        case nil: throw ProviderError(.unavailable, "\(place) was not looked at")
        }
    }

    /// Writes proposals to the status branch, because a person said so.
    ///
    /// - Returns: why that was not possible; `nil` once they are there.
    public func accept(_ proposals: [RecoveryProposal]) async -> String? {
        let owners = Set(proposals.map(\.owner))
        guard let owner = owners.first else { return nil }
        guard requires(.recoveredBranchIsOne, owners.count == 1) else {
            return
                "the resources belong to several status branches (\(owners.sorted().map(\.text).joined(separator: ", "))): "
                + "recover them one by one with --only"
        }
        // A branch that was begun after the loss holds no record yet; it takes over the lineage of what exists.
        let isNew = book.records.isEmpty
        if holds(.recoveredBranchIsOne), !isNew, case .known(let lineage) = book.lineage, lineage != owner {
            return
                "the resources belong to another status branch (\(owner)) than this one (\(lineage)): recover into a new "
                + "branch with --status-branch"
        }
        let fleet = FleetStatus(
            lineage: owner, commit: configuration?.commit ?? "", instances: book.tree.statuses)
        let records = Dictionary(uniqueKeysWithValues: proposals.map { ($0.name, $0.record) })
        let publication = (isNew ? StatusTree() : book.tree).publication(
            of: fleet, records: records, nonce: surroundings.nonce())
        guard let publication else { return nil }
        do {
            _ = try await repository.publish(publication.changes, message: publication.message, on: book.head)
            return nil
        } catch {
            return error.description
        }
    }
}

extension Round {
    fileprivate var foreignByUnknownName: [String: [ResourceID]] {
        let known = Set(names.map(\.text))
        return Dictionary(grouping: foreign.filter { !known.contains($0.name) }, by: \.name)
            .mapValues { $0.map(\.resource) }
    }
}

extension Round.Entry {
    /// Why nothing can be said about its record, and what to do about it; `nil` where nothing seems to be wrong.
    fileprivate var whyNotLookedAt: String? {
        if let unknown { return unknown }
        if isRecordUnreadable {
            return "its record cannot be read: take the edit of its file back, with a commit on top"
        }
        switch situation.desired {
        case .frozen: return "its manifest is invalid; mend that first, then run this again"
        case .removed where isLost: return "its manifest was removed; bring it back first, then run this again"
        case .removed, .manifest: return nil
        }
    }

    /// Whether its record is missing or older than what is there.
    fileprivate var isLost: Bool {
        guard case .halt(let why) = decision else { return false }
        return [Explanation.unknownResources, "RecordIsOld", "UnknownOperation", "DataNotInRecord"].contains(why.reason)
    }
}

extension Inventory {
    /// What carries the name of an instance, in the order of ids.
    fileprivate func named(_ name: InstanceName) -> [ResourceID] {
        let named: [ResourceID] =
            servers.filter { $0.tags?.name == name }.map { .server($0.id) }
            + disks.filter { $0.tags?.name == name }.map { .disk($0.id) }
            + snapshots.filter { $0.tags?.name == name }.map { .snapshot($0.id) }
        return named.sorted()
    }
}
