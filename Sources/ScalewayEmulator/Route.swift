/// One endpoint: which requests it takes and what it does to the world.
struct Route: Sendable {
    /// Throws a `Refusal` and nothing else; a closure does not infer the type of what it throws.
    typealias Handler = @Sendable (inout World, Call) throws -> APIResponse

    let method: String
    /// `/instance/v1/zones/{zone}/servers/{id}`; also the name under which requests are counted.
    let template: String
    private let segments: [Substring]
    let handle: Handler

    init(_ method: String, _ template: String, _ handle: @escaping Handler) {
        self.method = method
        self.template = template
        segments = template.split(separator: "/")
        self.handle = handle
    }

    /// The parameters of the path, or nil where it is not this route's.
    func parameters(of path: [Substring]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            if segment.first == "{" {
                parameters[String(segment.dropFirst().dropLast())] = decodePercents(text)
            } else if segment != text {
                return nil
            }
        }
        return parameters
    }
}

/// Where there is anything. Zones without instances are not emulated.
enum Place {
    static let zones = [
        "fr-par-1", "fr-par-2", "fr-par-3", "nl-ams-1", "nl-ams-2", "nl-ams-3", "pl-waw-1", "pl-waw-2", "pl-waw-3",
        "it-mil-1",
    ]
    static let regions = ["fr-par", "nl-ams", "pl-waw", "it-mil"]

    static func region(of zone: String) -> String { String(zone.dropLast(2)) }
}

/// All endpoints.
enum Routes {
    static let all: [Route] =
        servers + volumes + snapshots + catalogue + images + addresses + securityGroups + localVolumes + networks
        + interfaces + networkInterfaces + bookings + account

    /// - Returns: nil for an endpoint that is not emulated.
    static func find(_ request: APIRequest) -> (route: Route, parameters: [String: String])? {
        var path = request.path.split(separator: "/")
        // Older clients speak the alpha version, whose answers have the same shape.
        if path.count > 1, path[0] == "block", path[1] == "v1alpha1" { path[1] = "v1" }
        for route in all where route.method == request.method {
            if let parameters = route.parameters(of: path) { return (route, parameters) }
        }
        return nil
    }

    /// Carries out a request of an authenticated client.
    static func respond(to request: APIRequest, in world: inout World, at now: Instant) -> APIResponse {
        guard let (route, parameters) = find(request) else {
            // Clients look for `/metadata` and take 404 for an answer.
            let isProduct = request.path.split(separator: "/").count > 1
            return APIResponse(isProduct ? 501 : 404, ["message": "unknown service"])
        }
        do {
            if let zone = parameters["zone"], !Place.zones.contains(zone) {
                throw Refusal.invalid("zone", "constraint", "not a valid value")
            }
            if let region = parameters["region"], !Place.regions.contains(region) {
                throw Refusal.invalid("region", "constraint", "not a valid value")
            }
            try world.checkReader(of: request)
            return try route.handle(&world, Call(request: request, now: now, parameters: parameters))
        } catch {
            return (error as? Refusal ?? .serverError).response
        }
    }
}
