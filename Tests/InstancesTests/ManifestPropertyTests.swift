import Testing
import YAML

@testable import Instances

@Suite struct ManifestPropertyTests {
    @Test(arguments: 0..<20)
    func `a manifest that is written is read as the same manifest`(seed: UInt64) throws {
        for round in 0..<25 {
            var encoder = ManifestEncoder(random: ManifestGenerator.Random(seed: seed * 1000 + UInt64(round)))
            let manifest = ManifestGenerator.manifest(using: &encoder.random)
            let flow: Flow = encoder.random.chance(50) ? .never : .fitting(columns: 120)
            let bytes = write(encoder.document(of: manifest), flow: flow)
            let file = decode(SourceFile(path: "a.yaml", bytes: bytes))
            var read = try #require(
                file.manifests.first, "\(file.diagnostics)\n\(String(decoding: bytes, as: UTF8.self))")
            #expect(file.diagnostics.isEmpty)
            read.source = ManifestSource()
            #expect(read == manifest, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// Whatever the bytes are: no crash, marks inside the file, and nothing that could be read is both used and frozen.
    @Test(arguments: 0..<20)
    func `a damaged document is refused or read, and never half of it`(seed: UInt64) {
        for round in 0..<25 {
            var random = ManifestGenerator.Random(seed: seed * 1000 + UInt64(round))
            var bytes = Array(ManifestDecodeTests.everyField.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(Array(":-{}[]#&*!|>'\"% \n\t0x".utf8).randomElement(using: &random)!, at: place)
                }
            }
            let file = decode(SourceFile(path: "a.yaml", bytes: bytes))
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count
            for diagnostic in file.diagnostics {
                // Other line breaks than the line feed count too.
                #expect(diagnostic.mark.line >= 1 && diagnostic.mark.line <= lines + 6)
                #expect(!"\(diagnostic)".unicodeScalars.contains { isInvisible($0) })
                #expect(!excerpt(of: diagnostic, in: bytes).unicodeScalars.contains { $0 != "\n" && isInvisible($0) })
            }
            let hasErrors = file.diagnostics.contains { $0.severity == .error }
            #expect(hasErrors == (file.manifests.isEmpty || !file.frozen.isEmpty || file.unreadable))
            #expect(Set(file.manifests.map(\.name)).isDisjoint(with: file.frozen))
        }
    }
}
