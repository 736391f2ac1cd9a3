/// The end of a message about a name that does not exist: `; did you mean 'DEV1-S'?`, or nothing where none is near.
func suggestion(for name: String, among known: [String]) -> String {
    let wanted = Array(name.lowercased().utf8.prefix(64))
    let nearest = known.map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8))) }
        .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let nearest, nearest.distance <= max(2, wanted.count / 3) else { return "" }
    return "; did you mean '\(printable(nearest.name, limit: 60))'?"
}

/// How many bytes have to be inserted, removed or replaced. Source: Levenshtein, 1966.
private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in right.enumerated() {
            let replaced = diagonal + (byte == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[right.count]
}
