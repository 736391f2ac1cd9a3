public import YAML

/// Why the record of one instance cannot be relied on. Nothing is done to that instance until a person has acted; no
/// other instance is delayed.
public enum RecordError: Error, Hashable, Sendable {
    /// It says more than this program knows. To act on the part that is understood could undo the rest.
    case newer(Mark, String)
    /// It is damaged, or was edited by hand.
    case broken(Mark, String)
    /// It belongs to another status branch.
    case otherLineage(found: OwnerID, expected: OwnerID)

    public var mark: Mark {
        switch self {
        case .newer(let mark, _), .broken(let mark, _): mark
        case .otherLineage: .start
        }
    }

    /// As a status shows it: where, what and the way out.
    ///
    /// - Parameter file: path on the status branch.
    public func explanation(file: String) -> Explanation {
        let place = "\(file):\(mark.line):\(mark.column)"
        let undo = "bring the file back from the history of the status branch (git log -p -- \(file))"
        switch self {
        case .newer(_, let what):
            return Explanation(
                "NewerOperator", "\(place): \(what): written by a newer operator: read only; upgrade this one")
        case .broken(_, let what):
            return Explanation("RecordUnreadable", "\(place): \(what); \(undo)")
        case .otherLineage(let found, let expected):
            return Explanation(
                "OtherLineage",
                "\(place): belongs to the status branch \(terminalText(found.text)), this one is "
                    + "\(terminalText(expected.text)); \(undo)")
        }
    }
}
