/// An account at Scaleway, as a value: it answers requests and changes by itself as time passes.
///
/// Pure: the same configuration, requests and times give the same answers. Time is an argument and never goes back;
/// nothing happens between two calls.
public struct Emulator: Sendable, Codable {
    var world: World

    public init(configuration: Configuration, now: Instant) {
        world = World(configuration: configuration, now: now)
    }

    /// Answers one request.
    public mutating func handle(_ request: APIRequest, at now: Instant) -> APIResponse {
        world.advance(to: now)
        guard request.token == world.configuration.secretKey else { return Refusal.unauthenticated.response }
        return Routes.respond(to: request, in: &world, at: now)
    }
}
