import Instances
import Testing
import YAML

@Suite struct StatusRecordTests {
    private let web = InstanceName("web")!
    private let lineage = OwnerID("0123456789abcdef")

    private func file(_ text: String) -> InstanceFile { InstanceFile(name: web, bytes: Array(text.utf8)) }

    /// The text of a file with a record that has one of everything.
    private func written(_ record: Record) -> String {
        var generator = StatusGenerator(seed: 1)
        let status = generator.status(name: web)
        return String(
            decoding: InstanceFile.bytes(name: web, lineage: lineage, status: status, record: record), as: UTF8.self)
    }

    /// A branch that was moved back mints an epoch a second time; `recover` remembers both.
    @Test func `two operations of one epoch are read in their order`() throws {
        var twice = record
        twice.operations.append(Operation(epoch: 3, nonce: "9f2e6a0c41d7b953"))
        #expect(try file(written(twice)).record.get() == twice)
        twice.operations.reverse()
        #expect(throws: RecordError.self) { try file(written(twice)).record.get() }
    }

    private var record: Record {
        let operation = Operation(epoch: 3, nonce: "8f2e6a0c41d7b953")
        return Record(
            uid: InstanceUID("u1"), name: web, provider: "local", account: "default", zone: "local",
            operations: [operation], server: .present(ServerID("s1"), operation),
            data: .deleting(DiskID("d1"), snapshot: SnapshotID("p1"), operation, detachedAt: nil),
            condemned: [
                Condemned(resource: .disk(DiskID("d1")), operation: operation, ground: .savedIn(SnapshotID("p1")))
            ],
            activity: Activity(kind: .stop, operation: operation, since: Timestamp(seconds: 1_785_416_175)))
    }

    @Test func `every record is read back as it was written, through bytes`() {
        for seed in UInt64(0)..<250 {
            var generator = StatusGenerator(seed: seed)
            let record = generator.record(name: web)
            let status = generator.status(name: web)
            let bytes = InstanceFile.bytes(name: web, lineage: lineage, status: status, record: record)
            let file = InstanceFile(name: web, bytes: bytes)
            #expect(file.record == .success(record), "seed \(seed)")
            #expect(file.status == status, "seed \(seed)")
            #expect(file.lineage == lineage, "seed \(seed)")
            #expect(
                InstanceFile.bytes(name: web, lineage: lineage, status: status, record: record) == bytes, "seed \(seed)"
            )
        }
    }

    @Test func `a record reads like this`() {
        let text = String(decoding: write(record.node, flow: .fitting(columns: 160)), as: UTF8.self)
        #expect(
            text == """
                version: 1
                uid: u1
                name: web
                provider: local
                account: default
                zone: local
                deletionPolicy: retain
                operations: [3-8f2e6a0c41d7b953]
                activity: {kind: stop, operation: 3-8f2e6a0c41d7b953, since: "2026-07-30T12:56:15Z"}
                server: {state: present, id: s1, operation: 3-8f2e6a0c41d7b953}
                root: {state: absent}
                data: {state: deleting, disk: d1, snapshot: p1, operation: 3-8f2e6a0c41d7b953, detachedAt: null}
                snapshots: []
                rootSnapshot: {state: none}
                condemned:
                  - resource: {disk: d1}
                    operation: 3-8f2e6a0c41d7b953
                    ground: savedIn
                    snapshot: p1

                """)
    }

    @Test(arguments: [
        ("version: 1", "version: 2", "record.version"),
        ("uid: u1", "uid: u1\n  lease: x", "'lease'"),
        ("{state: absent}", "{state: absent, colour: red}", "'colour'"),
        ("{state: absent}", "{state: dreaming}", "'dreaming'"),
        ("kind: stop", "kind: hibernate", "'hibernate'"),
        ("ground: savedIn", "ground: whim", "'whim'"),
        ("deletionPolicy: retain\n  operations", "deletionPolicy: archive\n  operations", "'archive'"),
        ("{disk: d1}", "{tape: d1}", "'tape'"),
        ("operator/v1", "operator/v2", "apiVersion"),
    ])
    func `what a newer operator wrote is read only`(old: String, new: String, named: String) {
        let text = written(record)
        let edited = replaceLast(old, with: new, in: text)
        #expect(edited != text)
        guard case .failure(let error) = file(edited).record, case .newer(_, let what) = error else {
            Issue.record("\(new) gave \(file(edited).record)")
            return
        }
        #expect(what.contains(named))
        #expect(error.explanation(file: "instances/web.yaml").reason == "NewerOperator")
    }

    @Test(arguments: [
        ("uid: u1", "uid: [u1]", "record.uid must be a single value"),
        ("uid: u1", "uid: \"\"", "record.uid is empty"),
        ("uid: u1\n  name", "name", "record.uid is missing"),
        ("version: 1", "version: \"1\"", "record.version must be a whole number"),
        ("version: 1", "version: 0", "record.version 0 was never written"),
        ("\n  snapshots: []", "\n  snapshots: {}", "record.snapshots must be a list"),
        ("\n  snapshots: []", "\n  snapshots: [x]", "record.snapshots must be a mapping"),
        ("2026-07-30T12:56:15Z", "yesterday", "record.activity.since must be a time"),
        ("operations: [3-8f2e6a0c41d7b953]", "operations: [3]", "record.operations must be an operation"),
        ("operations: [3-8f2e6a0c41d7b953]", "operations: [03-8f]", "record.operations must be an operation"),
        ("operations: [3-8f2e6a0c41d7b953]", "operations: [0-8f]", "record.operations must be an operation"),
        ("operations: [3-8f2e6a0c41d7b953]", "operations: [3-]", "record.operations must be an operation"),
        ("operations: [3-8f2e6a0c41d7b953]", "operations: [3-b, 3-a]", "in the order of their epochs"),
        ("{disk: d1}", "{disk: d1, server: s1}", "must name one server"),
        ("state: present, id: s1", "state: present", "record.server.id is missing"),
        ("{state: absent}", "absent", "record.root must be a mapping"),
        ("  name: web\n  provider", "  name: db\n  provider", "record.name must be web"),
        ("{name: web, lineage", "{name: db, lineage", "metadata.name must be web"),
        ("lineage: 0123456789abcdef", "lineage: \"\"", "metadata.lineage is missing"),
        ("kind: InstanceStatus", "kind: Instance", "not of kind"),
        ("\nrecord:", "\nrecords:", "the record was taken out"),
        ("uid: u1", "uid: u1\n  uid: u1", "duplicate key"),
    ])
    func `a record that is damaged says where`(old: String, new: String, message: String) throws {
        let text = written(record)
        let edited = replaceLast(old, with: new, in: text)
        #expect(edited != text)
        guard case .failure(let error) = file(edited).record, case .broken(let mark, let what) = error else {
            Issue.record("\(new) gave \(file(edited).record)")
            return
        }
        #expect(what.contains(message))
        let shown = error.explanation(file: "instances/web.yaml")
        #expect(shown.reason == "RecordUnreadable")
        #expect(shown.message.hasPrefix("instances/web.yaml:\(mark.line):\(mark.column): "))
    }

    @Test func `an error is at its line`() {
        let text = written(record)
        let edited = replaceLast("ground: savedIn", with: "ground: [savedIn]", in: text)
        let line = edited.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
            $0.contains("[savedIn]")
        }!
        guard case .failure(let error) = file(edited).record else {
            Issue.record("it was read")
            return
        }
        #expect(error.mark == Mark(line: line + 1, column: 15))
    }

    @Test(arguments: ["", "\n", "null", "[]", "x", "\u{0}", "a: [", "---\na: 1\n---\nb: 2", "{\"lineage\": 1}"])
    func `garbage is a broken record and no status`(text: String) {
        let file = file(text)
        #expect(throws: RecordError.self) { try file.record.get() }
        #expect(file.status == nil)
    }

    /// What no reader could tell from the truth, such as another id, may pass; a crash, or a record of another
    /// instance, may not.
    @Test func `a flipped bit gives an error or a record of this instance`() {
        let bytes = Array(written(record).utf8)
        var generator = StatusGenerator(seed: 7)
        var refused = 0
        for _ in 0..<600 {
            var flipped = bytes
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            flipped[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            switch InstanceFile(name: web, bytes: flipped).record {
            case .success(let read): #expect(read?.name == web)
            case .failure: refused += 1
            }
        }
        #expect(refused > 200)
    }

    @Test func `a hand-edited status never stands in the way of the record`() {
        let lines = written(record).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let edits = [": [[1], {a: 2}]", ": null", ": \"\"", ": {state: 1, type: Ready, id: [], at: 5}", ": -1e9"]
        var unreadable = 0
        for (number, line) in lines.enumerated() where line.hasPrefix("  ") && line.dropFirst(2).first?.isLetter == true
        {
            guard number < lines.firstIndex(of: "record:")! else { break }
            // The value of this key, in one line or several, becomes something else.
            let end = lines[(number + 1)...].firstIndex { !$0.hasPrefix("   ") }!
            for edit in edits {
                let edited = lines[..<number] + [String(line.prefix { $0 != ":" }) + edit] + lines[end...]
                let file = file(edited.joined(separator: "\n"))
                #expect(file.record == .success(record), "\(line) became \(edit)")
                if file.status == nil { unreadable += 1 }
            }
        }
        #expect(unreadable == edits.count, "only without conditions there is no status")
    }

    @Test func `without a record there is a null`() {
        var generator = StatusGenerator(seed: 3)
        let bytes = InstanceFile.bytes(name: web, lineage: lineage, status: generator.status(name: web), record: nil)
        #expect(InstanceFile(name: web, bytes: bytes).record == .success(nil))
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("\nrecord: null\n"))
    }

    /// The record comes last in a file, so the last occurrence is the record's.
    private func replaceLast(_ old: String, with new: String, in text: String) -> String {
        guard let range = text.ranges(of: old).last else { return text }
        return text[..<range.lowerBound] + new + text[range.upperBound...]
    }
}
