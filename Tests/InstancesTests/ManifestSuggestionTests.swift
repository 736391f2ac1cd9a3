import Testing

@testable import Instances

@Suite struct ManifestSuggestionTests {
    static let known = [
        "enableInstanceServer", "instanceServerState", "dataDiskState", "zone", "keep", "sizeGB", "iops",
    ]

    @Test(arguments: [
        ("enableInstanceSever", "enableInstanceServer"), ("enabelInstanceServer", "enableInstanceServer"),
        ("ENABLEINSTANCESERVER", "enableInstanceServer"), ("datadiskstate", "dataDiskState"), ("zoen", "zone"),
        ("zon", "zone"), ("sizeGb", "sizeGB"), ("size", "sizeGB"), ("data", "dataDiskState"), ("iop", "iops"),
    ])
    func `what was meant is found`(word: String, meant: String) {
        #expect(Suggestion.meant(by: word, among: Self.known) == meant)
    }

    @Test(arguments: ["", "a", "ip", "size_in_gb", "disk", "home", "region", String(repeating: "zone", count: 10_000)])
    func `what is too far off is not guessed`(word: String) {
        #expect(Suggestion.meant(by: word, among: Self.known) == nil)
    }

    @Test func `of two that are as near neither is guessed`() {
        #expect(Suggestion.meant(by: "cat", among: ["bat", "rat"]) == nil)
        #expect(Suggestion.meant(by: "data", among: ["dataDisk", "dataState"]) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1),
        ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
    func `slips are counted`(left: String, right: String, count: Int) {
        #expect(Suggestion.slips(from: Array(left.unicodeScalars), to: Array(right.unicodeScalars)) == count)
        #expect(Suggestion.slips(from: Array(right.unicodeScalars), to: Array(left.unicodeScalars)) == count)
    }
}
