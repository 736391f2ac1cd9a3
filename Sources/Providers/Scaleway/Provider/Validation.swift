public import Instances
public import Reconciler

/// Checks of a manifest against what Scaleway sells, before anything is made or stopped.
extension ScalewayProvider {
    public func validate(
        _ manifest: Manifest, for undertaking: Undertaking
    ) async throws(ProviderError) -> [ManifestProblem] {
        guard manifest.zone == zone.text else {
            return [ManifestProblem(field: "spec.zone", text: "this account was asked about \(zone)")]
        }
        let types = try await catalogue.serverTypes()
        var problems = ManifestLimits(types: types).problems(of: manifest)
        guard let type = types[manifest.server.type] else { return problems }
        switch undertaking {
        case .making(let fromImage):
            if fromImage { problems += try await imageProblems(manifest.server, type) }
        case .changing(let old):
            problems += try await changeProblems(manifest.server, from: old, types)
        }
        return problems + (await quotaProblems(manifest.server, undertaking))
    }

    /// What would leave a server off that is to get another type: found out while it still runs.
    private func changeProblems(
        _ server: ServerManifest, from old: String, _ types: [String: ServerType]
    ) async throws(ProviderError) -> [ManifestProblem] {
        let stays = "; the server stays \(printable(old, limit: 60)), as it is"
        let (was, becomes) = (types[old]?.arch, types[server.type]?.arch)
        var texts: [String] = []
        if let was, let becomes, was != becomes {
            texts.append("\(server.type) is \(becomes), and what is on the root disk is for \(was)" + stays)
        }
        do throws(ProviderError) { try await catalogue.requireStock(of: server.type) } catch {
            texts.append(error.message + stays)
        }
        return texts.map { ManifestProblem(field: "spec.server.type", text: $0) }
    }

    private func imageProblems(
        _ server: ServerManifest, _ type: ServerType
    ) async throws(ProviderError) -> [ManifestProblem] {
        func problem(_ text: String) -> [ManifestProblem] { [ManifestProblem(field: "spec.server.image", text: text)] }
        let name = printable(server.image, limit: 60)
        if let id = ResourceUUID(server.image) {
            let image: InstanceImage
            do throws(ProviderError) { image = try await catalogue.ownImage(id) } catch {
                guard error.reason == .notFound else { throw error }
                return problem("there is no image \(id) in \(zone)")
            }
            guard image.arch == type.arch else {
                return problem(
                    "image \(id) is for \(printable(image.arch, limit: 20)), \(server.type) is \(type.arch)")
            }
            guard image.state == "available" else {
                return problem("image \(id) is in state \(printable(image.state, limit: 60))")
            }
            if let kind = image.root?.kind, kind != "sbs_snapshot" {
                return problem(
                    "image \(id) makes a root disk of kind \(printable(kind, limit: 60)), which cannot be "
                        + "snapshotted or kept: choose one made from a snapshot of block storage")
            }
            return []
        }
        let images = try await catalogue.localImages(label: server.image)
        if images.contains(where: { $0.fits(type: server.type, arch: type.arch) }) { return [] }
        guard images.isEmpty else {
            return problem("image '\(name)' does not exist for \(server.type) (\(type.arch)) in \(zone)")
        }
        // A suggestion is worth a try, not an error.
        let labels = await outcome(try await catalogue.imageLabels())
        return problem(
            "there is no image '\(name)' in \(zone)" + suggestion(for: server.image, among: (try? labels.get()) ?? []))
    }
}

/// What can be said about a manifest from the list of types alone.
struct ManifestLimits {
    let types: [String: ServerType]

    func problems(of manifest: Manifest) -> [ManifestProblem] {
        typeProblems(manifest.server) + diskProblems(manifest) + networkProblems(manifest.server)
            + firewallProblems(manifest.server.firewall)
    }

    private func typeProblems(_ server: ServerManifest) -> [ManifestProblem] {
        let field = "spec.server.type"
        let name = printable(server.type, limit: 60)
        guard let type = types[server.type] else {
            return [
                ManifestProblem(
                    field: field,
                    text: "there is no type '\(name)' in this zone"
                        + suggestion(for: server.type, among: Array(types.keys)))
            ]
        }
        if type.capabilities?.blockStorage == false {
            return [
                ManifestProblem(field: field, text: "\(name) cannot use block storage, which disks here are made of")
            ]
        }
        return []
    }

    private func diskProblems(_ manifest: Manifest) -> [ManifestProblem] {
        let sizes = ScalewayProvider.diskSizes
        func sizeProblem(_ size: Int?, _ field: String) -> [ManifestProblem] {
            guard let size, !sizes.contains(size) else { return [] }
            return [ManifestProblem(field: field, text: "a disk has \(sizes.lowerBound) to \(sizes.upperBound) GB")]
        }
        var problems = sizeProblem(manifest.rootDisk.sizeGB, "spec.rootDisk.sizeGB")
        problems += sizeProblem(manifest.dataDisk?.sizeGB, "spec.dataDisk.sizeGB")
        if let iops = manifest.dataDisk?.iops, !ScalewayProvider.iopsClasses.contains(iops) {
            let classes = ScalewayProvider.iopsClasses.map(String.init).joined(separator: " or ")
            problems.append(
                ManifestProblem(field: "spec.dataDisk.iops", text: "Scaleway sells \(classes), not \(iops)"))
        }
        return problems
    }

    private func networkProblems(_ server: ServerManifest) -> [ManifestProblem] {
        let field = "spec.server.privateNetworks"
        var problems: [ManifestProblem] = []
        let most = types[server.type]?.capabilities?.privateNetworks ?? ScalewayProvider.mostPrivateNetworks
        if server.privateNetworks.count > most {
            problems.append(ManifestProblem(field: field, text: "\(server.type) can be in \(most) private networks"))
        }
        if Set(server.privateNetworks).count < server.privateNetworks.count {
            problems.append(ManifestProblem(field: field, text: "a network is named twice"))
        }
        for name in server.privateNetworks where !isName(name) {
            problems.append(
                ManifestProblem(
                    field: field,
                    text: "'\(printable(name, limit: 60))' is not a name: letters, digits, '-', '_' and '.', "
                        + "at most \(longestName)"))
        }
        return problems
    }

    private func firewallProblems(_ firewall: Firewall?) -> [ManifestProblem] {
        guard let firewall else { return [] }
        var problems: [ManifestProblem] = []
        if let name = firewall.name, !isName(name) {
            problems.append(
                ManifestProblem(
                    field: "spec.server.firewall.name",
                    text: "letters, digits, '-', '_' and '.', at most \(longestName)"))
        }
        let field = "spec.server.firewall.inbound"
        if firewall.inbound.count > mostRules {
            problems.append(ManifestProblem(field: field, text: "at most \(mostRules) rules"))
        }
        for rule in firewall.inbound {
            if !isAddressRange(rule.from) {
                problems.append(
                    ManifestProblem(
                        field: field,
                        text: "'\(printable(rule.from, limit: 60))' is not a range of addresses like 203.0.113.0/24"))
            }
            if rule.ports != nil, rule.transport == .icmp || rule.transport == .any {
                problems.append(ManifestProblem(field: field, text: "\(rule.transport.rawValue) has no ports"))
            }
        }
        return problems
    }
}

/// The longest name that Scaleway was recorded to take.
private let longestName = 57

/// Rules are compared with one page of a group's rules, on which Scaleway's own six are too.
private let mostRules = 90

private func isName(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard (1...longestName).contains(bytes.count) else { return false }
    return bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
