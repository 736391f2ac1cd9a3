import Testing
import YAML

@Suite struct LimitTests {
    private let generous = Limits(bytes: 8 << 20, depth: 16, events: 10_000, documents: 8)

    /// libyaml alone takes 12 seconds for the first of them, and fills the memory with the last.
    @Test(arguments: ["[", "{", "- ", "? ", "a: {", "[{", "[? "])
    func `endless nesting is refused at the first level too many`(opening: String) throws {
        let bytes = Array(String(repeating: opening, count: 100_000).utf8)
        let error = try #require(throws: YAMLError.self) { try parse(bytes, limits: generous) }
        // `? ` and `{` put a collection where a key belongs, which is wrong already.
        #expect([.tooDeep(limit: 16), .keyNotScalar].contains(error.reason))
        #expect(error.mark.line == 1 && error.mark.column <= 17 * opening.utf8.count)
    }

    @Test func `as many levels as allowed are read, one more is not`() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        #expect(try parse(nested(16)).count == 1)
        let error = #expect(throws: YAMLError.self) { try parse(nested(17)) }
        #expect(error == YAMLError(.tooDeep(limit: 16), at: Mark(line: 1, column: 17)))
        #expect(throws: Never.self) {
            try parse(nested(20), limits: Limits(bytes: 100, depth: 20, events: 100, documents: 1))
        }
    }

    @Test func `indented nesting is refused as well`() {
        let text = (0..<20).map { String(repeating: "  ", count: $0) + "a:\n" }.joined()
        let error = #expect(throws: YAMLError.self) { try parse(Array(text.utf8)) }
        #expect(error == YAMLError(.tooDeep(limit: 16), at: Mark(line: 17, column: 33)))
    }

    @Test func `a file that is too large is refused unread`() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: 64 << 10)
        #expect(try parse(bytes) == [])
        let error = #expect(throws: YAMLError.self) { try parse(bytes + [0xFF]) }
        #expect(error == YAMLError(.tooLarge(bytes: 65_537, limit: 65_536), at: .start))
        #expect(try parse(bytes + bytes, limits: .status) == [])
    }

    @Test func `a file of too many values is refused at the first too many`() {
        let bytes = Array(String(repeating: "- a\n", count: 12_000).utf8)
        let error = #expect(throws: YAMLError.self) { try parse(bytes) }
        // Stream, document and sequence begin before the items do.
        #expect(error == YAMLError(.tooManyEvents(limit: 10_000), at: Mark(line: 9998, column: 3)))
    }

    @Test func `a million documents are refused at the ninth`() {
        let bytes = Array(String(repeating: "---\n", count: 1_000_000).utf8)
        let error = #expect(throws: YAMLError.self) { try parse(bytes, limits: generous) }
        #expect(error == YAMLError(.tooManyDocuments(limit: 8), at: Mark(line: 9, column: 1)))
    }

    @Test func `a million aliases of aliases are refused at the first anchor`() {
        var text = "a: &a [x, x]\n"
        for name in "bcdefghijklmnopqrst" {
            text += "\(name): &\(name) [*a, *a]\n"
        }
        let error = #expect(throws: YAMLError.self) { try parse(Array(text.utf8)) }
        #expect(error == YAMLError(.anchor("a"), at: Mark(line: 1, column: 4)))
    }

    @Test func `a status file of its full size is read`() throws {
        let record = "- {id: 0123456789abcdef, state: available, message: 'some words about it'}\n"
        let text = String(repeating: record, count: (1 << 20) / record.utf8.count)
        #expect(throws: YAMLError.self) { try parse(Array(text.utf8)) }
        let nodes = try parse(Array(text.utf8), limits: .status)
        guard case .sequence(let items)? = nodes.first?.content else {
            Issue.record("not a sequence")
            return
        }
        #expect(items.count == (1 << 20) / record.utf8.count)
    }

    @Test(arguments: UInt64(0)..<4)
    func `damaged files are read or refused with a position inside them`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<1000 {
            let bytes = Fragments.damagedManifest(using: &random)
            do {
                _ = try parse(bytes)
            } catch {
                let lines = bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 3
                #expect(error.mark >= .start && error.mark.line <= lines, "\(error)")
                #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
            }
        }
    }
}
