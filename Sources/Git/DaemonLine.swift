import Glibc

/// A `git daemon` on this machine.
struct DaemonLine: Line {
    let host: String
    let port: Int
    let path: String
    let remote: String
    let patience: Patience
    let interruption: Interruption

    var isStateless: Bool { false }

    func wire(_ service: Service, advertisement: Bool) throws(GitError) -> any Wire {
        let wire = SocketWire(try connected(), patience, interruption)
        // Source: gitprotocol-pack(5), Git Transport.
        let request = "\(service.rawValue) \(path)\0host=\(host):\(port)\0"
        let size = String(request.utf8.count + 4, radix: 16)
        let line = Array((String(repeating: "0", count: 4 - size.count) + size + request).utf8)
        try line.withUnsafeBufferPointer { bytes throws(GitError) in try wire.write(UnsafeRawBufferPointer(bytes)) }
        return wire
    }

    private func connected() throws(GitError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0 else {
            throw .unreachable(remote: remote, reason: "the address of \(host) is not known")
        }
        defer { freeaddrinfo(list) }
        var reason = "no address"
        for address in sequence(first: list!, next: { $0.pointee.ai_next }) {
            let file = socket(address.pointee.ai_family, streamSocket, 0)
            // Also limits `connect`; everything later waits in `poll`. Source: socket(7), SO_SNDTIMEO.
            var timeout = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
            if file >= 0, connect(file, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 { return file }
            reason = String(cString: strerror(errno))
            if file >= 0 { close(file) }
        }
        throw .unreachable(remote: remote, reason: reason)
    }
}
