import Testing

@testable import Instances

/// Files and documents that are not, or not quite, manifests.
@Suite struct ManifestDocumentTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let text: String
        let said: [String]
        var frozen: [String] = []
        /// Whether an instance may hide in the file.
        var hides = false

        var testDescription: String { text.debugDescription }
    }

    static let wayOut =
        "every YAML file outside hidden folders is read; move this one to a folder whose name begins with '.', "
        + "or list the folders of manifests in spec.folders of operator.yaml"

    static let cases = [
        Case(
            text: "",
            said: [
                "1:1: error: the file holds no document: delete it, or move it to a folder whose name begins with '.'"
            ],
            hides: true),
        Case(
            text: "# all of it\n# is out\n",
            said: [
                "1:1: error: the file holds no document: delete it, or move it to a folder whose name begins with '.'"
            ],
            hides: true),
        Case(
            text: "- a\n", said: ["1:1: error: a document must be a mapping, not a list: \(wayOut)"], hides: true),
        Case(
            text: "hello", said: ["1:1: error: a document must be a mapping, not hello: \(wayOut)"], hides: true),
        Case(
            text: "version: '3'\nservices: {web: {image: nginx}}\n",
            said: ["1:1: error: this is no manifest, it has neither apiVersion nor kind: \(wayOut)"]),
        Case(
            text: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
            said: ["1:13: error: apiVersion must be operator/v1, not apps/v1: \(wayOut)"]),
        Case(
            text: ManifestSamples.smallest.replacing("operator/v1", with: "operator/v2"),
            said: [
                "1:13: error: apiVersion must be operator/v1, the only one that this operator knows, not operator/v2"
            ],
            frozen: ["box"]),
        Case(
            text: ManifestSamples.smallest.replacing("operator/v1", with: "operater/v1"),
            said: ["1:13: error: apiVersion must be operator/v1, not operater/v1"], frozen: ["box"]),
        Case(
            text: ManifestSamples.smallest.replacing("apiVersion: operator/v1\n", with: ""),
            said: ["1:1: error: apiVersion is missing"], frozen: ["box"]),
        Case(
            text: ManifestSamples.smallest.replacing("kind: Instance\n", with: ""),
            said: ["1:1: error: kind is missing"], frozen: ["box"]),
        Case(
            text: ManifestSamples.smallest.replacing("kind: Instance", with: "kind:"),
            said: ["2:6: error: kind must be Instance, and has no value"], frozen: ["box"]),
        Case(
            text: ManifestSamples.smallest.replacing("Instance", with: "Instanec"),
            said: ["2:7: error: kind must be Instance, not Instanec"], frozen: ["box"]),
        Case(
            text: ManifestSamples.smallest.replacing("Instance", with: "Machine"),
            said: ["2:7: error: kind must be Instance or Settings, not Machine"], frozen: ["box"]),
        Case(
            text: "apiVersion: operator/v1\nkind: Machine\n",
            said: ["2:7: error: kind must be Instance or Settings, not Machine"], hides: true),
        Case(
            text: ManifestSamples.smallest.replacing("name: box", with: "title: box"),
            said: [
                "3:1: error: metadata.name is missing",
                "3:12: error: unknown key 'title' in metadata: known are name, labels",
            ], hides: true),
        Case(
            text: ManifestSamples.smallest.replacing("{name: box}", with: "box"),
            said: ["3:11: error: metadata must be a mapping of name, labels, not box"], hides: true),
        Case(
            text: "apiVersion: operator/v1\nkind: Instance\nmetadata: {name: box}\n",
            said: ["1:1: error: spec is missing"], frozen: ["box"]),
        Case(
            text: ManifestSamples.smallest + "\t", said: ["7:1: error: a tab cannot indent YAML: use spaces"],
            hides: true),
        Case(
            text: ManifestSamples.smallest + "a: &x 1\n",
            said: ["7:4: error: anchors (&x) are not allowed: write the value out where it is used"], hides: true),
    ]

    @Test(arguments: cases)
    func `a document that is no manifest is an error with a way out`(sample: Case) {
        let file = decoded(sample.text)
        #expect(file.diagnostics.map(\.description) == sample.said.map { "a.yaml:" + $0 })
        #expect(file.manifests.isEmpty)
        #expect(file.frozen.map(\.text) == sample.frozen)
        #expect(file.unreadable == sample.hides)
        #expect(!file.settingsInDoubt && file.settings == nil)
    }

    @Test(arguments: cases)
    func `a document of another kind does not hide the instances beside it`(sample: Case) {
        guard !sample.hides else { return }
        let file = decoded(sample.text + "\n---\n" + ManifestSamples.instance("good"))
        #expect(file.manifests.map(\.name.text) == ["good"])
        #expect(file.frozen.map(\.text) == sample.frozen)
    }

    @Test(arguments: [[0xFF, 0xFE, 0x61, 0x00], [0x61, 0x00], [0x61, 0xFF], Array(repeating: 0x20, count: 70_000)])
    func `bytes that are no text hide what was there`(bytes: [UInt8]) {
        let file = decode(SourceFile(path: "a.yaml", bytes: bytes))
        #expect(file.unreadable && file.diagnostics.count == 1 && file.manifests.isEmpty)
    }

    @Test func `the name of a file is no command to a CI runner`() {
        #expect(
            messages("- a", path: "::stop-commands::x.yaml").first?.hasPrefix("./::stop-commands::x.yaml:1:1: ") == true
        )
        #expect(messages("- a", path: "##[group]x.yaml").first?.hasPrefix("##<U+005B>group]x.yaml:1:1: ") == true)
        #expect(messages("- a", path: "a:b.yaml").first?.hasPrefix("a:b.yaml:1:1: ") == true)
    }

    @Test func `the name of a file cannot steer a terminal`() {
        let said = messages("- a", path: "\u{1B}]0;x\u{7}\n::error::\u{202E}.yaml")
        #expect(said.first?.hasPrefix("<U+001B>]0;x<U+0007><U+000A>::error::<U+202E>.yaml:1:1: error: ") == true)
    }
}
