import Instances
import Testing

/// Addresses, firewalls and networks: what a server has beside its disks.
@Suite struct CompanionTests {
    private func beside(
        _ companions: Companion..., change: (inout Manifest) -> Void = { _ in }
    ) -> Action? {
        Scene.live.bent { scene in
            scene.desire(change)
            let wanted = scene.situation.desired
            if case .manifest(let manifest) = wanted {
                scene.server { $0.configurationDigest = manifest.server.configuration.digest }
            }
            for companion in companions { scene.situation.observation.companions[companion.id] = companion }
        }.action
    }

    private func companion(_ id: String, _ kind: Companion.Kind, usedBy: ServerID? = nil) -> Companion {
        Companion(id: CompanionID(id), kind: kind, name: id, tags: Scene.tags(.companion), usedBy: usedBy)
    }

    private func condemned(_ id: CompanionID, _ operation: Operation = Scene.made) -> Action {
        var tags = Scene.tags(.companion, operation)
        tags.condemned = true
        return .tag(.companion(id), tags)
    }

    @Test func `a companion is condemned by its tag before it is deleted, and then never kept`() {
        var address = companion("a", .address)
        var tags = Scene.tags(.companion)
        tags.condemned = true
        let wanted: (inout Manifest) -> Void = { $0.server.publicIP = .reserved }
        #expect(beside(companion("a", .address)) == .tag(.companion(address.id), tags))
        address.tags = tags
        #expect(beside(address) == .deleteCompanion(address.id))
        // The manifest asks for one again: not for this one.
        #expect(beside(address, companion("b", .address), change: wanted) == .deleteCompanion(address.id))
        #expect(beside(address, change: wanted) == .deleteCompanion(address.id))
    }

    @Test func `addresses and firewalls go when the manifest does not ask for them, networks never`() {
        let address = companion("a", .address)
        #expect(beside(address) == condemned(address.id))
        #expect(beside(address, change: { $0.server.publicIP = .reserved }) == nil)
        let firewall = companion("f", .firewall)
        #expect(beside(firewall) == condemned(firewall.id))
        #expect(beside(firewall, change: { $0.server.firewall = Firewall(inbound: []) }) == nil)
        #expect(
            beside(firewall, change: { $0.server.firewall = Firewall(name: "shared", inbound: []) })
                == condemned(firewall.id))
        #expect(beside(companion("n", .privateNetwork)) == nil)
    }

    @Test func `a second one that a lost answer left goes, the one in use stays`() {
        let used = companion("used", .address, usedBy: Scene.server)
        let spare = companion("spare", .address)
        let wanted: (inout Manifest) -> Void = { $0.server.publicIP = .reserved }
        #expect(beside(used, spare, change: wanted) == condemned(spare.id))
        // Of two that nobody uses the first is kept.
        let third = companion("third", .address)
        #expect(beside(spare, third, change: wanted) == condemned(third.id))
        var newer = companion("newer", .address)
        newer.tags?.operation = Scene.current
        #expect(beside(newer, spare, change: wanted) == condemned(newer.id, Scene.current))
        // One that is in use somewhere is never the second.
        let also = companion("also", .address, usedBy: ServerID("x"))
        #expect(beside(used, also, change: wanted) == nil)
        #expect(beside(used, companion("f", .firewall), change: wanted) == condemned(CompanionID("f")))
        let both: (inout Manifest) -> Void = { manifest in
            manifest.server.publicIP = .reserved
            manifest.server.firewall = Firewall(inbound: [])
        }
        #expect(beside(used, companion("f", .firewall), change: both) == nil)
        let firewalls: (inout Manifest) -> Void = { $0.server.firewall = Firewall(inbound: []) }
        #expect(
            beside(
                companion("used", .firewall, usedBy: Scene.server), companion("spare", .firewall), change: firewalls)
                == condemned(spare.id))
    }

    @Test func `what holds nothing but an address is retained, not forgotten`() {
        let address = companion("a", .address)
        let empty = Scene.emptied.bent { $0.situation.desired = .removed }
        #expect(decide(empty.situation) == .rest(.forgotten))
        let kept = empty.bent { $0.situation.observation.companions[address.id] = address }
        #expect(decide(kept.situation) == .rest(.retained))
        #expect(kept.bent { $0.record { $0.deletionPolicy = .snapshot } }.action == condemned(address.id))
    }
}
