import Testing

@testable import Instances

@Suite struct ManifestConfigurationTests {
    private func configuration(_ files: [(String, String)]) -> Configuration {
        combine(files.map { decoded($0.1, path: $0.0) })
    }

    @Test func `the files of a commit come together in the order of names`() {
        let files = [
            ("z.yaml", ManifestSamples.instance("a")),
            ("b/c.yaml", ManifestSamples.instance("c") + "\n---\n" + ManifestSamples.instance("b")),
            ("operator.yaml", ManifestSamples.settings("guards: {maxStops: 1}")),
        ]
        let result = configuration(files)
        #expect(result.manifests.map(\.name.text) == ["a", "b", "c"])
        #expect(result.settings.guards.maxStops == 1)
        #expect(result.frozen.isEmpty && result.diagnostics.isEmpty && result.removalsAreCertain)
        #expect(configuration(files.reversed()) == result)
    }

    @Test func `no files at all are a configuration without instances`() {
        #expect(combine([]) == Configuration())
        #expect(combine([]).removalsAreCertain)
    }

    @Test func `a name that is taken twice freezes the instance and says where`() {
        let result = configuration([
            ("b.yaml", ManifestSamples.instance("box")), ("a.yaml", ManifestSamples.instance("box")),
            ("c.yaml", ManifestSamples.instance("other")),
        ])
        let end = "nothing is done to it until one of them is renamed or removed"
        #expect(
            result.diagnostics.map(\.description) == [
                "a.yaml:3:18: error: the name box is taken twice, also at b.yaml:3:18: \(end)",
                "b.yaml:3:18: error: the name box is taken twice, also at a.yaml:3:18: \(end)",
            ])
        #expect(result.frozen.map(\.text) == ["box"])
        #expect(result.manifests.map(\.name.text) == ["other"])
        #expect(result.removalsAreCertain)
    }

    @Test func `what was in a closed folder is not surely removed, and what was elsewhere is`() {
        let closed = DecodedFile.closedFolder(path: "machines", reason: "submodules are never followed")
        let result = combine([closed])
        #expect(result.removalsAreCertain && !result.hasErrors && result.diagnostics.count == 1)
        for file in ["machines/box.yaml", "machines/a/box.yaml", nil] { #expect(!result.isSurelyRemoved(from: file)) }
        for file in ["box.yaml", "machines-2/box.yaml"] { #expect(result.isSurelyRemoved(from: file)) }
        #expect(Configuration().isSurelyRemoved(from: nil))
        #expect(!Configuration(removalsAreCertain: false).isSurelyRemoved(from: "box.yaml"))
    }

    @Test func `a name in an invalid document counts as taken`() {
        let result = configuration([
            ("a.yaml", ManifestSamples.instance("box")),
            ("b.yaml", ManifestSamples.instance("box", "colour: red")),
        ])
        #expect(result.manifests.isEmpty && result.frozen.map(\.text) == ["box"])
        #expect(result.diagnostics.count == 3)
    }

    @Test func `a name that is taken often lists the first places`() {
        let text = (0..<8).map { _ in ManifestSamples.instance("box") }.joined(separator: "\n---\n")
        let result = configuration([("a.yaml", text)])
        #expect(result.diagnostics.count == 8)
        #expect(
            result.diagnostics.first?.text.hasPrefix(
                "the name box is taken twice, also at a.yaml:11:18, a.yaml:19:18, a.yaml:27:18 and 4 more: ") == true)
    }

    @Test func `an invalid document delays no other`() {
        let result = configuration([
            ("a.yaml", ManifestSamples.instance("bad", "colour: red") + "\n---\n" + ManifestSamples.instance("good")),
            ("b.yaml", ManifestSamples.instance("better")),
        ])
        #expect(result.manifests.map(\.name.text) == ["better", "good"])
        #expect(result.frozen.map(\.text) == ["bad"])
        #expect(result.removalsAreCertain && result.hasErrors)
    }

    @Test func `while a file cannot be read no removal is certain`() {
        let result = configuration([("a.yaml", "{"), ("b.yaml", ManifestSamples.instance("good"))])
        #expect(result.manifests.map(\.name.text) == ["good"])
        #expect(!result.removalsAreCertain && result.hasErrors)
    }

    @Test(arguments: ["spec", "{", "", ManifestSamples.settings("folder: [prod]"), "apiVersion: x/v1"])
    func `while settings are in doubt everything is left as it is`(text: String) {
        let result = configuration([
            ("operator.yaml", text), ("examples/a.yaml", ManifestSamples.instance("example")),
        ])
        #expect(result.manifests.isEmpty && result.frozen.map(\.text) == ["example"])
        #expect(!result.removalsAreCertain && result.hasErrors && result.settings == Settings())
    }

    @Test func `a warning changes nothing`() {
        let result = configuration([("a.yaml", ManifestSamples.spec("runtime: {dataDiskState: snapshot}"))])
        #expect(result.manifests.count == 1 && result.diagnostics.count == 1 && !result.hasErrors)
    }

    private func sharing(_ name: String, _ firewall: String, port: Int, zone: String = "z1") -> (String, String) {
        let text = ManifestSamples.instance(name).replacing("local", with: "scaleway\n  zone: \(zone)")
            .replacing(
                "image: counter",
                with: "image: x, firewall: {\(firewall), inbound: [{protocol: tcp, ports: \(port), from: 0.0.0.0/0}]}")
        return ("\(name).yaml", text)
    }

    @Test func `instances that share a firewall must agree on its rules`() {
        let result = configuration([
            sharing("a", "name: web", port: 80), sharing("b", "name: web", port: 443),
            sharing("c", "name: web", port: 443, zone: "z2"), sharing("d", "name: other", port: 22),
        ])
        #expect(result.manifests.map(\.name.text) == ["c", "d"])
        #expect(result.frozen.map(\.text) == ["a", "b"])
        #expect(
            result.diagnostics.map(\.description) == [
                "a.yaml:7:59: error: spec.server.firewall.inbound differs from b.yaml:7:59, and both name the same "
                    + "firewall: give them the same rules or other names",
                "b.yaml:7:59: error: spec.server.firewall.inbound differs from a.yaml:7:59, and both name the same "
                    + "firewall: give them the same rules or other names",
            ])
        #expect(
            configuration([sharing("a", "name: web", port: 80), sharing("b", "name: web", port: 80)])
                .diagnostics.isEmpty)
    }
}
