import Git
import HTTP

/// `git http-backend` behind TLS, with a certificate of its own authority and, where asked for, a password.
final class HTTPSServer: Sendable {
    let port: Int
    /// Holds `ca.pem`, `client.pem` and `client.key`.
    let folder: TestFolder
    private let server: Server

    /// - Parameters:
    ///   - root: the folder whose repositories are served.
    ///   - login: `user:password`; nil lets everybody in.
    init(root: String, login: String? = nil, wantsClientCertificate: Bool = false) throws {
        folder = TestFolder()
        try Self.makeCertificates(in: folder)
        folder.write("server.py", script)
        server = Server(
            "python3",
            ["\(folder.path)/server.py", root, folder.path, login ?? "", wantsClientCertificate ? "yes" : ""])
        port = Int(server.line()) ?? 0
    }

    func url(_ path: String) -> String { "https://127.0.0.1:\(port)\(path)" }

    func credentials(
        token: String? = nil, netrc: String? = nil, trusting: Bool = true, clientCertificate: Bool = false
    ) -> Credentials {
        var http = ClientConfiguration()
        if trusting { http.caFile = folder.path + "/ca.pem" }
        if clientCertificate {
            http.clientCertificate = folder.path + "/client.pem"
            http.clientKey = folder.path + "/client.key"
        }
        return Credentials(token: token.map(Secret.init), netrc: netrc, http: http)
    }

    private static func makeCertificates(in folder: TestFolder) throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        try Shell.run(
            "openssl",
            ["req", "-x509", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"] + key, in: folder.path)
        for (name, extra) in [("server", ["-addext", "subjectAltName=IP:127.0.0.1"]), ("client", [])] {
            try Shell.run(
                "openssl",
                ["req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=\(name)", "-keyout", "\(name).key"]
                    + ["-out", "\(name).pem", "-addext", "basicConstraints=critical,CA:FALSE"] + extra + key,
                in: folder.path)
        }
    }
}

private let script = """
    import base64, http.server, os, socketserver, ssl, subprocess, sys, time
    root, certificates, login, mutual = sys.argv[1:5]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *arguments): pass
        def plain(self, status, text, headers={}):
            body = text.encode()
            self.send_response(status)
            for name, value in headers.items(): self.send_header(name, value)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def trap(self, path):
            if path.startswith("/status/"):
                self.plain(int(path.split("/")[2]), "sorry\\x1b[31m, no", {"Retry-After": "7"})
            elif path.startswith("/moved/"):
                self.plain(301, "", {"Location": "https://elsewhere.example/new.git/info/refs?service=git-upload-pack"})
            elif path.startswith("/silent/"): time.sleep(60)
            elif path.startswith("/page/"): self.plain(200, "<html>welcome</html>")
            elif path.startswith("/trickle/"):
                self.send_response(200)
                self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
                self.send_header("Content-Length", "1000")
                self.end_headers()
                try:
                    for byte in b"fff0# service=" + b"." * 600:
                        self.wfile.write(bytes([byte])); self.wfile.flush(); time.sleep(0.1)
                except OSError: pass
            else: return False
            return True
        def serve(self):
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if self.trap(path): return
            given = self.headers.get("Authorization", "")
            if login and given != "Basic " + base64.b64encode(login.encode()).decode():
                return self.plain(401, "who are you?", {"WWW-Authenticate": 'Basic realm="git"'})
            environment = dict(os.environ, GIT_PROJECT_ROOT=root, GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path,
                QUERY_STRING=query, REQUEST_METHOD=self.command, CONTENT_LENGTH=str(length),
                CONTENT_TYPE=self.headers.get("Content-Type", ""), REMOTE_USER="test", REMOTE_ADDR="127.0.0.1",
                HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""))
            answer = subprocess.run(["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE).stdout
            head, _, rest = answer.partition(b"\\r\\n\\r\\n")
            status, headers = 200, []
            for line in head.decode().split("\\r\\n"):
                name, _, value = line.partition(": ")
                if name == "Status": status = int(value.split()[0])
                else: headers.append((name, value))
            self.send_response(status)
            for name, value in headers: self.send_header(name, value)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest)
        do_GET = do_POST = serve

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads = True
        request_queue_size = 64
        def get_request(self):
            connection, address = self.socket.accept()
            return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address
        def handle_error(self, *arguments): pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates + "/server.pem", certificates + "/server.key")
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates + "/ca.pem")
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()

    """
