import Git
import TestThreads
import Testing

@Suite(.runs(on: .programs)) struct RemoteTests {
    @Test(arguments: [
        ("https://example.com/team/config.git", "https://example.com/team/config.git"),
        ("https://me@example.com:8443/config/", "https://example.com:8443/config"),
        ("http://127.0.0.1:3000/config.git", "http://127.0.0.1:3000/config.git"),
        ("http://localhost/config", "http://localhost/config"),
        ("http://[::1]:80/config", "http://[::1]:80/config"),
        ("ssh://git@example.com/team/config.git", "ssh://example.com/team/config.git"),
        ("ssh://example.com:2222/~me/config", "ssh://example.com:2222/~/~me/config"),
        ("git@example.com:team/config.git", "ssh://example.com/~/team/config.git"),
        ("example.com:/srv/config.git", "ssh://example.com/srv/config.git"),
        ("[::1]:config.git", "ssh://[::1]/~/config.git"),
        ("git://127.0.0.1/config.git", "git://127.0.0.1:9418/config.git"),
        ("/srv/config.git", "/srv/config.git"),
        ("config.git", "/home/me/config.git"),
        ("./a:b", "/home/me/a:b"),
        ("../config", "/home/me/../config"),
        ("file:///srv/my%20config.git", "/srv/my config.git"),
    ])
    func `a location is understood as git understands it`(text: String, description: String) throws {
        #expect(try Remote(text, relativeTo: "/home/me").description == description)
    }

    @Test(arguments: [
        ("https://token@example.com:8443/config/", "https://example.com:8443/config"),
        ("git@example.com:team/config.git", "git@example.com:team/config.git"),
        ("ssh://git@example.com/team/config.git", "git@example.com:/team/config.git"),
        ("ssh://git@[::1]:2222/~me/config", "ssh://git@[::1]:2222/~me/config"),
        ("example.com:/srv/config.git", "example.com:/srv/config.git"),
        ("/srv/config.git", "/srv/config.git"),
    ])
    func `an address for somebody's own git names the user of ssh and no other`(text: String, address: String) throws {
        let remote = try Remote(text, relativeTo: "/")
        #expect(remote.address == address)
        #expect(try Remote(address, relativeTo: "/").description == remote.description)
    }

    @Test(arguments: [
        ("", "no repository was named"),
        ("http://example.com/config", "use https://"),
        ("https://me:secret@example.com/config", "use OPERATOR_GIT_TOKEN"),
        ("ssh://me:secret@example.com/config", "use OPERATOR_GIT_TOKEN"),
        ("me:secret@example.com:config", "use OPERATOR_GIT_TOKEN"),
        ("git://example.com/config", "neither encrypted nor authenticated"),
        ("ext::sh -c touch% /tmp/x", "transport helpers"),
        ("ftp://example.com/config", "'ftp://' is not supported"),
        ("--upload-pack=touch /tmp/x", "cannot start with '-'"),
        ("ssh://-oProxyCommand=x/config", "not the name of a server"),
        ("-oProxyCommand=x:config", "cannot start with '-'"),
        ("ssh://-l@example.com/config", "user name"),
        ("example.com:-x", "no path of a repository"),
        ("ssh://example.com/", "names no repository"),
        ("https://example.com", "names no repository"),
        ("https://example.com/config?x=1", "no '?'"),
        ("https://exa mple.com/config", "not the name of a server"),
        ("https://example.com:0/config", "port"),
        ("https://example.com:99999/config", "port"),
        ("https://[::zz]/config", "IPv6"),
        ("https://127.0.0.1.example.com\\@evil/config", "not allowed"),
        ("file://host/config", "absolute path"),
        ("file:///srv/%0aconfig", "control character"),
        ("file:///srv/%4", "hexadecimal"),
        ("/srv/\u{1b}[31m", "control character"),
        ("http://127.0.0.1.example.com/config", "use https://"),
    ])
    func `what is unsafe or unknown is refused with the way out`(text: String, reason: String) throws {
        let error = #expect(throws: GitError.self) { try Remote(text, relativeTo: "/home/me") }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.description.contains("secret") == false)
        #expect(error?.nextStep == .askPerson)
    }

    @Test(arguments: [
        "0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef0123456", "", "zz", "main",
    ])
    func `a commit's name is forty digits`(text: String) {
        #expect(CommitID(text)?.description == (text.count == 40 ? text : nil))
    }
}
