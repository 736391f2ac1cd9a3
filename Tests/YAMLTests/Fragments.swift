import YAML

/// Pieces of text that mean something to some YAML reader, put together at random.
enum Fragments {
    private static let pieces = [
        "a", "b", "word", " ", "  ", "\n", "\n\n", "\t", ":", ": ", ":a", " #", "#", "-", "- ", "--", "---", "--- ",
        "...", "?", "? ", "!", "!!str", "&a", "*a", "|", ">", "'", "\"", "\\", "%", "@", "`", ",", ", ", "[", "]", "{",
        "}", "<<", "=", "~", "null", "NULL", "true", "Yes", "no", "on", "OFF", "y", "N", "0", "1", "007", "0o17",
        "0x1F",
        "0b11", "1_000", "1e3", "-1", "+1", ".5", "-.inf", ".NaN", "12:30:45", "2026-01-01", "2026-01-01T00:00:00Z",
        "1,000", "é", "e\u{301}", "\u{301}", "ß", "漢字", "🦊", "👨‍👩‍👧", "\u{85}", "\u{A0}", "\u{AD}", "\u{2028}", "\u{2029}",
        "\u{200B}", "\u{202E}", "\u{FEFF}", "\u{FFFE}", "\u{FFFD}", "\u{7}", "\u{1B}", "\u{7F}", "\u{9F}", "\r", "\r\n",
        "\u{E0041}", "\u{10FFFF}", "http://host/?q=a&b#c", "c:\\dir",
    ]

    static func text(using random: inout SplitMix64) -> String {
        if Int.random(in: 0..<60, using: &random) == 0 {
            return String(repeating: "long ", count: Int.random(in: 150...500, using: &random)) + "end"
        }
        return (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
    }

    static func node(depth: Int, using random: inout SplitMix64) -> Node {
        switch Int.random(in: 0..<(depth == 0 ? 6 : 10), using: &random) {
        case 0: return .plain(["30", "true", "null", "12:30"].randomElement(using: &random)!)
        case 1..<6: return .text(text(using: &random))
        case 6, 7:
            return .sequence(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in node(depth: depth - 1, using: &random) })
        default:
            var keys: [String] = []
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let key = text(using: &random)
                if !keys.contains(key) { keys.append(key) }
            }
            return .mapping(keys.map { ($0, node(depth: depth - 1, using: &random)) })
        }
    }

    static let manifest = """
        # A machine.
        apiVersion: operator/v1
        kind: Instance
        metadata:
          name: gpu-box
          labels: {team: ml, "tier": 'gold'}
        spec:
          server:
            type: L4-1-24G
            cloudInit: |
              #cloud-config
              packages: [curl]
          disks:
            - sizeGB: 30
              note: >-
                two
                lines
            - {sizeGB: 100, keep: ["a", b]}
          runtime:
            enableInstanceServer: true     # runs
            dataDiskState: live

        """

    /// A manifest after some bad days: pieces put in, characters and lines lost, doubled and moved.
    static func damagedText(using random: inout SplitMix64) -> String {
        var characters = Array(manifest.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard let position = characters.indices.randomElement(using: &random) else { break }
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                characters.insert(contentsOf: pieces.randomElement(using: &random)!.unicodeScalars, at: position)
            case 2:
                let end = min(characters.count, position + Int.random(in: 1...8, using: &random))
                characters.removeSubrange(position..<end)
            case 3:
                let line = characters[position...].prefix { $0 != "\n" } + ["\n"]
                let target = characters.indices.randomElement(using: &random)!
                characters.insert(contentsOf: Array(line), at: target)
            default:
                characters = Array(characters[..<max(1, position)])
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: characters)
        return String(text)
    }

    /// The same, with bytes that are not UTF-8 now and then.
    static func damagedManifest(using random: inout SplitMix64) -> [UInt8] {
        var bytes = Array(damagedText(using: &random).utf8)
        if let position = bytes.indices.randomElement(using: &random), Int.random(in: 0..<5, using: &random) == 0 {
            bytes[position] = UInt8.random(in: 0...255, using: &random)
        }
        return bytes
    }
}
