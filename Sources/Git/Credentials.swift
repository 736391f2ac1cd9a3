public import HTTP

/// What proves to a remote who we are. It comes from the operator's host, never from a repository.
///
/// It prints without its secrets.
public struct Credentials: Sendable {
    /// For https: sent as the password of the user in the URL, or of `x-access-token`. Goes before the netrc file.
    public var token: Secret?
    /// For https: the path of a file as curl and git read it. A file that is not there counts as empty.
    public var netrc: String?
    /// Whether somebody has named that file. The one of the home folder may be out of reach.
    public var isNetrcAskedFor = true
    /// For https: authorities, client certificate, proxies.
    public var http: ClientConfiguration
    /// The absolute path of the ssh program. Nil: the one in `PATH`.
    public var ssh: String?
    /// The environment of the operator. Programs see a few variables of it: `PATH`, `HOME`, the ssh agent's socket.
    public var environment: [String: String]

    public init(
        token: Secret? = nil, netrc: String? = nil, http: ClientConfiguration = ClientConfiguration(),
        ssh: String? = nil, environment: [String: String] = [:]
    ) {
        self.token = token
        self.netrc = netrc
        self.http = http
        self.ssh = ssh
        self.environment = environment
    }

    /// Reads `OPERATOR_GIT_TOKEN`, `NETRC` (else `~/.netrc`), `OPERATOR_SSH`, `OPERATOR_GIT_CA_FILE`,
    /// `OPERATOR_GIT_CLIENT_CERT`, `OPERATOR_GIT_CLIENT_KEY` and what ``HTTP/ClientConfiguration/fromEnvironment(_:)``
    /// reads. `GIT_SSH_COMMAND` and its like are ignored.
    public init(environment: [String: String]) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        var http = ClientConfiguration.fromEnvironment { environment[$0] }
        if let file = value("OPERATOR_GIT_CA_FILE") {
            http.caFile = file
            http.caDirectory = nil
        }
        http.clientCertificate = value("OPERATOR_GIT_CLIENT_CERT")
        http.clientKey = value("OPERATOR_GIT_CLIENT_KEY")
        self.init(
            token: value("OPERATOR_GIT_TOKEN").map(Secret.init),
            netrc: value("NETRC") ?? value("HOME").map { $0 + "/.netrc" },
            http: http, ssh: value("OPERATOR_SSH"), environment: environment)
        isNetrcAskedFor = value("NETRC") != nil
    }

    /// The header that logs in to `origin`. A token is for the configured remote, whatever its host.
    func authorization(for origin: Remote.Origin) throws(GitError) -> Secret? {
        if let token {
            return Self.basic(user: origin.user ?? "x-access-token", password: token)
        }
        guard let netrc else { return nil }
        guard let entry = try Netrc(path: netrc, isAskedFor: isNetrcAskedFor).entry(for: origin) else { return nil }
        return Self.basic(user: entry.login, password: entry.password)
    }

    /// Source: RFC 7617.
    static func basic(user: String, password: Secret) -> Secret {
        Secret("Basic " + base64(Array("\(user):\(password.reveal())".utf8)))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                let digit = alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)]
                result.append(index <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "Credentials(***)" }
    public var debugDescription: String { description }
    // The environment holds secrets of other programs too.
    public var customMirror: Swift.Mirror { Swift.Mirror(self, children: []) }
}
