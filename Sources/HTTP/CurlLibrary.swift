import CCurl
import Glibc

/// libcurl's state of the whole process.
enum CurlLibrary {
    /// Runs once, at the first use of any handle, and is never undone.
    ///
    /// OpenSSL writes to sockets without `MSG_NOSIGNAL`, so that a peer that goes away would kill the process.
    /// Source: libcurl-thread(3).
    static let status: CURLcode = {
        signal(SIGPIPE, SIG_IGN)
        return curl_global_init(Int(CURL_GLOBAL_SSL))
    }()
}
