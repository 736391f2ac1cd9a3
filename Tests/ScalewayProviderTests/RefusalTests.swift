import HTTP
import Reconciler
import Testing

@testable import ScalewayProvider

/// What an answer means to whoever asked.
struct RefusalCase: Sendable, CustomTestStringConvertible {
    var method: HTTP.Method
    var status: Int
    var body: String
    var reason: ProviderError.Reason
    var testDescription: String { "\(method.rawValue) \(status) \(body.prefix(80))" }

    init(_ method: HTTP.Method, _ status: Int, _ body: String, _ reason: ProviderError.Reason) {
        (self.method, self.status, self.body, self.reason) = (method, status, body, reason)
    }

    static let id = Sample.id(1)

    static let all: [RefusalCase] = [
        // Only a 404 about what was read means that it is gone.
        RefusalCase(.get, 404, #"{"type": "not_found", "resource": "volume", "resource_id": "\#(id)"}"#, .notFound),
        RefusalCase(.get, 404, #"{"type": "unknown_resource", "message": "\"x\" not found"}"#, .notFound),
        RefusalCase(
            .get, 404, #"{"type": "not_found", "resource": "project", "resource_id": "\#(Sample.id(2))"}"#, .unavailable
        ),
        RefusalCase(.get, 404, #"{"type": "not_found", "resource": "volume"}"#, .notFound),
        RefusalCase(.get, 404, #"{"type": "not_found", "resource": "instance_volume", "resource_id": ""}"#, .notFound),
        RefusalCase(.get, 404, #"{"type": "not_found", "resource": "project_id"}"#, .unavailable),
        RefusalCase(.get, 404, #"{"type": "not_found", "resource": "unknown", "resource_id": ""}"#, .unavailable),
        RefusalCase(.get, 404, #"{"type": "not_found", "resource": "snapshot"}"#, .unavailable),
        RefusalCase(.get, 404, "", .unavailable),
        RefusalCase(.get, 404, "<html>nginx</html>", .unavailable),
        RefusalCase(.get, 404, #"{"message": "no route"}"#, .unavailable),
        RefusalCase(.get, 410, #"{"type": "resource_expired"}"#, .unavailable),
        RefusalCase(.get, 410, #"{"type": "not_found"}"#, .unavailable),
        RefusalCase(.get, 500, #"{"type": "not_found", "resource_id": "\#(id)"}"#, .unavailable),
        RefusalCase(.get, 301, "", .unavailable),
        // Credentials and permissions.
        RefusalCase(
            .get, 401, #"{"type": "denied_authentication", "method": "api_key", "reason": "not_found"}"#, .unauthorized),
        RefusalCase(.get, 401, "", .unauthorized),
        RefusalCase(
            .get, 403, #"{"type": "permissions_denied", "details": [{"resource": "snapshot", "action": "read"}]}"#,
            .forbidden),
        RefusalCase(.get, 403, "", .forbidden),
        // Limits.
        RefusalCase(
            .post, 403, #"{"type": "quotas_exceeded", "details": [{"resource": "s", "quota": 2, "current": 2}]}"#,
            .quota),
        RefusalCase(
            .post, 400, #"{"type": "invalid_request_error", "message": "Quota exceeded for this resource."}"#, .quota),
        RefusalCase(.post, 503, #"{"type": "out_of_stock", "resource": "GP1-XS"}"#, .capacity),
        RefusalCase(.get, 429, "", .rateLimited(retryAfter: nil)),
        RefusalCase(
            .post, 429, #"{"type": "too_many_requests", "reset_seconds": 7}"#, .rateLimited(retryAfter: .seconds(7))),
        // The state that it is in.
        RefusalCase(.post, 409, #"{"type": "transient_state", "current_state": "starting"}"#, .conflict),
        RefusalCase(
            .post, 400, #"{"type": "invalid_request_error", "message": "server should be running"}"#, .conflict),
        RefusalCase(
            .post, 400,
            #"{"type": "precondition_failed", "precondition": "protected_resource", "help_message": "server is protected"}"#,
            .conflict),
        RefusalCase(.post, 423, #"{"type": "locked", "resource": "server"}"#, .conflict),
        RefusalCase(
            .delete, 412,
            #"{"type": "precondition_failed", "precondition": "protected_resource", "help_message": "Snapshot is currently in use"}"#,
            .inUse),
        RefusalCase(.delete, 412, #"{"type": "precondition_failed", "precondition": "resource_still_in_use"}"#, .inUse),
        // Arguments.
        RefusalCase(
            .post, 400, #"{"type": "invalid_arguments", "details": [{"argument_name": "name", "reason": "required"}]}"#,
            .invalid),
        RefusalCase(
            .post, 400, #"{"type": "invalid_request_error", "fields": {"commercial_type": ["required"]}}"#, .invalid),
        RefusalCase(
            .post, 404, #"{"type": "not_found", "resource": "instance_image", "resource_id": "\#(Sample.id(3))"}"#,
            .invalid),
        // A server that fails: reads failed, changes may have been carried out.
        RefusalCase(.get, 500, #"{"type": "server_error", "message": "Internal error"}"#, .unavailable),
        RefusalCase(.get, 503, "", .unavailable),
        RefusalCase(.post, 500, #"{"type": "server_error", "message": "Internal error"}"#, .unknownOutcome),
        RefusalCase(.post, 502, "<html></html>", .unknownOutcome),
        RefusalCase(.patch, 504, "", .unknownOutcome),
        RefusalCase(.delete, 500, "", .unknownOutcome),
        RefusalCase(.post, 302, "", .unknownOutcome),
        RefusalCase(.post, 500, #"{"type": "quotas_exceeded"}"#, .unknownOutcome),
        RefusalCase(.post, 503, #"{"type": "invalid_arguments"}"#, .unknownOutcome),
    ]
}

@Suite struct RefusalTests {
    private func call(_ method: HTTP.Method) throws -> Call {
        let id = try #require(ResourceUUID(RefusalCase.id))
        return Call(method: method, path: "/volumes/\(id)", purpose: "do it", subject: .resource(id))
    }

    @Test(arguments: RefusalCase.all) func `an answer means what its type says`(refused: RefusalCase) throws {
        let error = Refusal(Response(refused.status, refused.body)).error(of: try call(refused.method))
        #expect(error.reason == refused.reason)
        #expect(error.message.hasPrefix("cannot do it: "))
        #expect(error.message.contains("HTTP \(refused.status)"))
    }

    @Test func `a message says what, why and which request`() throws {
        let body = """
            {"type": "permissions_denied", "message": "insufficient permissions", \
            "details": [{"action": "write", "resource": "volume"}]}
            """
        let error = Refusal(Response(403, body, headers: [("x-request-id", "5be7")])).error(of: try call(.post))
        #expect(
            error.message
                == "cannot do it: insufficient permissions: write volume (HTTP 403 permissions_denied, request 5be7)")
    }

    @Test func `a key that is not accepted is told how to be replaced`() throws {
        let error = Refusal(Response(401, #"{"type": "denied_authentication"}"#)).error(of: try call(.get))
        #expect(error.message.contains("check SCW_ACCESS_KEY and SCW_SECRET_KEY"))
        #expect(error.message.contains("configuration file at the next look, in the environment after a restart"))
    }

    @Test func `a message is one short line, whatever the server writes`() throws {
        let body =
            #"{"type": "x\u001b[31m", "message": "a\u0000b\r\n::error::\u202e\#(String(repeating: "z", count: 9_999))"}"#
        let error = Refusal(Response(400, body, headers: [("X-Request-Id", "\u{1b}]0;")])).error(of: try call(.post))
        #expect(error.message.utf8.count < 700)
        #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && $0.value != 0x202e })
    }

    @Test(arguments: [
        (HTTP.Method.get, TransportFailure.notSent("no route"), ProviderError.Reason.unavailable),
        (.get, .lost("reset"), .unavailable), (.post, .notSent("no route"), .unavailable),
        (.post, .lost("reset"), .unknownOutcome), (.patch, .lost("reset"), .unknownOutcome),
        (.delete, .lost("reset"), .unknownOutcome),
    ])
    func `a lost answer is unknown only where something was to change`(
        method: HTTP.Method, failure: TransportFailure, reason: ProviderError.Reason
    ) async throws {
        let scaleway = ScriptedScaleway { _, _ in .failure(failure) }
        let call = try call(method)
        let error = await #expect(throws: ProviderError.self) { _ = try await scaleway.client.exchange(call) }
        #expect(error?.reason == reason)
    }

    @Test(arguments: ["", "{\"server\": {\"id\"", "<html>", "{\"server\": {}}"])
    func `an unreadable answer to a create call is an unknown outcome`(body: String) async throws {
        let scaleway = ScriptedScaleway { _, _ in .success(Response(201, body)) }
        let request = CreateVolume(name: "data", project: Sample.project, tags: [], iops: 5_000, size: 1_000_000_000)
        let api = BlockAPI(
            client: scaleway.client, zone: try #require(Zone("fr-par-1")),
            project: try #require(ResourceUUID(Sample.project)))
        let error = await #expect(throws: ProviderError.self) { _ = try await api.createVolume(request) }
        #expect(error?.reason == .unknownOutcome)
    }

    @Test(arguments: [404, 410]) func `deleting what is gone is done`(status: Int) async throws {
        let scaleway = ScriptedScaleway { _, _ in .success(Response(status, "")) }
        try await scaleway.client.delete(
            .delete("/x", to: "delete it", about: try #require(ResourceUUID(Sample.id(1)))))
    }

    @Test(arguments: [403, 409, 500]) func `deleting what was not deleted is not done`(status: Int) async throws {
        let scaleway = ScriptedScaleway { _, _ in .success(Response(status, "")) }
        let call = Call.delete("/x", to: "delete it", about: try #require(ResourceUUID(Sample.id(1))))
        await #expect(throws: ProviderError.self) { try await scaleway.client.delete(call) }
    }

    @Test func `only requests that may be repeated are marked so`() throws {
        let marks = [HTTP.Method.get, .put, .patch, .delete, .post].map { method in
            Call(method: method, path: "/", purpose: "x").request(endpoint: "https://x", token: Secret("t"))
                .isIdempotent
        }
        #expect(marks == [true, true, true, true, false])
    }
}
