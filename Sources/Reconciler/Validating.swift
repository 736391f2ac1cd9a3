import Instances

/// What is wrong with a manifest in the eyes of its record and its provider.
extension Reconciler {
    /// What contradicts the record, and what the provider refuses, is said before anything is made.
    mutating func validate(_ round: inout Round) async {
        for name in round.names {
            guard let entry = round.entries[name], case .manifest(let manifest) = entry.situation.desired else {
                continue
            }
            let unknownProvider = manifest.problems(withProviders: surroundings.providerNames)
            if !unknownProvider.isEmpty { round.entries[name]?.unknown = nil }
            guard !unknownProvider.isEmpty || entry.unknown == nil && !entry.isGivenUp else { continue }
            var problems =
                unknownProvider
                + (entry.situation.record.map { manifest.problems(against: $0, entry.situation.observation) } ?? [])
            var desired = Situation.Desired.frozen
            if let provider = entry.provider {
                problems += manifest.problems(with: provider.capabilities)
                if problems.isEmpty, let undertaking = entry.situation.undertaking(manifest) {
                    problems += await providerProblems(manifest, undertaking, provider, &round.entries[name])
                    // What is still to be deleted may be what fills the quota that stands in the way.
                    if entry.situation.record?.isOnlyDeletingServers ?? false {
                        desired = .manifest(manifest.withoutServer)
                    }
                }
            }
            guard !problems.isEmpty else { continue }
            round.diagnostics += diagnostics(problems, of: manifest)
            round.entries[name]?.situation.desired = desired
        }
        round.diagnostics.sort()
    }

    private mutating func providerProblems(
        _ manifest: Manifest, _ undertaking: Undertaking, _ provider: any Provider, _ entry: inout Round.Entry?
    ) async -> [ManifestProblem] {
        if let known = validated[manifest.name], known == (manifest, undertaking) { return [] }
        do {
            let problems = try await provider.validate(manifest, for: undertaking)
            // What is wrong may be put right outside of git: a quota is raised, an image appears.
            if problems.isEmpty { validated[manifest.name] = (manifest, undertaking) }
            return problems
        } catch {
            entry?.unknown = error.message
            entry?.isGivenUp = memory.halted(manifest.name, true) || error.isForPerson
            return []
        }
    }
}

extension Situation {
    /// What is about to be done with the server, for which everything should be right beforehand.
    fileprivate func undertaking(_ manifest: Manifest) -> Undertaking? {
        guard manifest.runtime.enableInstanceServer else { return nil }
        guard let record, record.server != .absent else {
            let hasRoot = record.map { $0.root != .absent } ?? false
            return .making(fromImage: !hasRoot && bootableRootSnapshot(manifest) == nil)
        }
        guard let id = record.server.id, case .seen(let server)? = observation.servers[id],
            server.type != manifest.server.type
        else { return nil }
        return .changing(type: server.type)
    }
}

extension Manifest {
    /// Nothing that is there goes for it: not its root disk either.
    fileprivate var withoutServer: Manifest {
        var manifest = self
        manifest.runtime.enableInstanceServer = false
        manifest.server.whenDisabled = .powerOff
        return manifest
    }
}

extension Record {
    fileprivate var isOnlyDeletingServers: Bool {
        server.id == nil && condemned.contains { if case .server = $0.resource { true } else { false } }
    }
}
