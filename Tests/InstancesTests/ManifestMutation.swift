import YAML

/// Small changes to a document, most of which make it invalid.
enum ManifestMutation {
    /// - Parameter donor: the same place of a valid document; its values fit here.
    static func mutated(_ node: Node, donor: Node?, using random: inout ManifestGenerator.Random) -> Node {
        switch node.content {
        case .mapping(var pairs) where !pairs.isEmpty:
            let place = pairs.indices.randomElement(using: &random)!
            let pair = pairs[place]
            let gift = donor.flatMap { value(of: pair.key, in: $0) }
            switch Int.random(in: 0..<14, using: &random) {
            case 0: pairs.remove(at: place)
            case 1: pairs.append(Node.Pair(key: keys.randomElement(using: &random)!, value: other(&random)))
            case 2: pairs[place] = Node.Pair(key: pair.key, value: other(&random))
            case 3...6: pairs[place] = Node.Pair(key: pair.key, value: gift ?? pair.value)
            default: pairs[place] = Node.Pair(key: pair.key, value: mutated(pair.value, donor: gift, using: &random))
            }
            // No document has a key twice.
            var seen: Set<String> = []
            return Node(.mapping(pairs.filter { seen.insert($0.key).inserted }))
        case .sequence(var items) where !items.isEmpty:
            let place = items.indices.randomElement(using: &random)!
            switch Int.random(in: 0..<4, using: &random) {
            case 0: items.remove(at: place)
            case 1: items.append(items[place])
            default: items[place] = mutated(items[place], donor: nil, using: &random)
            }
            return Node(.sequence(items))
        default: return other(&random)
        }
    }

    private static func value(of key: String, in node: Node) -> Node? {
        guard case .mapping(let pairs) = node.content else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    private static let keys = ["name", "zone", "snapshot", "sizeGB", "ports", "instanceServerState", "Zone", "x"]

    /// Nothing here is one of the values that only the decoder refuses.
    private static func other(_ random: inout ManifestGenerator.Random) -> Node {
        let plain = [
            "0", "1", "22", "70000", "-1", "true", "false", "null", "1.5", "yes", "local", "delete", "none", "tcp",
            "icmp",
        ]
        let texts = [
            "", "a", "-a", "a-", "A_b", "22", "80-443", "0-1", "true", "operator/v1", "Instance", "Settings", "live",
            "snapshot",
            "present", "10.0.0.0/8", "::/0", "10.0.0.0", "2026-01-01T00:00:00Z", "2026-01-01", "a\nb", "a\tb",
            "a\u{7}b",
            "a\u{202E}b", "a\u{E0041}b", "漢字", "é", "../x", "a/b", " a", String(repeating: "a", count: 41),
            String(repeating: "b", count: 65), String(repeating: "é", count: 101), String(repeating: "ü", count: 501),
        ]
        return switch Int.random(in: 0..<10, using: &random) {
        case 0: Node(.mapping([]))
        case 1: Node(.sequence([]))
        case 2: Node(.sequence([.text("a"), .text("b")]))
        case 3: .mapping([("sizeGB", .plain("5"))])
        case 4...6: .plain(plain.randomElement(using: &random)!)
        default: .text(texts.randomElement(using: &random)!)
        }
    }
}
