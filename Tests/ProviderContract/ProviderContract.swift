import Instances
import Reconciler

/// What every provider has to keep, said by running it.
///
/// Each clause makes what it needs and deletes it again, and works in an account that holds other things.
public struct ProviderContract<Harness: ProviderHarness>: Sendable {
    let harness: Harness
    let owner: OwnerID
    let uid: InstanceUID
    let name: InstanceName
    let operation = Operation(epoch: 1, nonce: randomDigits())

    public init(_ harness: Harness) {
        self.harness = harness
        owner = OwnerID(randomDigits())
        uid = InstanceUID(randomDigits())
        guard let name = InstanceName("contract-" + randomDigits()) else {
            preconditionFailure("a name is well formed")
        }
        self.name = name
    }

    var provider: Harness.Subject { harness.provider }

    public func check(_ clause: ContractClause) async throws {
        switch clause {
        case .account: try await accountIsStable()
        case .life: try await contentOutlivesItsMachine()
        case .rootSnapshot: try await serversBootFromRootSnapshots()
        case .absence: try await deletedIsNotFound()
        case .unknownIDs: try await neverMadeIsNotFound()
        case .attachedDisk: try await attachedDiskIsNotDeleted()
        case .runningServer: try await runningServerIsNotTouched()
        case .serverDeletion: try await disksOutliveTheirServer()
        case .bootDisk: try await bootDiskIsNotDetached()
        case .snapshotSurvives: try await snapshotOutlivesItsDisk()
        case .tags: try await tagsAreKept()
        case .lostTags: try await lostTagMakesForeign()
        case .foreignTags: try await tagsOfOthersStay()
        case .listing: try await listingIsWhole()
        case .ids: try await idsAreNotReused()
        case .detachTime: try await everyDetachHasItsTime()
        case .growth: try await disksGrowAndNeverShrink()
        case .type: try await typeChangesWhileStopped()
        case .configuration: try await digestIsKept()
        case .repetition: try await repeatedCallsAreHarmless()
        }
    }

    // MARK: Saying what is wrong

    func require(_ condition: Bool, _ violation: @autoclosure () -> String) throws(ContractViolation) {
        guard condition else { throw ContractViolation(violation()) }
    }

    func expect<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String) throws(ContractViolation) {
        guard value == expected else {
            throw ContractViolation("\(what) is \(value), to be \(expected)")
        }
    }

    /// Fails unless the call throws for one of these reasons.
    func expectRefusal(
        _ reasons: ProviderError.Reason..., of what: String, _ call: () async throws(ProviderError) -> Void
    ) async throws(ContractViolation) {
        do throws(ProviderError) { try await call() } catch {
            guard reasons.contains(error.reason) else {
                throw ContractViolation("\(what) is refused as \(error.reason), to be \(reasons): \(error)")
            }
            return
        }
        throw ContractViolation("\(what) is not refused")
    }

    /// Reads until it is as wanted.
    func wait<Value>(
        for what: String, _ read: () async throws -> Value, until isSettled: (Value) -> Bool
    ) async throws -> Value {
        for _ in 0..<harness.looks {
            let value = try await read()
            if isSettled(value) { return value }
            try await harness.pause()
        }
        throw ContractViolation("\(what) never comes; it stays \(try await read())")
    }
}

/// A sentence that holds for every provider.
public enum ContractClause: String, CaseIterable, Sendable, CustomStringConvertible {
    case account = "the account has one stable name"
    case life = "the content of a data disk outlives machine and disk"
    case rootSnapshot = "a server boots from a disk made from a root snapshot"
    case absence = "what was deleted is not found by its id"
    case unknownIDs = "an id that was never given out is not found"
    case attachedDisk = "an attached disk is not deleted"
    case runningServer = "a running server is not deleted, and keeps its disks"
    case serverDeletion = "deleting a server leaves every disk, detached"
    case bootDisk = "the disk that a server boots from is not detached"
    case snapshotSurvives = "a snapshot survives its disk, and a disk its snapshot"
    case tags = "tags are kept through everything, from the create call on"
    case lostTags = "a resource that lost its tags is nobody's"
    case foreignTags = "tags of others stay"
    case listing = "a listing has everything once and agrees with reads by id"
    case ids = "ids are not used twice"
    case detachTime = "every detach has a time of its own"
    case growth = "disks grow and never shrink"
    case type = "the type of a stopped server changes"
    case configuration = "the digest of the configuration is kept"
    case repetition = "repeated calls are harmless"

    public var description: String { rawValue }
}

func randomDigits() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
