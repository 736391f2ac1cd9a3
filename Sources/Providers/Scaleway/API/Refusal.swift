import FoundationEssentials
import HTTP
import Reconciler

/// What Scaleway says when it says no.
///
/// The same status means different things in different APIs (a failed precondition is 400 for servers and 412 for
/// disks), so `type` decides and the status only helps where there is no type. There may be no body at all: a 429 comes
/// from the gateway in front, empty; so does the 404 of a missing user data key.
///
/// Source: scaleway-sdk-go, scw/errors.go, and recorded answers.
struct Refusal: Hashable, Sendable {
    var status: Int
    var body: Body?
    var requestID: String?
    var retryAfter: Duration?

    struct Body: Hashable, Sendable {
        var type: String?
        var message: String?
        var details: [Detail]
        /// Of the older instance API: what is wrong with each field.
        var fields: [String: [String]]
        var resource: String?
        var resourceID: String?
        var precondition: String?
        var helpMessage: String?
        var currentState: String?
        var reason: String?
        var resetSeconds: Int?
    }

    struct Detail: Hashable, Sendable {
        var argumentName: String?
        var reason: String?
        var helpMessage: String?
        var resource: String?
        var action: String?
        var quota: Int?
        var current: Int?
    }

    init(_ response: Response) {
        status = response.status
        requestID = response.headers.first("X-Request-Id")
        body = try? JSONDecoder().decode(Body.self, from: Data(response.body))
        let seconds = response.headers.first("Retry-After").flatMap { Int($0) } ?? body?.resetSeconds
        retryAfter = seconds.flatMap { $0 >= 0 ? .seconds($0) : nil }
    }

    func error(of call: Call) -> ProviderError {
        let reason = reason(of: call)
        let way = reason == .unauthorized ? ": \(Self.wayToAnotherKey)" : ""
        return ProviderError(reason, "cannot \(call.purpose): \(words) (\(origin))\(way)")
    }

    private static let wayToAnotherKey =
        "check SCW_ACCESS_KEY and SCW_SECRET_KEY; the key may have expired or been deleted. A new one is found in "
        + "Scaleway's configuration file at the next look, in the environment after a restart"

    /// `HTTP 403 permissions_denied, request 5be7…`.
    private var origin: String {
        let type = body?.type.map { " " + printable($0, limit: 60) } ?? ""
        return "HTTP \(status)\(type)" + (requestID.map { ", request \(printable($0, limit: 60))" } ?? "")
    }
}

extension Refusal {
    private func reason(of call: Call) -> ProviderError.Reason {
        if let type = body?.type, let reason = reason(ofType: type, call) { return reason }
        return reasonOfStatus(call)
    }

    private func reason(ofType type: String, _ call: Call) -> ProviderError.Reason? {
        switch type {
        case "out_of_stock": .capacity
        // Whatever a failing server writes, it has failed.
        case _ where status >= 500: nil
        case "not_found", "unknown_resource": absence(call)
        case "quotas_exceeded": .quota
        case "invalid_request_error": legacyReason
        case "invalid_arguments": .invalid
        case "precondition_failed": preconditionReason
        case "denied_authentication": .unauthorized
        case "permissions_denied": .forbidden
        case "transient_state", "locked": .conflict
        case "too_many_requests": .rateLimited(retryAfter: retryAfter)
        default: nil
        }
    }

    /// Only a 404 that names what was asked for says that it does not exist. A gateway's own 404, or one about a
    /// project or a zone, says nothing about a disk.
    private func absence(_ call: Call) -> ProviderError.Reason {
        guard status == 404 else { return call.isRead ? .unavailable : .conflict }
        switch call.subject {
        case .kind(let kind):
            if body?.resource == kind { return .notFound }
        case .resource(let id):
            if body?.resourceID?.lowercased() == id.text || isWithoutID && isAboutKind(of: id, in: call.path) {
                return .notFound
            }
        case nil:
            break
        }
        return call.isRead ? .unavailable : .invalid
    }

    private var isWithoutID: Bool { body?.resourceID?.isEmpty ?? true }

    /// Whether the kind that is named, if any, is that of what was asked for: `…/servers/{id}` is about a `server`, which
    /// the Instance API calls `instance_server`. The oldest answers name none.
    private func isAboutKind(of id: ResourceUUID, in path: String) -> Bool {
        guard let kind = body?.resource, !kind.isEmpty else { return true }
        let parts = path.split(separator: "/")
        guard let place = parts.lastIndex(where: { $0 == id.text }), place > 0 else { return false }
        let asked = parts[place - 1].dropLast().replacing("-", with: "_")
        return kind == asked || kind == "instance_" + asked
    }

    /// The older instance API has one type for everything.
    private var legacyReason: ProviderError.Reason {
        let message = body?.message?.lowercased() ?? ""
        if message.contains("quota exceeded") { return .quota }
        return message.contains("server should be") ? .conflict : .invalid
    }

    private var preconditionReason: ProviderError.Reason {
        let words = [body?.precondition, body?.helpMessage].compactMap { $0?.lowercased() }.joined(separator: " ")
        return words.contains("in use") || words.contains("in_use") || words.contains("attached") ? .inUse : .conflict
    }

    private func reasonOfStatus(_ call: Call) -> ProviderError.Reason {
        switch status {
        case 400, 405, 411, 413, 414, 415, 422: .invalid
        case 401: .unauthorized
        case 403: .forbidden
        case 409, 423: .conflict
        case 412: preconditionReason
        case 429: .rateLimited(retryAfter: retryAfter)
        // Creating something has been recorded to fail with a 500; whether it exists nobody knows.
        case 500...: call.isRead ? .unavailable : .unknownOutcome
        // Not an answer of the API: a redirect, a gateway's page, something older or newer than we know.
        default: call.isRead ? .unavailable : .unknownOutcome
        }
    }
}

extension Refusal {
    /// Scaleway's own words, fit for a message, and the way out where there is one.
    private var words: String {
        guard let body else {
            return switch status {
            case 401: "the credentials are not accepted"
            case 429: "too many requests"
            default: "an answer that is not of the API"
            }
        }
        var parts = [body.message ?? body.type ?? "no reason given"]
        if let help = body.helpMessage { parts.append(help) }
        parts += body.details.map(\.text).filter { !$0.isEmpty }
        parts += body.fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.joined(separator: ", "))" }
        if let state = body.currentState { parts.append("it is \(state)") }
        if let reason = body.reason { parts.append(reason) }
        if body.type == "not_found" || body.type == "out_of_stock" || body.type == "locked", let name = body.resource {
            parts.append([name, body.resourceID].compactMap(\.self).joined(separator: " "))
        }
        return printable(parts.joined(separator: ": "))
    }
}

extension Refusal.Detail {
    fileprivate var text: String {
        var parts: [String] = []
        if let argumentName { parts.append(argumentName) }
        if let helpMessage { parts.append(helpMessage) } else if let reason { parts.append(reason) }
        if let resource { parts.append([action, resource].compactMap(\.self).joined(separator: " ")) }
        if let quota { parts.append("quota \(quota)" + (current.map { ", in use \($0)" } ?? "")) }
        return parts.joined(separator: " ")
    }
}

extension Refusal.Body: Decodable {
    private enum CodingKeys: String, CodingKey {
        case type, message, details, fields, resource, precondition, reason
        case resourceID = "resource_id"
        case helpMessage = "help_message"
        case currentState = "current_state"
        case resetSeconds = "reset_seconds"
    }

    /// A field of an unexpected type is passed over: half an explanation is better than none.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        type = try? fields.decode(String.self, forKey: .type)
        message = try? fields.decode(String.self, forKey: .message)
        details = (try? fields.decode([Refusal.Detail].self, forKey: .details)) ?? []
        self.fields = (try? fields.decode([String: [String]].self, forKey: .fields)) ?? [:]
        resource = try? fields.decode(String.self, forKey: .resource)
        resourceID = try? fields.decode(String.self, forKey: .resourceID)
        precondition = try? fields.decode(String.self, forKey: .precondition)
        helpMessage = try? fields.decode(String.self, forKey: .helpMessage)
        currentState = try? fields.decode(String.self, forKey: .currentState)
        reason = try? fields.decode(String.self, forKey: .reason)
        resetSeconds = try? fields.decode(Int.self, forKey: .resetSeconds)
    }
}

extension Refusal.Detail: Decodable {
    private enum CodingKeys: String, CodingKey {
        case argumentName = "argument_name"
        case reason, resource, action, quota, current
        case helpMessage = "help_message"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        argumentName = try? fields.decode(String.self, forKey: .argumentName)
        reason = try? fields.decode(String.self, forKey: .reason)
        helpMessage = try? fields.decode(String.self, forKey: .helpMessage)
        resource = try? fields.decode(String.self, forKey: .resource)
        action = try? fields.decode(String.self, forKey: .action)
        quota = try? fields.decode(Int.self, forKey: .quota)
        current = try? fields.decode(Int.self, forKey: .current)
    }
}
