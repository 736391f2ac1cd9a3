import Instances

/// The guards that the prototype of the protocol was tried without, under its own numbers, and what is in their place
/// here. The numbers that are missing it never gave to a guard.
struct PrototypeMutant: Sendable {
    let number: Int
    /// What the prototype did without its guard.
    let change: String
    let safeguard: Safeguard

    static let all = [
        PrototypeMutant(number: 1, change: "a snapshot counts before it is available", safeguard: .snapshotIsAvailable),
        PrototypeMutant(number: 2, change: "the snapshot is cut while the server runs", safeguard: .diskIsQuiet),
        PrototypeMutant(number: 3, change: "a condemned disk is used again", safeguard: .condemnedIsNeverUsed),
        PrototypeMutant(number: 4, change: "the status is pushed over what others wrote", safeguard: .statusIsCompared),
        PrototypeMutant(
            number: 5, change: "a snapshot is adopted by its disk, not by its operation",
            safeguard: .adoptionByOperation),
        PrototypeMutant(number: 6, change: "a disk is attached before it is recorded", safeguard: .recordedBeforeUse),
        PrototypeMutant(
            number: 7, change: "the disk takes the snapshot's place before it is available", safeguard: .diskIsReady),
        PrototypeMutant(number: 9, change: "nothing is read again before a deletion", safeguard: .freshProof),
        PrototypeMutant(number: 12, change: "what a listing lacks is taken for deleted", safeguard: .absenceByID),
        PrototypeMutant(number: 13, change: "a disk is deleted that nothing condemns", safeguard: .condemnedFirst),
        PrototypeMutant(number: 14, change: "the server is kept while the disk is cut", safeguard: .serverGoesFirst),
        PrototypeMutant(
            number: 15, change: "a record goes on that is older than what is there", safeguard: .oldRecordHalts),
    ]
}
