import HTTP
import Testing

@testable import ScalewayProvider

/// How an account is configured, and what is said where it is not.
@Suite struct ConfigurationTests {
    private static let environment = [
        "SCW_ACCESS_KEY": "SCWABCDEFGHIJ0123456", "SCW_SECRET_KEY": "11111111-1111-4111-8111-111111111111",
        "SCW_DEFAULT_PROJECT_ID": "22222222-2222-4222-8222-222222222222", "HOME": "/home/me",
    ]

    private func load(
        _ changes: [String: String] = [:], without: [String] = [], files: [String: String] = [:]
    ) throws -> ScalewayConfiguration {
        var environment = Self.environment.merging(changes) { $1 }
        for name in without { environment[name] = nil }
        return try ScalewayConfiguration.load(environment: environment) { path in files[path].map { Array($0.utf8) } }
    }

    private func refusal(
        _ changes: [String: String] = [:], without: [String] = [], files: [String: String] = [:]
    ) -> String {
        do {
            _ = try load(changes, without: without, files: files)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test func `the environment is enough`() throws {
        let configuration = try load(["SCW_DEFAULT_ZONE": "nl-ams-2"])
        #expect(configuration.apiURL == "https://api.scaleway.com")
        #expect(configuration.defaultZone == "nl-ams-2")
        #expect(configuration.organizationID == nil)
        #expect(configuration.projectID == "22222222-2222-4222-8222-222222222222")
    }

    @Test func `the secret key is not shown`() throws {
        let configuration = try load()
        #expect(!"\(configuration)".contains("11111111-1111"))
        #expect(!String(reflecting: configuration).contains("11111111-1111"))
        #expect(configuration.secretKey.reveal() == "11111111-1111-4111-8111-111111111111")
        #expect(!refusal(["SCW_SECRET_KEY": "hunter2"]).contains("hunter2"))
    }

    @Test func `a line break at the end of a secret does no harm`() throws {
        let configuration = try load(["SCW_SECRET_KEY": "11111111-1111-4111-8111-111111111111\n"])
        #expect(configuration.secretKey.reveal().utf8.count == 36)
    }

    @Test(arguments: ["SCW_ACCESS_KEY", "SCW_SECRET_KEY", "SCW_DEFAULT_PROJECT_ID"])
    func `a missing variable is named, with the way out`(name: String) {
        for text in [refusal(without: [name]), refusal([name: ""])] {
            #expect(text.hasPrefix("\(name) is not set: "))
        }
    }

    @Test(arguments: [
        ("SCW_ACCESS_KEY", "11111111-1111-4111-8111-111111111111", "SCW_ACCESS_KEY is not an access key"),
        ("SCW_ACCESS_KEY", "SCWabcdefghij0123456", "SCW_ACCESS_KEY is not an access key"),
        ("SCW_SECRET_KEY", "SCWABCDEFGHIJ0123456", "SCW_SECRET_KEY is not a secret key"),
        ("SCW_DEFAULT_PROJECT_ID", "default", "SCW_DEFAULT_PROJECT_ID is not an id: 'default'"),
        ("SCW_DEFAULT_PROJECT_ID", "../../x", "SCW_DEFAULT_PROJECT_ID is not an id: '../../x'"),
        ("SCW_DEFAULT_ORGANIZATION_ID", "me", "SCW_DEFAULT_ORGANIZATION_ID is not an id: 'me'"),
        ("SCW_DEFAULT_ZONE", "paris", "SCW_DEFAULT_ZONE is not a zone: 'paris'"),
        ("SCW_INSECURE", "true", "SCW_INSECURE"),
    ])
    func `a wrong value is named`(name: String, value: String, message: String) {
        #expect(refusal([name: value]).hasPrefix(message))
    }

    @Test(arguments: [
        ("https://api.example.com", "https://api.example.com"), ("https://api.example.com/", "https://api.example.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://localhost:8080/", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ])
    func `an address is taken without its last slash`(given: String, used: String) throws {
        #expect(try load(["SCW_API_URL": given]).apiURL == used)
    }

    @Test(arguments: [
        "http://api.scaleway.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "ftp://x",
        "api.scaleway.com",
        "https://", "https://user:password@api.scaleway.com", "https://x/?a=b", "https://x#y", "https://x y",
    ])
    func `an address that would give the key away is refused`(address: String) {
        #expect(refusal(["SCW_API_URL": address]).hasPrefix("SCW_API_URL "))
    }

    private static let file = """
        access_key: SCWFILEFILEFILEFILE0
        secret_key: 33333333-3333-4333-8333-333333333333
        default_project_id: 44444444-4444-4444-8444-444444444444
        default_zone: fr-par-2
        send_telemetry: true
        profiles:
          other:
            access_key: SCWOTHEROTHEROTHER00
            default_zone: pl-waw-1
        """
    private static let keys = ["SCW_ACCESS_KEY", "SCW_SECRET_KEY", "SCW_DEFAULT_PROJECT_ID"]

    @Test func `what is not in the environment comes from the file of Scaleway's own tools`() throws {
        let configuration = try load(without: Self.keys, files: ["/home/me/.config/scw/config.yaml": Self.file])
        #expect(configuration.accessKey == "SCWFILEFILEFILEFILE0")
        #expect(configuration.secretKey.reveal() == "33333333-3333-4333-8333-333333333333")
        #expect(configuration.defaultZone == "fr-par-2")
    }

    @Test func `the environment comes first`() throws {
        let configuration = try load(
            without: ["SCW_ACCESS_KEY"], files: ["/home/me/.config/scw/config.yaml": Self.file])
        #expect(configuration.accessKey == "SCWFILEFILEFILEFILE0")
        #expect(configuration.projectID == "22222222-2222-4222-8222-222222222222")
    }

    @Test func `a profile says what is different`() throws {
        let configuration = try load(
            ["SCW_PROFILE": "other", "SCW_CONFIG_PATH": "/etc/scw.yaml"], without: Self.keys,
            files: ["/etc/scw.yaml": Self.file])
        #expect(configuration.accessKey == "SCWOTHEROTHEROTHER00")
        #expect(configuration.defaultZone == "pl-waw-1")
        #expect(configuration.secretKey.reveal() == "33333333-3333-4333-8333-333333333333")
    }

    @Test func `the file may name the profile itself`() throws {
        let file = Self.file + "\nactive_profile: other\n"
        let configuration = try load(without: Self.keys, files: ["/home/me/.config/scw/config.yaml": file])
        #expect(configuration.accessKey == "SCWOTHEROTHEROTHER00")
    }

    @Test func `XDG_CONFIG_HOME moves the file`() throws {
        let configuration = try load(
            ["XDG_CONFIG_HOME": "/xdg"], without: Self.keys, files: ["/xdg/scw/config.yaml": Self.file])
        #expect(configuration.accessKey == "SCWFILEFILEFILEFILE0")
    }

    @Test func `a file that is named but missing, a profile that is not there and a broken file are errors`() {
        #expect(refusal(["SCW_CONFIG_PATH": "/nowhere"]).hasPrefix("SCW_CONFIG_PATH names /nowhere"))
        #expect(refusal(["SCW_PROFILE": "x"]).hasPrefix("SCW_PROFILE is 'x', but there is no /home/me"))
        let files = ["/home/me/.config/scw/config.yaml": Self.file]
        #expect(refusal(["SCW_PROFILE": "x"], files: files).contains("has no profile 'x'"))
        let broken = ["/home/me/.config/scw/config.yaml": "a: [1"]
        #expect(refusal(files: broken).hasPrefix("/home/me/.config/scw/config.yaml:"))
        let partial = ["/home/me/.config/scw/config.yaml": "default_zone: fr-par-1"]
        #expect(refusal(without: ["SCW_SECRET_KEY"], files: partial).contains("has no 'secret_key'"))
    }
}
