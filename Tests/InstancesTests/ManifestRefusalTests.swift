import Testing

@testable import Instances

/// What a person is told. Every text is the whole of what is said about the file.
@Suite struct ManifestRefusalTests {
    static let fields: [(String, [String])] = [
        // Truth values.
        (
            ManifestSamples.spec("runtime: {enableInstanceServer: \"false\"}"),
            ["7:35: error: spec.runtime.enableInstanceServer must be true or false without quotes, not \"false\""]
        ),
        (
            ManifestSamples.server("protected: 'true'"),
            ["9:16: error: spec.server.protected must be true or false without quotes, not \"true\""]
        ),
        (
            ManifestSamples.spec("runtime: {enableInstanceServer: no}"),
            ["7:35: error: spec.runtime.enableInstanceServer must be true or false, not no"]
        ),
        (
            ManifestSamples.spec("runtime: {enableInstanceServer: True}"),
            ["7:35: error: spec.runtime.enableInstanceServer must be true or false, not True"]
        ),
        (
            ManifestSamples.spec("runtime: {enableInstanceServer: 0}"),
            ["7:35: error: spec.runtime.enableInstanceServer must be true or false, not 0"]
        ),
        (
            ManifestSamples.spec("runtime:\n  enableInstanceServer:"),
            ["8:26: error: spec.runtime.enableInstanceServer must be true or false, and has no value"]
        ),
        (
            ManifestSamples.server("protected: [true]"),
            ["9:5: error: spec.server.protected must be true or false, not a list"]
        ),
        // Numbers.
        (
            ManifestSamples.spec("dataDisk: {sizeGB: 0}"),
            ["7:22: error: spec.dataDisk.sizeGB must be a whole number from 1 to 64000, not 0"]
        ),
        (
            ManifestSamples.spec("dataDisk: {sizeGB: 64001}"),
            ["7:22: error: spec.dataDisk.sizeGB must be a whole number from 1 to 64000, not 64001"]
        ),
        (
            ManifestSamples.spec("dataDisk: {sizeGB: \"10\"}"),
            ["7:22: error: spec.dataDisk.sizeGB must be a whole number from 1 to 64000 without quotes, not \"10\""]
        ),
        (
            ManifestSamples.spec("rootDisk: {sizeGB: 10GB}"),
            ["7:22: error: spec.rootDisk.sizeGB must be a whole number from 1 to 64000 in plain digits, not 10GB"]
        ),
        (
            ManifestSamples.spec("dataDisk: {sizeGB: 10, snapshot: {keep: -1}}"),
            ["7:43: error: spec.dataDisk.snapshot.keep must be a whole number from 0 to 100 in plain digits, not -1"]
        ),
        (
            ManifestSamples.spec("dataDisk: {sizeGB: 10, iops: 1_000}"),
            ["7:32: error: spec.dataDisk.iops must be a whole number from 1 to 1000000 in plain digits, not 1_000"]
        ),
        // Words.
        (
            ManifestSamples.server("whenDisabled: poweroff"),
            ["9:19: error: spec.server.whenDisabled must be delete or powerOff, not poweroff: did you mean powerOff?"]
        ),
        (
            ManifestSamples.server("publicIP: true"),
            ["9:15: error: spec.server.publicIP must be dynamic, reserved or none, not true"]
        ),
        (
            ManifestSamples.spec("deletionPolicy: keep"),
            ["7:19: error: spec.deletionPolicy must be retain, snapshot or delete, not keep"]
        ),
        (
            ManifestSamples.spec("runtime: {dataDiskState: snapshoted}\ndataDisk: {sizeGB: 1}"),
            [
                "7:28: error: spec.runtime.dataDiskState must be live or snapshot, not snapshoted: "
                    + "did you mean snapshot?"
            ]
        ),
        (
            ManifestSamples.spec("runtime: {instanceServerState: stopped}"),
            ["7:34: error: spec.runtime.instanceServerState must be present or absent, not stopped"]
        ),
        // Names and other short texts.
        (
            ManifestSamples.metadata("name: My_Box"),
            [
                "4:9: error: metadata.name must be 1 to 40 characters of a-z, 0-9, '-' that begin and end with a "
                    + "letter or a digit, not My_Box"
            ]
        ),
        (
            ManifestSamples.metadata("name: 007"),
            ["4:9: error: metadata.name must be text, not 007: write it in quotes"]
        ),
        (
            ManifestSamples.server("cloudInit:"),
            ["9:15: error: spec.server.cloudInit must be text, and has no value"]
        ),
        (
            ManifestSamples.metadata("name: box\nlabels: {-team: ml, version: 1.10}"),
            [
                "5:12: error: a key in metadata.labels must be 1 to 63 characters of A-Z, a-z, 0-9, '.', '/', '_', '-' "
                    + "that begin and end with a letter or a digit, not '-team'",
                "5:32: error: metadata.labels.version must be text, not 1.10: write it in quotes",
            ]
        ),
        // Mappings and lists.
        (
            ManifestSamples.spec("suspend: true"),
            ["7:12: error: spec.suspend must be a mapping of reason, until, not true"]
        ),
        (
            ManifestSamples.spec("rootDisk: {snapshot: true}"),
            ["7:24: error: spec.rootDisk.snapshot must be a mapping with the key enable, not true"]
        ),
        (
            ManifestSamples.server("privateNetworks: db"),
            ["9:22: error: spec.server.privateNetworks must be a list ('- ' before every item), not db"]
        ),
        (
            ManifestSamples.server("privateNetworks: [a, b, c, d, e, f, g, h, i]"),
            ["9:5: error: spec.server.privateNetworks has 9 items and must have 0 to 8"]
        ),
        (
            ManifestSamples.server("privateNetworks: [db, web, db]"),
            ["9:32: error: spec.server.privateNetworks holds db twice"]
        ),
        // Moments.
        (
            ManifestSamples.spec("suspend: {until: 2026-02-29T00:00:00Z}"),
            [
                "7:20: error: spec.suspend.until must be a date and time with its zone, such as 2026-12-31T18:00:00Z, "
                    + "not 2026-02-29T00:00:00Z"
            ]
        ),
        // Firewalls.
        (
            ManifestSamples.rule("{protocol: tcp, ports: \"22\", from: 10.0.0.1/8}"),
            [
                "11:34: error: spec.server.firewall.inbound[0].ports must be a port such as 22, or a range such as "
                    + "80-443, not \"22\": write it without quotes",
                "11:46: error: spec.server.firewall.inbound[0].from must be a range of addresses such as 0.0.0.0/0 or "
                    + "2001:db8::/32, not 10.0.0.1/8: did you mean 10.0.0.0/8?",
            ]
        ),
        (
            ManifestSamples.rule("{protocol: icmp, ports: 8, from: 2001:db8::1}"),
            [
                "11:35: error: spec.server.firewall.inbound[0].ports must be left out: protocol icmp has no ports",
                "11:44: error: spec.server.firewall.inbound[0].from must be a range of addresses such as 0.0.0.0/0 or "
                    + "2001:db8::/32, not 2001:db8::1: did you mean 2001:db8::1/128?",
            ]
        ),
        (
            ManifestSamples.rule("{protocol: sctp, ports: 443-80}"),
            [
                "11:11: error: spec.server.firewall.inbound[0].from is missing",
                "11:22: error: spec.server.firewall.inbound[0].protocol must be tcp, udp, icmp or any, not sctp",
                "11:35: error: spec.server.firewall.inbound[0].ports must be a port such as 22, or a range such as "
                    + "80-443, not 443-80",
            ]
        ),
        // Between fields.
        (
            ManifestSamples.spec("runtime: {enableInstanceServer: true, instanceServerState: present}"),
            [
                "7:62: error: spec.runtime.instanceServerState is another spelling of enableInstanceServer: "
                    + "remove one of them"
            ]
        ),
        (
            ManifestSamples.smallest.replacing("local", with: "scaleway"),
            ["4:1: error: spec.zone is missing: only the provider local can do without one"]
        ),
        (
            ManifestSamples.spec("runtime: {dataDiskState: snapshot}"),
            ["7:28: warning: spec.runtime.dataDiskState is snapshot and means nothing: there is no spec.dataDisk"]
        ),
    ]

    @Test(arguments: fields)
    func `a field that is wrong is refused where it is wrong`(text: String, expected: [String]) {
        #expect(messages(text) == expected.map { "a.yaml:" + $0 })
    }

    @Test(arguments: fields)
    func `a document with an error is not used and its name is frozen`(text: String, expected: [String]) {
        let file = decoded(text)
        guard expected.contains(where: { $0.contains("error") }) else {
            #expect(file.manifests.map(\.name.text) == ["box"] && file.frozen.isEmpty && !file.unreadable)
            return
        }
        #expect(file.manifests.isEmpty)
        let isNamed = !expected.contains { $0.contains("metadata.name") } || text.contains("007")
        #expect(file.frozen.isEmpty == !isNamed)
        #expect(file.unreadable == !isNamed)
    }

    static let keys: [(String, String)] = [
        (
            ManifestSamples.spec("runtime: {enableInstanceSever: true}"),
            "7:13: error: unknown key 'enableInstanceSever' in spec.runtime: did you mean 'enableInstanceServer'?"
        ),
        (
            ManifestSamples.spec("dataDisk: {sizeGB: 1, Iops: 3}"),
            "7:25: error: unknown key 'Iops' in spec.dataDisk: did you mean 'iops'?"
        ),
        (
            ManifestSamples.spec("rootDisk: {size: 1}"),
            "7:14: error: unknown key 'size' in spec.rootDisk: did you mean 'sizeGB'?"
        ),
        (
            ManifestSamples.spec("enableInstanceServer: false"),
            "7:3: error: unknown key 'enableInstanceServer' in spec: it belongs under spec.runtime"
        ),
        (
            ManifestSamples.smallest + "name: box",
            "7:1: error: unknown key 'name': known are apiVersion, kind, metadata, spec"
        ),
        (
            ManifestSamples.smallest + "provider: local",
            "7:1: error: unknown key 'provider': it belongs under spec"
        ),
        (
            ManifestSamples.spec("suspend: {kind: Instance}"),
            "7:13: error: unknown key 'kind' in spec.suspend: it belongs at the top of the document"
        ),
        (
            ManifestSamples.spec("dataDisk: {sizeGB: 1, colour: red}"),
            "7:25: error: unknown key 'colour' in spec.dataDisk: known are sizeGB, snapshot, iops"
        ),
        (
            ManifestSamples.spec("secret_key: 5f3a"),
            "7:3: error: unknown key 'secret_key' in spec: credentials never belong in the repository; "
                + "the operator takes them from its environment"
        ),
        (
            ManifestSamples.spec("\"\\e[31m\\u202Ered\": 1"),
            "7:3: error: unknown key '<U+001B>[31m<U+202E>red' in spec: known are provider, zone, server, rootDisk, "
                + "dataDisk, deletionPolicy, suspend, runtime"
        ),
        (
            ManifestSamples.spec("dataDisk: {sizeGB: 1, sizeGB: 2}"),
            "7:25: error: duplicate key 'sizeGB' (first on line 7): remove one of them"
        ),
    ]

    @Test(arguments: keys)
    func `a key that does not exist says what was meant`(text: String, expected: String) {
        #expect(messages(text) == ["a.yaml:" + expected])
        #expect(decoded(text).manifests.isEmpty)
    }

    @Test func `everything that is wrong is said at once`() {
        let text =
            ManifestSamples.server("protected: yes\ncolour: red") + "\n---\nkind: Instance\n---\n"
            + ManifestSamples.instance("good")
        let file = decoded(text)
        #expect(
            file.diagnostics.map(\.description) == [
                "a.yaml:9:16: error: spec.server.protected must be true or false, not yes",
                "a.yaml:10:5: error: unknown key 'colour' in spec.server: known are type, image, whenDisabled, "
                    + "cloudInit, publicIP, privateNetworks, firewall, protected",
                "a.yaml:12:1: error: apiVersion is missing",
                "a.yaml:12:1: error: metadata is missing",
                "a.yaml:12:1: error: spec is missing",
            ])
        #expect(file.diagnostics.map(\.instance?.text) == ["box", "box", nil, nil, nil])
        #expect(file.manifests.map(\.name.text) == ["good"])
        #expect(file.frozen.map(\.text) == ["box"])
        #expect(file.unreadable)
    }

    @Test func `a document with very many problems lists the first ones`() {
        let text = ManifestSamples.spec((0..<500).map { "key\($0): 1" }.joined(separator: "\n"))
        let diagnostics = decoded(text).diagnostics
        #expect(diagnostics.count == Reader.mostProblems + 1)
        #expect(diagnostics.last?.text == "there are more problems in this document; mend those before first")
    }
}
