import CCurl
import Glibc

/// A URL that libcurl itself took apart, so that what is checked is what is used.
struct RemoteURL {
    let scheme: String
    /// Without the brackets of an IPv6 address.
    let host: String
    /// Scheme, host and port: what connections are counted by.
    let origin: String

    /// - Returns: nil for anything but an absolute `http` or `https` URL.
    init?(_ text: String) {
        guard let parts = URLParts(text), let scheme = parts[CURLUPART_SCHEME], scheme == "https" || scheme == "http",
            let host = parts[CURLUPART_HOST], let port = parts[CURLUPART_PORT, CURLU_DEFAULT_PORT]
        else { return nil }
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.origin = "\(scheme)://\(host.lowercased()):\(port)"
    }

    /// Whether the host can only be this machine. `localhost` is one: libcurl never looks it up.
    var isLoopback: Bool {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            return UInt32(bigEndian: four.s_addr) >> 24 == 127
        }
        if inet_pton(AF_INET6, host, &six) == 1 {
            return withUnsafeBytes(of: &six) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
        }
        return host.lowercased() == "localhost"
    }

    /// The URL without credentials and fragment and with `***` for every value of its query.
    ///
    /// A text that is no URL is not repeated: nobody knows what is in it.
    static func redacted(_ text: String) -> String {
        guard let parts = URLParts(text) else { return "(not a URL)" }
        let query = parts[CURLUPART_QUERY]
        for part in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT] {
            parts.remove(part)
        }
        guard let rest = parts[CURLUPART_URL] else { return "(not a URL)" }
        guard let query, !query.isEmpty else { return rest }
        let masked = query.split(separator: "&").map { item in
            item.firstIndex(of: "=").map { "\(item[..<$0])=***" } ?? "***"
        }
        return "\(rest)?\(masked.joined(separator: "&"))"
    }
}

/// Owns one of libcurl's parsed URLs.
private struct URLParts: ~Copyable {
    private let raw: OpaquePointer

    init?(_ text: String) {
        // A C string would end at the zero and say less than the text does.
        guard !text.utf8.contains(0), let raw = curl_url() else { return nil }
        guard curl_url_set(raw, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK else {
            curl_url_cleanup(raw)
            return nil
        }
        self.raw = raw
    }

    deinit { curl_url_cleanup(raw) }

    subscript(part: CURLUPart, flags: Int32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(raw, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    func remove(_ part: CURLUPart) {
        curl_url_set(raw, part, nil, 0)
    }
}
