import HTTP

/// A repository behind git's smart HTTP protocol.
///
/// Source: gitprotocol-http(5).
struct HTTPLine: Line {
    let base: String
    let authorization: Secret?
    let configuration: ClientConfiguration
    let limits: Limits
    let patience: Patience
    let interruption: Interruption

    var isStateless: Bool { true }

    /// Name lookup, connection and TLS handshake; a host that is down should not cost the whole deadline.
    private static let connectTimeout = Duration.seconds(15)

    /// Some servers look for `git/` at the start to tell a client from a browser.
    private var gitConfiguration: ClientConfiguration {
        var configuration = configuration
        configuration.userAgent = "git/2.0 (\(configuration.userAgent))"
        return configuration
    }

    func wire(_ service: Service, advertisement: Bool) throws(GitError) -> any Wire {
        var patience = patience
        let type = "application/x-\(service.rawValue)"
        _ = try patience.remaining()
        var request =
            if advertisement {
                Request(
                    method: .get, url: "\(base)/info/refs?service=\(service.rawValue)",
                    headers: [Header("Accept", "\(type)-advertisement")])
            } else {
                Request(
                    method: .post, url: "\(base)/\(service.rawValue)",
                    headers: [Header("Accept", "\(type)-result"), Header("Content-Type", "\(type)-request")])
            }
        if let authorization { request.secretHeaders = [("Authorization", authorization)] }
        request.isIdempotent = service == .uploadPack
        request.deadline = patience.deadline - .now
        request.connectTimeout = Self.connectTimeout
        request.responseLimit = limits.receivedBytes
        request.lowSpeed = LowSpeed(bytesPerSecond: limits.slowest, for: limits.slowFor)
        return HTTPWire(
            request, answerType: advertisement ? "\(type)-advertisement" : "\(type)-result", remote: base,
            isAnonymous: authorization == nil, gitConfiguration, interruption)
    }
}
