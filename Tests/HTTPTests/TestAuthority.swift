import Glibc

/// A certificate authority of one test, in a folder that goes away with it.
final class TestAuthority {
    static let isPossible = Command.exists("openssl", "python3", "rm")

    let folder: String

    init() throws {
        var template = Array("/tmp/http-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Command.Failure(arguments: ["mkdtemp"], status: errno) }
        folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        try Command.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=Authority of a test", "-keyout", path("ca.key"), "-out", path("ca.pem"))
    }

    deinit {
        try? Command.run("rm", "-rf", folder)
    }

    /// The authority's own certificate.
    var certificate: String { path("ca.pem") }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Makes `NAME.pem` and `NAME.key`, signed by the authority.
    ///
    /// - Parameter days: how long it is good; negative for one that is over.
    func issue(_ name: String, alternatives: String = "IP:127.0.0.1,DNS:localhost", days: Int = 2) throws {
        try Command.run(
            "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=\(alternatives)", "-keyout", path("\(name).key"), "-out",
            path("\(name).csr"))
        try Command.run(
            "openssl", "x509", "-req", "-in", path("\(name).csr"), "-copy_extensions", "copy", "-CA", certificate,
            "-CAkey", path("ca.key"), "-days", "\(days)", "-out", path("\(name).pem"))
    }

    /// A folder of authorities as OpenSSL reads it.
    func hashedFolder() throws -> String {
        let hashed = path("hashed")
        mkdir(hashed, 0o700)
        try Command.run("cp", certificate, "\(hashed)/ca.pem")
        try Command.run("openssl", "rehash", hashed)
        return hashed
    }
}
