/// A TLS server in a process of its own that speaks HTTP/1.1 and just enough HTTP/2.
///
/// It answers every request with three words: the protocol, the number of the connection, and whether the client showed
/// a certificate. For every HTTP/2 request it prints the number of its connection.
final class TLSServer {
    enum Option: String {
        /// Demand a client certificate.
        case clientCertificate
        /// Speak no newer version than TLS 1.1.
        case old
        /// Speak no HTTP/2.
        case http1
        /// Answer only when four requests are under way on one HTTP/2 connection.
        case fourAtOnce
        /// The same with five.
        case fiveAtOnce
        /// Refuse the second stream of an HTTP/2 connection, which makes libcurl try again by itself.
        case refusing
    }

    let port: UInt16
    private let process: Command

    /// - Parameter name: of a certificate that the authority has issued.
    init(_ authority: TestAuthority, name: String = "server", _ options: Option...) throws(Command.Failure) {
        let files = [authority.path("\(name).pem"), authority.path("\(name).key"), authority.certificate]
        process = try Command(["python3", "-c", Self.script] + files + options.map(\.rawValue))
        guard let port = UInt16(process.readLine()) else { throw Command.Failure(arguments: ["python3"], status: -1) }
        self.port = port
    }

    /// Waits until it has seen so many more HTTP/2 requests.
    ///
    /// - Returns: the number of the connection of each.
    func awaitRequests(_ count: Int) -> [String] { (0..<count).map { _ in process.readLine() } }

    var url: String { "https://127.0.0.1:\(port)" }

    /// Frame types: 0 data, 1 headers, 3 reset (7: refused), 4 settings, 6 ping. The header block 0x88 is `:status: 200`.
    /// Source: RFC 9113, 6; RFC 7541, appendix A.
    private static let script = #"""
        import socket, ssl, struct, sys, threading
        certificate, key, authority, *options = sys.argv[1:]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if "clientCertificate" in options:
            context.load_verify_locations(authority)
            context.verify_mode = ssl.CERT_REQUIRED
        if "old" in options:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1_1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        enough = 4 if "fourAtOnce" in options else 5 if "fiveAtOnce" in options else 1
        context.set_alpn_protocols(["http/1.1"] if "http1" in options else ["h2", "http/1.1"])

        def http1(client, text):
            buffer = b""
            while True:
                while b"\r\n\r\n" not in buffer:
                    more = client.recv(65536)
                    if not more: return
                    buffer += more
                buffer = buffer.split(b"\r\n\r\n", 1)[1]
                body = ("HTTP/1.1 " + text).encode()
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

        def frame(kind, flags, stream, body):
            return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body

        def http2(client, text, number):
            reader = client.makefile("rb")
            reader.read(24)
            client.sendall(frame(4, 0, 0, b""))
            waiting, total = [], 0
            while True:
                head = reader.read(9)
                if len(head) < 9: return
                kind, flags = head[3], head[4]
                stream = struct.unpack(">I", head[5:])[0]
                body = reader.read(int.from_bytes(head[:3], "big"))
                if kind == 4 and not flags & 1: client.sendall(frame(4, 1, 0, b""))
                if kind == 6 and not flags & 1: client.sendall(frame(6, 1, 0, body))
                if kind in (0, 1) and flags & 1:
                    waiting.append(stream)
                    total += 1
                    print(number, flush=True)
                    if "refusing" in options and total == 2:
                        client.sendall(frame(3, 0, waiting.pop(), struct.pack(">I", 7)))
                        continue
                    if len(waiting) < enough: continue
                    for each in waiting:
                        client.sendall(frame(1, 4, each, b"\x88") + frame(0, 1, each, ("HTTP/2 " + text).encode()))
                    waiting = []

        def serve(raw, number):
            try:
                with context.wrap_socket(raw, server_side=True) as client:
                    text = "%d %s" % (number, "known" if client.getpeercert() else "unknown")
                    if client.selected_alpn_protocol() == "h2": http2(client, text, number)
                    else: http1(client, text)
            except OSError:
                pass

        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        print(listener.getsockname()[1], flush=True)
        number = 0
        while True:
            raw, _ = listener.accept()
            threading.Thread(target=serve, args=(raw, number), daemon=True).start()
            number += 1
        """#
}
