/// The state of a small world in a few bytes, so that millions fit into memory. Identities are small numbers; 0 is none.

/// An operation: its epoch times eight plus a number that stands for its nonce.
typealias Op = UInt16

extension Op {
    /// The nonce of an operation that was just minted and has no number yet.
    static let freshNonce: Op = 7
    var epoch: Op { self >> 3 }
    var nonce: Op { self & 7 }
    static func of(epoch: Op, nonce: Op) -> Op { epoch << 3 | nonce }
}

enum ResourceKind: UInt8 { case server, disk, snapshot }

/// Which resource, of which kind.
struct Named: Hashable {
    var kind: ResourceKind
    var id: UInt8
}

/// What the cloud holds of one server.
struct CloudServer: Blank {
    var id: UInt8 = 0
    var op: Op = 0
    var isCondemned = false
    var isRunning = false
    var isConfigured = true
    var bootDisk: UInt8 = 0
    /// Whether lists show it; reads by id always do, unless they are stale.
    var isListed = true
    /// The operators that were told its id by its create call.
    var knownTo: UInt8 = 0
}

struct CloudDisk: Blank {
    enum State: UInt8 { case creating, available, error }
    /// The server of a person, which the operator does not know.
    static let foreignServer: UInt8 = 63

    var id: UInt8 = 0
    /// 0: made by the provider together with a server, without tags.
    var op: Op = 0
    var isRoot = false
    var isCondemned = false
    var state = State.creating
    var server: UInt8 = 0
    var source: UInt8 = 0
    var content: UInt8 = 0
    /// Counts detachments; 0: was never attached.
    var detached: UInt8 = 0
    var isListed = true
    var knownTo: UInt8 = 0
}

struct CloudSnapshot: Blank {
    var id: UInt8 = 0
    var op: Op = 0
    var isRoot = false
    var isCondemned = false
    var state = CloudDisk.State.creating
    var disk: UInt8 = 0
    var content: UInt8 = 0
    var isListed = true
    var knownTo: UInt8 = 0

    /// What a snapshot of a disk in use by a guest holds: nobody knows.
    static let torn: UInt8 = 255
}

/// A call to the cloud.
struct Call: Blank {
    enum Kind: UInt8 {
        case none, createServer, createDisk, createSnapshot, configure, powerOn, powerOff, attach, detach, tag, delete
    }

    var kind = Kind.none
    var on = ResourceKind.server
    /// The resource that it is about, or that something is made from.
    var id: UInt8 = 0
    /// The server of an attachment, the root disk of a server.
    var second: UInt8 = 0
    var op: Op = 0
    var isRoot = false
    var isCondemned = false

    var isCreate: Bool { kind == .createServer || kind == .createDisk || kind == .createSnapshot }
}

/// One operator between its steps.
struct Worker: Blank {
    enum Phase: UInt8 {
        case idle
        /// Has read the status and the manifest, has not looked at the cloud.
        case read
        /// Has decided on a record, and on what to do once it is pushed.
        case push
        /// Has decided on a call.
        case act
        /// Has proven a deletion and not sent it.
        case proven
    }

    var phase = Phase.idle
    /// The status it has read is still the head.
    var isCurrent = false
    /// What is to be pushed gives an operation up.
    var givesUp = false
    /// Since it has looked, another operator has sent the create call that is to be given up.
    var isOvertaken = false
    /// What was read, or is to be pushed, or covers the call.
    var record = CompactRecord()
    var desired: UInt8 = 0
    var call = Call()
    /// Operations of which this process knows that their create call may be sent: published by itself, or refused.
    var callable = Row<4, Op>()
}

/// Everything.
struct WorldState: BitwiseCopyable {
    var head = CompactRecord()
    /// A backup of the status branch that a person may force-push once.
    var saved: CompactRecord?
    /// The operators whose reading is of that backup.
    var savedReaders: UInt8 = 0
    var servers = Row<4, CloudServer>()
    var disks = Row<5, CloudDisk>()
    var snapshots = Row<5, CloudSnapshot>()
    /// Sent, and landing at any time or never.
    var inFlight = Row<2, Call>()
    var workers = Row<2, Worker>()
    var desired: UInt8 = 0
    /// The newest content that a guest has written; 0: it never ran with a disk.
    var newest: UInt8 = 0
    var budget = Budget()
    var wasRolledBack = false
    var wasTouched = false
    /// A person has deleted the recorded copy of the newest content while another was there.
    var isCopyTaken = false
    /// What went wrong in the last step.
    var broken: Broken?
    var next = NextIDs()

    enum Broken: UInt8 { case bootedOld, twoDisks, checkRefused, epochWentBack, noIntent }
    struct NextIDs { var server: UInt8 = 1, disk: UInt8 = 1, snapshot: UInt8 = 1 }
}

/// How many of each fault may still happen.
public struct Budget: Hashable, Sendable, BitwiseCopyable {
    public var flips: UInt8 = 0
    public var writes: UInt8 = 0
    /// Calls that land later than their operator waits.
    public var late: UInt8 = 0
    /// Resources that lists show later than they exist.
    public var lag: UInt8 = 0
    /// Snapshots and disks that end in an error.
    public var errors: UInt8 = 0
    public var rollbacks: UInt8 = 0
    /// What a person does to snapshots, disks and servers by hand.
    public var touches: UInt8 = 0

    public init(
        flips: UInt8 = 0, writes: UInt8 = 0, late: UInt8 = 0, lag: UInt8 = 0, errors: UInt8 = 0,
        rollbacks: UInt8 = 0, touches: UInt8 = 0
    ) {
        (self.flips, self.writes, self.late, self.lag) = (flips, writes, late, lag)
        (self.errors, self.rollbacks, self.touches) = (errors, rollbacks, touches)
    }
}

/// ``Instances/Record`` in a few bytes.
struct CompactRecord: Equatable, Blank {
    enum Data: UInt8 { case none, creating, live, quiescing, snapshotting, deleting, snapshot, restoring }
    enum Part: UInt8 { case absent, creating, present }
    enum Ground: UInt8 { case savedIn, supersededBy, unwantedServer, unneededRoot, abandoned, approved }

    struct Kept: Equatable, Blank {
        var id: UInt8 = 0
        var disk: UInt8 = 0
        var op: Op = 0
    }

    struct Sentence: Equatable, Blank {
        var on = Named(kind: .server, id: 0)
        var ground = Ground.abandoned
        var reason: UInt8 = 0
        var op: Op = 0
    }

    var ops = Row<12, Op>()
    var server = Part.absent
    var serverID: UInt8 = 0
    var serverOp: Op = 0
    var root = Part.absent
    var rootID: UInt8 = 0
    var rootOp: Op = 0
    var rootSource: UInt8 = 0
    var data = Data.none
    var disk: UInt8 = 0
    var snapshot: UInt8 = 0
    var dataOp: Op = 0
    var detached: UInt8 = 0
    var snapshots = Row<3, Kept>()
    /// `creating` is being cut, `present` is verified.
    var rootSnapshot = Part.absent
    var rootSnapshotOp: Op = 0
    /// The verified one, or while a new one is cut the one that it replaces.
    var rootSnapshotID: UInt8 = 0
    var condemned = Row<6, Sentence>()
    var isActive = false

    /// The operation of ``Instances/Record/creating``.
    var creating: Op {
        switch data {
        case .creating, .restoring, .snapshotting: return dataOp
        default: break
        }
        if rootSnapshot == .creating { return rootSnapshotOp }
        if server == .creating { return serverOp }
        return root == .creating ? rootOp : 0
    }

    /// As an edit by hand may leave it.
    mutating func takeOutData() {
        let blank = CompactRecord()
        (data, disk, snapshot, dataOp, detached) = (
            blank.data, blank.disk, blank.snapshot, blank.dataOp, blank.detached
        )
        snapshots = blank.snapshots
    }

    /// Whether ``creating`` may become this operation without its being minted again.
    func mayCreate(_ op: Op) -> Bool {
        switch data {
        case .creating, .restoring, .snapshotting, .quiescing: if dataOp == op { return true }
        default: break
        }
        return server == .creating && serverOp == op || root == .creating && rootOp == op
            || rootSnapshot == .creating && rootSnapshotOp == op
    }

    /// ``Instances/Record/copy(insteadOf:)``.
    func copy(insteadOf sentence: Sentence) -> Named? {
        switch sentence.ground {
        case .savedIn: return Named(kind: .snapshot, id: sentence.reason)
        case .supersededBy where uses(sentence.reason): return Named(kind: .snapshot, id: sentence.reason)
        case .unwantedServer, .unneededRoot, .approved: return nil
        case .supersededBy, .abandoned: break
        }
        switch data {
        case .none, .creating: return nil
        case .live, .quiescing, .snapshotting: return Named(kind: .disk, id: disk)
        case .deleting, .snapshot, .restoring: return Named(kind: .snapshot, id: snapshot)
        }
    }

    /// ``Instances/Record/uses(_:)``.
    private func uses(_ snapshot: UInt8) -> Bool {
        snapshots.contains { $0.id == snapshot } || rootSnapshotID == snapshot
    }

    func condemns(_ named: Named) -> Bool { condemned.contains { $0.on == named } }

    /// ``Instances/Record/namedResources``.
    func names(_ named: Named) -> Bool {
        if condemns(named) { return true }
        switch named.kind {
        case .server: return server == .present && serverID == named.id
        case .disk: return named.id != 0 && (disk == named.id || root == .present && rootID == named.id)
        case .snapshot: return snapshots.contains { $0.id == named.id } || rootSnapshotID == named.id
        }
    }
}
