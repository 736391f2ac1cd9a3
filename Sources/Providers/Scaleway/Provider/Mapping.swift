import Instances
import Reconciler

extension Server {
    /// - Parameters:
    ///   - server: of our project and zone.
    ///   - group: its security group; `nil` where that was not seen.
    init(_ server: InstanceServer, in group: SecurityGroup?) {
        self.init(
            id: ServerID(server.id), name: server.name, tags: Tags(words: server.tags), state: State(server),
            type: server.commercialType, bootDisk: server.bootVolume.map(DiskID.init),
            publicIPv4: server.publicIPs.first { $0.family == "inet" }?.address,
            configurationDigest: AppliedConfiguration(words: server.tags)?.digest(of: server, in: group),
            createdAt: server.createdAt)
    }
}

extension Server.State {
    fileprivate init(_ server: InstanceServer) {
        self =
            switch server.state {
            case "starting": .starting
            case "running": .running
            case "stopping": server.stateDetail == "terminating" ? .deleting : .stopping
            case "stopped": .stopped
            // With spaces, as the API writes it.
            case "stopped in place": .stoppedInPlace
            case "locked": .locked
            default: .unknown(printable(server.state, limit: 60))
            }
    }
}

extension InstanceServer {
    /// The disk at key `0`: the server boots from it, whatever the field `boot` says.
    var bootVolume: String? { volumes["0"]?.id }
}

extension Disk {
    /// - Parameter volume: of our project and zone.
    init(_ volume: BlockVolume) {
        let attachments = volume.holders.filter { $0.productType == "instance_server" }
        self.init(
            id: DiskID(volume.id), name: volume.name, tags: Tags(words: volume.tags),
            state: State(volume, attachedTo: Set(attachments.map(\.productID)).count), sizeBytes: volume.size,
            attachment: attachments.first.map(Attachment.init), source: volume.parentSnapshot.map(SnapshotID.init),
            lastDetachedAt: volume.lastDetachedAt, iops: volume.iops, createdAt: volume.createdAt)
    }

    /// A disk that the Block API does not have: one inside the machine that its server runs on.
    ///
    /// - Parameter server: the server that has it.
    init(_ volume: InstanceServer.Volume, of server: InstanceServer) {
        self.init(
            id: DiskID(volume.id), name: volume.name ?? volume.kind, tags: nil, state: .attached,
            sizeBytes: volume.size ?? 0, attachment: Attachment(server: ServerID(server.id), phase: .attached))
    }
}

extension Disk.Attachment {
    fileprivate init(_ reference: BlockReference) {
        let phase: Phase =
            switch reference.status {
            case "attaching", "creating": .attaching
            case "detaching": .detaching
            // A word that we do not know holds the disk as firmly as "attached".
            default: .attached
            }
        self.init(server: ServerID(reference.productID), phase: phase)
    }
}

extension BlockVolume {
    /// What has the disk, or is about to. A reference may outlive what it was for: one that says `detached` holds nothing.
    ///
    /// Source: scaleway-sdk-go, WaitForVolumeAndReferences, for which attached and detached are where references rest.
    fileprivate var holders: [BlockReference] { references.filter { $0.status != "detached" } }
}

extension Disk.State {
    fileprivate init(_ volume: BlockVolume, attachedTo servers: Int) {
        self =
            switch volume.status {
            case _ where servers > 1: .unknown("attached to \(servers) servers")
            case "creating": .creating
            case "available": volume.holders.isEmpty ? .available : servers == 1 ? .attached : .busy
            case "in_use": servers == 1 ? .attached : .busy
            case "resizing", "snapshotting", "updating": .busy
            case "deleting", "deleted": .deleting
            case "error": .error
            case "locked": .locked
            default: .unknown(printable(volume.status, limit: 60))
            }
    }
}

extension Snapshot {
    /// - Parameter snapshot: of our project and zone.
    init(_ snapshot: BlockSnapshot) {
        self.init(
            id: SnapshotID(snapshot.id), name: snapshot.name, tags: Tags(words: snapshot.tags),
            state: State(snapshot.status), sizeBytes: snapshot.size, sourceDisk: snapshot.parent.map { DiskID($0.id) },
            createdAt: snapshot.createdAt,
            // An image keeps it from being deleted, and shows in its state or in a reference; whether a disk does nobody
            // has established.
            isLinked: snapshot.status == "in_use"
                || snapshot.references.contains { $0.productType == "instance_image" })
    }
}

extension Snapshot.State {
    fileprivate init(_ status: String) {
        self =
            switch status {
            case "creating": .creating
            // In use: an image or a disk is linked to it. Its content is complete.
            case "available", "in_use": .available
            case "deleting", "deleted": .deleting
            case "error": .error
            case "locked": .locked
            default: .unknown(printable(status, limit: 60))
            }
    }
}

extension Companion {
    init(_ address: InstanceIP) {
        self.init(
            id: CompanionID(address.id), kind: .address, name: address.address ?? "", tags: Tags(words: address.tags),
            usedBy: address.server.map { ServerID($0.id) })
    }

    init(_ group: SecurityGroup) {
        self.init(
            id: CompanionID(group.id), kind: .firewall, name: group.name, tags: Tags(words: group.tags),
            usedBy: group.servers.first.map { ServerID($0.id) })
    }
}
