/// What keeps data from harm, by what would be missing without it. The planner, its check, the deletion proofs and the
/// passes of the reconciler ask for each by name, so that a test build can take one out and see that the explorer or the
/// simulator notices.
public enum Safeguard: String, CaseIterable, Sendable {
    // The guards of the protocol.
    case snapshotIsAvailable, diskIsQuiet, condemnedIsNeverUsed, statusIsCompared, adoptionByOperation, absenceTwice
    case absenceByID, condemnedByTag, freshProof, newerEpochHalts, unknownOperationHalts, condemnedTagHalts
    // Guards that were added since.
    case unsettledWaits, unusedSinceCut, sourceIsRight, abandonedOnlyAfterwards, abandonedNeverUsed, intentFirst
    case serverGoesFirst, condemnedServersGoFirst, abandonedServersGo, namesakesHalt, diskElsewhereHalts
    case newestIsSeen, holderIsRead, onlyOlderCopiesGo, unrecordedDataHalts, removedTagsHalt
    case damagedDiskHalts, damagedSnapshotHalts
    case recordedBeforeUse, diskIsReady, condemnedFirst, oldRecordHalts, otherAccountHalts, foreignHalts, sizeIsRight
    case emptyDiskIsFirst, decisionIsChecked
    // Guards of a pass: what it refuses to believe, to publish or to do.
    case publishedFirst, tagsAreOfTheBranch, lineageIsOne, rewriteWaits, listingIsDoubted, removalIsSure
    case decidedOnThisRecord, unreadableRecordHalts, neededIsKept
    // Guards over many instances, and approvals.
    case removalsWait, vanishingWaits, stopsWait, repositoryOnlyTightens, approvalCoversAll
    case lastCopyWaits, olderDataWaits, lossIsToldFirst, numberCoversAll
    // Recovery of a status branch.
    case recoveryComesFirst, allIsSeenFirst, recoveryReadsByID, recoveredBranchIsOne, recoveredLifeIsOne
    case recoveredDataIsWhole, recoveredDiskIsOne, recoveredDiskIsNewest, condemnedDiskIsSaved, recoveryCountsOn
    // Mistakes that the explorer and the simulator have found.
    case condemnedServerIsFreed, onlyMintedIsUnsent, rootIsClaimedFirst, abandonedRootsGo, usedRestoreIsKept
    case cutIsMintedLate, vanishedStays, companionsAreCondemned
    case detachIsFinished
}

#if MUTANTS
    import Glibc

    public enum Mutants {
        /// The one that is taken out: for one search, or by `OPERATOR_WITHOUT` for a run of the unit tests.
        @TaskLocal public static var removed: Safeguard? = unsafe getenv("OPERATOR_WITHOUT").flatMap {
            unsafe Safeguard(rawValue: String(cString: $0))
        }
    }

    /// Whether a safeguard is in place.
    public func holds(_ safeguard: Safeguard) -> Bool { Mutants.removed != safeguard }
#else
    /// Whether a safeguard is in place: always, in a product.
    @inlinable package func holds(_ safeguard: Safeguard) -> Bool { true }
#endif

/// A condition that a safeguard asks for.
@inlinable package func requires(_ safeguard: Safeguard, _ condition: @autoclosure () -> Bool) -> Bool {
    !holds(safeguard) || condition()
}
