import Testing

@testable import Instances

@Suite struct ManifestNetworkTests {
    @Test(arguments: [
        ("0.0.0.0/0", "0.0.0.0/0"), ("192.0.2.0/24", "192.0.2.0/24"), ("192.0.2.7/32", "192.0.2.7/32"),
        ("128.0.0.0/1", "128.0.0.0/1"), ("192.0.2.128/25", "192.0.2.128/25"), ("::/0", "::/0"),
        ("2001:DB8::/32", "2001:db8::/32"), ("2001:0db8:0000:0000:0000:0000:0000:0001/128", "2001:db8::1/128"),
        ("::1/128", "::1/128"), ("fe80::/10", "fe80::/10"), ("1:0:0:2:0:0:0:3/128", "1:0:0:2::3/128"),
        ("1:0:2:3:4:5:6:7/128", "1:0:2:3:4:5:6:7/128"), ("1:0:0:2:3:0:0:4/128", "1::2:3:0:0:4/128"),
        ("::ffff:192.0.2.1/128", "::ffff:c000:201/128"), ("1::/16", "1::/16"),
    ])
    func `a range of addresses has one spelling`(text: String, canonical: String) throws {
        #expect(try NetworkBlock(text).description == canonical)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0/8", "10.0.0.0.0/8",
        "10.0.0.256/32", "010.0.0.0/8", "10.0.0.0/8/8", "10.0.0.0 /8", "any", "::/129", ":::/0", "1:2/32",
        "1::2::3/128",
        "12345::/16", "g::/16", "1:2:3:4:5:6:7:8:9/128", "1:2:3:4:5:6:7::8/128x", "192.0.2.1::/128", "::1.2.3/128",
        ":1::/16",
        "fe80::1%eth0/128",
    ])
    func `what is no range of addresses is refused`(text: String) {
        #expect(throws: NetworkBlock.Problem.notABlock) { try NetworkBlock(text) }
    }

    @Test(arguments: [
        ("10.0.0.1/8", "10.0.0.0/8"), ("192.0.2.129/25", "192.0.2.128/25"), ("2001:db8::1/32", "2001:db8::/32"),
        ("255.255.255.255/0", "0.0.0.0/0"),
    ])
    func `bits past the prefix are refused, with what was meant`(text: String, meant: String) throws {
        let expected = NetworkBlock.Problem.bitsPastPrefix(try NetworkBlock(meant))
        #expect(throws: expected) { try NetworkBlock(text) }
    }

    @Test func `an address alone is refused, with what was meant`() throws {
        let expected = NetworkBlock.Problem.noPrefix(try NetworkBlock("192.0.2.1/32"))
        #expect(throws: expected) { try NetworkBlock("192.0.2.1") }
    }

    @Test(arguments: 0..<200)
    func `the spelling of a range is read as the same range`(seed: UInt64) throws {
        var random = ManifestGenerator.Random(seed: seed)
        let block = ManifestGenerator.networkBlock(using: &random)
        #expect(try NetworkBlock(block).description == block)
    }

    @Test(arguments: [
        ("22", 22...22), ("1", 1...1), ("65535", 65_535...65_535), ("80-443", 80...443), ("22-22", 22...22),
        ("\"80-443\"", 80...443),
    ])
    func `ports are one or a range`(text: String, ports: ClosedRange<Int>) {
        let file = decoded(ManifestSamples.rule("{protocol: tcp, ports: \(text), from: 0.0.0.0/0}"))
        #expect(file.manifests.first?.server.firewall?.inbound.first?.ports == ports)
    }

    @Test(arguments: ["0", "65536", "443-80", "80-", "-80", "1-2-3", "80 - 443", "022", "[80]", "ssh", "''", "\"22\""])
    func `what is no port is refused`(text: String) {
        #expect(messages(ManifestSamples.rule("{protocol: tcp, ports: \(text), from: 0.0.0.0/0}")).count == 1)
    }

    @Test(arguments: [
        ("2026-12-31T18:00:00Z", "2026-12-31T18:00:00Z"), ("2026-12-31T18:00:00+01:00", "2026-12-31T17:00:00Z"),
        ("2024-02-29T00:00:00.5-00:30", "2024-02-29T00:30:00.500000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ])
    func `a moment has its zone`(text: String, moment: String) {
        let file = decoded(ManifestSamples.spec("suspend: {until: \(text)}"))
        #expect(file.manifests.first?.suspend?.until?.description == moment)
    }

    @Test(arguments: [
        "2026-12-31", "2026-12-31T18:00:00", "2026-12-31 18:00:00Z", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00.Z",
        "2026-01-01t00:00:00z", "tomorrow", "2026-1-1T00:00:00Z", "2026-01-01T00:00:00+0100",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(messages(ManifestSamples.spec("suspend: {until: \(text)}")).count == 1)
    }
}
