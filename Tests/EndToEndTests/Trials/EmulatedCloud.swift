import Foundation
import HTTP

/// The emulator as a process of its own, with an account that can be kept in a file and copied.
final class EmulatedCloud: Sendable {
    private let process: Process
    private let http: HTTPClient
    let url: String

    /// What the operator needs to reach it.
    var environment: [String: String] {
        [
            "SCW_API_URL": url, "SCW_ACCESS_KEY": "SCWEMULATOR000000000",
            "SCW_SECRET_KEY": "11111111-1111-4111-8111-111111111111", "SCW_DEFAULT_PROJECT_ID": Self.project,
            "SCW_DEFAULT_ORGANIZATION_ID": Self.project,
        ]
    }

    private static let project = "22222222-2222-4222-8222-222222222222"
    /// A power off takes a twenty-fifth of a second, as a rule, and a fifth at most. The operator looks right after each
    /// call, so that it sees things under way all the same.
    private static let timeScale = "0.001"

    /// - Parameter state: where the account is kept between two runs.
    init(state: URL, in sandbox: Sandbox, more: [String] = []) throws {
        process = Process()
        process.executableURL = try Sandbox.built("scaleway-emulator")
        process.arguments = ["--port", "0", "--time-scale", Self.timeScale, "--state", state.path] + more
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) { line += byte }
        guard let url = String(decoding: line, as: UTF8.self).split(separator: " ").first else {
            throw Sandbox.Trouble(text: "the emulator did not start")
        }
        self.url = String(url)
        http = HTTPClient(configuration: ClientConfiguration())
    }

    deinit {
        http.shutdown()
        process.killAndWait()
    }

    /// Ends it and keeps the account.
    func save() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Sends a request to the control API.
    @discardableResult
    func control(_ method: HTTP.Method, _ path: String, _ body: String? = nil) async throws -> [String: Any] {
        let answer = try await http.send(
            Request(method: method, url: "\(url)/_emulator/\(path)", body: body.map { Array($0.utf8) }))
        guard answer.status == 200 else {
            throw Sandbox.Trouble(text: "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
    }

    /// The number of the request that a hold fault has stopped; `nil` if there is none for a second.
    func held() async throws -> Int? {
        let holds = try await control(.get, "holds?wait=1")["holds"] as? [[String: Any]]
        return holds?.first?["number"] as? Int
    }

    // MARK: What there is

    /// Everything that was asked since the last time, in its order.
    func requests() async throws -> [Call] {
        let requests = try await control(.get, "requests")["requests"] as? [[String: Any]] ?? []
        return requests.compactMap { request in
            guard let method = request["method"] as? String, let route = request["route"] as? String else { return nil }
            return Call(method: method, route: route)
        }
    }

    /// How many requests were refused because there were too many of them.
    func refusedForTheirNumber() async throws -> Int {
        let requests = try await control(.get, "requests")["requests"] as? [[String: Any]] ?? []
        return requests.filter { $0["status"] as? Int == 429 }.count
    }

    func forgetRequests() async throws { try await control(.delete, "requests") }

    /// What went wrong with the data, in words; empty where the newest content of everything exists.
    func losses() async throws -> [String] {
        let found = try await control(.get, "invariants")
        let violations = (found["violations"] as? [[String: Any]] ?? []).compactMap { $0["explanation"] as? String }
        let written = found["lineages"] as? [[String: Any]] ?? []
        return violations + (found["ok"] as? Bool == true ? [] : ["the invariants do not hold"])
            + (written.count > 1 ? ["\(written.count) disks hold data, so that one began empty"] : [])
    }

    /// How many of everything there are.
    func holdings() async throws -> Holdings {
        let state = try await control(.get, "state")
        func things(_ name: String) -> [[String: Any]] {
            (state[name] as? [[String: Any]] ?? []).filter { $0["deleted"] as? Bool != true }
        }
        return Holdings(
            running: things("servers").filter { $0["state"] as? String == "running" }.count,
            servers: things("servers").count, volumes: things("volumes").count, snapshots: things("snapshots").count,
            addresses: things("ips").count, networks: things("private_networks").count,
            groups: things("security_groups").filter { $0["project_default"] as? Bool != true }.count)
    }
}

/// One endpoint that was asked.
struct Call: Hashable, Sendable {
    var method: String
    /// With names in braces for ids.
    var route: String

    var isRead: Bool { method == "GET" }
    var makesNetwork: Bool { method == "POST" && route.hasSuffix("/private-networks") }
    var isList: Bool { isRead && !route.hasSuffix("}") }

    /// As a fault names it.
    var pattern: String {
        let segments = route.split(separator: "/").map { $0.hasPrefix("{") ? "*" : String($0) }
        return "\(method) /" + segments.joined(separator: "/")
    }
}

/// How many of everything an account holds.
struct Holdings: Hashable, Sendable {
    var running = 0
    var servers = 0
    var volumes = 0
    var snapshots = 0
    var addresses = 1
    var networks = 1
    var groups = 1
}
