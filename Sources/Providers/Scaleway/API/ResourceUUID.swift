import Instances
import Reconciler

/// The id of a resource of Scaleway, checked so that nothing but an id ever becomes part of a path.
struct ResourceUUID: Hashable, Sendable, CustomStringConvertible {
    /// In lower case.
    let text: String

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (position, byte) in bytes.enumerated() {
            if [8, 13, 18, 23].contains(position) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard Self.isHexadecimal(byte) else { return nil }
            }
        }
        self.text = text.lowercased()
    }

    /// - Throws: `.notFound`: Scaleway has nothing whose id is not a UUID.
    init<Kind>(_ id: Identifier<Kind>) throws(ProviderError) {
        guard let uuid = ResourceUUID(id.text) else {
            throw ProviderError(.notFound, "'\(printable(id.text, limit: 60))' is not an id of a resource of Scaleway")
        }
        self = uuid
    }

    var description: String { text }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
