import Instances
import Reconciler

/// What one process of an operator has read when it decides, as it was handed over. Whether it may do what it does is
/// judged by this alone: it cannot heed what it could not know.
struct Knowledge {
    /// One look at everything.
    struct Look {
        var commit: String?
        var status: String?
        var began: [ProviderPlace: Moment] = [:]
        /// Of the places that were listed.
        var inventories: [ProviderPlace: Inventory] = [:]
        /// What was read by id.
        var found: [ProviderPlace: Inventory] = [:]
        /// What a read by id has said is not there.
        var missed: [ProviderPlace: Set<ResourceID>] = [:]
    }

    /// The heads that were read last.
    var commit: String?
    var status: String?
    private(set) var look = Look()
    /// What its own calls were answered to have made.
    private(set) var made: Set<ResourceID> = []
    /// Reads that prove a deletion come after the decision.
    private var isDecided = false

    /// A place is about to be listed: with the first, a new look begins.
    mutating func begins(_ place: ProviderPlace, at moment: Moment) {
        if isDecided { look = Look() }
        isDecided = false
        look.began[place] = moment
        (look.commit, look.status) = (commit, status)
        look.inventories[place] = nil
        look.found[place] = nil
        look.missed[place] = nil
    }

    mutating func listed(_ place: ProviderPlace, _ inventory: Inventory) { look.inventories[place] = inventory }

    mutating func missed(_ id: ResourceID, in place: ProviderPlace) {
        if !isDecided { look.missed[place, default: []].insert(id) }
    }

    mutating func found<Resource>(_ resource: Resource, in place: ProviderPlace) {
        guard !isDecided else { return }
        switch resource {
        case let server as Server: look.found[place, default: Inventory()].servers.append(server)
        case let disk as Disk: look.found[place, default: Inventory()].disks.append(disk)
        case let snapshot as Snapshot: look.found[place, default: Inventory()].snapshots.append(snapshot)
        default: break
        }
    }

    mutating func makes(_ id: ResourceID) { made.insert(id) }

    mutating func decides() { isDecided = true }
}
