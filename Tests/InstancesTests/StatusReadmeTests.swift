import Instances
import Testing
import YAML

@Suite struct StatusReadmeTests {
    private func readme(_ fleet: FleetStatus) -> String {
        var tree = StatusTree()
        let publication = tree.publication(of: fleet, nonce: "n")
        for (path, file) in publication?.changes ?? [:] { tree.set(path, to: file?.bytes) }
        guard let bytes = publication?.changes["README.md"]??.bytes else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Below a heading of the second level.
    private func section(_ title: String, of readme: String) -> [Substring] {
        let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "## \(title)") else { return [] }
        return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("## ") })
    }

    @Test func `whatever is told, each instance is one row and nothing is obeyed`() {
        for seed in UInt64(0)..<60 {
            var generator = StatusGenerator(seed: seed)
            let instances = generator.list(upTo: 12) { $0.status() }
            let diagnostics = generator.list(upTo: 5) {
                Diagnostic(file: $0.text(), mark: Mark(line: 1, column: 2), text: $0.text())
            }
            let foreign = generator.list(upTo: 5) {
                ForeignResource(
                    kind: .foreign, resource: $0.resource(), name: $0.text(), provider: $0.text(), zone: $0.text(),
                    note: $0.text())
            }
            let fleet = FleetStatus(
                lineage: OwnerID("l"), commit: generator.text(), instances: instances, diagnostics: diagnostics,
                foreign: foreign)
            let text = readme(fleet)
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A }, "seed \(seed)")
            #expect(
                !text.unicodeScalars.contains {
                    "\u{202e}\u{2066}\u{200b}\u{feff}\u{85}\u{2028}\u{9b}".unicodeScalars.contains($0)
                })

            let rows = section("All instances", of: text).filter { $0.hasPrefix("|") }
            #expect(rows.count == (fleet.instances.isEmpty ? 0 : fleet.instances.count + 2), "seed \(seed)")
            for (row, status) in zip(rows.dropFirst(2), fleet.instances) {
                #expect(row.hasPrefix("| [\(status.name)](instances/\(status.name).yaml) | "), "seed \(seed)")
                #expect(row.count { $0 == "|" } == 10, "seed \(seed): \(row)")
                #expect(row.count { $0 == "[" || $0 == "]" } == 2, "seed \(seed): \(row)")
            }
            let others = section("Not accounted for", of: text).filter { $0.hasPrefix("|") }
            #expect(others.count == (fleet.foreign.isEmpty ? 0 : fleet.foreign.count + 2), "seed \(seed)")
            #expect(others.allSatisfy { $0.count { $0 == "|" } == 6 }, "seed \(seed)")
            let items = section("Manifests that need a change", of: text).filter { $0.hasPrefix("- ") }
            #expect(items.count == diagnostics.count, "seed \(seed)")
            let attention = section("Needs attention", of: text).filter { $0.hasPrefix("#") }
            #expect(attention.count == fleet.instances.count(where: \.needsAttention), "seed \(seed)")
            for line in text.split(separator: "\n") {
                #expect(!line.contains { "<>$~".contains($0) }, "seed \(seed): \(line)")
                #expect(!line.contains("://") && !line.contains("www."), "seed \(seed): \(line)")
                #expect(
                    line.split(separator: "`", omittingEmptySubsequences: false).enumerated().allSatisfy {
                        index, part in
                        // Every other part is code; nowhere else may a mention stand.
                        index.isMultiple(of: 2) ? !part.contains("@") : true
                    }, "seed \(seed): \(line)")
                #expect(line.count { $0 == "`" }.isMultiple(of: 2), "seed \(seed): \(line)")
            }
        }
    }

    @Test(arguments: [
        ("plain text, 1.5 GB", "plain text, 1.5 GB"),
        ("a|b", "a&#124;b"),
        ("`rm`", "&#96;rm&#96;"),
        ("<b>&amp;", "&#60;b&#62;&#38;amp;"),
        ("[x](y)", "&#91;x&#93;(y)"),
        ("ubuntu_jammy *", "ubuntu\\_jammy \\*"),
        ("\\|", "\\\\&#124;"),
        ("#1 !2 ~3 $4", "&#35;1 &#33;2 &#126;3 &#36;4"),
        ("@org/team", "`@`org/team"),
        ("a@@b@", "a`@@`b`@`"),
        ("https://evil.example", "https:&#47;&#47;evil.example"),
        ("www.evil.example", "www&#46;evil.example"),
        ("a\nb\r\nc\td", "a b c d"),
        ("\u{1b}[31m", "&#60;U+001B&#62;&#91;31m"),
        ("\u{202e}abc", "&#60;U+202E&#62;abc"),
        ("Zürich 日本 🙂", "Zürich 日本 🙂"),
    ])
    func `text from outside is shown as it is`(text: String, shown: String) {
        var generator = StatusGenerator(seed: 1)
        var status = generator.status(name: InstanceName("web")!)
        status.waiting = Explanation("Waiting", text)
        let row = section(
            "All instances", of: readme(FleetStatus(lineage: OwnerID("l"), commit: "c", instances: [status])))
        #expect(row.last { $0.hasPrefix("| [web]") }?.hasSuffix(" | \(shown) |") == true, "\(row)")
    }

    @Test func `a page reads like this`() {
        #expect(readme(StatusExample.fleet) == StatusExample.readme)
    }

    @Test func `a page that grows too long ends with a word on the rest`() {
        let status = StatusExample.fleet.instances[0]
        let many = (1...1_100).map { number in
            var copy = status
            copy.name = InstanceName("n\(number)")!
            return copy
        }
        let text = readme(FleetStatus(lineage: OwnerID("l"), commit: "c", instances: many))
        #expect(section("All instances", of: text).filter { $0.hasPrefix("| [") }.count == 1_000)
        #expect(text.contains("\nAnd 100 more, in `index.json`.\n"))
        #expect(text.utf8.count < 500_000)
    }
}
