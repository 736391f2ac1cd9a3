/// An answer that says no, in the shapes of the real API.
///
/// Recorded: `notFound`, `notAttached`, `invalid`, `snapshotInUse`, `stillInUse`, `rateLimited`, `forbidden`,
/// `serverError`. Known from the official SDK's sources only: `quotaExceeded`, `outOfStock`, `locked`, `transient`.
/// Established nowhere, chosen here: the body of `volumeInUse` and everything about deleting a server that runs.
struct Refusal: Error, Hashable, Sendable {
    var status: Int
    /// Nil for an answer without a body.
    var body: JSON?
    var headers: [APIResponse.Header] = []

    var response: APIResponse {
        guard let body else { return APIResponse(status: status, headers: headers) }
        return APIResponse(status, body, headers: headers)
    }
}

extension Refusal {
    static func notFound(_ resource: String, _ id: String) -> Refusal {
        Refusal(
            status: 404,
            body: [
                "message": "resource is not found", "resource": .string(resource), "resource_id": .string(id),
                "type": "not_found",
            ])
    }

    static func invalid(_ argument: String, _ reason: String, _ help: String) -> Refusal {
        Refusal(
            status: 400,
            body: [
                "type": "invalid_arguments", "message": "invalid argument(s)",
                "details": [
                    ["argument_name": .string(argument), "reason": .string(reason), "help_message": .string(help)]
                ],
            ])
    }

    /// The older shape of the instance API.
    static func validation(_ fields: [String]) -> Refusal {
        Refusal(
            status: 400,
            body: [
                "type": "invalid_request_error", "message": "Validation Error",
                "fields": .object(fields.map { JSON.Member($0, ["required key not provided"]) }),
            ])
    }

    static func badRequest(_ message: String) -> Refusal {
        Refusal(status: 400, body: ["type": "invalid_request_error", "message": .string(message)])
    }

    /// The instance API answers a failed precondition with 400, the others with 412.
    static func precondition(_ status: Int, _ precondition: String, _ help: String) -> Refusal {
        Refusal(
            status: status,
            body: [
                "help_message": .string(help), "message": "precondition is not respected",
                "precondition": .string(precondition), "type": "precondition_failed",
            ])
    }

    static let protected = precondition(400, "protected_resource", "server is protected")

    static let unauthenticated = Refusal(
        status: 401,
        body: [
            "message": "authentication is denied", "method": "api_key", "reason": "not_found",
            "type": "denied_authentication",
        ])

    static func forbidden(_ resource: String, _ action: String) -> Refusal {
        Refusal(
            status: 403,
            body: [
                "details": [["action": .string(action), "resource": .string(resource)]],
                "message": "insufficient permissions", "type": "permissions_denied",
            ])
    }

    static func quotaExceeded(_ resource: String, quota: Int, current: Int, project: String) -> Refusal {
        Refusal(
            status: 403,
            body: [
                "details": [
                    [
                        "resource": .string(resource), "quota": .integer(quota), "current": .integer(current),
                        "project_id": .string(project),
                    ]
                ],
                "message": "quota(s) exceeded for this resource", "type": "quotas_exceeded",
            ])
    }

    static func outOfStock(_ resource: String) -> Refusal {
        Refusal(
            status: 503,
            body: ["message": "resource is out of stock", "resource": .string(resource), "type": "out_of_stock"])
    }

    static func locked(_ resource: String, _ id: String) -> Refusal {
        Refusal(
            status: 423,
            body: [
                "message": "resource is locked", "resource": .string(resource), "resource_id": .string(id),
                "type": "locked",
            ])
    }

    static func transient(_ resource: String, _ id: String, _ state: String) -> Refusal {
        Refusal(
            status: 409,
            body: [
                "current_state": .string(state), "message": "resource is in a transient state",
                "resource": .string(resource), "resource_id": .string(id), "type": "transient_state",
            ])
    }

    static let serverError = Refusal(status: 500, body: ["type": "server_error", "message": "Internal error"])

    /// Recorded without a body and without a type; nothing says when to try again.
    static let rateLimited = Refusal(
        status: 429, body: nil, headers: [APIResponse.Header("X-Envoy-Ratelimited", "true")])
}
