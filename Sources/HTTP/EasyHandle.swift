import CCurl

/// Owns one easy handle and the memory that libcurl uses through it.
struct EasyHandle: ~Copyable {
    /// An option that libcurl refused, with its words.
    struct Refusal: Error {
        let words: String
    }

    let raw: UnsafeMutableRawPointer
    private let words: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?

    init() throws(Refusal) {
        guard CurlLibrary.status == CURLE_OK, let raw = curl_easy_init() else {
            throw Refusal(words: "libcurl does not start")
        }
        self.raw = raw
        headers = nil
        words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        // First: closing a connection may still write to the buffer.
        curl_easy_cleanup(raw)
        curl_slist_free_all(headers)
        words.deallocate()
    }

    /// Makes ``words(for:)`` exact.
    func keepWords() throws(Refusal) {
        try check(ccurl_set_pointer(raw, CURLOPT_ERRORBUFFER, words))
    }

    func set(_ option: CURLoption, _ value: Int) throws(Refusal) {
        try check(ccurl_set_long(raw, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) throws(Refusal) {
        try check(ccurl_set_long(raw, option, value ? 1 : 0))
    }

    func set(_ option: CURLoption, offset value: Int) throws(Refusal) {
        try check(ccurl_set_offset(raw, option, curl_off_t(value)))
    }

    func set(_ option: CURLoption, _ value: String?) throws(Refusal) {
        try check(ccurl_set_string(raw, option, value))
    }

    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) throws(Refusal) {
        try check(ccurl_set_pointer(raw, option, pointer))
    }

    func set(_ option: CURLoption, callback: @escaping curl_write_callback) throws(Refusal) {
        try check(ccurl_set_write_callback(raw, option, callback))
    }

    func set(prerequisite callback: @escaping curl_prereq_callback) throws(Refusal) {
        try check(ccurl_set_prereq_callback(raw, callback))
    }

    func set(body: [UInt8]) throws(Refusal) {
        try check(body.withUnsafeBytes { ccurl_set_body(raw, $0.baseAddress, curl_off_t($0.count)) })
    }

    /// Sets the header lines, as `curl_slist` spells them.
    mutating func set(headerLines: [String]) throws(Refusal) {
        for line in headerLines {
            guard let longer = curl_slist_append(headers, line) else { throw Refusal(words: "out of memory") }
            headers = longer
        }
        try check(ccurl_set_list(raw, CURLOPT_HTTPHEADER, headers))
    }

    /// What libcurl says about a failed transfer, without control characters, which a peer may have chosen.
    func words(for code: CURLcode) -> String {
        let detail = String(cString: words)
        let text = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        return String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
    }

    private func check(_ code: CURLcode) throws(Refusal) {
        guard code == CURLE_OK else { throw Refusal(words: String(cString: curl_easy_strerror(code))) }
    }
}
