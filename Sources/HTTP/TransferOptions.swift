import CCurl

extension EasyHandle {
    /// Sets everything that a request and the configuration decide. Callbacks come from the owner.
    ///
    /// The total deadline is not among it: libcurl 7.88 does not apply it to every state of a transfer, so the thread
    /// that drives the handle watches the time itself.
    mutating func configure(
        _ request: Request, _ url: RemoteURL, _ configuration: ClientConfiguration, isStreaming: Bool
    ) throws(Refusal) {
        try keepWords()
        try setSafety(url)
        try setTrust(configuration)
        try setProxy(url, configuration)
        try setLimits(request)
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_USERAGENT, configuration.userAgent)
        try setMethod(request)
        try set(headerLines: HeaderLine.lines(of: request))
        if isStreaming {
            // One exchange, one connection: HTTP/2 has nothing to share. And a pack is compressed already.
            try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        } else {
            try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
            // Wait to learn whether a new connection speaks HTTP/2 rather than open the next one. The TLS handshake
            // tells; without TLS only the first answer would, and everybody would wait for that.
            try set(CURLOPT_PIPEWAIT, url.scheme == "https")
            try set(CURLOPT_ACCEPT_ENCODING, "gzip")
        }
    }

    private func setSafety(_ url: RemoteURL) throws(Refusal) {
        // Signals and threads do not mix. Source: libcurl-thread(3).
        try set(CURLOPT_NOSIGNAL, true)
        // Ending a transfer must not wait for a name server that does not answer; the lookup cleans up after itself.
        try set(CURLOPT_QUICK_EXIT, true)
        try set(CURLOPT_PROTOCOLS_STR, url.scheme)
        // A redirect would carry the token, and the decision, to where a server points.
        try set(CURLOPT_FOLLOWLOCATION, false)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
    }

    private func setTrust(_ configuration: ClientConfiguration) throws(Refusal) {
        let atLeastTLS12 = CURL_SSLVERSION_TLSv1_2
        for option in [CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER] { try set(option, true) }
        // 2: the certificate names the host. 1 means nothing since 7.66.
        for option in [CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST] { try set(option, 2) }
        for option in [CURLOPT_SSLVERSION, CURLOPT_PROXY_SSLVERSION] { try set(option, atLeastTLS12) }
        // Both or none: libcurl has a built-in default for each and would keep trusting the other one's.
        if configuration.caFile != nil || configuration.caDirectory != nil {
            for option in [CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO] { try set(option, configuration.caFile) }
            for option in [CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH] { try set(option, configuration.caDirectory) }
        }
        if let certificate = configuration.clientCertificate {
            try set(CURLOPT_SSLCERT, certificate)
            try set(CURLOPT_SSLKEY, configuration.clientKey)
        }
    }

    /// Never leaves the choice to libcurl, which would read the environment again.
    private func setProxy(_ url: RemoteURL, _ configuration: ClientConfiguration) throws(Refusal) {
        let proxy = url.scheme == "https" ? configuration.httpsProxy : configuration.httpProxy
        let wouldLeaveInClear = url.scheme == "http" && configuration.allowPlainHTTP == .loopbackOnly
        try set(CURLOPT_PROXY, wouldLeaveInClear ? "" : proxy?.reveal() ?? "")
        try set(CURLOPT_NOPROXY, configuration.noProxy)
    }

    private func setLimits(_ request: Request) throws(Refusal) {
        try set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.curlMilliseconds)
        // Refuses by the announced length, before the body; the write callback counts what really comes.
        try set(CURLOPT_MAXFILESIZE_LARGE, offset: request.responseLimit)
        if let lowSpeed = request.lowSpeed {
            try set(CURLOPT_LOW_SPEED_LIMIT, lowSpeed.bytesPerSecond)
            try set(CURLOPT_LOW_SPEED_TIME, (lowSpeed.duration.curlMilliseconds + 999) / 1000)
        }
    }

    private func setMethod(_ request: Request) throws(Refusal) {
        switch request.method {
        case .get: try set(CURLOPT_HTTPGET, true)
        case .head: try set(CURLOPT_NOBODY, true)
        case .post, .put, .patch, .delete: break
        }
        if let body = request.body ?? (request.method.announcesBody ? [] : nil) {
            try set(body: body)
        }
        // After the body, which alone would make it a POST.
        try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
}

extension Method {
    /// Whether `Content-Length: 0` is sent when there is no body. Source: RFC 9110, 8.6.
    fileprivate var announcesBody: Bool {
        switch self {
        case .post, .put, .patch: true
        case .get, .delete, .head: false
        }
    }
}

extension Duration {
    /// For ever, and no sum with it overflows.
    private static let longest = Duration.seconds(365 * 24 * 3600)

    var bounded: Duration { min(self, Self.longest) }

    /// At least 1: libcurl takes zero for "no limit".
    var curlMilliseconds: Int {
        max(1, Int(bounded / .milliseconds(1)))
    }
}
