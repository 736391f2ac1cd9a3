/// What the tags of resources say about an instance whose record was lost or rolled back.
///
/// A proposal only: it is shown to a person, and becomes a record when the person says so.
public struct RecoveryProposal: Hashable, Sendable {
    public var name: InstanceName
    /// The lineage that all of these resources carry.
    public var owner: OwnerID
    public var record: Record
    /// What was found and what is made of it, a sentence each.
    public var findings: [String]
}

/// Why nothing can be proposed, for people.
public struct RecoveryRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Reads a record out of tags.
///
/// Every choice is for the side of more data: a disk that may hold something is the live disk, nothing is condemned anew,
/// and what cannot be told apart is left to a person.
///
/// - Parameters:
///   - manifest: of the instance; says where it is and what is to be kept.
///   - inventory: everything in the account and zone.
///   - account: that the inventory is of.
///   - nonce: 16 random hexadecimal digits; the proposal begins a new operation, so that late calls of old ones are
///     recognised.
///   - old: the record that it takes the place of. Operations are counted on from it, too.
/// - Returns: `nil` where no resource carries the instance's name.
public func proposeRecord(
    for manifest: Manifest, inventory: Inventory, account: String, nonce: String, replacing old: Record? = nil
) throws(RecoveryRefusal) -> RecoveryProposal? {
    let remains = Remains(of: manifest.name, in: inventory)
    guard let (owner, uid) = try remains.identity() else { return nil }
    try remains.requireNothingUnfinished()
    let counted = holds(.recoveryCountsOn) && old?.uid == uid ? old?.operations ?? [] : []
    let operations = Set(remains.operations).union(counted).sorted()
    var record = Record(
        uid: uid, name: manifest.name, provider: manifest.provider, account: account, zone: manifest.zone,
        operations: operations, deletionPolicy: manifest.deletionPolicy)
    let operation = record.begin(nonce: nonce, keeping: Set(remains.operations))
    var findings: [String] = []
    try remains.placeServer(in: &record, image: manifest.server.image, &findings)
    try remains.placeData(in: &record, operation, &findings)
    if record.data == .none { try remains.requireNoTraceOfData(manifest, &findings) }
    return RecoveryProposal(name: manifest.name, owner: owner, record: record, findings: findings)
}

/// Everything that carries one instance's name.
private struct Remains {
    let name: InstanceName
    let servers: [Server]
    let disks: [Disk]
    let snapshots: [Snapshot]

    init(of name: InstanceName, in inventory: Inventory) {
        self.name = name
        servers = inventory.servers.filter { $0.tags?.name == name }
        disks = inventory.disks.filter { $0.tags?.name == name }
        snapshots = inventory.snapshots.filter { $0.tags?.name == name }
    }

    private var tags: [Tags] { servers.compactMap(\.tags) + disks.compactMap(\.tags) + snapshots.compactMap(\.tags) }

    var operations: [Operation] { Set(tags.map(\.operation)).sorted() }

    func identity() throws(RecoveryRefusal) -> (OwnerID, InstanceUID)? {
        guard let first = tags.first else { return nil }
        let isOne = tags.allSatisfy { $0.owner == first.owner && $0.instance == first.instance }
        guard requires(.recoveredLifeIsOne, isOne) else {
            let lives = Set(tags.map { "\($0.owner)/\($0.instance)" }).sorted().joined(separator: ", ")
            throw RecoveryRefusal(
                "resources named \(name) belong to several lives (\(lives)): delete what is not wanted, or "
                    + "rename the instance")
        }
        return (first.owner, first.instance)
    }

    /// Whether a disk or snapshot that is still being made will be good, and then newer than all, shows only afterwards.
    func requireNothingUnfinished() throws(RecoveryRefusal) {
        let cut = snapshots.first { $0.state == .creating && $0.tags?.role == .data }.map { "snapshot \($0.id)" }
        let made = disks.first { $0.state == .creating && $0.tags?.role == .data }.map { "disk \($0.id)" }
        guard holds(.recoveredDataIsWhole), let unfinished = cut ?? made else { return }
        throw RecoveryRefusal("\(unfinished) of \(name) is still being made: run this again when it is done")
    }

    func placeServer(in record: inout Record, image: String, _ findings: inout [String]) throws(RecoveryRefusal) {
        let kept = servers.filter { $0.tags?.condemned == false }
        guard kept.count < 2 else {
            throw RecoveryRefusal(
                "there are \(kept.count) servers of \(name) (\(list(kept.map(\.id.text)))): delete the wrong one")
        }
        for server in servers where server.tags?.condemned == true {
            record.condemn(.server(server.id), as: server.tags?.operation ?? record.latest, because: .unwantedServer)
            findings.append("server \(server.id) was condemned and will be deleted")
        }
        if let server = kept.first, let tags = server.tags {
            record.server = .present(server.id, tags.operation)
            findings.append("server \(server.id) is the instance's server")
        }
        let boot = kept.first?.bootDisk
        let roots = disks.filter {
            $0.tags?.role == .root && $0.tags?.condemned == false && (boot == nil || $0.id == boot)
        }
        if let root = roots.first, roots.count == 1, let tags = root.tags {
            record.root = .present(root.id, tags.operation, image: image)
            findings.append("disk \(root.id) is its root disk")
        }
        let cut = snapshots.filter { $0.tags?.role == .root && $0.isGood }.max { $0.epoch < $1.epoch }
        if let cut, let snapshot = SnapshotRecord(cut, image: image) {
            record.rootSnapshot = .ready(snapshot)
            findings.append("snapshot \(cut.id) is its root snapshot")
        }
    }

    func placeData(
        in record: inout Record, _ operation: Operation, _ findings: inout [String]
    ) throws(RecoveryRefusal) {
        let good = snapshots.filter { $0.tags?.role == .data && $0.isGood }.sorted { $0.epoch < $1.epoch }
        record.snapshots = good.compactMap { SnapshotRecord($0, image: nil) }
        // What the provider could not finish, and nobody used, holds nothing that is not in a snapshot.
        let candidates = disks.filter {
            $0.tags?.role == .data && $0.tags?.condemned == false
                && !($0.isBrokenAndUnused && ($0.source == nil || !good.isEmpty))
        }
        let used = candidates.filter { $0.attachment != nil || $0.lastDetachedAt != nil }
        let live = used.isEmpty ? candidates : used
        guard requires(.recoveredDiskIsOne, live.count < 2) else {
            throw RecoveryRefusal(
                "there are \(live.count) data disks of \(name) (\(list(live.map(\.id.text)))); which holds the "
                    + "newest data cannot be told: delete the wrong one, or take its tags away")
        }
        let newest = good.last
        if let disk = live.first, let tags = disk.tags {
            let isOlder = newest.map { $0.epoch > tags.operation.epoch && $0.sourceDisk != disk.id } ?? false
            guard requires(.recoveredDiskIsNewest, !isOlder) else {
                throw RecoveryRefusal(
                    "data disk \(disk.id) is older than snapshot \(newest?.id.text ?? "") and not its source; "
                        + "which holds the newest data cannot be told: delete the wrong one")
            }
            record.data = .live(disk.id, tags.operation)
            findings.append(
                disk.state == .error
                    ? "disk \(disk.id), which is damaged, is where the newest data was; the instance halts until it is mended"
                    : "disk \(disk.id) holds the newest data")
            findings += condemnedDataDisks.map {
                "disk \($0.id) was condemned and is left alone: delete it by hand if disk \(disk.id) is seen to be good"
            }
        } else {
            try placeStoredData(newest, in: &record, operation, &findings)
        }
        if !good.isEmpty { findings.append("snapshots, oldest first: \(list(good.map(\.id.text)))") }
    }
}

extension Remains {
    private var condemnedDataDisks: [Disk] {
        disks.filter { $0.tags?.role == .data && $0.tags?.condemned == true && $0.state != .deleting }
    }

    /// Where no data disk is in use. One that was about to be deleted may hold newer content than any snapshot that is
    /// left: somebody may have attached it again, or deleted the snapshot. It is saved anew before it goes.
    private func placeStoredData(
        _ newest: Snapshot?, in record: inout Record, _ operation: Operation, _ findings: inout [String]
    ) throws(RecoveryRefusal) {
        let condemned = condemnedDataDisks
        guard condemned.count < 2 else {
            throw RecoveryRefusal(
                "there are \(condemned.count) condemned data disks of \(name) (\(list(condemned.map(\.id.text)))); "
                    + "which holds the newest data cannot be told: delete the wrong one")
        }
        guard let newest else {
            guard let disk = condemned.first else { return }
            throw RecoveryRefusal(
                "data disk \(disk.id) was condemned but no good snapshot of it is there: keep the disk, and "
                    + "take its tag operator-condemned away if it holds the data")
        }
        let damaged = snapshots.first {
            $0.tags?.role == .data && $0.state == .error && $0.tags?.condemned == false && $0.epoch > newest.epoch
        }
        if let damaged {
            throw RecoveryRefusal(
                "snapshot \(damaged.id) of \(name) is newer than \(newest.id) and damaged: mend it, or delete it by hand to go "
                    + "on from \(newest.id)")
        }
        guard holds(.condemnedDiskIsSaved), let disk = condemned.first else {
            record.data = .snapshot(newest.id)
            findings.append("snapshot \(newest.id) holds the newest data")
            return
        }
        record.condemn(.disk(disk.id), as: disk.tags?.operation ?? operation, because: .savedIn(newest.id))
        record.data = .quiescing(disk.id, operation)
        findings.append(
            "disk \(disk.id) was condemned, and may hold newer data than snapshot \(newest.id): a new snapshot of it is "
                + "cut before it is deleted")
    }
}

extension Remains {
    /// Where nothing holds the data, an empty disk is what comes next: not while something says that there was data.
    func requireNoTraceOfData(_ manifest: Manifest, _ findings: inout [String]) throws(RecoveryRefusal) {
        guard manifest.dataDisk != nil else { return }
        // A disk that was left out above could not be made, and nothing was to be in it.
        let copies = snapshots.filter { $0.tags?.role == .data && $0.state != .deleting }.map(\.id.text)
        guard copies.isEmpty else {
            throw RecoveryRefusal(
                "no disk of the data of \(name) is there, and its snapshots are damaged or were about to be deleted "
                    + "(\(list(copies))), so an empty disk would take their place: if one of them is good take its tag "
                    + "operator-condemned away, if the data is given up delete them by hand, and run this again")
        }
        if let server = servers.first(where: { $0.tags?.condemned == false }), manifest.runtime.dataDiskState == .live {
            throw RecoveryRefusal(
                "server \(server.id) of \(name) is there and no disk or snapshot of its data, so an empty disk would take "
                    + "its place: look for the data first; if there is none take dataDisk out of the manifest, run this again, "
                    + "and bring it back afterwards")
        }
        findings.append("no disk or snapshot of its data is there: once a data disk is wanted an empty one is made")
    }
}

private func list(_ ids: [String]) -> String { ids.joined(separator: ", ") }

extension Record {
    fileprivate var latest: Operation { operations.last ?? Operation(epoch: 1, nonce: "unknown") }
}

extension Disk {
    fileprivate var isBrokenAndUnused: Bool { state == .error && attachment == nil && lastDetachedAt == nil }
}

extension Snapshot {
    fileprivate var isGood: Bool { state == .available && tags?.condemned == false }
    fileprivate var epoch: Int { tags?.operation.epoch ?? 0 }
}

extension SnapshotRecord {
    fileprivate init?(_ snapshot: Snapshot, image: String?) {
        guard let tags = snapshot.tags else { return nil }
        self.init(
            id: snapshot.id, operation: tags.operation, sourceDisk: snapshot.sourceDisk ?? DiskID("unknown"),
            sizeBytes: snapshot.sizeBytes, createdAt: snapshot.createdAt, image: image)
    }
}
