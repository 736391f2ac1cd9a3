import Git

/// A server on the port of `git daemon` that does one thing wrong.
final class LyingServer: Sendable {
    enum Fault: String, CaseIterable {
        /// Accepts and never says a word.
        case silent
        /// One byte a second.
        case trickling
        /// Closes the connection after half of its list of branches.
        case leaving
        /// Says that the repository is not there.
        case refusing
        /// Answers like a web server.
        case babbling
        /// Never stops listing branches.
        case flooding
        /// Announces a commit and sends a pack without any object.
        case sendingNothing
        /// Sends a commit without its tree.
        case sendingHalf
        /// Sends a pack whose checksum is wrong.
        case sendingGarbage
        /// Sends a pack that claims to hold two million objects.
        case sendingMany
        /// Sends a file of a few bytes that a delta blows up to a gigabyte.
        case sendingBomb
        /// Sends a file of a few hundred kilobytes that unpacks to 256 MiB.
        case inflating
        /// The same, and says that the file has five bytes.
        case inflatingMore
        /// Sends random bytes as a pack without end.
        case sendingForever
        /// Starts a pack and falls silent.
        case stopping
    }

    let url: String
    private let folder = TestFolder()
    private let server: Server

    init(_ fault: Fault) {
        folder.write("server.py", script)
        server = Server("python3", ["\(folder.path)/server.py", fault.rawValue])
        url = "git://127.0.0.1:\(server.line())/repository.git"
    }

    func mirror(in folder: TestFolder, limits: Limits = Limits()) throws -> Mirror {
        try Mirror(
            at: folder.path + "/mirror", remote: Remote(url, relativeTo: "/"), credentials: .test, limits: limits)
    }
}

private let script = """
    import hashlib, os, socket, socketserver, struct, sys, time, zlib
    fault = sys.argv[1]

    def line(text):
        data = text if isinstance(text, bytes) else text.encode()
        return b"%04x" % (len(data) + 4) + data
    def name(kind, data): return hashlib.sha1(b"%s %d\\0" % (kind, len(data)) + data).digest()
    def entry(kind, data, size=None):
        size = len(data) if size is None else size
        first, size = (kind << 4) | (size & 15), size >> 4
        head = bytearray()
        while size: head.append(first | 0x80); first, size = size & 0x7f, size >> 7
        head.append(first)
        return bytes(head)
    def number(value):
        out = bytearray()
        while value > 0x7f: out.append(value & 0x7f | 0x80); value >>= 7
        out.append(value)
        return bytes(out)
    def pack(entries, count=None):
        body = b"PACK" + struct.pack(">II", 2, len(entries) if count is None else count) + b"".join(entries)
        return body + hashlib.sha1(body).digest()

    base = os.urandom(1 << 16)
    delta = number(len(base)) + number(1 << 30) + (b"\\xf0\\xff\\xff" + b"\\xff") * 0
    copies = (1 << 30) // (1 << 16)
    delta += b"\\x80" * 0 + b"".join(b"\\x80" for _ in range(copies))
    text = bytes(256 << 20) if fault.startswith("inflating") else b"text\\n"
    tree = b"100644 file\\0" + name(b"blob", text)
    commit = b"tree " + name(b"tree", tree).hex().encode() + b"\\nauthor A <a@b> 1 +0000\\ncommitter A <a@b> 1 +0000\\n\\nx\\n"
    tip = name(b"commit", commit)
    z = zlib.compress
    commit_entry = entry(1, commit) + z(commit)
    packs = {
        "sendingNothing": pack([]),
        "sendingHalf": pack([commit_entry]),
        "sendingGarbage": pack([commit_entry])[:-20] + b"\\0" * 20,
        "sendingMany": pack([commit_entry], 2000000),
        "sendingBomb": pack([commit_entry, entry(3, base) + z(base),
            entry(7, delta) + name(b"blob", base) + z(delta)]),
    }
    if fault.startswith("inflating"):
        size = len(text) if fault == "inflating" else 5
        packs[fault] = pack([commit_entry, entry(2, tree) + z(tree), entry(3, text, size) + z(text, 1)])

    class Handler(socketserver.BaseRequestHandler):
        def packet(self):
            size = int(self.exactly(4) or b"0", 16)
            return self.exactly(size - 4) if size > 4 else b""
        def exactly(self, count):
            data = b""
            while len(data) < count:
                more = self.request.recv(count - len(data))
                if not more: raise ConnectionError
                data += more
            return data
        def handle(self):
            try: self.lie()
            except (OSError, ValueError): pass
        def lie(self):
            send = self.request.sendall
            self.packet()
            first = line(tip.hex() + " refs/heads/main\\0side-band-64k ofs-delta agent=liar\\n")
            if fault == "silent": time.sleep(60)
            elif fault == "trickling":
                for byte in first * 10: send(bytes([byte])); time.sleep(1)
            elif fault == "leaving": send(first[:30])
            elif fault == "refusing": send(line("ERR access denied or repository not exported: /repository.git"))
            elif fault == "babbling": send(b"HTTP/1.1 400 Bad Request\\r\\n\\r\\n")
            elif fault == "flooding":
                send(first)
                while True: send(b"".join(line(tip.hex() + " refs/heads/b%d\\n" % n) for n in range(1000)))
            else:
                send(first + b"0000")
                while self.packet() != b"done\\n": pass
                send(line("NAK\\n"))
                if fault == "sendingForever":
                    send(line(b"\\1PACK" + struct.pack(">II", 2, 1) + entry(3, b"", 1 << 40)))
                    packer = zlib.compressobj(0)
                    while True:
                        block = packer.compress(os.urandom(60000))
                        if block: send(line(b"\\1" + block[:65000])); block = block[65000:]
                        if block: send(line(b"\\1" + block))
                if fault == "stopping": send(line(b"\\1" + packs["sendingHalf"][:20])); time.sleep(60)
                data = packs[fault]
                for start in range(0, len(data), 60000): send(line(b"\\1" + data[start:start + 60000]))
                send(b"0000")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()

    """
