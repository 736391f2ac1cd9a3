import Testing

@testable import Instances

/// Texts: what may be in them, and what a message may show of them.
@Suite struct ManifestTextTests {
    @Test(arguments: ["0x1F", "0o17", "1e3", ".5", "-1", "+12", "1.", ".inf", "-.INF", ".NaN", "true", "FALSE", "3"])
    func `what YAML takes for something else is no text without quotes`(token: String) {
        #expect(
            messages(ManifestSamples.spec("suspend: {reason: \(token)}")) == [
                "a.yaml:7:21: error: spec.suspend.reason must be text, not \(token): write it in quotes"
            ])
        #expect(messages(ManifestSamples.spec("suspend: {reason: '\(token)'}")).isEmpty)
    }

    @Test(arguments: ["yes", "on", "No", "0x", "0o8", "1e", ".", "+", "1.2.3", "12:30", "tRUE", "nan", "1_000", "e3"])
    func `what YAML takes for text is text`(token: String) {
        let file = decoded(ManifestSamples.spec("suspend: {reason: \(token)}"))
        #expect(file.diagnostics.isEmpty)
        #expect(file.manifests.first?.suspend?.reason == token)
    }

    @Test(arguments: ["~", "null", "NULL"])
    func `nothing is no text`(token: String) {
        #expect(
            messages(ManifestSamples.spec("suspend:\n  reason: \(token)")) == [
                "a.yaml:8:13: error: spec.suspend.reason must be text, and has no value"
            ])
    }

    @Test(arguments: [
        ("\\u202E", "U+202E"), ("\\u200B", "U+200B"), ("\\a", "U+0007"), ("\\n", "U+000A"), ("\\U000E0041", "U+E0041"),
    ])
    func `invisible characters are refused`(escape: String, name: String) {
        #expect(
            messages(ManifestSamples.spec("suspend: {reason: \"a\(escape)b\"}")) == [
                "a.yaml:7:21: error: spec.suspend.reason holds the invisible character \(name): remove it"
            ])
    }

    @Test func `text for a guest may have lines and tabs`() {
        let file = decoded(ManifestSamples.server("cloudInit: \"a\\n\\tb ü 漢\""))
        #expect(file.manifests.first?.server.cloudInit == "a\n\tb ü 漢")
        #expect(
            messages(ManifestSamples.server("cloudInit: \"a\\rb\"")) == [
                "a.yaml:9:16: error: spec.server.cloudInit holds the invisible character U+000D: remove it"
            ])
    }

    @Test func `texts have limits, and long ones are not repeated`() {
        func length(_ count: Int) -> [String] {
            messages(ManifestSamples.spec("suspend: {reason: \(String(repeating: "é", count: count))}"))
        }
        #expect(length(500).isEmpty)
        #expect(
            length(501) == ["a.yaml:7:21: error: spec.suspend.reason must be 1 to 500 characters, not this long text"])
        #expect(
            messages(ManifestSamples.spec("suspend: {reason: ''}")) == [
                "a.yaml:7:21: error: spec.suspend.reason must be 1 to 500 characters, not \"\""
            ])
        let name = String(repeating: "a", count: 40)
        #expect(decoded(ManifestSamples.instance(name)).manifests.map(\.name.text) == [name])
        #expect(messages(ManifestSamples.instance(name + "a")).count == 1)
    }

    static let credentials = [
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"), ("-----BEGIN PRIVATE KEY-----", "a private key"),
        ("key AKIAIOSFODNN7EXAMPLE", "an AWS access key"),
        ("ghp_" + String(repeating: "a1", count: 18), "a GitHub token"),
        ("glpat-" + String(repeating: "x", count: 20), "a GitLab token"),
        ("export SCW_SECRET_KEY='11111111-2222-3333-4444-555555555555'", "a Scaleway secret key"),
        ("SCW_SECRET_KEY: 11111111-2222-3333-4444-555555555555", "a Scaleway secret key"),
    ]

    @Test(arguments: credentials)
    func `credentials are refused and never shown`(text: String, what: String) {
        let document = ManifestSamples.server("cloudInit: |\n  #cloud-config\n  \(text)")
        let said = messages(document)
        #expect(
            said == [
                "a.yaml:9:16: error: spec.server.cloudInit holds \(what): credentials never belong in the repository; "
                    + "revoke it, the history keeps it"
            ])
        for place in ["zone", "deletionPolicy", "dataDisk"] {
            let document = ManifestSamples.spec("\(place): \"\(text)\"")
            let file = decoded(document)
            #expect(file.diagnostics.count == 1)
            for diagnostic in file.diagnostics {
                let shown = "\(diagnostic) \(excerpt(of: diagnostic, in: Array(document.utf8)))"
                #expect(!shown.contains(text.suffix(12)), "\(shown)")
            }
        }
    }

    @Test(arguments: [
        "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "SCW_SECRET_KEY is set elsewhere", "AKIA short",
        "ghp_short", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "SCW_SECRET_KEY", "AKIAIOSFODNN7EXAMPLEAKIA",
    ])
    func `what only looks a little like a credential is text`(text: String) {
        #expect(messages(ManifestSamples.server("cloudInit: '\(text)'")).isEmpty)
    }
}
