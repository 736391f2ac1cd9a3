import YAML

@testable import Instances

/// Random manifests and the documents that say them, in every way in which a document can say the same.
enum ManifestGenerator {
    /// Numbers that depend on nothing but the seed.
    ///
    /// Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (2014).
    struct Random: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    }

    static func manifest(using random: inout Random) -> Manifest {
        let isLocal = random.chance(30)
        var manifest = Manifest(
            name: InstanceName(word("abcxyz019", inside: "-", 40, &random))!,
            provider: isLocal ? "local" : word("abc12", inside: "-", 40, &random),
            zone: isLocal ? "local" : word("frpa12", inside: "-", 40, &random),
            server: server(&random))
        if manifest.provider == "local" && !isLocal { manifest.provider = "other" }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            manifest.labels[word("aZ9", inside: "./_-", 63, &random)] = text(0...100, lines: false, &random)
        }
        if random.chance(60) {
            manifest.rootDisk = RootDiskManifest(
                sizeGB: random.chance(60) ? Int.random(in: ManifestLimits.sizeGB, using: &random) : nil,
                snapshotEnabled: random.chance(50))
        }
        if random.chance(70) {
            manifest.dataDisk = DataDiskManifest(
                sizeGB: Int.random(in: ManifestLimits.sizeGB, using: &random),
                keep: random.chance(50) ? 0 : Int.random(in: ManifestLimits.snapshotsKept, using: &random),
                iops: random.chance(50) ? nil : Int.random(in: ManifestLimits.iops, using: &random))
        }
        manifest.deletionPolicy = DeletionPolicy.allCases.randomElement(using: &random)!
        if random.chance(30) {
            manifest.suspend = Suspension(
                reason: random.chance(50) ? nil : text(1...500, lines: false, &random),
                until: random.chance(50) ? nil : moment(&random))
        }
        manifest.runtime = Runtime(
            enableInstanceServer: random.chance(50),
            dataDiskState: manifest.dataDisk != nil && random.chance(50) ? .snapshot : .live)
        return manifest
    }

    private static func server(_ random: inout Random) -> ServerManifest {
        var server = ServerManifest(
            type: word("LcG4", inside: "._-", 64, &random), image: word("ub9", inside: "._-", 64, &random))
        server.whenDisabled = WhenDisabled.allCases.randomElement(using: &random)!
        server.publicIP = PublicIP.allCases.randomElement(using: &random)!
        server.protected = random.chance(50)
        if random.chance(50) { server.cloudInit = text(1...2000, lines: true, &random) }
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let name = word("aZ9", inside: " ._-", 64, &random)
            if !server.privateNetworks.contains(name) { server.privateNetworks.append(name) }
        }
        if random.chance(50) {
            let name = random.chance(50) ? nil : word("aZ9", inside: " ._-", 64, &random)
            let rules = (0..<Int.random(in: 0...4, using: &random)).map { _ in rule(&random) }
            server.firewall = Firewall(name: name, inbound: rules)
        }
        return server
    }

    private static func rule(_ random: inout Random) -> FirewallRule {
        let transport = FirewallRule.Transport.allCases.randomElement(using: &random)!
        let hasPorts = (transport == .tcp || transport == .udp) && random.chance(70)
        let first = Int.random(in: 1...65_535, using: &random)
        let last = random.chance(50) ? first : Int.random(in: first...65_535, using: &random)
        return FirewallRule(
            transport: transport, ports: hasPorts ? first...last : nil, from: networkBlock(using: &random))
    }

    /// In canonical spelling.
    static func networkBlock(using random: inout Random) -> String {
        if random.chance(50) {
            let bits = Int.random(in: 0...32, using: &random)
            let mask: UInt32 = bits == 0 ? 0 : ~0 << UInt32(32 - bits)
            let address = UInt32.random(in: 0...UInt32.max, using: &random) & mask
            return [24, 16, 8, 0].map { String(address >> UInt32($0) & 0xFF) }.joined(separator: ".") + "/\(bits)"
        }
        let groups = (1...4).map { _ in String(Int.random(in: 1...0xFFFF, using: &random), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }

    private static func moment(_ random: inout Random) -> Timestamp {
        Timestamp(microseconds: Int64.random(in: 0...4_000_000_000_000_000, using: &random))
    }

    private static func word(_ ends: String, inside: String, _ longest: Int, _ random: inout Random) -> String {
        let length =
            random.chance(80) ? Int.random(in: 1...8, using: &random) : Int.random(in: 1...longest, using: &random)
        let letters = Array(ends)
        let all = letters + Array(inside)
        return String(
            (0..<length).map { index in
                (index == 0 || index == length - 1 ? letters : all).randomElement(using: &random)!
            })
    }

    static func text(_ length: ClosedRange<Int>, lines: Bool, _ random: inout Random) -> String {
        let alphabet = Array("ab yz09:#-?{}[],&*!|>'\"%@`\\$/ éß漢🚀~=" + (lines ? "\n\n\t" : "")).map(String.init)
        let most = random.chance(90) ? min(length.upperBound, 30) : length.upperBound
        return (0..<Int.random(in: length.lowerBound...most, using: &random))
            .map { _ in alphabet.randomElement(using: &random)! }.joined()
    }
}
