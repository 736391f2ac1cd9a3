import Instances

/// One look at everything: each place is listed once, and what a record names but a listing lacks is read by its id.
struct Observer: Sendable {
    /// How many reads by id run at a time; providers limit rates, and in the steady state there are none.
    static let readsAtATime = 8

    let lookup: @Sendable (ProviderPlace) -> ProviderLookup

    /// A place as it was seen, or why it was not.
    enum View: Sendable {
        case seen(any Provider, account: String, Inventory)
        /// `isFinal`: looking again is no use.
        case unknown(String, isFinal: Bool)
    }

    func look(at places: Set<ProviderPlace>) async -> [ProviderPlace: View] {
        await withTaskGroup(of: (ProviderPlace, View).self) { group in
            for place in places.sorted() {
                group.addTask { (place, await view(of: place)) }
            }
            var views: [ProviderPlace: View] = [:]
            for await (place, view) in group { views[place] = view }
            return views
        }
    }

    private func view(of place: ProviderPlace) async -> View {
        switch lookup(place) {
        case .missing(let why): return .unknown(why, isFinal: true)
        case .found(let provider):
            do {
                let account = try await provider.account()
                switch await provider.list() {
                case .complete(let inventory): return .seen(provider, account: account, inventory)
                case .unknown(let why): return .unknown(why, isFinal: false)
                }
            } catch {
                return .unknown(error.message, isFinal: error.isForPerson)
            }
        }
    }

    /// Reads by id, a few at a time.
    func read(_ ids: [ResourceID], from provider: any Provider) async -> [ResourceID: Answer] {
        await withTaskGroup(of: (ResourceID, Answer).self) { group in
            var rest = ids[...]
            var answers: [ResourceID: Answer] = [:]
            for id in rest.prefix(Self.readsAtATime) { group.addTask { (id, await answer(id, provider)) } }
            rest = rest.dropFirst(Self.readsAtATime)
            for await (id, answer) in group {
                answers[id] = answer
                if let next = rest.popFirst() { group.addTask { (next, await self.answer(next, provider)) } }
            }
            return answers
        }
    }

    enum Answer: Sendable {
        case server(Server)
        case disk(Disk)
        case snapshot(Snapshot)
        case notFound
        case unknown(String)
    }

    private func answer(_ id: ResourceID, _ provider: any Provider) async -> Answer {
        do {
            switch id {
            case .server(let id): return .server(try await provider.server(id))
            case .disk(let id): return .disk(try await provider.disk(id))
            case .snapshot(let id): return .snapshot(try await provider.snapshot(id))
            case .companion: return .unknown("companions are only listed")
            }
        } catch {
            return error.reason == .notFound ? .notFound : .unknown(error.message)
        }
    }
}
