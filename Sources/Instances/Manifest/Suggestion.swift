/// Finds what somebody meant who wrote a word that does not exist.
public enum Suggestion {
    /// The one known word that is close enough to be meant: other case, a missing ending, or a few slips.
    ///
    /// - Returns: `nil` where none is close, or two are equally so.
    public static func meant(by word: String, among known: [String]) -> String? {
        let written = Array(word.lowercased().unicodeScalars)
        // Longer than any key: comparing it would cost time and help nobody.
        guard written.count <= 40 else { return nil }
        var best: (distance: Int, words: [String]) = (slipsAllowed(for: written.count) + 1, [])
        for candidate in known {
            let distance = slips(from: written, to: Array(candidate.lowercased().unicodeScalars))
            if distance < best.distance {
                best = (distance, [candidate])
            } else if distance == best.distance, !best.words.isEmpty {
                best.words.append(candidate)
            }
        }
        if let first = best.words.first { return best.words.count == 1 ? first : nil }
        let begun = known.filter { written.count >= 3 && $0.lowercased().unicodeScalars.starts(with: written) }
        return begun.count == 1 ? begun[0] : nil
    }

    /// In a short word every slip makes another word.
    private static func slipsAllowed(for length: Int) -> Int {
        switch length {
        case ..<3: 0
        case ..<6: 1
        default: 2
        }
    }

    /// How many letters were left out, added, replaced or swapped with their neighbour.
    ///
    /// Source: optimal string alignment distance.
    static func slips(from left: [Unicode.Scalar], to right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let same = left[row] == right[column]
                var slips = min(last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    slips = min(slips, beforeLast[column - 1] + 1)
                }
                current.append(slips)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
