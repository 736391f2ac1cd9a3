import FoundationEssentials
import Instances
import Testing
import YAML

@Suite struct StatusIndexTests {
    /// What a script reads, through a parser that is not ours.
    private struct Document: Decodable {
        struct Instance: Decodable {
            struct Server: Decodable {
                var id: String
                var publicIPv4: String?
            }
            struct Disk: Decodable {
                var id: String
                var sizeGB: Double
            }
            var name: String
            var ready: String
            var reason: String
            var message: String
            var state: String
            var server: Server?
            var disks: [Disk]
            var snapshots: [Disk]
            var file: String
            var labels: [String: String]
        }
        struct Counts: Decodable {
            var instances: Int
            var ready: Int
            var needAttention: Int
        }
        struct Trouble: Decodable {
            var file: String
            var text: String
        }
        var lineage: String
        var configCommit: String
        var counts: Counts
        var instances: [Instance]
        var diagnostics: [Trouble]
    }

    private func index(_ fleet: FleetStatus) -> [UInt8] {
        let changes = StatusTree().publication(of: fleet, nonce: "n")?.changes ?? [:]
        return changes["index.json"]??.bytes ?? []
    }

    @Test func `the index is JSON that a script reads, and that the operator reads back`() throws {
        for seed in UInt64(0)..<80 {
            var generator = StatusGenerator(seed: seed)
            let fleet = FleetStatus(
                lineage: OwnerID(generator.word()), commit: generator.text(),
                instances: generator.list(upTo: 8) { $0.status() },
                diagnostics: generator.list(upTo: 3) {
                    Diagnostic(file: $0.text(), mark: Mark(line: 3, column: 4), text: $0.text())
                },
                foreign: generator.list(upTo: 3) {
                    ForeignResource(
                        kind: .orphan, resource: $0.resource(), name: $0.text(), provider: $0.text(), zone: $0.text())
                })
            let bytes = index(fleet)
            #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
            let read = try JSONDecoder().decode(Document.self, from: Data(bytes))
            #expect(read.lineage == fleet.lineage.text, "seed \(seed)")
            #expect(read.configCommit == terminalText(fleet.commit), "seed \(seed)")
            #expect(read.instances.map(\.name) == fleet.instances.map(\.name.text))
            #expect(read.instances.map(\.file) == fleet.instances.map { "instances/\($0.name).yaml" })
            #expect(read.instances.map(\.state) == fleet.instances.map(\.state.text))
            #expect(read.instances.map(\.message) == fleet.instances.map { terminalText($0.why.message) })
            #expect(read.instances.map { $0.disks.count } == fleet.instances.map { $0.storages.count })
            #expect(read.counts.ready == fleet.counts.ready)
            #expect(read.counts.needAttention == fleet.instances.count(where: \.needsAttention))
            #expect(read.diagnostics.map(\.text) == fleet.diagnostics.map { terminalText($0.text) })
            let own = StatusIndex(bytes)
            #expect(own?.lineage == fleet.lineage, "seed \(seed)")
            #expect(own?.configCommit == read.configCommit, "seed \(seed)")
        }
    }

    @Test func `an instance is one line`() {
        let lines = String(decoding: index(StatusExample.fleet), as: UTF8.self).split(separator: "\n")
        #expect(
            lines[0...7] == [
                "{", #"  "apiVersion": "operator/v1","#, #"  "kind": "StatusIndex","#,
                #"  "lineage": "0123456789abcdef","#, #"  "configCommit": "4f2c1d2e9a","#,
                #"  "counts": {"instances": 3, "ready": 1, "needAttention": 1, "retained": 0},"#, #"  "instances": ["#,
                lines[7],
            ])
        #expect(lines[9].hasPrefix(#"    {"name": "web", "ready": "True", "reason": "Converged", "#))
        #expect(
            lines[9].contains(
                #""disks": [{"id": "d-1", "role": "root", "sizeGB": 1, "state": "attached"}, {"id": "d-2", "#))
        #expect(lines[8].contains(#""sizeGB": 10.5,"#))
    }

    @Test(arguments: [
        "", "x", "[]", "{", "{\"lineage\": {}}", "\u{0}", "lineage: [a", #"{"lineage": "a\nb"}"#, #"{"lineage": ""}"#,
    ])
    func `what is not an index has no lineage`(text: String) {
        #expect(StatusIndex(Array(text.utf8))?.lineage == nil)
    }

    @Test func `a whole status is JSON too`() throws {
        struct Whole: Decodable {
            struct Condition: Decodable {
                var type: String
                var status: String
            }
            struct Storage: Decodable {
                var sizeGB: Double
                var isBoot: Bool
                var attachedTo: String?
            }
            var observedCommit: String
            var conditions: [Condition]
            var storages: [Storage]
            var storageCount: Int
        }
        for seed in UInt64(0)..<60 {
            var generator = StatusGenerator(seed: seed)
            let status = generator.status()
            let read = try JSONDecoder().decode(Whole.self, from: Data(JSONValue(status.node).document))
            #expect(read.observedCommit == status.observedCommit)
            #expect(read.conditions.map(\.type) == ["Ready", "Reconciling", "Stalled"])
            #expect(read.conditions[0].status == status.conditions.ready.status.rawValue)
            #expect(read.storageCount == status.storages.count)
            #expect(read.storages.map(\.isBoot) == status.storages.map(\.isBoot))
            #expect(read.storages.map(\.attachedTo) == status.storages.map { $0.attachedTo?.text })
        }
        let odd = try parse(Array("{a: 007, b: 1.50, c: -1, d: ~, e: yes, f: true, g: 10.5}".utf8))
        #expect(
            String(decoding: JSONValue(odd[0]).line, as: UTF8.self)
                == #"{"a": "007", "b": "1.50", "c": "-1", "d": null, "e": "yes", "f": true, "g": 10.5}"#)
    }

    @Test func `JSON escapes what would not be seen`() throws {
        let text = "a\"\\\n\t\u{1b}\u{7f}\u{202e}\u{e0041}é🙂"
        let line = JSONValue.text(text).line
        #expect(
            String(decoding: line, as: UTF8.self)
                == #""a\"\\\n\u0009\u001b\u007f\u202e\udb40\udc41é🙂""#)
        #expect(try JSONDecoder().decode(String.self, from: Data(line)) == text)
    }
}
