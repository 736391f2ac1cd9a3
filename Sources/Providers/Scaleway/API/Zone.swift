/// A place where servers and disks are: `fr-par-2`. Only its text ever reaches a path, so it is checked when made.
struct Zone: Hashable, Sendable, CustomStringConvertible {
    /// Zones that have both the Instance and the Block API. `it-mil-1` has no block storage.
    /// Source: scaleway-sdk-go, `API.Zones()` of instance/v1 and block/v1.
    static let known = [
        "fr-par-1", "fr-par-2", "fr-par-3", "nl-ams-1", "nl-ams-2", "nl-ams-3", "pl-waw-1", "pl-waw-2", "pl-waw-3",
    ].compactMap(Zone.init)

    let text: String

    /// - Returns: `nil` unless the text is a country, a city and a digit. A zone that opens tomorrow is one too.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count == 8, bytes[2] == dash, bytes[6] == dash else { return nil }
        guard [0, 1, 3, 4, 5].allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[$0]) }) else {
            return nil
        }
        guard (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[7]) else { return nil }
        self.text = text
    }

    /// What private networks belong to: `fr-par`.
    var region: String { String(text.dropLast(2)) }

    var description: String { text }
}
