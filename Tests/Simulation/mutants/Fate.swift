import Instances
import Simulation

/// Where the harm shows.
enum Place: Sendable, CustomStringConvertible {
    case world(World)
    /// The world of this seed or, where a change has made another story of that, one of those after it.
    case seed(UInt64)

    /// How many seeds after the one in the table are tried: what shows in one world of a thousand shows among so many.
    static let seedsTried: UInt64 = 3000

    static func world(_ name: String) -> Place {
        guard let world = World.all.first(where: { $0.name == name }) else { fatalError("no world is called \(name)") }
        return .world(world)
    }

    var description: String {
        switch self {
        case .world(let world): "world \(world.name)"
        case .seed(let seed): "seed \(seed)"
        }
    }
}

/// What comes of taking a safeguard out.
enum Fate: Sendable {
    /// In one place, or also in another one: the explorer shows the shortest way, the simulator the production pass.
    case missed(in: Place, and: Place? = nil)
    /// Others stand before it, so that no run can miss it: why it is there, and the name of the unit test that fails.
    case backstop(String, test: String)

    var places: [Place] {
        if case .missed(let place, let other) = self { [place, other].compactMap(\.self) } else { [] }
    }
}

extension Safeguard {
    /// Every safeguard has a row: the compiler sees to it.
    var fate: Fate {
        switch self {
        case .snapshotIsAvailable, .diskIsQuiet, .diskIsReady: .missed(in: .world("crashes"))
        case .unsettledWaits, .condemnedServersGoFirst, .condemnedServerIsFreed: .missed(in: .world("late"))
        case .onlyMintedIsUnsent: .missed(in: .world("runtimes-late"))
        case .serverGoesFirst: .missed(in: .world("two-late"))
        case .unknownOperationHalts, .oldRecordHalts: .missed(in: .world("two-rollback"))
        case .adoptionByOperation: .missed(in: .world("late-flips"))
        case .statusIsCompared: .missed(in: .seed(3))
        case .publishedFirst: .missed(in: .seed(6))
        case .absenceByID: .missed(in: .seed(30))
        case .listingIsDoubted: .missed(in: .seed(498))
        case .recordedBeforeUse: .missed(in: .world("power-off"), and: .seed(548))
        case .freshProof: .missed(in: .world("touched"), and: .seed(4161))
        case .absenceTwice: .missed(in: .world("stale"))
        case .unusedSinceCut, .condemnedIsNeverUsed, .intentFirst: .missed(in: .world("touched"))
        case .cutIsMintedLate, .condemnedTagHalts: .missed(in: .world("rollback"))
        case .unrecordedDataHalts: .missed(in: .world("edited"))
        case .holderIsRead: .missed(in: .world("rollback-touched"))
        case .rootIsClaimedFirst: .missed(in: .seed(289))
        case .abandonedRootsGo: .missed(in: .world("untagged-roots-late"))
        case .abandonedServersGo: .missed(in: .world("late"))
        case .abandonedOnlyAfterwards: .missed(in: .world("crashes"))
        case .stopsWait, .repositoryOnlyTightens: .missed(in: .seed(1))
        case .olderDataWaits, .lossIsToldFirst: .missed(in: .seed(23))
        case .approvalCoversAll: .missed(in: .seed(3))
        case .vanishingWaits, .lastCopyWaits, .removalsWait: .missed(in: .seed(6))
        case .numberCoversAll: .missed(in: .seed(1086))
        case .recoveredLifeIsOne: .missed(in: .seed(1993))
        case .decidedOnThisRecord: .missed(in: .seed(2835))
        case .removedTagsHalt: .missed(in: .seed(33))
        case .recoveredDataIsWhole: .missed(in: .seed(13021))
        case .recoveryComesFirst: .missed(in: .seed(127))
        case .recoveryCountsOn: .missed(in: .seed(3007))
        case .newerEpochHalts:
            .backstop(
                "an operation of a later epoch is also an unknown one",
                test: "a resource of a later epoch says that the record is old")
        case .condemnedByTag:
            .backstop(
                "a record that was rolled back meets an unknown operation, or data that it does not name, first",
                test: "a disk is condemned by the record and by its own tag, and is this instance's")
        case .diskElsewhereHalts:
            .backstop(
                "a provider refuses to attach or snapshot what another server holds",
                test: "a live disk on another's server halts, on a condemned server of its own it does not")
        case .namesakesHalt:
            .backstop(
                "a record that holds nothing was checked for namesakes when the instance was first seen",
                test: "an empty disk is asked for, made once, and recorded before it is used")
        case .sourceIsRight:
            .backstop(
                "only what the current operation made is adopted, and it cuts one disk; but a provider may err",
                test: "the snapshot is of this disk, as large, and the disk was not used since")
        case .newestIsSeen:
            .backstop(
                "the deletion proof reads what holds the newest content",
                test: "a stray snapshot is kept while the newest content is not seen to be safe")
        case .abandonedNeverUsed:
            .backstop(
                "a used disk that is newer than the recorded content halts the instance, and an older one holds a copy",
                test: "an abandoned disk goes only if it was never attached and no record names it")
        case .onlyOlderCopiesGo:
            .backstop(
                "whatever is newer than the recorded content halts the instance first",
                test: "a copy with the live disk's own operation is left alone and told")
        case .condemnedFirst:
            .backstop(
                "the deletion proof asks for it too, and a disk that is on its way out never goes back",
                test: "only what the record condemns on this ground is deleted")
        case .vanishedStays:
            .backstop(
                "what a provider has denied for long counts for nothing in the worlds any more",
                test: "an older snapshot that comes back is told and stays")
        case .detachIsFinished:
            .backstop(
                "the cloud of the worlds refuses to take a disk from a running server; not every provider does",
                test: "a disk that may be being detached is detached before it goes back")
        case .companionsAreCondemned:
            .backstop(
                "addresses and firewalls are not used by the guests of the worlds",
                test: "a companion is condemned by its tag before it is deleted, and then never kept")
        case .usedRestoreIsKept:
            .backstop(
                "a used disk that the record does not name halts the instance; with this it goes on by itself",
                test: "a stop saves a restored disk that was used and makes no claim on the older snapshot")
        case .recoveredDiskIsOne:
            .backstop(
                "in the worlds two disks that were both in use are never left with the tags of one instance",
                test: "of two data disks the one that was in use holds the data; of two in use nobody knows")
        case .condemnedDiskIsSaved:
            .backstop(
                "in the worlds hardly anybody uses a condemned disk again just before the branch is lost",
                test: "a condemned disk may hold newer data than any snapshot, and is saved anew before it goes")
        case .recoveredDiskIsNewest:
            .backstop(
                "the worlds hardly ever lose the branch at the one moment when both are there",
                test: "a disk beside a newer snapshot of another disk is left to a person")
        case .otherAccountHalts:
            .backstop(
                "each of the worlds is one account",
                test: "another account halts what is recorded, and nothing seen there is believed")
        case .foreignHalts:
            .backstop(
                "ids are never used twice, so what a record names is its own; a record that somebody edited may err",
                test: "what the record names but another instance or owner has tagged is left alone")
        case .sizeIsRight:
            .backstop(
                "in the worlds nobody else makes a disk larger, and a snapshot of it is as large; a provider may err",
                test: "the snapshot is of this disk, as large, and the disk was not used since")
        case .emptyDiskIsFirst:
            .backstop(
                "the planner makes an empty disk only where the record holds nothing",
                test: "an empty disk is made only where the record awaits one and there never was data")
        case .decisionIsChecked:
            .backstop(
                "the planner decides nothing that the check refuses, which is what the explorer looks for",
                test:
                    "the data disk is deleted only once its snapshot is recorded, of this disk, and seen to be available"
            )
        case .lineageIsOne:
            .backstop(
                "nobody mixes two status branches in the worlds",
                test: "a branch that is somebody else's is not written to")
        case .rewriteWaits:
            .backstop(
                "nobody rewrites the configuration in the worlds",
                test: "a rewritten configuration changes nothing until a person accepts it")
        case .removalIsSure:
            .backstop(
                "in the worlds a file that is not understood still says by its name whose it is",
                test: "a manifest that was in a closed folder, or nobody knows where, is not taken for removed")
        case .unreadableRecordHalts:
            .backstop(
                "nobody writes nonsense into a record in the worlds, and its resources would halt it as namesakes",
                test: "a record that cannot be read stops its instance and no other")
        case .tagsAreOfTheBranch:
            .backstop(
                "two operators that begin a branch at once and then both act are rarer than one world in 3000",
                test: "a lost race about another instance is pushed again")
        case .allIsSeenFirst:
            .backstop(
                "in the worlds the first look after a loss hardly ever fails in part",
                test: "nor after a first look that failed in part")
        case .recoveryReadsByID:
            .backstop(
                "by the time that somebody recovers a branch listings show everything in most worlds",
                test: "what is proposed was read by its id")
        case .recoveredBranchIsOne:
            .backstop(
                "the person of the worlds leaves out what belongs to another branch",
                test: "resources of another lineage are not taken into a branch that has records")
        case .neededIsKept:
            .backstop(
                "in the worlds nothing outside of them needs a snapshot for ever",
                test: "an older snapshot that the provider keeps, since something needs it, holds no pass up")
        case .damagedDiskHalts, .damagedSnapshotHalts:
            .backstop(
                "nothing that was good goes bad in the worlds",
                test: "damaged data is told, and nothing is made from it or deleted")
        }
    }
}
