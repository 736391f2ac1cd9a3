import Testing

@testable import YAML

@Suite struct WriteTests {
    private let status = Node.mapping([
        ("apiVersion", .text("operator/v1")),
        ("metadata", .mapping([("name", .text("gpu-box"))])),
        (
            "status",
            .mapping([
                ("observedCommit", .text("4f2c")),
                (
                    "conditions",
                    .sequence([
                        .mapping([
                            ("type", .text("Ready")), ("status", .text("True")), ("message", .text("it runs: well")),
                        ])
                    ])
                ),
                ("sizes", .sequence([.plain("30"), .plain("100")])),
                ("nested", .sequence([.sequence([.text("a"), .text("b")]), .mapping([("c", .sequence([]))])])),
                ("intents", .mapping([])),
                ("log", .text("first line\n  second line\n")),
                ("none", .plain("")),
            ])
        ),
    ])

    @Test func `a document is written in blocks`() {
        let expected = """
            apiVersion: operator/v1
            metadata:
              name: gpu-box
            status:
              observedCommit: 4f2c
              conditions:
                - type: Ready
                  status: "True"
                  message: "it runs: well"
              sizes:
                - 30
                - 100
              nested:
                - - a
                  - b
                - c: []
              intents: {}
              log: |
                first line
                  second line
              none: null

            """
        #expect(String(decoding: write(status), as: UTF8.self) == expected)
    }

    @Test func `small mappings and sequences are written on one line if asked for`() {
        let expected = """
            apiVersion: operator/v1
            metadata: {name: gpu-box}
            status:
              observedCommit: 4f2c
              conditions:
                - {type: Ready, status: "True", message: "it runs: well"}
              sizes: [30, 100]
              nested:
                - [a, b]
                - {c: []}
              intents: {}
              log: |
                first line
                  second line
              none: null

            """
        #expect(String(decoding: write(status, flow: .fitting(columns: 61)), as: UTF8.self) == expected)
    }

    @Test func `one line is used up to the last column and not beyond`() {
        let document = Node.mapping([("ü", .sequence([.text("abc"), .text("déf")]))])
        #expect(lines(document, flow: .fitting(columns: 13)) == ["ü: [abc, déf]"])
        #expect(lines(document, flow: .fitting(columns: 12)) == ["ü:", "  - abc", "  - déf"])
        #expect(lines(.sequence([.text("a")]), flow: .fitting(columns: 80)) == ["- a"])
    }

    @Test func `text of several lines is not put into brackets`() {
        let document = Node.mapping([("k", .sequence([.text("a\nb"), .text(" \n")]))])
        #expect(lines(document, flow: .fitting(columns: 80)) == ["k:", "  - |-", "    a", "    b", #"  - " \n""#])
        #expect(lines(.mapping([("k", .sequence([.text(" \n")]))]), flow: .fitting(columns: 80)) == [#"k: [" \n"]"#])
    }

    @Test(arguments: [
        "word", "two words", "a-b", "-x", "--flag", "http://host/?q=a#b", "a:b", "it's", "x,y", "a]b", "c:\\dir",
        "L4-1-24G",
        "10m", "30GB", "4f2c", "é", "🦊", "trueish", "nullable", "a & b", "x!", "Nope", "v1.2", "0xyz",
        "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    ])
    func `text that can only be text is bare`(text: String) {
        #expect(lines(.text(text)) == [text])
    }

    @Test(arguments: [
        "", "~", "null", "Null", "NULL", "true", "True", "FALSE", "yes", "No", "on", "OFF", "y", "N", "0", "007",
        "0o17",
        "0x1F", "-0xff_ff", "0b11", "1_000", "1,000", "1e3", "1234e56", "-1", "+1.5", ".5", "5.", ".inf", "-.INF",
        ".NaN",
        "12:30", "12:30:45.5", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00.5 +1:00", "<<", "=", "-",
        "- a",
        "---", "--- a", "...", "...a", "?", "? a", ":", ":a", "a:", "a: b", "a #b", "#a", "&a", "*a", "!a", "|", ">a",
        "'a'", "%a", "@a", "`a`", "[a", "]a", "{a", "}a", ",a", " a", "a ", "a,\u{200B}b",
    ])
    func `text that could be read as something else is quoted`(text: String) {
        #expect(lines(.text(text)) == [TextShape(text).quoted])
        #expect(lines(.mapping([(text, .text("x"))])) == [TextShape(text).quoted + ": x"])
    }

    @Test(arguments: ["x,y", "a]b", "a[b", "{a}", "x?y"])
    func `inside brackets more is quoted`(text: String) {
        #expect(lines(.mapping([("k", .sequence([.text(text)]))]), flow: .fitting(columns: 80)) == ["k: [\"\(text)\"]"])
    }

    @Test(arguments: [
        ("\"\\", #""\"\\""#), ("a\tb\r", #""a\tb\r""#), ("\u{1B}[31m", #""\u001B[31m""#),
        ("\u{85}\u{2028}", #""\u0085\u2028""#),
        ("\u{FEFF}\u{202E}\u{FFFF}", #""\uFEFF\u202E\uFFFF""#), ("\u{E0041}", #""\U000E0041""#),
        ("a\0b", "\"a\u{FFFD}b\""),
    ])
    func `characters that nobody sees are written as escapes`(text: String, expected: String) {
        #expect(lines(.text(text)) == [expected])
    }

    @Test(arguments: [
        ("a\nb", ["k: |-", "  a", "  b"]),
        ("a\n", ["k: |", "  a"]),
        ("a\n\n", ["k: |+", "  a", ""]),
        ("a\n\n  b\n\tc\n", ["k: |", "  a", "", "    b", "  \tc"]),
        ("#!/bin/sh\n---\n", ["k: |", "  #!/bin/sh", "  ---"]),
        ("\n", [#"k: "\n""#]),
        ("\na\n", [#"k: "\na\n""#]),
        (" a\nb\n", [#"k: " a\nb\n""#]),
        ("a \nb\n", [#"k: "a \nb\n""#]),
        ("a\n \n", [#"k: "a\n \n""#]),
        ("a\r\nb\r\n", [#"k: "a\r\nb\r\n""#]),
        ("a\n\u{200B}\n", [#"k: "a\n\u200B\n""#]),
    ])
    func `text of several lines is a block where that shows all of it`(text: String, expected: [String]) {
        #expect(lines(.mapping([("k", .text(text))])) == expected)
    }

    @Test func `a bare token stays bare unless it would not be one`() {
        for token in ["30", "true", "null", "~", "-1.5", "2026-01-01", "12:30"] {
            #expect(lines(.plain(token)) == [token])
            #expect(
                lines(.mapping([("k", .sequence([.plain(token)]))]), flow: .fitting(columns: 80)) == ["k: [\(token)]"])
        }
        #expect(lines(.plain("a: b")) == [#""a: b""#])
        #expect(lines(.plain("")) == ["null"])
    }

    @Test func `a key that is too long for a simple key is an explicit one`() throws {
        let key = String(repeating: "k", count: 1001)
        let document = Node.mapping([(key, .mapping([("a", .text("b"))])), (String(key.dropLast()), .text("x"))])
        #expect(lines(document) == ["? " + key, ":", "  a: b", key.dropLast() + ": x"])
        #expect(try parse(write(document)).first?.saysTheSame(as: document) == true)
    }

    @Test func `long text stays on its line`() {
        let text = String(repeating: "word ", count: 1000) + "end"
        #expect(lines(.text(text)) == [text])
    }

    private func lines(_ node: Node, flow: Flow = .never) -> [String] {
        let text = String(decoding: write(node, flow: flow), as: UTF8.self)
        #expect(text.utf8.last == UInt8(ascii: "\n"))
        return text.unicodeScalars.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map {
            String($0)
        }
    }
}
