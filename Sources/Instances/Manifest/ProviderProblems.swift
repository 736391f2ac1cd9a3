extension Manifest {
    /// What a provider cannot do of what is asked for.
    public func problems(with capabilities: Capabilities) -> [ManifestProblem] {
        var problems: [ManifestProblem] = []
        func need(_ isThere: Bool, _ what: String, for field: String, if isAsked: Bool, instead: String) {
            guard isAsked, !isThere else { return }
            problems.append(ManifestProblem(field: field, text: "\(provider) has no \(what): \(instead)"))
        }
        func isWritten(_ field: String) -> Bool { source.fields[field] != nil }

        if !capabilities.zones.isEmpty, !capabilities.zones.contains(zone) {
            let meant = Suggestion.meant(by: zone, among: capabilities.zones)
            let hint = meant.map { "did you mean \($0)?" } ?? "there is \(capabilities.zones.joined(separator: ", "))"
            problems.append(ManifestProblem(field: "spec.zone", text: "\(provider) has no zone \(zone): \(hint)"))
        }
        let disks = "snapshots of data disks"
        need(
            capabilities.dataDiskSnapshots, disks, for: "spec.runtime.dataDiskState",
            if: dataDisk != nil && runtime.dataDiskState == .snapshot, instead: "write live")
        need(
            capabilities.dataDiskSnapshots, disks, for: "spec.deletionPolicy",
            if: dataDisk != nil && deletionPolicy == .snapshot, instead: "write retain")
        need(
            capabilities.dataDiskSnapshots, disks, for: "spec.dataDisk.snapshot.keep",
            if: dataDisk.map { $0.keep > 0 } ?? false, instead: "remove the line")
        need(
            capabilities.rootDiskSnapshots, "snapshots of root disks", for: "spec.rootDisk.snapshot.enable",
            if: rootDisk.snapshotEnabled, instead: "write false")
        need(
            capabilities.iops, "disks of chosen speed", for: "spec.dataDisk.iops", if: dataDisk?.iops != nil,
            instead: "remove the line")
        need(
            capabilities.cloudInit, "cloud-init", for: "spec.server.cloudInit", if: server.cloudInit != nil,
            instead: "remove it")
        // What nobody wrote is the default, which means: as the provider does it.
        need(
            capabilities.publicIP, "choice of public addresses", for: "spec.server.publicIP",
            if: server.publicIP == .reserved || server.publicIP == .dynamic && isWritten("spec.server.publicIP"),
            instead: "remove the line")
        need(
            capabilities.privateNetworks, "private networks", for: "spec.server.privateNetworks",
            if: !server.privateNetworks.isEmpty, instead: "remove them")
        need(
            capabilities.firewall, "firewall", for: "spec.server.firewall", if: server.firewall != nil,
            instead: "remove it")
        need(
            capabilities.protection, "protection against deletion by hand", for: "spec.server.protected",
            if: server.protected, instead: "write false")
        return problems
    }

    /// Whether the provider is one that the host knows.
    ///
    /// - Parameter known: providers and accounts, in the order in which they are named to people.
    public func problems(withProviders known: [String]) -> [ManifestProblem] {
        guard !known.contains(provider) else { return [] }
        let meant = Suggestion.meant(by: provider, among: known)
        let hint = meant.map { "did you mean \($0)?" } ?? "there is \(known.joined(separator: ", "))"
        return [ManifestProblem(field: "spec.provider", text: "there is no provider \(provider) here: \(hint)")]
    }
}

/// The same as messages about the file that the manifest was read from, in the order of the file.
public func diagnostics(_ problems: [ManifestProblem], of manifest: Manifest) -> [Diagnostic] {
    problems.map {
        Diagnostic(
            file: manifest.source.file, mark: manifest.source.mark(of: $0.field), text: visible($0.text, limit: .max),
            instance: manifest.name)
    }.sorted()
}
