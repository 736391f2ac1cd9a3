import Git

/// A server that takes a first push and then answers that it did not move the branch.
final class RefusingServer: Sendable {
    private let folder = TestFolder()
    private let server: Server
    private let url: String

    /// - Parameters:
    ///   - reason: in the report on the branch.
    ///   - words: for people, beside the report.
    init(_ reason: String, words: String) {
        folder.write("server.py", script)
        server = Server("python3", ["\(folder.path)/server.py", reason, words])
        url = "git://127.0.0.1:\(server.line())/repository.git"
    }

    func mirror() throws -> Mirror {
        try Mirror(at: folder.path + "/mirror", remote: Remote(url, relativeTo: "/"), credentials: .test)
    }
}

private let script = """
    import hashlib, socketserver, sys
    reason, words = sys.argv[1:3]

    def line(data): return b"%04x" % (len(data) + 4) + data

    class Handler(socketserver.StreamRequestHandler):
        def packet(self):
            size = int(self.rfile.read(4), 16)
            return self.rfile.read(size - 4) if size else None
        def handle(self):
            send = self.request.sendall
            self.packet()
            send(line(b"0" * 40 + b" capabilities^{}\\0report-status side-band-64k agent=refuser\\n") + b"0000")
            branch = self.packet().split(b"\\0")[0].split(b" ")[2]
            while self.packet() is not None: pass
            pack = b""
            while len(pack) < 32 or hashlib.sha1(pack[:-20]).digest() != pack[-20:]: pack += self.rfile.read(1)
            report = line(b"unpack ok\\n") + line(b"ng " + branch + b" " + reason.encode() + b"\\n") + b"0000"
            if words: send(line(b"\\2" + words.encode() + b"\\n"))
            send(line(b"\\1" + report) + b"0000")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()

    """
