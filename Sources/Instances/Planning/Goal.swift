/// What a manifest, or its absence, asks of the resources of one instance.
struct Goal: Hashable, Sendable {
    enum Server: Hashable, Sendable {
        case up
        /// Powered off and kept.
        case off
        case absent
    }

    enum Data: Hashable, Sendable {
        case live
        case snapshot
        /// No data disk is asked for and none is recorded.
        case none
        /// No data disk is asked for, but there is data: it may go only with an approval.
        case destroyed
    }

    var server: Server
    var data: Data
    /// How many snapshots older than the newest are kept.
    var keep: Int
    /// Everything goes, the data too.
    var destroysEverything: Bool
    var manifest: Manifest?

    init(manifest: Manifest, record: Record) {
        let disabled: Server = manifest.server.whenDisabled == .delete ? .absent : .off
        server = manifest.runtime.enableInstanceServer ? .up : disabled
        switch manifest.dataDisk {
        case nil: data = record.holdsData ? .destroyed : .none
        case .some: data = manifest.runtime.dataDiskState == .live ? .live : .snapshot
        }
        keep = manifest.dataDisk?.keep ?? 0
        destroysEverything = false
        self.manifest = manifest
    }

    /// Of an instance whose manifest was removed; `nil` where nothing is to be touched.
    init?(removed record: Record) {
        switch record.deletionPolicy {
        case .retain: return nil
        case .snapshot: data = record.holdsData ? .snapshot : .none
        case .delete: data = record.holdsData ? .destroyed : .none
        }
        server = .absent
        keep = .max
        destroysEverything = record.deletionPolicy == .delete
        manifest = nil
    }
}

extension Situation {
    /// Whether the data is to be destroyed, whatever is in the way of that at the moment.
    public var asksForDestruction: Bool {
        guard let record else { return false }
        switch desired {
        case .frozen: return false
        case .removed: return Goal(removed: record)?.data == .destroyed
        case .manifest(let manifest):
            let isSuspended = manifest.activeSuspension(at: now) != nil
            return !isSuspended && Goal(manifest: manifest, record: record).data == .destroyed
        }
    }
}
