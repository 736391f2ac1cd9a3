import Testing

@testable import YAML

@Suite struct ReplaceScalarTests {
    private let path = ["spec", "runtime", "enableInstanceServer"]

    @Test(arguments: [
        (
            "spec:\n  runtime:   # why\n    enableInstanceServer:   true   # runs\n\n\n# end",
            "spec:\n  runtime:   # why\n    enableInstanceServer:   false   # runs\n\n\n# end"
        ),
        (
            "\u{FEFF}# é🦊\r\nspec:\r\n  \"runtime\": {x: 'ü', enableInstanceServer: true, y: 1}\r\n",
            "\u{FEFF}# é🦊\r\nspec:\r\n  \"runtime\": {x: 'ü', enableInstanceServer: false, y: 1}\r\n"
        ),
        ("spec: {runtime: {'enableInstanceServer': 'true'}}", "spec: {runtime: {'enableInstanceServer': 'false'}}"),
        ("spec: {runtime: {enableInstanceServer: \"true\"}}", "spec: {runtime: {enableInstanceServer: \"false\"}}"),
        ("spec: {runtime: {\"enableInstanceServer\":true}}", "spec: {runtime: {\"enableInstanceServer\":false}}"),
        (
            "spec:\n  runtime:\n    enableInstanceServer:\n    other: true\n",
            "spec:\n  runtime:\n    enableInstanceServer: false\n    other: true\n"
        ),
        (
            "spec:\n  runtime:\n    enableInstanceServer: # later\n",
            "spec:\n  runtime:\n    enableInstanceServer: false # later\n"
        ),
        ("spec:\n  runtime:\n    enableInstanceServer: ~", "spec:\n  runtime:\n    enableInstanceServer: false"),
        (
            "spec:\n  runtime:\n    ? enableInstanceServer\n    : of\n      lines # x\n",
            "spec:\n  runtime:\n    ? enableInstanceServer\n    : false # x\n"
        ),
    ])
    func `one value changes and every other byte stays`(before: String, after: String) throws {
        let edited = try replaceScalar(in: Array(before.utf8), document: 0, at: path, with: "false")
        #expect(String(decoding: edited, as: UTF8.self).debugDescription == after.debugDescription)
    }

    @Test func `documents are counted as they are read`() throws {
        let text = "---\n# nothing\n---\na: 1\n---\na: 1 # this\n"
        let edited = try replaceScalar(in: Array(text.utf8), document: 1, at: ["a"], with: "2")
        #expect(String(decoding: edited, as: UTF8.self) == "---\n# nothing\n---\na: 1\n---\na: 2 # this\n")
    }

    @Test(arguments: [
        ("a: x", "", "a: \"\""), ("a: x", "y: z", "a: \"y: z\""), ("a: x", "y #z", "a: \"y #z\""),
        ("a: x", "two\nlines", #"a: "two\nlines""#), ("a: x", " y ", "a: \" y \""), ("a: {b: x, c: y}", "z", nil),
        ("a: 'x'", "it's", "a: 'it''s'"), ("a: 'x'", "two\nlines", #"a: "two\nlines""#),
        ("a: \"x\"", "\"", #"a: "\"""#),
        ("a: x", "null", "a: null"), ("a: x", "*y", "a: \"*y\""), ("{a: x}", "y, z", "{a: \"y, z\"}"),
        ("{a: x}", "y", "{a: y}"), ("a:", "- y", "a: \"- y\""), ("a: |\n  x\n", "y", nil), ("a: >\n  x\n", "y", nil),
        ("{a}", "y", nil), ("a: []", "y", nil),
    ])
    func `text is put so that it stays text, or not at all`(before: String, text: String, after: String?) throws {
        let edited = try? replaceScalar(in: Array(before.utf8), document: 0, at: ["a"], with: text)
        #expect(edited.map { String(decoding: $0, as: UTF8.self) } == after)
    }

    @Test(arguments: [
        (
            "spec: {runtime: {other: 1}}",
            YAMLError.Reason.notFound(path: ["spec", "runtime", "enableInstanceServer"]), 1, 17
        ),
        ("spec: {runtime: [1]}", .notFound(path: ["spec", "runtime", "enableInstanceServer"]), 1, 17),
        ("# nothing", .notFound(path: ["spec", "runtime", "enableInstanceServer"]), 1, 1),
        (
            "spec:\n  runtime:\n    enableInstanceServer: [true]",
            .notReplaceable(path: ["spec", "runtime", "enableInstanceServer"]), 3, 27
        ),
        ("spec: *x", .alias("x"), 1, 7),
    ])
    func `what cannot be replaced is an error with its place`(
        text: String, reason: YAMLError.Reason, line: Int, column: Int
    ) {
        let error = #expect(throws: YAMLError.self) {
            try replaceScalar(in: Array(text.utf8), document: 0, at: path, with: "false")
        }
        #expect(error == YAMLError(reason, at: Mark(line: line, column: column)))
    }

    @Test(arguments: UInt64(0)..<4)
    func `any text can take the place of any other`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for number in 0..<250 {
            let before = Fragments.text(using: &random)
            let after = Fragments.text(using: &random)
            let around = Fragments.node(depth: 1, using: &random)
            func document(_ text: String) -> Node {
                .mapping([("x", around), ("y", .mapping([("z", .text(text)), ("a", around)])), ("é", around)])
            }
            let bytes = write(
                document(before), flow: [.never, .fitting(columns: 10_000)].randomElement(using: &random)!)
            let label: Comment =
                "seed \(seed), number \(number): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            guard !TextShape(before).isBlock else { continue }
            let edited = try replaceScalar(in: bytes, document: 0, at: ["y", "z"], with: after)
            let read = try parse(edited)
            let expected = document(after)
            // A bare scalar stays bare, so `null` can take its place as what it is.
            let isNull = Node.Scalar(after, style: .plain).isNull && !after.isEmpty
            #expect(isNull || read[0].saysTheSame(as: expected), label)
        }
    }
}
