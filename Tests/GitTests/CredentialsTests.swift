import HTTP
import TestThreads
import Testing

@testable import Git

@Suite(.runs(on: .programs)) struct CredentialsTests {
    private func login(_ text: String, host: String = "example.com", user: String? = nil) -> String? {
        Netrc(text: text).entry(for: Remote.Origin(host: host, user: user)).map {
            "\($0.login)/\($0.password.reveal())"
        }
    }

    @Test func `a netrc file gives the first entry of the host, else the default`() {
        let file = """
            # machine example.com login comment password comment
            machine other.example login o password p1
            machine EXAMPLE.com
              login me
              account ignored
              password p2 machine example.com login second password p3
            macdef init
            machine example.com login macro password macro

            default login anybody password p4
            """
        #expect(login(file) == "me/p2")
        #expect(login(file, user: "second") == "second/p3")
        #expect(login(file, host: "other.example") == "o/p1")
        #expect(login(file, host: "third.example") == "anybody/p4")
        #expect(login(file, host: "third.example", user: "me") == nil)
    }

    @Test(arguments: [
        ("machine example.com login me password \"two words\\\"\"", "me/two words\""),
        ("machine example.com\tlogin\tme\tpassword\tx", "me/x"),
        ("machine example.com login me password x\r\n", "me/x"),
        ("machine example.com login me", nil),
        ("machine example.com password x", nil),
        ("machine", nil),
        ("password", nil),
        ("machine example.com login me password \"open", "me/open"),
        ("", nil),
    ])
    func `odd netrc files are read without surprise`(file: String, expected: String?) {
        #expect(login(file) == expected)
    }

    @Test func `a netrc file that everybody can read is refused`() throws {
        let folder = TestFolder()
        folder.write("netrc", "machine example.com login me password secret", mode: 0o644)
        let error = #expect(throws: GitError.self) {
            try Netrc(path: folder.path + "/netrc", isAskedFor: false)
        }
        #expect(error?.description.contains("chmod 600") == true)
        #expect(error?.description.contains("secret") == false)
        #expect(try Netrc(path: folder.path + "/missing", isAskedFor: true).entries.isEmpty)
    }

    @Test func `a netrc file out of reach is none, unless it was asked for`() throws {
        let folder = TestFolder()
        folder.write("home", "a file")
        let origin = Remote.Origin(host: "example.com", user: nil)
        let home = Credentials(environment: ["HOME": folder.path + "/home"])
        #expect(try home.authorization(for: origin) == nil)
        let named = Credentials(environment: ["NETRC": folder.path + "/home/.netrc"])
        let error = #expect(throws: GitError.self) { try named.authorization(for: origin) }
        #expect(error?.description.contains("Not a directory") == true)
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func `basic authorization is base64`(password: String) throws {
        let ours = Credentials.basic(user: "u", password: Secret(password)).reveal()
        #expect(try Shell.run("base64", ["-d"], input: String(ours.dropFirst("Basic ".count))) == "u:\(password)")
    }

    @Test func `the environment gives token, netrc, ssh and certificates`() {
        let credentials = Credentials(environment: [
            "HOME": "/home/me", "OPERATOR_GIT_TOKEN": "t", "OPERATOR_SSH": "/opt/ssh", "OPERATOR_GIT_CA_FILE": "/ca",
            "OPERATOR_GIT_CLIENT_CERT": "/cert", "OPERATOR_GIT_CLIENT_KEY": "/key", "SSL_CERT_DIR": "/certs",
            "GIT_SSH_COMMAND": "evil",
        ])
        #expect(credentials.token?.reveal() == "t")
        #expect(credentials.netrc == "/home/me/.netrc")
        #expect(credentials.ssh == "/opt/ssh")
        #expect(credentials.http.caFile == "/ca")
        #expect(credentials.http.caDirectory == nil)
        #expect(credentials.http.clientCertificate == "/cert")
        #expect(credentials.http.clientKey == "/key")
        #expect("\(credentials)" == "Credentials(***)")
    }

    @Test func `a child sees little of the environment and nothing that steers git`() {
        let programs = Programs(environment: [
            "PATH": "/bin", "HOME": "/h", "SSH_AUTH_SOCK": "/agent", "GIT_DIR": "/evil", "GIT_SSH_COMMAND": "evil",
            "LD_PRELOAD": "evil", "OPERATOR_GIT_TOKEN": "secret", "SCW_SECRET_KEY": "secret",
        ])
        #expect(
            programs.gitEnvironment == [
                "PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
            ])
        #expect(
            programs.secureShellEnvironment == [
                "PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "SSH_AUTH_SOCK": "/agent",
            ])
    }
}
