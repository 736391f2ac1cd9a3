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

    @Test func `addresses and firewalls go when the manifest does not ask for them, networks never`() {
        let address = companion("a", .address)
        #expect(beside(address) == .deleteCompanion(address.id))
        #expect(beside(address, change: { $0.server.publicIP = .reserved }) == nil)
        let firewall = companion("f", .firewall)
        #expect(beside(firewall) == .deleteCompanion(firewall.id))
        #expect(beside(firewall, change: { $0.server.firewall = Firewall(inbound: []) }) == nil)
        #expect(
            beside(firewall, change: { $0.server.firewall = Firewall(name: "shared", inbound: []) })
                == .deleteCompanion(firewall.id))
        #expect(beside(companion("n", .privateNetwork)) == nil)
    }

    @Test func `a second one that a lost answer left goes, the one in use stays`() {
        let used = companion("used", .address, usedBy: Scene.server)
        let spare = companion("spare", .address)
        let wanted: (inout Manifest) -> Void = { $0.server.publicIP = .reserved }
        #expect(beside(used, spare, change: wanted) == .deleteCompanion(spare.id))
        // Of two that nobody uses the first is kept.
        let third = companion("third", .address)
        #expect(beside(spare, third, change: wanted) == .deleteCompanion(third.id))
        var newer = companion("newer", .address)
        newer.tags?.operation = Scene.current
        #expect(beside(newer, spare, change: wanted) == .deleteCompanion(newer.id))
        // One that is in use somewhere is never the second.
        let also = companion("also", .address, usedBy: ServerID("x"))
        #expect(beside(used, also, change: wanted) == nil)
        #expect(beside(used, companion("f", .firewall), change: wanted) == .deleteCompanion(CompanionID("f")))
        let both: (inout Manifest) -> Void = { manifest in
            manifest.server.publicIP = .reserved
            manifest.server.firewall = Firewall(inbound: [])
        }
        #expect(beside(used, companion("f", .firewall), change: both) == nil)
        let firewalls: (inout Manifest) -> Void = { $0.server.firewall = Firewall(inbound: []) }
        #expect(
            beside(
                companion("used", .firewall, usedBy: Scene.server), companion("spare", .firewall), change: firewalls)
                == .deleteCompanion(spare.id))
    }

    @Test func `what holds nothing but an address is retained, not forgotten`() {
        let address = companion("a", .address)
        let empty = Scene.emptied.bent { $0.situation.desired = .removed }
        #expect(decide(empty.situation) == .rest(.forgotten))
        let kept = empty.bent { $0.situation.observation.companions[address.id] = address }
        #expect(decide(kept.situation) == .rest(.retained))
        #expect(kept.bent { $0.record { $0.deletionPolicy = .snapshot } }.action == .deleteCompanion(address.id))
    }
}
