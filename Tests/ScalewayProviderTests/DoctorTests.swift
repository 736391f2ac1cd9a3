import HTTP
import Instances
import ScalewayEmulator
import Testing

@testable import ScalewayProvider

/// What a person with an account is told about it.
@Suite struct DoctorTests {
    private let scaleway = EmulatedScaleway()

    private func checks(_ account: ScalewayAccount? = nil) async throws -> [ScalewayDoctor.Check] {
        let account = try account ?? scaleway.account()
        let doctor = ScalewayDoctor(account, provider: try account.provider(zone: EmulatedScaleway.zone))
        return await doctor.run { Timestamp(seconds: 1_790_000_000) }
    }

    private func check(_ name: String) async throws -> ScalewayDoctor.Check {
        try #require(try await checks().first { $0.name == name })
    }

    @Test func `all is well with an account that is well, and nothing is changed`() async throws {
        let checks = try await checks()
        #expect(checks.filter { $0.outcome != .ok && $0.name != "clock" } == [])
        #expect(checks.map(\.name).contains("private networks"))
        #expect(await scaleway.requests.allSatisfy { $0.hasPrefix("GET") })
    }

    @Test func `a key that is not accepted ends the questions`() async throws {
        try await scaleway.add(fault: ["on": "* /**", "do": "unauthenticated"])
        let last = try #require(try await checks().last)
        #expect(last.name == "credentials")
        #expect(last.outcome == .failure)
        #expect(last.text.contains("SCW_SECRET_KEY"))
    }

    @Test func `a permission that is missing is named`() async throws {
        try await scaleway.add(fault: ["on": "GET /block/v1/zones/*/snapshots", "do": "forbidden"])
        try await scaleway.add(fault: ["on": "GET /vpc/**", "do": "forbidden"])
        try await scaleway.add(fault: ["on": "GET /iam/**", "do": "forbidden"])
        let snapshots = try await check("snapshots")
        #expect(snapshots.outcome == .failure)
        #expect(snapshots.text.contains("BlockStorageFullAccess"))
        #expect(try await check("private networks").outcome == .warning)
        #expect(try await check("quotas").outcome == .warning)
        #expect(try await check("disks").outcome == .ok)
        let changes = try await check("changes")
        #expect(changes.outcome == .warning)
        #expect(changes.text.contains("IAMReadOnly"))
    }

    /// All reads succeed with such a key.
    @Test func `a key that may only read is told from one that may change`() async throws {
        try await answer("GET /iam/v1alpha1/api-keys/*", ["application_id": .string(Sample.id(70))])
        try await answer(
            "GET /iam/v1alpha1/policies?application_ids=\(Sample.id(70))",
            ["policies": [["id": .string(Sample.id(73))]], "total_count": 1])
        try await rules([["permission_set_names": ["InstancesReadOnly", "BlockStorageReadOnly", "VPCReadOnly"]]])
        let changes = try await check("changes")
        #expect(changes.outcome == .failure)
        #expect(changes.text.contains("InstancesFullAccess and BlockStorageFullAccess"))
        #expect(try await check("servers").outcome == .ok)
    }

    @Test func `the owner of an organization needs no policies`() async throws {
        try await rules([])
        #expect(try await check("changes").outcome == .warning)
    }

    @Test(arguments: [
        (EmulatorConfiguration.defaultProject, ScalewayDoctor.Check.Outcome.ok), (Sample.id(71), .warning),
    ])
    func `rules of another project do not count`(project: String, outcome: ScalewayDoctor.Check.Outcome) async throws {
        try await rules([["permission_set_names": ["AllProductsFullAccess"], "project_ids": [.string(project)]]])
        #expect(try await check("changes").outcome == outcome)
    }

    @Test func `policies of the application's groups count`() async throws {
        let group = Sample.id(72)
        try await answer("GET /iam/v1alpha1/api-keys/*", ["application_id": .string(Sample.id(70))])
        #expect(try await check("changes").outcome == .failure)
        try await answer("GET /iam/v1alpha1/groups", ["groups": [["id": .string(group)]], "total_count": 1])
        try await answer(
            "GET /iam/v1alpha1/policies?group_ids=\(group)",
            ["policies": [["id": .string(Sample.id(73))]], "total_count": 1])
        #expect(try await check("changes").outcome == .ok)
    }

    @Test func `a key that ends soon is told`() async throws {
        try await answer(
            "GET /iam/v1alpha1/api-keys/*", ["user_id": .string(Sample.id(74)), "expires_at": "2026-09-25T00:00:00Z"])
        try await answer(
            "GET /iam/v1alpha1/policies?user_ids=\(Sample.id(74))",
            ["policies": [["id": .string(Sample.id(73))]], "total_count": 1])
        let changes = try await check("changes")
        #expect(changes.outcome == .warning)
        #expect(changes.text.contains("expires at 2026-09-25T00:00:00Z"))
    }

    @Test(arguments: [500, 404, 302])
    func `an answer about something else does not say that a key is good`(status: Int) async throws {
        let scripted = ScriptedScaleway { _, _ in .success(Response(status, "{}", headers: [])) }
        let last = try #require(
            try await checks(ScalewayAccount(try EmulatedScaleway.configuration, transport: scripted)).last)
        #expect(last.name == "credentials")
        #expect(last.outcome == .failure)
    }

    private func rules(_ rules: [JSON]) async throws {
        let rows = rules.enumerated().map { index, rule -> JSON in
            guard case .object(let members) = rule else { return rule }
            return .object([JSON.Member("id", .string(Sample.id(80 + index)))] + members)
        }
        try await answer(
            "GET /iam/v1alpha1/rules", ["rules": .array(rows), "total_count": .integer(rows.count)])
    }

    private func answer(_ route: String, _ body: JSON) async throws {
        try await scaleway.add(fault: ["on": .string(route), "do": ["status": 200, "body": body]])
    }

    @Test func `a project that does not exist is found out`() async throws {
        let environment = [
            "SCW_ACCESS_KEY": EmulatorConfiguration.defaultAccessKey,
            "SCW_SECRET_KEY": EmulatorConfiguration.defaultSecretKey,
            "SCW_DEFAULT_PROJECT_ID": Sample.id(5),
        ]
        let configuration = try ScalewayConfiguration.load(environment: environment) { _ in nil }
        let checks = try await checks(ScalewayAccount(configuration, transport: scaleway))
        #expect(checks.first { $0.name == "project" }?.outcome == .failure)
        #expect(checks.first { $0.name == "quotas" }?.outcome == .warning)
    }

    @Test func `an API that cannot be reached is said to be so`() async throws {
        try await scaleway.add(fault: ["on": "* /**", "do": "drop-before"])
        let checks = try await checks()
        #expect(checks.map(\.name) == ["API"])
        #expect(checks.first?.outcome == .failure)
    }

    @Test(arguments: [
        ("Mon, 21 Sep 2026 14:13:20 GMT", 1_790_000_000 as Int64?), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("yesterday", nil), ("Mon, 21 Foo 2026 14:13:20 GMT", nil), ("", nil),
    ])
    func `the date of an answer is read`(text: String, seconds: Int64?) {
        #expect(Timestamp(httpDate: text)?.seconds == seconds)
    }

    @Test(arguments: [(0 as Int64, ScalewayDoctor.Check.Outcome.ok), (59, .ok), (3_600, .warning), (-3_600, .warning)])
    func `a clock that is wrong is told`(ahead: Int64, outcome: ScalewayDoctor.Check.Outcome) async throws {
        let scaleway = ScriptedScaleway { _, _ in
            .success(Response(200, "{}", headers: [("Date", "Mon, 21 Sep 2026 14:13:20 GMT")]))
        }
        let account = ScalewayAccount(try EmulatedScaleway.configuration, transport: scaleway)
        let doctor = ScalewayDoctor(account, provider: try account.provider(zone: "fr-par-1"))
        let checks = await doctor.run { Timestamp(seconds: 1_790_000_000 + ahead) }
        #expect(checks.first { $0.name == "clock" }?.outcome == outcome)
    }
}
