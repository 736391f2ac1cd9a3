import Glibc

/// How connections are made. Certificates are always verified; there is no way to turn that off.
///
/// It prints without its proxies, whose URLs may hold passwords.
public struct ClientConfiguration: Sendable, Hashable {
    /// Where `http://` is allowed; `https://` always is.
    public enum PlainHTTP: Sendable, Hashable {
        /// Only to `localhost`, `127.0.0.0/8` and `[::1]`, and then never through a proxy.
        case loopbackOnly
        case anywhere
    }

    /// A PEM file of trusted authorities. Where this or ``caDirectory`` is set, nothing else is trusted.
    public var caFile: String?
    /// A directory of trusted authorities as `openssl rehash` makes it.
    public var caDirectory: String?
    /// A PEM file, shown to servers that ask for a client certificate.
    public var clientCertificate: String?
    /// The PEM file of its key. Nil: the key is in the certificate's file.
    public var clientKey: String?
    /// The proxy for `http://`, as curl writes it: `[scheme://][user:password@]host[:port]`.
    public var httpProxy: Secret?
    /// The proxy for `https://`.
    public var httpsProxy: Secret?
    /// Hosts that are reached directly: `example.com,.internal,10.0.0.0/8`, or `*`.
    public var noProxy: String
    /// Exchanges at once with one host, on as few connections as HTTP/2 allows. The others wait in order.
    public var maxConnectionsPerHost: Int
    public var allowPlainHTTP: PlainHTTP
    public var userAgent: String

    /// Nothing is read from the environment: the system's authorities, no proxy.
    public init(
        caFile: String? = nil, caDirectory: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil,
        httpProxy: Secret? = nil, httpsProxy: Secret? = nil, noProxy: String = "",
        maxConnectionsPerHost: Int = 16, allowPlainHTTP: PlainHTTP = .loopbackOnly, userAgent: String = "operator"
    ) {
        self.caFile = caFile
        self.caDirectory = caDirectory
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.httpProxy = httpProxy
        self.httpsProxy = httpsProxy
        self.noProxy = noProxy
        self.maxConnectionsPerHost = maxConnectionsPerHost
        self.allowPlainHTTP = allowPlainHTTP
        self.userAgent = userAgent
    }

    /// Reads the variables that curl reads: `CURL_CA_BUNDLE`, else `SSL_CERT_FILE` and `SSL_CERT_DIR`; `http_proxy`,
    /// `https_proxy`, `all_proxy`, `no_proxy` and, except for the first, their upper-case spellings.
    ///
    /// `HTTP_PROXY` is ignored, as curl does: under CGI a client could set it with a `Proxy:` header.
    ///
    /// Source: curl(1), ENVIRONMENT.
    /// - Parameter variable: gives the value of one variable; the process's own environment unless told.
    public static func fromEnvironment(_ variable: (String) -> String? = processVariable) -> ClientConfiguration {
        func value(_ names: String...) -> String? {
            names.lazy.compactMap(variable).first { !$0.isEmpty }
        }
        var configuration = ClientConfiguration()
        configuration.caFile = value("CURL_CA_BUNDLE")
        if configuration.caFile == nil {
            configuration.caFile = value("SSL_CERT_FILE")
            configuration.caDirectory = value("SSL_CERT_DIR")
        }
        configuration.httpProxy = value("http_proxy", "all_proxy", "ALL_PROXY").map(Secret.init)
        configuration.httpsProxy = value("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY").map(Secret.init)
        configuration.noProxy = value("no_proxy", "NO_PROXY") ?? ""
        return configuration
    }

    /// A variable of the process's environment.
    public static func processVariable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
