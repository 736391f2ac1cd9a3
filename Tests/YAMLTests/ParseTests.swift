import Testing
import YAML

@Suite struct ParseTests {
    @Test func `a manifest becomes nodes in the order and at the positions of the file`() throws {
        let text = """
            # comment
            kind: Instance
            labels: {team: ml, "über": 'x'}
            list:
              - 4
              - [a, b]
            """
        let nodes = try parse(Array(text.utf8))
        let expected = node(
            2, 1,
            .mapping([
                pair("kind", 2, 1, plain("Instance", 2, 7)),
                pair(
                    "labels", 3, 1,
                    node(
                        3, 9,
                        .mapping([
                            pair("team", 3, 10, plain("ml", 3, 16)),
                            pair("über", 3, 20, node(3, 28, .scalar(.init("x", style: .singleQuoted)))),
                        ]))),
                pair(
                    "list", 4, 1,
                    node(
                        5, 3,
                        .sequence([
                            plain("4", 5, 5),
                            node(6, 5, .sequence([plain("a", 6, 6), plain("b", 6, 9)])),
                        ]))),
            ]))
        #expect(nodes == [expected])
    }

    @Test(arguments: [
        ("yes", "yes", Node.Scalar.Style.plain),
        ("'it''s'", "it's", .singleQuoted),
        (#""a\tb\u00e9\"""#, "a\tbé\"", .doubleQuoted),
        ("|\n  a\n   b\n", "a\n b\n", .literal),
        ("|+\n  a\n\n", "a\n\n", .literal),
        (">-\n  a\n  b\n", "a b", .folded),
        ("a\n  b", "a b", .plain),
        ("http://x/?a=b#c", "http://x/?a=b#c", .plain),
        ("🦊 fox", "🦊 fox", .plain),
    ])
    func `a scalar keeps its text and its style`(written: String, text: String, style: Node.Scalar.Style) throws {
        let nodes = try parse(Array("key: \(written)".utf8))
        guard case .mapping(let pairs)? = nodes.first?.content else {
            Issue.record("not a mapping: \(nodes)")
            return
        }
        #expect(pairs.map(\.value.content) == [.scalar(.init(text, style: style))])
    }

    @Test(arguments: [
        ("", Node.Scalar.Style.plain, true), ("~", .plain, true), ("null", .plain, true), ("Null", .plain, true),
        ("NULL", .plain, true), ("nULL", .plain, false), ("none", .plain, false), ("", .doubleQuoted, false),
        ("null", .singleQuoted, false), ("~", .literal, false),
    ])
    func `only a bare null is null`(text: String, style: Node.Scalar.Style, isNull: Bool) {
        #expect(Node.Scalar(text, style: style).isNull == isNull)
    }

    @Test func `a key without a value has a null`() throws {
        #expect(try values("a:\nb: ~\n") == [.scalar(.init("", style: .plain)), .scalar(.init("~", style: .plain))])
    }

    @Test(arguments: [
        "", " ", "\n\n", "# only a comment\n", "---\n", "---\n---\n", "\u{FEFF}", "\u{FEFF}# x", "%YAML 1.2\n---\n",
    ])
    func `a file with nothing in it gives no node`(text: String) throws {
        #expect(try parse(Array(text.utf8)) == [])
    }

    @Test func `every document is a node, empty ones are none`() throws {
        let nodes = try parse(Array("a\n---\n# nothing\n---\nb\n...\n---\n''\n".utf8))
        #expect(nodes == [plain("a", 1, 1), plain("b", 5, 1), node(8, 1, .scalar(.init("", style: .singleQuoted)))])
    }

    @Test(arguments: ["%YAML 1.1\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n"])
    func `both versions of YAML may be named`(text: String) throws {
        #expect(try values(text) == [.scalar(.init("1", style: .plain))])
    }

    @Test(arguments: ["a: 1\r\nb: x\r\n", "\u{FEFF}a: 1\nb: x\n", "\u{FEFF}a: 1\r\nb: x", "a: 1\rb: x\r"])
    func `a byte order mark and all line ends are accepted and move no position`(text: String) throws {
        let nodes = try parse(Array(text.utf8))
        let pairs = [pair("a", 1, 1, plain("1", 1, 4)), pair("b", 2, 1, plain("x", 2, 4))]
        #expect(nodes == [node(1, 1, .mapping(pairs))])
    }

    @Test func `an exclamation mark in text is no tag`() throws {
        let nodes = try values("a: hey!\nb: '!x'\nc: \"! y\"\nü: x !y\nd: |\n  !z\n")
        #expect(nodes.map(text) == ["hey!", "!x", "! y", "x !y", "!z\n"])
    }

    @Test func `a quoted merge key is an ordinary key`() throws {
        #expect(try values("'<<': x").map(text) == ["x"])
    }

    @Test func `many keys are compared with all keys before them`() throws {
        let lines = (0..<100).map { "key\($0): \($0)\n" }.joined()
        #expect(try values(lines).count == 100)
        for repeated in [0, 14, 15, 16, 17, 50, 99] {
            let error = #expect(throws: YAMLError.self) { try parse(Array("\(lines)key\(repeated): x\n".utf8)) }
            let first = Mark(line: repeated + 1, column: 1)
            #expect(error?.reason == .duplicateKey("key\(repeated)", first: first))
            #expect(error?.mark == Mark(line: 101, column: 1))
        }
    }

    @Test func `marks are ordered like the text`() {
        let marks = [Mark(line: 2, column: 1), Mark(line: 1, column: 9), Mark(line: 1, column: 2)]
        #expect(marks.sorted() == marks.reversed())
    }

    // MARK: Building expectations

    private func node(_ line: Int, _ column: Int, _ content: Node.Content) -> Node {
        Node(content, at: Mark(line: line, column: column))
    }

    private func plain(_ text: String, _ line: Int, _ column: Int) -> Node {
        node(line, column, .scalar(.init(text, style: .plain)))
    }

    private func pair(_ key: String, _ line: Int, _ column: Int, _ value: Node) -> Node.Pair {
        Node.Pair(key: key, keyMark: Mark(line: line, column: column), value: value)
    }

    private func values(_ text: String) throws -> [Node.Content] {
        guard case .mapping(let pairs)? = try parse(Array(text.utf8)).first?.content else { return [] }
        return pairs.map(\.value.content)
    }

    private func text(_ content: Node.Content) -> String? {
        if case .scalar(let scalar) = content { scalar.text } else { nil }
    }
}
