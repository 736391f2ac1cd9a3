import Instances
import Testing

@Suite struct StatusCommitTests {
    private func message(
        _ instances: [InstanceStatus], on tree: StatusTree = StatusTree(), forgetting: Set<InstanceName> = [],
        commit: String = "4f2c1d2e9a77", nonce: String = "8f2e6a0c41d7b953"
    ) -> String {
        let fleet = FleetStatus(lineage: OwnerID("l"), commit: commit, instances: instances)
        return tree.publication(of: fleet, forgetting: forgetting, nonce: nonce)?.message ?? ""
    }

    private func subject(_ message: String) -> Substring { message.split(separator: "\n")[0] }

    private func tree(_ instances: [InstanceStatus]) -> StatusTree {
        var tree = StatusTree()
        let fleet = FleetStatus(lineage: OwnerID("l"), commit: "4f2c1d2e9a77", instances: instances)
        for (path, file) in tree.publication(of: fleet, nonce: "")?.changes ?? [:] { tree.set(path, to: file?.bytes) }
        return tree
    }

    @Test func `a message says what changed, and carries the trailers`() {
        #expect(
            message([StatusExample.web, StatusExample.gpu]) == """
                gpu-box: stopping; web: running

                Config-Commit: 4f2c1d2e9a77
                Instances-Ready: 1/2
                Operator-Nonce: 8f2e6a0c41d7b953

                """)
    }

    @Test func `new states come before new details`() {
        var gpu = StatusExample.gpu
        gpu.conditions.ready.reason = "Detaching"
        var web = StatusExample.web
        web.server?.state = "stopped"
        let before = tree([StatusExample.web, StatusExample.gpu])
        #expect(subject(message([web, gpu], on: before)) == "web: stopped; gpu-box: stopping, Detaching")
        #expect(subject(message([], on: before, forgetting: [web.name])) == "web: removed")
    }

    @Test func `a new commit that changes no instance is told too`() {
        let before = tree([StatusExample.web])
        #expect(message([StatusExample.web], on: before) == "")
        #expect(
            subject(message([StatusExample.web], on: before, commit: "77aa1122334455667788"))
                == "status of 77aa11223344: 1 of 1 ready")
    }

    @Test func `a subject fits in one line of a log`() {
        for count in 1...60 {
            let instances = (0..<count).map { number in
                var status = StatusExample.web
                status.name = InstanceName(String(repeating: "n", count: 30) + "\(number)")!
                return status
            }
            let subject = subject(message(instances))
            #expect(subject.utf8.count <= 72)
            #expect(count < 2 || subject.hasSuffix(" more") || subject.contains("; "))
        }
    }

    @Test func `nothing from outside reaches a message`() {
        let hostile = "x\n\nConfig-Commit: evil\n@org/team fixes #1 \u{1b}[31m\u{202e}"
        for seed in UInt64(0)..<100 {
            var generator = StatusGenerator(seed: seed)
            var status = generator.status()
            status.conditions.ready.reason = hostile
            status.conditions.stalled.reason = hostile
            let text = message([status], commit: hostile, nonce: hostile)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 6)
            #expect(lines[2] == "Config-Commit: xConfigCommitevilorgteamfixes131m")
            #expect(lines[4] == "Operator-Nonce: xConfigCommitevilorgteamfixes131m")
            #expect(lines[0].utf8.allSatisfy { (0x20...0x7E).contains($0) })
            #expect(!text.contains("@") && !text.contains("#"))
        }
    }
}
