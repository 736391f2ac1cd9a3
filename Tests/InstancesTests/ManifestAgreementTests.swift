import TestThreads
import Testing
import YAML

@testable import Instances

/// The schema and the decoder accept and refuse the same documents, but for what a schema cannot say.
@Suite(.runs(on: .programs), .enabled(if: ManifestValidator.isInstalled, ManifestValidator.wanted))
struct ManifestAgreementTests {
    private func isAccepted(_ text: String) -> Bool {
        !decoded(text, path: Settings.path).diagnostics.contains { $0.severity == .error }
    }

    private func expectAgreement(_ documents: [String]) throws -> Int {
        let answers = try ManifestValidator.judge(documents)
        #expect(answers.count == documents.count)
        var accepted = 0
        for (text, answer) in zip(documents, answers) {
            let said = messages(text, path: Settings.path)
            #expect(isAccepted(text) == answer.isEmpty, "decoder \(said), schema \(answer)\n\(text)")
            if answer.isEmpty { accepted += 1 }
        }
        return accepted
    }

    @Test func `random manifests are accepted by both`() throws {
        var encoder = ManifestEncoder(random: ManifestGenerator.Random(seed: 11))
        let documents = (0..<300).map { _ in
            let manifest = ManifestGenerator.manifest(using: &encoder.random)
            return String(decoding: write(encoder.document(of: manifest)), as: UTF8.self)
        }
        #expect(try expectAgreement(documents) == documents.count)
    }

    /// A field is taken out, added, or given a value of another document or of another kind.
    @Test func `manifests with a few changes are accepted or refused by both`() throws {
        var encoder = ManifestEncoder(random: ManifestGenerator.Random(seed: 12))
        let documents = (0..<800).map { _ in
            let manifests = (0..<2).map { _ in ManifestGenerator.manifest(using: &encoder.random) }
            let donor = encoder.document(of: manifests[0])
            var node = encoder.document(of: manifests[1])
            for _ in 0..<Int.random(in: 1...2, using: &encoder.random) {
                node = ManifestMutation.mutated(node, donor: donor, using: &encoder.random)
            }
            return String(decoding: write(node), as: UTF8.self)
        }
        let accepted = try expectAgreement(documents)
        // Else the changes would have stopped to test anything.
        #expect(accepted > 150 && accepted < 650, "\(accepted) accepted")
    }

    @Test func `the documents of the other tests are accepted or refused by both`() throws {
        let exceptions = Set(Self.onlyDecoder.map(\.0))
        let documents =
            [ManifestSamples.smallest, ManifestDecodeTests.everyField, ManifestSamples.settings("{}")]
            + ManifestRefusalTests.fields.map(\.0) + ManifestRefusalTests.keys.map(\.0).dropLast()
            + ManifestSettingsTests.refusals.map { ManifestSamples.settings($0.0) }
        _ = try expectAgreement(documents.filter { !exceptions.contains($0) })
    }

    /// What only the decoder refuses, and why a schema cannot.
    static let onlyDecoder: [(String, String)] = [
        (ManifestSamples.metadata("name: box\nlabels: {a: 'AKIAIOSFODNN7EXAMPLE'}"), "what a credential looks like"),
        (ManifestSamples.server("cloudInit: '-----BEGIN PRIVATE KEY-----'"), "what a credential looks like"),
        (ManifestSamples.spec("suspend: {until: 2026-02-29T00:00:00Z}"), "which days exist"),
        (ManifestSamples.rule("{protocol: tcp, from: 10.0.0.1/8}"), "bits past a prefix"),
        (ManifestSamples.rule("{protocol: tcp, from: 10.0.0.300/32}"), "how large a number in a text is"),
        (ManifestSamples.rule("{protocol: tcp, ports: 443-80, from: 0.0.0.0/0}"), "which of two numbers is larger"),
        (ManifestSamples.spec("rootDisk: {sizeGB: 012}"), "a number is the same to it however it is written"),
        (ManifestSamples.spec("rootDisk: {sizeGB: 0x10}"), "a number is the same to it however it is written"),
        (ManifestSamples.spec("rootDisk: {sizeGB: 1e1}"), "a number is the same to it however it is written"),
        (ManifestSamples.spec("rootDisk: {sizeGB: 10.0}"), "a number is the same to it however it is written"),
        (ManifestSamples.spec("rootDisk: {sizeGB: +10}"), "a number is the same to it however it is written"),
        (ManifestSamples.spec("runtime: {enableInstanceServer: True}"), "so is a truth value"),
        (
            ManifestSamples.smallest + "---\n" + ManifestSamples.settings("{}") + "\n---\n"
                + ManifestSamples.settings("{}"),
            "that settings are given once"
        ),
    ]

    @Test func `what only the decoder refuses is known`() throws {
        let answers = try ManifestValidator.judge(Self.onlyDecoder.map(\.0))
        for ((text, why), answer) in zip(Self.onlyDecoder, answers) {
            #expect(answer.isEmpty, "the schema can say it: \(why)")
            #expect(!isAccepted(text), "\(why)")
        }
    }
}
