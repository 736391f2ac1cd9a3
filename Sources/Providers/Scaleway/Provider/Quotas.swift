import Instances
import Reconciler

/// Checks of a manifest against what the organization may have.
extension ScalewayProvider {
    /// Whether one more server of this type is allowed, as far as the project's own servers tell: others of the
    /// organization may use up the rest. Scaleway keeps to its quotas also where the key cannot read them, so that this
    /// is no reason to wait.
    func quotaProblems(
        _ server: ServerManifest, _ undertaking: Undertaking
    ) async -> [ManifestProblem] {
        guard let quotas = try? await outcome(try await catalogue.quotas()).get() else { return [] }
        var limits: [(quota: ServerQuota, limit: Int)] = []
        if let limit = ServerQuota.type(server.type).limit(in: quotas, zone) {
            limits.append((.type(server.type), limit))
        }
        // A server that changes its type is there already.
        if case .making = undertaking, let limit = ServerQuota.all.limit(in: quotas, zone) {
            limits.append((.all, limit))
        }
        // What quotas of types begin with: nothing is to be counted then.
        if let none = limits.first(where: { $0.limit == 0 }) { return [problem(none.quota, 0, inUse: 0)] }
        func usedUp(in counts: Result<ServerCounts, ProviderError>) -> [ManifestProblem] {
            guard case .success(let counts) = counts else { return [] }
            let used = limits.first { $0.quota.count(in: counts) >= $0.limit }
            return used.map { [problem($0.quota, $0.limit, inUse: $0.quota.count(in: counts))] } ?? []
        }
        guard !limits.isEmpty, !usedUp(in: await outcome(try await catalogue.serverCounts())).isEmpty else { return [] }
        // What one instance has given back in this very pass is another's to take.
        return usedUp(in: await outcome(try await catalogue.newServerCounts()))
    }

    private func problem(_ quota: ServerQuota, _ limit: Int, inUse: Int) -> ManifestProblem {
        let held = limit == 0 ? "" : ", and this project has \(inUse) in \(zone)"
        return ManifestProblem(
            field: "spec.server.type",
            text: "the organization's quota for \(quota.words) is \(limit)\(held): ask Scaleway to raise it"
                + (limit == 0 ? "" : ", or stop another one"))
    }
}

/// A quota that a new server counts for.
enum ServerQuota: Hashable, Sendable {
    case all
    case type(String)

    /// For messages.
    var words: String {
        switch self {
        case .all: "servers"
        case .type(let type): type
        }
    }

    /// - Returns: `nil` where there is no such quota, or no limit in the zone.
    func limit(in quotas: [Quotum], _ zone: Zone) -> Int? {
        guard let quota = quotas.first(where: isMeant) else { return nil }
        let places = quota.limits ?? []
        let place =
            places.first { $0.zone == zone.text } ?? places.first { $0.zone == nil && $0.region == zone.region }
            ?? places.first { $0.global == true }
        let (limit, isUnlimited) = place.map { ($0.limit, $0.unlimited) } ?? (quota.limit, quota.unlimited)
        return isUnlimited == true ? nil : limit
    }

    func count(in counts: ServerCounts) -> Int {
        switch self {
        case .all: counts.all
        case .type(let type): counts.byType[type] ?? 0
        }
    }

    /// The names on the real API are recorded nowhere: a type's is taken to end with the type.
    private func isMeant(_ quotum: Quotum) -> Bool {
        switch self {
        case .all: return quotum.name == "servers"
        case .type(let type):
            let words = Self.words(of: type)
            return Self.words(of: quotum.name).suffix(words.count).elementsEqual(words)
        }
    }

    /// `L4-1-24G` and `servers_type_l4_1_24g` are the same words.
    private static func words(of name: String) -> [Substring] {
        name.lowercased().split { $0 == "-" || $0 == "_" || $0 == "." }
    }
}
