import Instances
import Synchronization

/// What people want of one instance: the manifest, as they change it.
struct Wish: Hashable {
    let name: InstanceName
    var zone: String
    var isPresent = true
    /// The file holds a mistake.
    var isMistaken = false
    var isSuspended = false
    var isUp = true
    var isLive = true
    var whenDisabled = WhenDisabled.delete
    var type = "small"
    var hasDataDisk = true
    var dataGB = 10
    var keep = 0
    var snapshotsRoot = false
    var rootGB: Int?
    var deletionPolicy = DeletionPolicy.retain
    var hasReservedAddress = false

    var path: String { "\(name).yaml" }

    var text: String {
        """
        apiVersion: operator/v1
        kind: Instance
        metadata: {name: \(name)}
        spec:
          provider: cloud
          zone: \(zone)
          server:
            type: \(type)
            image: image
            whenDisabled: \(whenDisabled.rawValue)
            publicIP: \(hasReservedAddress ? "reserved" : "dynamic")
          rootDisk: {snapshot: {enable: \(snapshotsRoot)}\(rootGB.map { ", sizeGB: \($0)" } ?? "")}
        \(hasDataDisk ? "  dataDisk: {sizeGB: \(dataGB), snapshot: {keep: \(keep)}}" : "")
          deletionPolicy: \(deletionPolicy.rawValue)
        \(isSuspended ? "  suspend: {reason: somebody looks into it}" : "")
          runtime: {enableInstanceServer: \(isMistaken ? "perhaps" : "\(isUp)"), dataDiskState: \(isLive ? "live" : "snapshot")}

        """
    }

    /// As the operator reads it.
    var decoded: DecodedFile {
        if let known = Self.read.withLock({ $0[self] }) { return known }
        let file = decode(SourceFile(path: path, bytes: Array(text.utf8)))
        Self.read.withLock {
            if $0.count >= Self.mostRemembered { $0 = [:] }
            $0[self] = file
        }
        return file
    }

    /// People want much the same in every world.
    private static let read = Mutex<[Wish: DecodedFile]>([:])
    private static let mostRemembered = 10_000
}
