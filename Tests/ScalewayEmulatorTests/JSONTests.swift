import ScalewayEmulator
import Testing

@Suite struct JSONTests {
    @Test func `what is read is written again, in its order`() throws {
        let text = #"{"b":[1,-2.5,true,null],"a":{"z":"\"\\\n\u0001é😀","y":""},"big":10000000000000}"#
        #expect(try JSON(parsing: Array(text.utf8)).description == text)
    }

    @Test func `escapes are undone`() throws {
        let json = try JSON(parsing: Array(#"["\u00e9\/\ud83d\ude00\t"]"#.utf8))
        #expect(json == ["é/😀\t"])
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\" 1}", "nul", "\"\\x\"", "\"\\ud800\"", "\"a", "1 2", "[01x]", "{\"a\":1,}", "-",
        "\u{1}",
        String(repeating: "[", count: 100),
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (1_785_416_175_733_296, "2026-07-30T12:56:15.733296Z"), (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ])
    func `instants are dates`(microseconds: Int, stamp: String) {
        #expect(Instant(microseconds: microseconds).zuluStamp == stamp)
    }

    @Test func `queries are decoded`() {
        #expect(
            APIRequest.Parameter.list("a=1&state=stopped+in%20place&tags=x%2Cy%3Dz&empty=&bad=%zz")
                == [
                    APIRequest.Parameter("a", "1"), APIRequest.Parameter("state", "stopped in place"),
                    APIRequest.Parameter("tags", "x,y=z"), APIRequest.Parameter("empty", ""),
                    APIRequest.Parameter("bad", "%zz"),
                ])
    }
}
