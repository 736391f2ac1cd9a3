import YAML

@testable import Instances

/// Writes a manifest as a person might: keys in any order, defaults written or not, numbers bare, text quoted or not.
struct ManifestEncoder {
    var random: ManifestGenerator.Random

    mutating func document(of manifest: Manifest) -> Node {
        var metadata = [("name", text(manifest.name.text))]
        if !manifest.labels.isEmpty || random.chance(20) {
            metadata.append(
                ("labels", mapping(manifest.labels.sorted { $0.key < $1.key }.map { ($0.key, text($0.value)) })))
        }
        return mapping([
            ("apiVersion", text("operator/v1")), ("kind", text("Instance")), ("metadata", mapping(metadata)),
            ("spec", spec(of: manifest)),
        ])
    }

    private mutating func spec(of manifest: Manifest) -> Node {
        var pairs = [("provider", text(manifest.provider)), ("server", server(manifest.server))]
        if manifest.provider != "local" || manifest.zone != "local" || random.chance(50) {
            pairs.append(("zone", text(manifest.zone)))
        }
        pairs += optional("rootDisk", isDefault: manifest.rootDisk == RootDiskManifest()) {
            var pairs = $0.optional("snapshot", isDefault: !manifest.rootDisk.snapshotEnabled) {
                $0.mapping(
                    $0.optional("enable", isDefault: !manifest.rootDisk.snapshotEnabled) { _ in
                        .plain("\(manifest.rootDisk.snapshotEnabled)")
                    })
            }
            if let size = manifest.rootDisk.sizeGB { pairs.append(("sizeGB", .plain("\(size)"))) }
            return $0.mapping(pairs)
        }
        if let disk = manifest.dataDisk { pairs.append(("dataDisk", dataDisk(disk))) }
        pairs += optional("deletionPolicy", isDefault: manifest.deletionPolicy == .retain) {
            $0.text(manifest.deletionPolicy.rawValue)
        }
        if let suspend = manifest.suspend {
            let reason = suspend.reason.map { [("reason", text($0))] } ?? []
            let until = suspend.until.map { [("until", text($0.description))] } ?? []
            pairs.append(("suspend", mapping(reason + until)))
        }
        pairs += optional("runtime", isDefault: manifest.runtime == Runtime()) { $0.runtime(manifest.runtime) }
        return mapping(pairs)
    }

    private mutating func server(_ server: ServerManifest) -> Node {
        var pairs = [("type", text(server.type)), ("image", text(server.image))]
        pairs += optional("whenDisabled", isDefault: server.whenDisabled == .delete) {
            $0.text(server.whenDisabled.rawValue)
        }
        if let cloudInit = server.cloudInit { pairs.append(("cloudInit", text(cloudInit))) }
        pairs += optional("publicIP", isDefault: server.publicIP == .dynamic) { $0.text(server.publicIP.rawValue) }
        pairs += optional("privateNetworks", isDefault: server.privateNetworks.isEmpty) { encoder in
            .sequence(server.privateNetworks.map { encoder.text($0) })
        }
        if let firewall = server.firewall {
            let name = firewall.name.map { [("name", text($0))] } ?? []
            pairs.append(("firewall", mapping(name + [("inbound", .sequence(firewall.inbound.map { rule($0) }))])))
        }
        pairs += optional("protected", isDefault: !server.protected) { _ in .plain("\(server.protected)") }
        return mapping(pairs)
    }

    private mutating func rule(_ rule: FirewallRule) -> Node {
        var pairs = [("protocol", text(rule.transport.rawValue)), ("from", text(rule.from))]
        if let ports = rule.ports {
            let isOne = ports.count == 1 && random.chance(70)
            let range = "\(ports.lowerBound)-\(ports.upperBound)"
            pairs.append(("ports", isOne ? .plain("\(ports.lowerBound)") : text(range)))
        }
        return mapping(pairs)
    }

    private mutating func dataDisk(_ disk: DataDiskManifest) -> Node {
        var pairs: [(String, Node)] = [("sizeGB", .plain("\(disk.sizeGB)"))]
        pairs += optional("snapshot", isDefault: disk.keep == 0) {
            $0.mapping($0.optional("keep", isDefault: disk.keep == 0) { _ in .plain("\(disk.keep)") })
        }
        if let iops = disk.iops { pairs.append(("iops", .plain("\(iops)"))) }
        return mapping(pairs)
    }

    private mutating func runtime(_ runtime: Runtime) -> Node {
        let wanted = runtime.enableInstanceServer
        let spelled = optional("enableInstanceServer", isDefault: wanted) { _ in .plain("\(wanted)") }
        let isOther = !spelled.isEmpty && random.chance(50)
        let other = [("instanceServerState", text(wanted ? "present" : "absent"))]
        let state = optional("dataDiskState", isDefault: runtime.dataDiskState == .live) {
            $0.text(runtime.dataDiskState.rawValue)
        }
        return mapping((isOther ? other : spelled) + state)
    }

    private mutating func optional(
        _ key: String, isDefault: Bool, _ value: (inout Self) -> Node
    ) -> [(String, Node)] {
        isDefault && random.chance(50) ? [] : [(key, value(&self))]
    }

    private mutating func mapping(_ pairs: [(String, Node)]) -> Node { .mapping(pairs.shuffled(using: &random)) }

    /// Bare only where no reader takes it for anything but text.
    private mutating func text(_ text: String) -> Node {
        let words = ["true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL"]
        let isBare = text.first.map { $0.isLetter && $0.isASCII } ?? false && !words.contains(text)
        return isBare && random.chance(50) ? .plain(text) : .text(text)
    }
}
