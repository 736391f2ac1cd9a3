import Testing

@testable import Instances

@Suite struct ManifestSchemaTests {
    @Test func `the schema is the same every time`() {
        #expect(jsonSchema() == jsonSchema())
        #expect(jsonSchema().hasPrefix("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"))
        #expect(jsonSchema().hasSuffix("}\n"))
    }

    @Test func `defaults in the schema are those of the manifest`() {
        let schema = jsonSchema()
        for (key, value) in [
            ("whenDisabled", "\"delete\""), ("publicIP", "\"dynamic\""), ("deletionPolicy", "\"retain\""),
            ("protected", "false"), ("enable", "false"), ("keep", "0"), ("enableInstanceServer", "true"),
            ("dataDiskState", "\"live\""),
        ] {
            let field = schema.components(after: "\"\(key)\": {", until: "}")
            #expect(field?.contains("\"default\": \(value)") == true, "\(key): \(field ?? "missing")")
            #expect(field?.contains("\"description\": \"") == true)
        }
    }

    @Test func `what JSON must escape is escaped`() {
        let schema = Schema.of(("a\"\\", .text("\u{1}\n\u{E0041}é")), ("b", .list([])), ("c", .of()))
        #expect(
            schema.document
                == "{\n  \"a\\\"\\\\\": \"\\u0001\\n\\uDB40\\uDC41é\",\n  \"b\": [],\n  \"c\": {}\n}\n")
    }

    private static let words: [Word] = [
        .instanceName, .provider, .zone, .serverType, .image, .resourceName, .labelKey,
    ]

    @Test(arguments: words)
    func `the pattern of a word accepts what the decoder accepts`(word: Word) throws {
        let pattern = try Regex(word.pattern).matchingSemantics(.unicodeScalar)
        let alphabet = Array("aZ09-._/ A\n\u{212A}é\u{0}~").map(String.init)
        var random = ManifestGenerator.Random(seed: 1)
        var accepted = 0
        for _ in 0..<2000 {
            let length = Int.random(in: 0...5, using: &random)
            let text = (0..<length).map { _ in alphabet.randomElement(using: &random)! }.joined()
            #expect(word.accepts(text) == (text.wholeMatch(of: pattern) != nil), "\(text.debugDescription)")
            if word.accepts(text) { accepted += 1 }
        }
        #expect(accepted > 50)
        #expect(word.accepts(String(repeating: "a", count: word.longest)))
        #expect(!word.accepts(String(repeating: "a", count: word.longest + 1)))
    }
}

extension String {
    fileprivate func components(after start: String, until end: String) -> String? {
        guard let from = firstRange(of: start)?.upperBound else { return nil }
        return self[from...].firstRange(of: end).map { String(self[from..<$0.lowerBound]) }
    }
}
