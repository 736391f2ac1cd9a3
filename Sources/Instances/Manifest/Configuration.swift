import YAML

/// What a commit of the configuration asks for.
public struct Configuration: Hashable, Sendable {
    /// The valid ones, in the order of their names, each name once.
    public var manifests: [Manifest]
    /// Instances that are left as they are, because what is asked of them is not clear; sorted, each once.
    public var frozen: [InstanceName]
    public var settings: Settings
    /// In the order of files and lines.
    public var diagnostics: [Diagnostic]
    /// `false` while something could not be read, so that an instance without a manifest may still have one.
    public var removalsAreCertain: Bool
    /// What may stand for folders and cannot be looked into; sorted.
    public var closedFolders: [String]
    /// The folders that this operator was started for; `nil`: for all. What lies elsewhere was not read, and is other
    /// operators' affair.
    public var chosenFolders: [String]?

    public init(
        manifests: [Manifest] = [], frozen: [InstanceName] = [], settings: Settings = Settings(),
        diagnostics: [Diagnostic] = [], removalsAreCertain: Bool = true, closedFolders: [String] = [],
        chosenFolders: [String]? = nil
    ) {
        self.manifests = manifests
        self.frozen = frozen
        self.settings = settings
        self.diagnostics = diagnostics
        self.removalsAreCertain = removalsAreCertain
        self.closedFolders = closedFolders
        self.chosenFolders = chosenFolders
    }

    /// Whether the instance of a manifest that is not found any more was surely removed.
    ///
    /// - Parameter file: where the manifest was; `nil`: nobody knows.
    public func isSurelyRemoved(from file: String?) -> Bool {
        removalsAreCertain && closedFolders.allSatisfy { file?.hasPrefix($0 + "/") == false }
    }

    /// Whether a manifest lies, or may lie, where this operator was told not to look.
    ///
    /// - Parameter file: `nil` where nobody knows.
    public func isElsewhere(_ file: String?) -> Bool {
        guard let chosenFolders else { return false }
        return !chosenFolders.contains { file?.hasPrefix($0 + "/") ?? false }
    }

    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Puts the files of one commit together, and finds what is wrong between them.
public func combine(_ files: [DecodedFile]) -> Configuration {
    var diagnostics = files.flatMap(\.diagnostics)
    var frozen = Set(files.flatMap(\.frozen))
    let manifests = files.flatMap(\.manifests)

    for conflict in doubledNames(in: files) + conflictingFirewalls(of: manifests) {
        diagnostics.append(conflict)
        if let name = conflict.instance { frozen.insert(name) }
    }
    let settingsInDoubt = files.contains(where: \.settingsInDoubt)
    if settingsInDoubt {
        // A folder may hold examples that nobody wants to run, and a guard may be missing.
        frozen.formUnion(manifests.map(\.name))
    }
    return Configuration(
        manifests: manifests.filter { !frozen.contains($0.name) }.sorted { $0.name < $1.name },
        frozen: frozen.sorted(),
        settings: files.lazy.compactMap(\.settings).first ?? Settings(),
        diagnostics: diagnostics.sorted(),
        removalsAreCertain: !settingsInDoubt && !files.contains(where: \.unreadable),
        closedFolders: files.filter(\.isClosedFolder).map(\.path).sorted())
}

/// Every place of a name that is taken more than once: nobody can tell which of them counts.
private func doubledNames(in files: [DecodedFile]) -> [Diagnostic] {
    var claims: [InstanceName: [Claim]] = [:]
    for claim in files.flatMap(\.claims) { claims[claim.name, default: []].append(claim) }
    return claims.values.filter { $0.count > 1 }.flatMap { claims in
        let places = claims.sorted { ($0.file, $0.mark) < ($1.file, $1.mark) }.map(\.place)
        return claims.map { claim in
            Diagnostic(
                file: claim.file, mark: claim.mark,
                text: "the name \(claim.name) is taken twice, also at \(listed(places, except: claim.place)): "
                    + "nothing is done to it until one of them is renamed or removed",
                instance: claim.name)
        }
    }
}

/// The first few of many places besides one of them.
private func listed(_ places: [String], except own: String) -> String {
    let most = 3
    let others = places.prefix(most + 1).filter { $0 != own }.prefix(most)
    let rest = places.count - 1 - others.count
    return others.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
}

/// Every manifest that shares a firewall with others and wants other rules in it: they would undo each other for ever.
private func conflictingFirewalls(of manifests: [Manifest]) -> [Diagnostic] {
    struct Key: Hashable {
        let provider: String
        let zone: String
        let name: String
    }
    var sharers: [Key: [Manifest]] = [:]
    for manifest in manifests {
        guard let name = manifest.server.firewall?.name else { continue }
        let key = Key(provider: manifest.provider, zone: manifest.zone, name: name)
        sharers[key, default: []].append(manifest)
    }
    let inbound = "spec.server.firewall.inbound"
    return sharers.values.flatMap { sharers in
        let first = sharers[0]
        guard let dissenter = sharers.first(where: { $0.server.firewall != first.server.firewall }) else {
            return [Diagnostic]()
        }
        return sharers.map { manifest in
            let other = manifest.server.firewall == first.server.firewall ? dissenter : first
            let mark = other.source.mark(of: inbound)
            let place = Claim(name: other.name, file: other.source.file, mark: mark).place
            return Diagnostic(
                file: manifest.source.file, mark: manifest.source.mark(of: inbound),
                text: "\(inbound) differs from \(place), and both name the same firewall: give them the same rules "
                    + "or other names",
                instance: manifest.name)
        }
    }
}
