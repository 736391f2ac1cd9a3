import Testing
import YAML

@testable import Instances

@Suite struct ManifestExcerptTests {
    private func shown(_ text: String, line: Int, column: Int) -> String {
        excerpt(
            of: Diagnostic(file: "a.yaml", mark: Mark(line: line, column: column), text: ""), in: Array(text.utf8))
    }

    @Test func `the caret stands under the place`() {
        #expect(shown("a: 1\nbc: 2\nd: 3", line: 2, column: 5) == "2 | bc: 2\n  |     ^")
        #expect(shown("a: 1\r\nbc: 2\r\n", line: 2, column: 1) == "2 | bc: 2\n  | ^")
        #expect(shown("\u{FEFF}a: 1", line: 1, column: 4) == "1 | a: 1\n  |    ^")
        #expect(shown("a\u{2028}b\u{85}c\rd", line: 4, column: 1) == "4 | d\n  | ^")
        #expect(shown("a", line: 1, column: 2) == "1 | a\n  |  ^", "past the end")
    }

    @Test func `the caret stands under the place where a message says it is`() throws {
        let text = ManifestSamples.spec("runtime: {enableInstanceSever: true}")
        let diagnostic = try #require(decoded(text).diagnostics.first)
        #expect(
            excerpt(of: diagnostic, in: Array(text.utf8))
                == "7 |   runtime: {enableInstanceSever: true}\n  |             ^")
    }

    @Test func `tabs and wide characters move the caret as a terminal does`() {
        #expect(shown("a:\tb", line: 1, column: 4) == "1 | a:    b\n  |       ^")
        #expect(shown("漢字: x", line: 1, column: 5) == "1 | 漢字: x\n  |       ^")
        #expect(shown("e\u{301}: x", line: 1, column: 5) == "1 | e\u{301}: x\n  |    ^")
        #expect(shown("🚀: x", line: 1, column: 4) == "1 | 🚀: x\n  |     ^")
    }

    @Test func `what cannot be seen is made visible`() {
        #expect(
            shown("\u{1B}[31m\u{202E}a\u{0}", line: 1, column: 6) == "1 | \u{FFFD}[31m\u{FFFD}a\u{FFFD}\n  |      ^")
    }

    @Test func `of a long line the part around the place is shown`() {
        let line = String(repeating: "x", count: 300) + "!" + String(repeating: "y", count: 300)
        let lines = shown(line, line: 1, column: 301).split(separator: "\n")
        #expect(lines.count == 2 && lines[0].count < 170)
        #expect(lines[0].hasPrefix("1 | …xx") && lines[0].hasSuffix("yy…"))
        let caret = lines[1].firstIndex(of: "^")!
        #expect(Array(lines[0])[lines[1].distance(from: lines[1].startIndex, to: caret)] == "!")
    }

    @Test(arguments: ["  token: abcdef", "  \"api-key\" : abcdef", "  x: {a: b, password: abcdef}"])
    func `a value that may be a credential is not shown`(line: String) {
        let text = shown(line, line: 1, column: 3)
        #expect(!text.contains("abcdef") && text.contains(": (not shown)"))
    }

    @Test func `a line that is not there gives nothing`() {
        #expect(shown("a", line: 2, column: 1) == "")
        #expect(shown("", line: 1, column: 1) == "1 | \n  | ^")
    }
}
