/// What keeps data from harm, by what would be missing without it. The planner, its check and the deletion proofs ask
/// for each by name, so that a test build can take one out and see that the explorer notices.
public enum Safeguard: String, CaseIterable, Sendable {
    // The guards of the protocol.
    case snapshotIsAvailable, diskIsQuiet, condemnedIsNeverUsed, statusIsCompared, adoptionByOperation, absenceTwice
    case condemnedByTag, freshProof, newerEpochHalts, unknownOperationHalts, condemnedTagHalts
    // Guards that were added since.
    case unsettledWaits, unusedSinceCut, sourceIsRight, abandonedOnlyAfterwards, abandonedNeverUsed, intentFirst
    case serverGoesFirst, namesakesHalt, holderIsRead
    // Mistakes that the explorer has found.
    case condemnedServerIsFreed, onlyMintedIsUnsent, rootIsClaimedFirst, abandonedRootsGo
}

#if MUTANTS
    public enum Mutants {
        /// The one that is taken out.
        @TaskLocal public static var removed: Safeguard?
    }

    /// Whether a safeguard is in place.
    public func holds(_ safeguard: Safeguard) -> Bool { Mutants.removed != safeguard }
#else
    /// Whether a safeguard is in place: always, in a product.
    @inline(__always) func holds(_ safeguard: Safeguard) -> Bool { true }
#endif

/// A condition that a safeguard asks for.
@inline(__always) func requires(_ safeguard: Safeguard, _ condition: @autoclosure () -> Bool) -> Bool {
    !holds(safeguard) || condition()
}
