import CCurl

/// Owns one multi handle. Everything but ``wake()`` belongs to one thread.
struct MultiHandle: ~Copyable {
    private let raw: UnsafeMutableRawPointer

    init?() {
        guard CurlLibrary.status == CURLE_OK, let raw = curl_multi_init() else { return nil }
        self.raw = raw
    }

    /// Every transfer must have been removed.
    deinit { curl_multi_cleanup(raw) }

    func set(_ option: CURLMoption, _ value: Int) -> Bool {
        ccurl_multi_set_long(raw, option, value) == CURLM_OK
    }

    /// The caller keeps the transfer alive until it has removed it.
    func add(_ transfer: Transfer) -> Bool {
        let this = Unmanaged.passUnretained(transfer).toOpaque()
        return ccurl_set_pointer(transfer.easy.raw, CURLOPT_PRIVATE, this) == CURLE_OK
            && curl_multi_add_handle(raw, transfer.easy.raw) == CURLM_OK
    }

    /// Ends a transfer that still runs: its connection is closed, or its HTTP/2 stream reset.
    func remove(_ transfer: Transfer) {
        curl_multi_remove_handle(raw, transfer.easy.raw)
    }

    func perform() {
        var running: Int32 = 0
        curl_multi_perform(raw, &running)
    }

    /// Calls `body` once for every transfer that ended since the last time. It may remove transfers.
    func forEachFinished(_ body: (Transfer, CURLcode) -> Void) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(raw, &left) {
            var this: UnsafeMutableRawPointer?
            let code = ccurl_message_result(message)
            ccurl_get_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &this)
            body(Unmanaged<Transfer>.fromOpaque(this!).takeUnretainedValue(), code)
        }
    }

    /// Waits until there is something to do, ``wake()`` is called or the time has passed.
    func poll(atMost timeout: Duration) {
        curl_multi_poll(raw, nil, 0, Int32(clamping: timeout.curlMilliseconds), nil)
    }

    /// May be called from any thread.
    func wake() {
        curl_multi_wakeup(raw)
    }
}
