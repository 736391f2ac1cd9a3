import Testing

@testable import Instances

@Suite struct ManifestSettingsTests {
    @Test func `settings are read from operator yaml at the root`() {
        let text = ManifestSamples.settings(
            """
            folders: [prod, teams/machine learning]
            statusBranch: ops/status
            guards: {maxStops: 5, maxRemovals: 0, maxVanished: 2}
            """)
        let file = decoded(text, path: "operator.yaml")
        #expect(file.diagnostics.isEmpty && !file.settingsInDoubt && !file.unreadable)
        #expect(
            file.settings
                == Settings(
                    folders: ["prod", "teams/machine learning"], statusBranch: "ops/status",
                    guards: Settings.Guards(maxStops: 5, maxRemovals: 0, maxVanished: 2)))
        #expect(decoded(ManifestSamples.settings("{}"), path: "operator.yaml").settings == Settings())
    }

    @Test(arguments: ["/home/me/machines", "/home/me/machines/", "examples"])
    func `the root of a repository may be any folder`(root: String) {
        func read(_ path: String) -> DecodedFile {
            let folder = root.hasSuffix("/") ? root : root + "/"
            let bytes = Array(ManifestSamples.settings("folders: [prod]").utf8)
            return decode(SourceFile(path: folder + path, in: root, bytes: bytes))
        }
        #expect(read("operator.yaml").settings?.folders == ["prod"])
        #expect(read("other.yaml").settingsInDoubt)
        #expect(read("prod/operator.yaml").settings == nil && !read("prod/operator.yaml").settingsInDoubt)
        #expect(read("other.yaml").diagnostics.first?.file.hasSuffix("/other.yaml") == true)
    }

    @Test(arguments: [("operator.yaml", true), ("prod/a.yaml", false)])
    func `a file that was refused before it was read hides what is in it`(path: String, isSettings: Bool) {
        let file = DecodedFile.refused(path: path, reason: "it is a link\u{7}")
        #expect(file.diagnostics.map(\.description) == ["\(path):1:1: error: it is a link<U+0007>"])
        #expect(file.unreadable && file.settingsInDoubt == isSettings)
    }

    @Test func `instances may stand beside settings`() {
        let text = ManifestSamples.settings("folders: [prod]") + "\n---\n" + ManifestSamples.smallest
        let file = decoded(text, path: "operator.yaml")
        #expect(file.manifests.map(\.name.text) == ["box"] && file.settings?.folders == ["prod"])
        let broken = decoded(text.replacing("local", with: "L"), path: "operator.yaml")
        #expect(broken.settings?.folders == ["prod"] && !broken.settingsInDoubt && broken.frozen.count == 1)
    }

    static let refusals: [(String, String)] = [
        ("folder: [prod]", "4:3: error: unknown key 'folder' in spec: did you mean 'folders'?"),
        ("folders: []", "4:3: error: spec.folders has 0 items and must have 1 to 100"),
        ("folders: [a, a]", "4:16: error: spec.folders holds a twice"),
        ("folders: [prod/]", "4:13: error: spec.folders[0] must be \(folder), not prod/: write prod"),
        ("folders: [/prod]", "4:13: error: spec.folders[0] must be \(folder), not /prod: write prod"),
        ("folders: [a/../b]", "4:13: error: spec.folders[0] must be \(folder), not a/../b"),
        ("folders: [.github]", "4:13: error: spec.folders[0] must be \(folder), not .github"),
        ("folders: ['a\\b']", "4:13: error: spec.folders[0] must be \(folder), not \"a\\b\""),
        ("statusBranch: a..b", "4:17: error: spec.statusBranch must be the name of a branch, such as status, not a..b"),
        (
            "statusBranch: x.lock",
            "4:17: error: spec.statusBranch must be the name of a branch, such as status, not x.lock"
        ),
        (
            "statusBranch: -x",
            "4:17: error: spec.statusBranch must be the name of a branch, such as status, not -x"
        ),
        ("guards: {maxStops: -1}", "4:22: error: spec.guards.maxStops must be \(count) in plain digits, not -1"),
        (
            "guards: {maxRemovals: 20%}",
            "4:25: error: spec.guards.maxRemovals must be \(count) in plain digits, not 20%"
        ),
        (
            "guards: {maxVanished: many}",
            "4:25: error: spec.guards.maxVanished must be \(count) in plain digits, not many"
        ),
    ]
    private static let folder = "the path of a folder that is not hidden, such as teams/ml"
    private static let count = "a whole number from 0 to 1000000"

    @Test(arguments: refusals)
    func `settings that are wrong are in doubt`(fragment: String, said: String) {
        let file = decoded(ManifestSamples.settings(fragment), path: "operator.yaml")
        #expect(file.diagnostics.map(\.description) == ["operator.yaml:" + said])
        #expect(file.settings == nil && file.settingsInDoubt)
    }

    @Test(arguments: ["", "#", "{", "- a", "a: 1", "apiVersion: x/v1", "apiVersion: operator/v1\nspec: {folders: [a]}"])
    func `an operator yaml in which settings may hide puts them in doubt`(text: String) {
        let file = decoded(text, path: "operator.yaml")
        #expect(file.settingsInDoubt && !file.diagnostics.isEmpty)
    }

    @Test func `settings given twice are in doubt`() {
        let text = ManifestSamples.settings("folders: [a]") + "\n---\n" + ManifestSamples.settings("folders: [b]")
        let file = decoded(text, path: "operator.yaml")
        #expect(
            file.diagnostics.map(\.description) == [
                "operator.yaml:6:1: error: settings are here a second time: remove one of them"
            ])
        #expect(file.settings == nil && file.settingsInDoubt)
    }

    @Test(arguments: ["operator.yml", "settings.yaml", "prod/operator.yaml"])
    func `settings in another file are refused`(path: String) {
        let file = decoded(ManifestSamples.settings("folders: [a]"), path: path)
        #expect(
            file.diagnostics.map(\.description) == [
                "\(path):1:1: error: settings are read only from operator.yaml at the root of the repository: "
                    + "move them there"
            ])
        #expect(file.settings == nil && file.settingsInDoubt == !path.contains("/"))
    }

    @Test(arguments: [
        ("a.yaml", true), ("prod/b.yml", true), ("prod/B.YAML", true), ("C.Yml", true), ("prod/x/c.yaml", true),
        ("operator.yaml", true),
        ("README.md", false), ("a.yaml.orig", false), ("yaml", false), ("prod/yaml", false),
        (".gitlab-ci.yml", false), (".github/workflows/ci.yaml", false), ("prod/.x/a.yaml", false),
        ("prod/.a.yaml", false),
    ])
    func `without folders every YAML file counts that is not hidden`(path: String, counts: Bool) {
        #expect(Settings().reads(path) == counts)
    }

    @Test(arguments: [
        ("prod/a.yaml", true), ("prod/x/a.yaml", true), ("teams/ml/a.yaml", true), ("operator.yaml", true),
        ("a.yaml", false), ("production/a.yaml", false), ("teams/a.yaml", false), ("prod.yaml", false),
        ("x/prod/a.yaml", false), ("prod/.x/a.yaml", false),
    ])
    func `with folders only files inside them count`(path: String, counts: Bool) {
        #expect(Settings(folders: ["prod", "teams/ml"]).reads(path) == counts)
    }
}
