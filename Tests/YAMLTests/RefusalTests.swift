import Testing
import YAML

@Suite struct RefusalTests {
    @Test(arguments: [
        ("a: 1\na: 2\n", YAMLError.Reason.duplicateKey("a", first: Mark(line: 1, column: 1)), 2, 1),
        ("x: {a: 1, 'a': 2}", .duplicateKey("a", first: Mark(line: 1, column: 5)), 1, 11),
        ("\u{E9}: 1\ne\u{301}: 2\n", .duplicateKey("\u{E9}", first: Mark(line: 1, column: 1)), 2, 1),
        ("a: &x 1\nb: *x\n", .anchor("x"), 1, 4),
        ("&x a: 1\n", .anchor("x"), 1, 1),
        ("&x\na: 1\n", .anchor("x"), 1, 1),
        ("a: &x [1]\n", .anchor("x"), 1, 4),
        ("a: *x\n", .alias("x"), 1, 4),
        ("*x : 1\n", .alias("x"), 1, 1),
        ("a:\n  <<: {b: 1}\n", .mergeKey, 2, 3),
        ("a: !!str x\n", .tag("!!str"), 1, 4),
        ("a: !!python/object:os.system x\n", .tag("!!python/object:os.system"), 1, 4),
        ("a: !include x\n", .tag("!include"), 1, 4),
        ("a: !<tag:example.com,2000:x> x\n", .tag("tag:example.com,2000:x"), 1, 4),
        ("a: !e!x y\n", .tag("!"), 1, 4),
        ("é: ! true\n", .tag("!"), 1, 4),
        ("éé: ! éé\n", .tag("!"), 1, 5),
        ("a: ! 'true'\n", .tag("!"), 1, 4),
        ("a: ! |\n  true\n", .tag("!"), 1, 4),
        ("a: ! [b]\n", .tag("!"), 1, 4),
        ("! a: b\n", .tag("!"), 1, 1),
        ("a: !\n", .tag("!"), 1, 4),
        ("%TAG ! tag:example.com,2000:\n---\na: 1\n", .tagDirective, 1, 1),
        ("%TAG\n---\na: 1\n", .tagDirective, 1, 1),
        ("%YAML 1.3\n---\na: 1\n", .version, 1, 1),
        ("%YAML 2.0\n---\na: 1\n", .version, 1, 1),
        ("%YAML x\n---\na: 1\n", .version, 1, 1),
        ("[a]: 1\n", .keyNotScalar, 1, 1),
        ("b:\n  ? {a: 1}\n  : 1\n", .keyNotScalar, 2, 5),
        (": 1\n", .missingKey, 1, 1),
        ("{: 1}\n", .missingKey, 1, 2),
        ("?\n: 1\n", .missingKey, 1, 2),
        ("a: x\u{0}y\n", .controlCharacter(0), 1, 5),
        ("b: 1\na: \"x\\0y\"\n", .controlCharacter(0), 2, 4),
        ("\"\\0\": 1\n", .controlCharacter(0), 1, 1),
        ("é: 1\né\u{7}: 2\n", .controlCharacter(7), 2, 2),
        ("a: 1\r\nb: x\r\nc: \u{0}\r\n", .controlCharacter(0), 3, 4),
        ("a: 1\rb: \u{0}\r", .controlCharacter(0), 2, 4),
        ("a: \u{85}\u{2028}\u{2029}\u{80}\n", .controlCharacter(0x80), 4, 1),
        ("a: 1\nb: \u{7F}\n", .controlCharacter(0x7F), 2, 4),
        ("！: x\u{FEFF}y\n", .byteOrderMarkInside, 1, 5),
        ("é: x\u{FEFF}y\n", .byteOrderMarkInside, 1, 5),
        ("\u{FEFF}\u{FEFF}a: 1\n", .byteOrderMarkInside, 1, 1),
    ])
    func `what a manifest must not hold is refused where it stands`(
        text: String, reason: YAMLError.Reason, line: Int, column: Int
    ) {
        let error = #expect(throws: YAMLError.self) { try parse(Array(text.utf8)) }
        #expect(error?.reason == reason)
        #expect(error?.mark == Mark(line: line, column: column))
    }

    @Test(arguments: [
        (Array("a: \"".utf8) + [0xFF] + Array("\"".utf8), YAMLError.Reason.notUTF8, 1, 5),
        (Array("é: 1\n".utf8) + [0xC3], .notUTF8, 2, 1),
        (Array("a: ".utf8) + [0xED, 0xA0, 0x80], .notUTF8, 1, 4),
        (Array("a: ".utf8) + [0xC0, 0x80], .notUTF8, 1, 4),
        (Array("a: ".utf8) + [0xF4, 0x90, 0x80, 0x80], .notUTF8, 1, 4),
        ([0xEF, 0xBB, 0xBF, 0xFF, 0xFE, 0x61], .notUTF8, 1, 1),
        ([0xFF, 0xFE, 0x61, 0x00], .utf16, 1, 1),
        ([0xFE, 0xFF, 0x00, 0x61], .utf16, 1, 1),
        ([0x61, 0x00, 0x3A, 0x00], .utf16, 1, 1),
        ([0x00, 0x61, 0x00, 0x3A], .utf16, 1, 1),
    ])
    func `bytes that are not UTF-8 are refused where they begin`(
        bytes: [UInt8], reason: YAMLError.Reason, line: Int, column: Int
    ) {
        let error = #expect(throws: YAMLError.self) { try parse(bytes) }
        #expect(error?.reason == reason)
        #expect(error?.mark == Mark(line: line, column: column))
    }

    @Test(arguments: [
        ("a:\n\tb: 1\n", "2:1: a tab cannot indent YAML: use spaces"),
        ("a:\n  b: c\n\td: e\n", "3:1: a tab cannot indent YAML: use spaces"),
        ("a: |\n\tb\n", "2:1: a tab cannot indent YAML: use spaces"),
        (
            "a: b: c\n",
            "1:5: a ':' that cannot begin a value here: put text that holds ': ' in quotes, and check the indentation"
        ),
        ("a: 1\nb\nc: 2\n", "2:1: a key without ':': write 'key: value', and check the indentation"),
        ("a: \"x\nb: c\n", "1:4: the quotes that open here are not closed"),
        ("a: 'x\n---\n", "2:1: a '---' or '...' inside the quotes that open on line 1: are they closed?"),
        ("a: [1, 2\nb: 3\n", "2:2: the '[' of line 1 is not closed, or a ',' is missing before this"),
        ("a: {x: 1\n", "1:4: the '{' of line 1 is not closed, or a ',' is missing before this"),
        ("a: @x\n", "1:4: text cannot begin with '@': put it in quotes"),
        ("a: *.example.com\n", "1:4: text cannot begin with '*' or '&': put it in quotes"),
        ("a: 'it's'\n", "1:8: text after the end of a value: put the whole value in quotes"),
        (
            "a:\n    b: 1\n  c: 2\n",
            "3:3: this line is not an entry of the mapping of line 1: write 'key: value', and indent it like the others"
        ),
        (
            "- a\nb: c\n",
            "2:1: this line is not an entry of the list of line 1: begin it with '- ', or check the indentation"
        ),
        (
            "a: - b\n",
            "1:4: a '-' or '?' that cannot begin an entry here: put it on the next line, or in quotes if it is text"
        ),
        (
            "a: \"C:\\dir\"\n",
            "1:7: an unknown escape in double quotes: write \\\\ for a backslash, or use single quotes"
        ),
        ("a: ]\n", "1:4: a value is missing before ']'; if this is text, put it in quotes"),
        ("a: [", "1:5: a value is missing"),
        ("a: |x\n  y\n", "1:5: text behind '|' or '>': it belongs on the next line, indented"),
        (
            "a\n...\nb: 1\n",
            "3:1: the document has ended before this: begin another with '---', and check the indentation"
        ),
        ("%x: 1\n", "1:1: a line cannot begin with '%' here: remove it, or put it in quotes if it is text"),
        ("a: |0\n  x\n", "1:5: found an indentation indicator equal to 0 while scanning a block scalar"),
    ])
    func `a mistake is explained with the way out`(text: String, message: String) {
        let error = #expect(throws: YAMLError.self) { try parse(Array(text.utf8)) }
        #expect(error?.description == message)
    }

    @Test func `reasons speak to people`() {
        let first = Mark(line: 3, column: 1)
        #expect(
            YAMLError.Reason.duplicateKey("name", first: first).description
                == "duplicate key 'name' (first on line 3): remove one of them")
        #expect(
            YAMLError.Reason.alias("x").description
                == "aliases (*x) are not allowed: write the value out, or put it in quotes if it is text")
        #expect(
            YAMLError.Reason.tooLarge(bytes: 70_000, limit: 65_536).description
                == "the file has 70000 bytes and at most 65536 are read: split it")
    }

    @Test func `a message shows no invisible character and no endless text`() {
        let key = "a\u{1B}[31m\u{202E}\u{85}" + String(repeating: "x", count: 1000)
        let message = YAMLError.Reason.duplicateKey(key, first: .start).description
        #expect(message.hasPrefix("duplicate key 'a<U+001B>[31m<U+202E><U+0085>xxx"))
        #expect(message.utf8.count < 200)
    }
}
