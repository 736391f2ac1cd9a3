import Testing

@testable import YAML

@Suite struct RoundTripTests {
    private static let flows: [Flow] = [.never, .fitting(columns: 40), .fitting(columns: 10_000)]

    @Test(arguments: UInt64(0)..<8)
    func `what is written is read back`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for number in 0..<250 {
            let document = Fragments.node(depth: 4, using: &random)
            for flow in Self.flows {
                let bytes = write(document, flow: flow)
                let text = String(decoding: bytes, as: UTF8.self)
                let read = try parse(bytes)
                #expect(read.count == 1, "seed \(seed), number \(number): \(text.debugDescription)")
                #expect(read[0].saysTheSame(as: document), "seed \(seed), number \(number): \(text.debugDescription)")
                #expect(write(read[0], flow: flow) == bytes, "seed \(seed), number \(number): \(text.debugDescription)")
            }
        }
    }

    @Test func `sameness is about values, not about styles and positions`() throws {
        func same(_ left: String, _ right: String) throws -> Bool {
            try parse(Array(left.utf8))[0].saysTheSame(as: parse(Array(right.utf8))[0])
        }
        #expect(try same("a: [x, 'y']", "'a':\n- x\n- \"y\"\n"))
        #expect(try same("a: ~", "a:"))
        #expect(try !same("a: ~", "a: '~'"))
        #expect(try !same("a: x", "a: y"))
        #expect(try !same("a: x", "b: x"))
        #expect(try !same("a: [x]", "a: [x, x]"))
        #expect(try !same("a: [x]", "a: {x: x}"))
        #expect(try !same("{a: x, b: y}", "{b: y, a: x}"))
        #expect(try !same("a: \u{E9}", "a: e\u{301}"))
    }
}
