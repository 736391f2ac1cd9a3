import Foundation
import HTTP
import TestThreads
import Testing

/// Days that once went wrong at Scaleway, and what a day costs in requests.
@Suite(.runs(on: .programs), .serialized) struct ScalewayDayTests {
    @Test func `an old list of disks while one leaves stops nothing`() async throws {
        let trial = try Trial(try await Story(.stop))
        let fault = #"{"on": "GET /block/v1/zones/*/volumes", "when": {"from": 2}, "do": {"stale": 1}}"#
        let (output, _) = try await trial.run(with: fault)
        #expect(output.code == 0, "\(output.err)")
        // The status may show what the old list showed, until the next run.
        #expect(try await trial.run() == [])
    }

    @Test func `an answer that was lost on the way is not the last word`() async throws {
        let trial = try Trial(try await Story(.create))
        let fault = #"{"on": "POST /instance/v1/zones/*/servers/*/action", "when": {"nth": 1}, "do": "drop-after"}"#
        let (output, problems) = try await trial.run(with: fault)
        #expect(output.code == 0, "\(output.err)")
        #expect(problems == [])
    }

    @Test func `a reserved address whose answer was lost is not paid twice`() async throws {
        let trial = try Trial(try await Story(.create))
        let fault = #"{"on": "POST /instance/v1/zones/*/ips", "when": {"nth": 1}, "do": {"late": 1}}"#
        let (output, _) = try await trial.run(with: fault)
        #expect(output.code == 0, "\(output.err)")
        try await Task.sleep(for: .milliseconds(1_300))
        #expect(try await trial.run() == [])
    }

    /// A request that hangs is waited for half a minute; who asks the operator to end does not wait that long.
    @Test(arguments: ["GET /block/v1/zones/*/snapshots", "POST /instance/v1/zones/*/servers"])
    func `a request that hangs does not keep an operator from ending`(route: String) async throws {
        let sandbox = try Sandbox()
        let cloud = try EmulatedCloud(state: Story.account(in: sandbox), in: sandbox)
        try sandbox.commit(["box.yaml": plainManifest("box", enabled: true)])
        try await cloud.control(.post, "faults", #"{"on": "\#(route)", "when": {"nth": 1}, "do": "hold-after"}"#)
        let process = try sandbox.start(["reconcile", "--once"], environment: cloud.environment)
        while try await cloud.held() == nil {}
        let asked = ContinuousClock.now
        process.terminate()
        process.waitUntilExit()
        #expect(asked.duration(to: .now) < .seconds(20))
        #expect([8, 9].contains(process.terminationStatus))
        #expect(try sandbox.status("index.json").contains("box"))
        #expect(try sandbox.reconcile(environment: cloud.environment).code == 0)
        let holdings = try await cloud.holdings()
        #expect(holdings.servers == 1)
        #expect(holdings.volumes == 1)
    }

    /// A provider may ask for a minute, which is more than systemd or Kubernetes give to whoever is to end.
    @Test func `a provider that asks for patience does not keep an operator from ending`() async throws {
        let sandbox = try Sandbox()
        let cloud = try EmulatedCloud(state: Story.account(in: sandbox), in: sandbox)
        try sandbox.commit(["box.yaml": plainManifest("box", enabled: true)])
        try await cloud.control(
            .post, "faults",
            #"{"on": "POST /instance/v1/zones/*/servers", "do": {"status": 429, "headers": {"Retry-After": "60"}}}"#)
        let process = try sandbox.start(["reconcile", "--once"], environment: cloud.environment)
        while try await cloud.refusedForTheirNumber() == 0 { try await Task.sleep(for: .milliseconds(50)) }
        let asked = ContinuousClock.now
        process.terminate()
        process.waitUntilExit()
        #expect(asked.duration(to: .now) < .seconds(20))
        #expect(process.terminationStatus == 9)
        #expect(try sandbox.status("index.json").contains("box"))
    }

    @Test func `a key that is put right in the file is used without a restart`() async throws {
        let sandbox = try Sandbox()
        let cloud = try EmulatedCloud(state: Story.account(in: sandbox), in: sandbox)
        try sandbox.commit(["box.yaml": plainManifest("box", enabled: true)])
        let good = try #require(cloud.environment["SCW_SECRET_KEY"])
        let file = sandbox.root.appendingPathComponent("scw.yaml")
        func write(secret: String) throws {
            try Data("secret_key: \(secret)\n".utf8).write(to: file, options: .atomic)
        }
        func wait(for words: String) async throws {
            for _ in 0..<600 {
                if let index = try? sandbox.status("index.json"), index.contains(words) { return }
                try await Task.sleep(for: .milliseconds(50))
            }
            Issue.record("the status never said '\(words)'")
        }
        var environment = cloud.environment.filter { $0.key != "SCW_SECRET_KEY" }
        environment["SCW_CONFIG_PATH"] = file.path
        try write(secret: "99999999-9999-4999-8999-999999999999")
        let process = try sandbox.start(["run", "--interval", "200ms"], environment: environment)
        defer { process.killAndWait() }
        try await wait(for: "denied_authentication")
        try write(secret: "mistyped")
        try await wait(for: "is not a secret key")
        try write(secret: good)
        for _ in 0..<600 {
            if try await cloud.holdings().running == 1 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the new key was never used")
    }

    // MARK: Requests

    /// Two hundred with `OPERATOR_TRIALS=all`.
    private static let fleet = ProcessInfo.processInfo.environment["OPERATOR_TRIALS"] == "all" ? 200 : 40
    /// More in one second than this, and the emulator refuses all for a while.
    private static let rateLimit = 120

    @Test func `a look at many costs pages, and a change costs a bounded number of requests each`() async throws {
        let sandbox = try Sandbox()
        let cloud = try EmulatedCloud(
            state: Story.account(in: sandbox), in: sandbox, more: ["--rate-limit", String(Self.rateLimit)])
        func costs(_ enabled: Bool) async throws -> [Call] {
            let names = (1...Self.fleet).map { "box-\($0)" }
            try sandbox.commit(
                Dictionary(uniqueKeysWithValues: names.map { ("\($0).yaml", plainManifest($0, enabled: enabled)) }))
            try await cloud.forgetRequests()
            let output = try sandbox.reconcile("--timeout", "300s", environment: cloud.environment)
            #expect(output.code == 0, "\(output.err.suffix(800))")
            return try await cloud.requests()
        }
        func each(_ calls: [Call]) -> Int { calls.filter { !$0.isList }.count / Self.fleet }

        let start = try await costs(true)
        #expect(each(start) <= 12, "\(tally(start))")
        try await cloud.forgetRequests()
        #expect(try sandbox.reconcile(environment: cloud.environment).code == 0)
        let rest = try await cloud.requests()
        #expect(rest.filter { !$0.isList } == [], "\(tally(rest))")
        // Servers, disks, snapshots, addresses and groups, a hundred to a page, a look whether the key is good, and one
        // page more where the last one is full.
        #expect(rest.count <= 6 + 2 * (Self.fleet / 100 + 1), "\(tally(rest))")
        let stop = try await costs(false)
        #expect(each(stop) <= 20, "\(tally(stop))")
        #expect(try await cloud.refusedForTheirNumber() == 0)
        #expect(try await cloud.holdings() == Holdings(addresses: 0, networks: 0, groups: 0))
    }

    private func tally(_ calls: [Call]) -> [String] {
        Dictionary(grouping: calls, by: \.pattern).map { "\($0.value.count) \($0.key)" }.sorted()
    }

    private func plainManifest(_ name: String, enabled: Bool) -> String {
        """
        apiVersion: operator/v1
        kind: Instance
        metadata: {name: \(name)}
        spec:
          provider: scaleway
          zone: fr-par-1
          server: {type: DEV1-S, image: ubuntu_jammy, publicIP: none}
          rootDisk: {sizeGB: 20}
          runtime: {enableInstanceServer: \(enabled)}
        """
    }
}
