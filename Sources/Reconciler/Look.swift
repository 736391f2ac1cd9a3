import Instances

extension Reconciler {
    /// Observes everything that the instances rest on, and decides.
    mutating func look() async -> Round {
        var round = Round()
        guard let head = configuration else { return round }
        round.diagnostics = head.configuration.diagnostics + [head.approval.diagnostic].compactMap(\.self)
        let subjects = subjects(of: head)
        let views = await views(of: Set(subjects.compactMap { $0.place }))
        var indices: [ProviderPlace: InventoryIndex] = [:]
        for (place, view) in views {
            if case .seen(_, _, let inventory) = view { indices[place] = InventoryIndex(inventory) }
        }
        for subject in subjects {
            let view = subject.place.flatMap { views[$0] }
            let index = subject.place.flatMap { indices[$0] }
            var entry = await entry(for: subject, view: view, index: index)
            let isUnreachable = subject.place.map { memory.unreachable[$0] != nil } ?? true
            entry.isGivenUp = entry.isGivenUp || entry.unknown != nil && isUnreachable
            round.add(subject.name, entry)
        }
        let uids = Set(book.records.values.map(\.uid))
        round.foreign = indices.sorted { $0.key < $1.key }.flatMap { place, index in
            index.strangers(knowing: uids).map { id, tags in foreign(id, tags, place) }
        }
        await validate(&round)
        decide(&round, approval: head.approval)
        return round
    }

    /// Looks at every place that has not been given up in this pass: everybody waits for the slowest of them.
    private mutating func views(of places: Set<ProviderPlace>) async -> [ProviderPlace: Observer.View] {
        let began = surroundings.clock.now
        var views = await observer.look(at: places.filter { memory.unreachable[$0] == nil })
        let time = began.duration(to: surroundings.clock.now)
        for (place, view) in views {
            switch view {
            case .seen: memory.sawAll(of: place)
            case .unknown(let why, let isFinal): memory.failedToSee(place, why, after: time, isFinal: isFinal)
            }
        }
        for place in places where views[place] == nil {
            views[place] = memory.unreachable[place].map { .unknown($0, isFinal: true) }
        }
        return views
    }

    private func foreign(_ id: ResourceID, _ tags: Tags, _ place: ProviderPlace) -> ForeignResource {
        ForeignResource(
            kind: tags.owner == owner ? .orphan : .foreign, resource: id, name: tags.name.text,
            provider: place.provider,
            zone: place.zone)
    }

    // MARK: Subjects

    struct Subject {
        var name: InstanceName
        var desired: Situation.Desired
        var record: Record?
        /// Why the record cannot be read: then nothing is done.
        var unreadable: Explanation?
        var place: ProviderPlace?
    }

    /// Who is to be looked at: the same until one of the branches moves.
    struct Roster {
        var configuration: String
        var status: String?
        var subjects: [Subject]
    }

    private mutating func subjects(of head: ConfigurationHead) -> [Subject] {
        if let roster, roster.configuration == head.commit, roster.status == book.head { return roster.subjects }
        let subjects = subjects(of: head.configuration)
        roster = Roster(configuration: head.commit, status: book.head, subjects: subjects)
        return subjects
    }

    private func subjects(of configuration: Configuration) -> [Subject] {
        let manifests = Dictionary(uniqueKeysWithValues: configuration.manifests.map { ($0.name, $0) })
        let frozen = Set(configuration.frozen)
        let read = Set(manifests.keys).union(frozen)
        let names = read.union(book.names).filter { isAsked(for: $0, isRead: read.contains($0), configuration) }
        return names.sorted().map { name in
            let record = book.records[name]
            let manifest = manifests[name]
            let desired: Situation.Desired =
                manifest.map(Situation.Desired.manifest)
                ?? (frozen.contains(name) || !isSurelyRemoved(name, from: configuration) ? .frozen : .removed)
            var place = manifest.map { ProviderPlace(provider: $0.provider, zone: $0.zone) }
            // Addresses and firewalls are in no record, so one that names nothing else may still be where they are.
            if let record, !record.isEmpty || manifest == nil {
                place = ProviderPlace(provider: record.provider, zone: record.zone)
            }
            return Subject(
                name: name, desired: desired, record: record, unreadable: book.unreadable[name], place: place)
        }
    }

    /// Whether this operator was started for it, and not just for others. A manifest that was read counts wherever it was
    /// before.
    private func isAsked(for name: InstanceName, isRead: Bool, _ configuration: Configuration) -> Bool {
        guard options.only.isEmpty || options.only.contains(name) else { return false }
        return isRead || !configuration.isElsewhere(book.status(of: name)?.manifestFile)
    }

    private func isSurelyRemoved(_ name: InstanceName, from configuration: Configuration) -> Bool {
        guard holds(.removalIsSure) else { return true }
        return configuration.isSurelyRemoved(from: book.status(of: name)?.manifestFile)
    }

    // MARK: Entries

    private mutating func entry(
        for subject: Subject, view: Observer.View?, index: InventoryIndex?
    ) async -> Round.Entry {
        var situation = Situation(
            name: subject.name, desired: subject.desired, record: subject.record, observation: Observation(),
            owner: owner, account: subject.record?.account ?? "", now: surroundings.now(),
            fresh: (surroundings.nonce(), surroundings.nonce()))
        var entry = Round.Entry(situation: situation, place: subject.place, decision: .rest(.frozen))
        if holds(.unreadableRecordHalts), let unreadable = subject.unreadable {
            entry.decision = .halt(unreadable)
            entry.failure = unreadable
            entry.isRecordUnreadable = true
            entry.isGivenUp = true
            return entry
        }
        switch view {
        case nil: return entry
        case .unknown(let why, _):
            entry.unknown = why
            return entry
        case .seen(let provider, let account, _):
            situation.account = account
            entry.provider = provider
        }
        let answered = (subject.record?.operations ?? []).compactMap { memory.created[$0] }
        guard let index, let provider = entry.provider, let place = subject.place else { return entry }
        var (observation, unlisted) = index.share(of: subject.name, record: subject.record, answered: answered)
        // A listing may be old. Where the attachment of the data disk decides, or whether a server is off, they are read
        // by id. Once only: each "not found" counts, and an absence takes two looks.
        for id in subject.record.map({ observation.doubtful(of: $0) }) ?? [] where !unlisted.contains(id) {
            unlisted.append(id)
        }
        // What another account does not find says nothing; the instance halts.
        if subject.record.map({ $0.account == situation.account }) ?? true {
            await fill(&observation, with: unlisted, from: provider, in: place)
        }
        if holds(.neededIsKept) { memory.markNeeded(in: &observation, of: subject.name) }
        situation.observation = observation
        remember(observation, in: place)
        let moment = surroundings.clock.now
        situation.attempt = memory.attempt(
            subject.record?.creating, at: moment, settleTime: options.settleTime)
        if let id = subject.record?.server.id, case .seen(let server)? = observation.servers[id] {
            situation.bootSeconds = options.bootSeconds
            situation.secondsRunning = memory.secondsRunning(server, in: place, at: moment)
        }
        entry.situation = situation
        return entry
    }

    private mutating func fill(
        _ observation: inout Observation, with unlisted: [ResourceID], from provider: any Provider,
        in place: ProviderPlace
    ) async {
        guard !unlisted.isEmpty else { return }
        let answers = holds(.absenceByID) ? await observer.read(unlisted, from: provider) : [:]
        for id in unlisted {
            let answer = answers[id] ?? (holds(.absenceByID) ? .unknown("not read") : .notFound)
            switch id {
            case .server(let id): observation.servers[id] = sighting(answer, .server(id), in: place)
            case .disk(let id): observation.disks[id] = sighting(answer, .disk(id), in: place)
            case .snapshot(let id): observation.snapshots[id] = sighting(answer, .snapshot(id), in: place)
            case .companion: break
            }
        }
    }

    private mutating func sighting<Resource>(
        _ answer: Observer.Answer, _ id: ResourceID, in place: ProviderPlace
    ) -> Sighting<Resource> {
        switch answer {
        case .notFound: return .missing(times: memory.missed(id, in: place))
        case .unknown(let why): return .unknown(why)
        case .server(let server): return (server as? Resource).map(Sighting.seen) ?? .unknown("not a server")
        case .disk(let disk): return (disk as? Resource).map(Sighting.seen) ?? .unknown("not a disk")
        case .snapshot(let snapshot): return (snapshot as? Resource).map(Sighting.seen) ?? .unknown("not a snapshot")
        }
    }

    private mutating func remember(_ observation: Observation, in place: ProviderPlace) {
        guard memory.hasMisses else { return }
        for server in observation.seenServers { memory.seen(.server(server.id), in: place) }
        for disk in observation.seenDisks { memory.seen(.disk(disk.id), in: place) }
        for snapshot in observation.seenSnapshots { memory.seen(.snapshot(snapshot.id), in: place) }
    }
}

extension Observation {
    /// What more rests on than a listing can be trusted with.
    fileprivate func doubtful(of record: Record) -> [ResourceID] {
        guard holds(.listingIsDoubted), holds(.absenceByID) else { return [] }
        let disk = doubtfulDisk(of: record).map { ResourceID.disk($0) }
        let server = doubtfulServer(of: record).map { ResourceID.server($0) }
        return [disk, server].compactMap(\.self)
    }

    /// The server that is taken to be off while its root disk is cut: it may have been listed before it was started.
    private func doubtfulServer(of record: Record) -> ServerID? {
        guard case .cutting = record.rootSnapshot, let id = record.server.id,
            case .seen? = servers[id]
        else { return nil }
        return id
    }

    /// The data disk, while it is on its way to a snapshot, and before its server is powered off to attach it.
    private func doubtfulDisk(of record: Record) -> DiskID? {
        if let leaving = record.data.leavingDisk { return leaving }
        guard case .live(let id, _) = record.data, case .seen(let disk)? = disks[id],
            disk.attachment?.phase != .attached, let server = record.server.id,
            case .seen(let server)? = servers[server], server.state == .running
        else { return nil }
        return id
    }
}
