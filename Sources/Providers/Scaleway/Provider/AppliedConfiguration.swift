import Instances

/// The note on a server of what was applied to it, as two more words among its tags.
///
/// The digest says which configuration it was. It holds only as long as everything about it that a listing shows is
/// still in place; the second word is a hash of that, so that a listing alone finds an interface that somebody removed,
/// or a rule.
struct AppliedConfiguration: Hashable, Sendable {
    private static let digestKey = "operator-configuration="
    private static let placeKey = "operator-in-place="

    var digest: String
    var inPlace: String
    /// Of the security group, where the configuration sets one.
    var firewall: String?

    init(digest: String, on server: InstanceServer, firewall: SecurityGroup?) {
        self.digest = digest
        inPlace = Self.hash(of: server)
        self.firewall = firewall.map(Self.hash)
    }

    /// - Returns: `nil` where either is missing or doubled.
    init?(words: [String]) {
        let digests = words.filter { $0.hasPrefix(Self.digestKey) }
        let places = words.filter { $0.hasPrefix(Self.placeKey) }
        guard digests.count == 1, places.count == 1 else { return nil }
        digest = String(digests[0].dropFirst(Self.digestKey.count))
        let hashes = places[0].dropFirst(Self.placeKey.count).split(separator: ".", maxSplits: 1).map(String.init)
        guard let server = hashes.first else { return nil }
        inPlace = server
        firewall = hashes.count > 1 ? hashes[1] : nil
    }

    var words: [String] {
        [Self.digestKey + digest, Self.placeKey + inPlace + (firewall.map { "." + $0 } ?? "")]
    }

    /// Tags with this note in place of an older one.
    func noted(in tags: [String]) -> [String] { Self.removed(from: tags) + words }

    static func removed(from tags: [String]) -> [String] {
        tags.filter { !$0.hasPrefix(digestKey) && !$0.hasPrefix(placeKey) }
    }

    /// - Parameter group: that the server is in; `nil` where it was not seen.
    func digest(of server: InstanceServer, in group: SecurityGroup?) -> String? {
        guard inPlace == Self.hash(of: server) else { return nil }
        return firewall == nil || firewall == group.map(Self.hash) ? digest : nil
    }

    /// The rules themselves are not listed, but no change of them leaves the time of the last change as it was.
    private static func hash(of group: SecurityGroup) -> String {
        stableHash([
            group.inboundPolicy, group.outboundPolicy, String(group.stateful), group.modifiedAt ?? "",
        ])
    }

    /// 16 hexadecimal digits for everything that a configuration sets and a listing shows.
    private static func hash(of server: InstanceServer) -> String {
        let reserved = server.publicIPs.filter { $0.dynamic != true }.map(\.id)
        let networks = server.privateNICs.map(\.network)
        return stableHash([
            "dynamic", server.dynamicIPRequired.map(String.init) ?? "", "reserved",
            reserved.sorted().joined(separator: " "),
            "networks", networks.sorted().joined(separator: " "), "group", server.securityGroup?.id ?? "", "protected",
            server.protected.map(String.init) ?? "",
        ])
    }
}

/// FNV-1a over texts, as 16 hexadecimal digits: equal on every machine. It guards against change, not against malice.
private func stableHash(_ texts: [String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in texts {
        for byte in Array(text.utf8) + [0xff] { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
