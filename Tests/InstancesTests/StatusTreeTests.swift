import Instances
import Testing
import YAML

@Suite struct StatusTreeTests {
    private let fleet = StatusExample.fleet
    private let web = InstanceName("web")!
    private let gpu = InstanceName("gpu-box")!

    private func record(_ name: InstanceName, epoch: Int = 1) -> Record {
        Record(
            uid: InstanceUID("u-\(name)"), name: name, provider: "local", account: "default", zone: "local",
            operations: [Operation(epoch: epoch, nonce: "8f2e6a0c41d7b953")])
    }

    private func text(_ publication: Publication?, _ path: String) -> String? {
        (publication?.changes[path] ?? nil).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private func applying(_ publication: Publication?, to tree: StatusTree = StatusTree()) -> StatusTree {
        var tree = tree
        for (path, file) in publication?.changes ?? [:] { tree.set(path, to: file?.bytes) }
        return tree
    }

    /// As the process has it that wrote it.
    private func taking(_ publication: Publication?, to tree: StatusTree = StatusTree()) -> StatusTree {
        var tree = tree
        for (path, file) in publication?.changes ?? [:] { tree.take(path, file) }
        return tree
    }

    /// A branch with all three, and records of two.
    private var published: StatusTree {
        applying(
            StatusTree().publication(of: fleet, records: [web: record(web), gpu: record(gpu)], nonce: "n"))
    }

    private var files: [String: [UInt8]] {
        let first = StatusTree().publication(
            of: fleet, records: [web: record(web), gpu: record(gpu)], nonce: "n")
        return (first?.changes ?? [:]).compactMapValues { $0?.bytes }
    }

    // MARK: What is found

    @Test func `a hundred thousand files of others, and a thousand broken ones, are no trouble`() {
        var all = files
        for number in 0..<100_000 { all["notes/\(number).txt"] = [0xFF] }
        for number in 0..<1_000 { all["instances/broken-\(number).yaml"] = Array("{\"a\": [".utf8) }
        let tree = StatusTree(files: all)
        #expect(tree.records == [web: record(web), gpu: record(gpu)])
        #expect(tree.unreadable.count == 1_000)
        #expect(tree.strangers.count == 100_000)
        let changes = tree.publication(of: fleet, nonce: "m")?.changes ?? [:]
        #expect(Set(changes.keys).isSubset(of: ["README.md", "index.json"]), "\(changes.keys)")
        #expect(changes.values.allSatisfy { ($0?.bytes.count ?? 0) < 1 << 20 })
    }

    // MARK: What is written

    @Test func `a first publication holds everything, the next one nothing`() {
        #expect(
            files.keys.sorted() == [
                "README.md", "index.json", "instances/database.yaml", "instances/gpu-box.yaml", "instances/web.yaml",
            ])
        let tree = StatusTree(files: files)
        #expect(tree == published)
        #expect(tree.lineage == .known(fleet.lineage))
        #expect(tree.statuses == fleet.instances)
        #expect(tree.records == [web: record(web), gpu: record(gpu)])
        #expect(tree.index?.configCommit == fleet.commit)
        #expect(tree.publication(of: fleet, nonce: "m") == nil)
        #expect(tree.publication(of: fleet, records: [web: record(web)], nonce: "m") == nil)
    }

    @Test func `what was written is understood as if it had been read`() {
        for seed in UInt64(0)..<50 {
            var generator = StatusGenerator(seed: seed)
            let fleet = FleetStatus(
                lineage: fleet.lineage, commit: "4f2c",
                instances: [generator.status(name: web), generator.status(name: gpu)], foreign: fleet.foreign)
            let lock = Lock(
                holder: "ci job 4711", host: "build-3", process: 12, started: Timestamp(seconds: 1_785_416_175),
                nonce: "n1", purpose: "stopping web")
            let publication = StatusTree().publication(
                of: fleet, records: [web: generator.record(name: web)], lock: .take(lock), nonce: "n")
            let written = taking(publication)
            #expect(written == applying(publication), "seed \(seed)")
            #expect(written.publication(of: fleet, nonce: "m") == nil, "seed \(seed)")
            let released = written.publication(of: fleet, forgetting: [gpu], lock: .release, nonce: "m")
            #expect(taking(released, to: written) == applying(released, to: applying(publication)), "seed \(seed)")
        }
    }

    @Test func `one instance that changes is one file, and the pages`() {
        var changed = StatusExample.web
        changed.server?.state = "stopped"
        let fleet = FleetStatus(
            lineage: fleet.lineage, commit: fleet.commit, instances: [changed], diagnostics: fleet.diagnostics,
            foreign: fleet.foreign)
        let publication = published.publication(of: fleet, nonce: "n")
        #expect(publication?.changes.keys.sorted() == ["README.md", "index.json", "instances/web.yaml"])
        // The others are still told on the pages.
        #expect(text(publication, "README.md")?.contains("[gpu-box](instances/gpu-box.yaml)") == true)
        #expect(applying(publication, to: published).records[web] == record(web))
    }

    @Test func `a record that changes without its status is written with the status that is there`() {
        let begun = taking(StatusTree().publication(of: fleet, records: [web: record(web)], nonce: "n"))
        let publication = begun.publication(of: fleet, records: [web: record(web, epoch: 2)], nonce: "n")
        #expect(publication?.changes.keys.sorted() == ["instances/web.yaml"])
        let tree = applying(publication, to: published)
        #expect(tree.records[web]?.epoch == 2)
        #expect(tree.files[web]?.status == StatusExample.web)
        let first = StatusTree().publication(
            of: FleetStatus(lineage: fleet.lineage, commit: "c", instances: []), records: [web: record(web)], nonce: "n"
        )
        #expect(applying(first).records == [web: record(web)])
        #expect(applying(first).files[web]?.status == nil)
    }

    @Test func `what is forgotten goes, what is not named stays`() {
        let empty = FleetStatus(lineage: fleet.lineage, commit: fleet.commit, instances: [])
        let publication = published.publication(of: empty, forgetting: [web], nonce: "n")
        #expect(publication?.changes.keys.sorted() == ["README.md", "index.json", "instances/web.yaml"])
        #expect(publication?.changes["instances/web.yaml"] == .some(nil))
        let tree = applying(publication, to: published)
        #expect(tree.files.keys.sorted().map(\.text) == ["database", "gpu-box"])
        #expect(text(publication, "README.md")?.contains("instances/web.yaml") == false)
    }

    @Test func `a file whose record cannot be read is never written nor deleted`() {
        var tree = published
        let broken = Array("record: [".utf8)
        tree.set("instances/web.yaml", to: broken)
        let publication = tree.publication(of: fleet, records: [web: record(web)], forgetting: [], nonce: "n")
        #expect(publication?.changes.keys.contains("instances/web.yaml") != true)
        #expect(
            tree.publication(of: fleet, forgetting: [web], nonce: "n")?.changes.keys.contains("instances/web.yaml")
                != true)
        #expect(tree.unreadable[web]?.reason == "RecordUnreadable")
        #expect(tree.unreadable[web]?.message.hasPrefix("instances/web.yaml:1:") == true)
        #expect(tree.records.keys.sorted() == [gpu])
    }

    @Test func `an instance whose record cannot be read is told as that, and nothing else of it`() {
        var tree = published
        tree.set("instances/web.yaml", to: Array("status: {conditions: [\n".utf8))
        let publication = tree.publication(of: fleet, nonce: "n")
        let page = text(publication, "README.md") ?? ""
        #expect(page.contains("**0 of 3 instances ready**, 2 need attention"))
        #expect(page.contains("\n### web: record unreadable\n\n**RecordUnreadable**: instances/web.yaml:"))
        #expect(
            page.contains("\n| [web](instances/web.yaml) | record unreadable |  |  |  |  |  |  | instances/web.yaml:"))
        #expect(page.contains("git log -p -- instances/web.yaml"))
        let index = text(publication, "index.json") ?? ""
        #expect(
            index.contains(#""unreadable": [\#n    {"name": "web", "ready": "Unknown", "reason": "RecordUnreadable", "#)
        )
        #expect(!index.contains("s-1"))
        #expect(tree.statuses.map(\.name.text) == ["database", "gpu-box"])
        // Nothing but what is there decides the bytes: no second commit.
        #expect(applying(publication, to: tree).publication(of: fleet, nonce: "m") == nil)
        let table = statusTable(tree.statuses, unreadable: tree.unreadable)
        #expect(table.split(separator: "\n").last?.hasPrefix("web       record unreadable") == true)
    }

    @Test func `the same content is the same bytes in every order of reading`() {
        for seed in UInt64(0)..<40 {
            var generator = StatusGenerator(seed: seed)
            let statuses = generator.list(upTo: 6) { $0.status() }
            let one = FleetStatus(lineage: OwnerID("l"), commit: "c", instances: statuses)
            let other = FleetStatus(lineage: OwnerID("l"), commit: "c", instances: statuses.reversed())
            #expect(
                StatusTree().publication(of: one, nonce: "n") == StatusTree().publication(of: other, nonce: "n")
                    || Set(statuses.map(\.name)).count < statuses.count)
        }
    }

    @Test func `the lock is taken, kept and released`() {
        let lock = Lock(
            holder: "ci", host: "build-3", process: 12, started: Timestamp(seconds: 5), nonce: "ab",
            purpose: "stopping web")
        let taken = published.publication(of: fleet, lock: .take(lock), nonce: "n")
        #expect(taken?.changes.keys.sorted() == ["lock.yaml"])
        let locked = applying(taken, to: published)
        #expect(locked.lock == lock)
        #expect(locked.publication(of: fleet, lock: .keep, nonce: "n") == nil)
        #expect(locked.publication(of: fleet, lock: .take(lock), nonce: "n") == nil)
        let released = locked.publication(of: fleet, lock: .release, nonce: "n")
        #expect(released?.changes == ["lock.yaml": nil])
        #expect(applying(released, to: locked).lock == nil)
        #expect(published.publication(of: fleet, lock: .release, nonce: "n") == nil)
    }

    // MARK: What is read

    @Test func `paths that are not the operator's are left alone`() {
        var tree = StatusTree(files: files)
        let odd = [
            "instances/../web.yaml", "instances/Web.yaml", "instances/web.yml", "instances/a/b.yaml", "instances/.yaml",
            "notes.txt", "instances/\u{202e}.yaml",
        ]
        for path in odd { tree.set(path, to: Array("x".utf8)) }
        #expect(tree.strangers == Set(odd))
        #expect(tree.publication(of: fleet, nonce: "n") == nil)
        for path in odd { tree.set(path, to: nil) }
        #expect(tree == StatusTree(files: files))
    }

    @Test func `a file of another branch is that instance's trouble alone`() {
        var tree = StatusTree(files: files)
        let foreign = InstanceFile.bytes(
            name: web, lineage: OwnerID("fedcba"), status: StatusExample.web, record: record(web))
        tree.set("instances/web.yaml", to: foreign)
        #expect(tree.lineage == .known(fleet.lineage))
        #expect(tree.record(of: web) == .failure(.otherLineage(found: OwnerID("fedcba"), expected: fleet.lineage)))
        #expect(tree.unreadable[web]?.reason == "OtherLineage")
        #expect(tree.records.keys.sorted() == [gpu])
        let publication = tree.publication(of: fleet, records: [web: record(web)], nonce: "n")
        #expect(publication?.changes.keys.sorted() == ["README.md", "index.json"])
        #expect(text(publication, "README.md")?.contains("**OtherLineage**: ") == true)
    }

    // MARK: Lineage

    @Test func `a branch keeps its lineage, and one in conflict is not written to`() {
        let other = FleetStatus(lineage: OwnerID("other"), commit: "c2", instances: fleet.instances)
        let publication = published.publication(of: other, nonce: "n")
        #expect(publication?.changes.keys.sorted() == ["README.md", "index.json"])
        #expect(applying(publication, to: published).lineage == .known(fleet.lineage))
        #expect(StatusTree(files: ["main.swift": []]).publication(of: fleet, nonce: "n") == nil)
    }

    @Test func `a branch without files has no lineage yet`() {
        #expect(lineage(of: [:]) == .none)
    }

    @Test func `without an index the files say whose the branch is`() {
        var files = files
        files["index.json"] = nil
        #expect(lineage(of: files) == .known(fleet.lineage))
        files["index.json"] = Array("garbage".utf8)
        #expect(lineage(of: files) == .known(fleet.lineage))
        files["instances/web.yaml"] = InstanceFile.bytes(name: web, lineage: OwnerID("b"), status: nil, record: nil)
        guard case .conflict(let text) = lineage(of: files) else {
            Issue.record("\(lineage(of: files))")
            return
        }
        #expect(text.contains("0123456789abcdef, b"))
    }

    @Test func `a file that is too large stops its instance and leaves the lineage to the others`() {
        var tree = published
        tree.setUnreadable(web, "the file has more than 9 bytes")
        #expect(tree.unreadable.keys.sorted() == [web])
        let told = "instances/web.yaml:1:1: the file has more than 9 bytes"
        #expect(tree.unreadable[web]?.message.hasPrefix(told) == true)
        #expect(tree.lineage == .known(fleet.lineage))
    }

    @Test func `what is no plain file stops its instance, or the branch where it is everybody's`() {
        var tree = published
        tree.setObstacles(["instances/web.yaml": "a symbolic link", "notes": "a submodule"])
        #expect(tree.unreadable.keys.sorted() == [web])
        #expect(tree.unreadable[web]?.message.contains("a symbolic link is in its place") == true)
        #expect(tree.lineage == .known(fleet.lineage))
        for path in ["instances", "README.md", "index.json", "lock.yaml"] {
            tree.setObstacles([path: "a folder"])
            guard case .conflict(let text) = tree.lineage else {
                Issue.record("\(tree.lineage)")
                return
            }
            #expect(text.contains("\(path) on the status branch is a folder"))
        }
        tree.setObstacles([:])
        #expect(tree.lineage == .known(fleet.lineage))
    }

    @Test func `every file that is written is the operator's own, and no other`() {
        #expect(!files.isEmpty && files.keys.allSatisfy(StatusTree.isOwn))
        for path in ["dump.bin", "instances/Web.yaml", "instances/web.yaml.bak", "a/README.md"] {
            #expect(!StatusTree.isOwn(path))
        }
    }

    @Test func `without files the index says it`() {
        #expect(lineage(of: ["index.json": files["index.json"]!]) == .known(fleet.lineage))
    }

    @Test func `an index that no file agrees with is a conflict`() {
        var files = files
        for name in fleet.instances.map(\.name) {
            files[InstanceFile.path(of: name)] = InstanceFile.bytes(
                name: name, lineage: OwnerID("other"), status: nil, record: nil)
        }
        guard case .conflict(let text) = lineage(of: files) else {
            Issue.record("\(lineage(of: files))")
            return
        }
        #expect(text.contains("index.json"))
        #expect(text.contains("other"))
    }

    @Test(arguments: ["README.md", "main.swift", "lock.yaml", "instances/web.yaml"])
    func `a branch with files but no lineage is somebody else's`(path: String) {
        guard case .conflict(let text) = lineage(of: [path: Array("hello".utf8)]) else {
            Issue.record("it was taken")
            return
        }
        #expect(text.contains("--status-branch"))
    }
}
