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

extension Situation.Desired {
    /// Whether data is to be destroyed, whatever is in the way of that at the moment: also a suspension that ends some day.
    ///
    /// - Parameter record: `nil` where it cannot be read; then it may hold data.
    public func asksForDestruction(of record: Record?) -> Bool {
        switch self {
        case .frozen: return false
        case .removed: return record.map { Goal(removed: $0)?.data == .destroyed } ?? true
        case .manifest(let manifest):
            if let suspension = manifest.suspend, suspension.until == nil { return false }
            return record.map { Goal(manifest: manifest, record: $0).data == .destroyed } ?? (manifest.dataDisk == nil)
        }
    }
}
