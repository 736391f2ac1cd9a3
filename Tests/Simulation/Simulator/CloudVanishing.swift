import Instances
import Reconciler

/// A provider that denies what there is: wrong credentials, another project, an index that was lost. It answers in good
/// order, and wrongly.
extension Cloud {
    /// From now on, nobody hears of what exists: of all of it, or of as much as chance has it.
    func vanish(_ share: PerMille, for time: Duration) {
        var random = episode.random.split()
        var hidden = hidden
        for machine in machines where !machine.isForeign && random.chance(share) {
            hidden.insert(.server(machine.seen.id))
        }
        for volume in volumes where !volume.isForeign && random.chance(share) { hidden.insert(.disk(volume.seen.id)) }
        for copy in copies where !copy.isForeign && random.chance(share) { hidden.insert(.snapshot(copy.seen.id)) }
        change(.world, UInt64(hidden.count), "\(place) denies \(hidden.count) resources") {
            self.hidden = hidden
            disowned.formUnion(hidden)
        }
        episode.scheduler.after(time) { self.reappear() }
    }

    func reappear() {
        guard !hidden.isEmpty else { return }
        change(.world, 17, "\(place) shows everything again") { hidden = [] }
    }

    /// A listing without what is denied.
    func visible(_ inventory: Inventory) -> Inventory {
        guard !hidden.isEmpty else { return inventory }
        var visible = inventory
        visible.servers.removeAll { hidden.contains(.server($0.id)) }
        visible.disks.removeAll { hidden.contains(.disk($0.id)) }
        visible.snapshots.removeAll { hidden.contains(.snapshot($0.id)) }
        return visible
    }
}
