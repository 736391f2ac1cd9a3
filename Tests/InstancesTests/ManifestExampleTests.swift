import FoundationEssentials
import Testing

@testable import Instances

/// The repository that a stranger starts from.
@Suite struct ManifestExampleTests {
    /// Its YAML files as the operator reads them, whichever folders its settings name.
    static func files() throws -> [SourceFile] {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.appending(path: "../../examples").standardized.path
        return try FileManager.default.subpathsOfDirectory(atPath: root).sorted().filter(Settings().reads).map {
            SourceFile(path: $0, bytes: Array(try Data(contentsOf: URL(filePath: root + "/" + $0))))
        }
    }

    @Test func `every example is valid`() throws {
        let configuration = combine(try Self.files().map(decode))
        #expect(configuration.diagnostics.isEmpty)
        #expect(configuration.manifests.count >= 2)
        #expect(configuration.settings.folders != nil)
    }

    @Test(.enabled(if: ManifestValidator.isInstalled, ManifestValidator.wanted))
    func `the schema accepts every example`() throws {
        let texts = try Self.files().map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(try ManifestValidator.judge(texts) == texts.map { _ in "" })
    }
}
