import Instances
import Testing

/// What a plan would do, from wherever an instance is to wherever its manifest wants it.
@Suite struct ChainTests {
    static let combinations: [Runtime] = [
        Runtime(enableInstanceServer: true, dataDiskState: .live),
        Runtime(enableInstanceServer: true, dataDiskState: .snapshot),
        Runtime(enableInstanceServer: false, dataDiskState: .live),
        Runtime(enableInstanceServer: false, dataDiskState: .snapshot),
    ]

    @Test func `a first start makes the disk, then the server, then attaches and powers on`() throws {
        let start = Projection(of: firstSight(manifest()))
        #expect(start.end == .rest(.converged(Explanation("Converged", "running; data live on disk planned-1"))))
        #expect(
            start.steps.map(\.explanation.reason) == [
                "CreatingDataDisk", "CreatingServer", "Configuring", "Attaching", "PoweringOn",
            ])
    }

    @Test func `a stop frees the disk, deletes the server, cuts the snapshot and only then drops the disk`() throws {
        let stopped = firstSight(manifest()).arrived().wanting(
            Runtime(enableInstanceServer: false, dataDiskState: .snapshot))
        let stop = Projection(of: stopped)
        #expect(
            stop.steps.map(\.explanation.reason) == [
                "PoweringOff", "Detaching", "Condemning", "Deleting", "Snapshotting", "Condemning", "Deleting",
                "Condemning", "Deleting",
            ])
        #expect(stop.end.explanation.reason == "Converged")
    }

    @Test func `a plan takes what is under way as done, and what was missed once as gone`() {
        func reasons(_ scene: Scene) -> [String] { Projection(of: scene.situation).steps.map(\.explanation.reason) }
        #expect(reasons(Scene.live.bent { $0.server { $0.state = .starting } }) == [])
        #expect(reasons(Scene.live.bent { $0.server { $0.state = .stopping } }) == ["PoweringOn"])
        #expect(reasons(Scene.live.bent { $0.server { $0.guestReady = false } }) == [])
        let making = Scene(.creating(Scene.current)).bent { scene in
            scene.addDisk(of: Scene.current)
            scene.disk { $0.state = .creating }
            scene.server { $0.state = .stopped }
        }
        #expect(reasons(making) == ["Attaching", "PoweringOn"])
        #expect(reasons(making.bent { $0.disk { $0.state = .busy } }) == ["Attaching", "PoweringOn"])
        #expect(reasons(Scene.condemned.bent { $0.seeGone(.disk(Scene.disk), times: 1) }) == [])
        #expect(reasons(Scene.condemned.bent { $0.snapshot { $0.state = .creating } }) == ["Deleting"])
        let missed = Scene.live.bent { scene in
            scene.free()
            scene.seeGone(.server(Scene.server), times: 1)
        }
        #expect(reasons(missed).first == "CreatingServer")
    }

    @Test(arguments: combinations, combinations)
    func `every way between two runtimes arrives and then rests`(from: Runtime, to: Runtime) {
        let there = firstSight(manifest(from)).arrived()
        let back = there.wanting(to).arrived()
        #expect(Projection(of: back).steps.isEmpty)
        #expect(Projection(of: back).end.explanation.reason == "Converged")
        let servers = back.observation.seenServers
        #expect(servers.map(\.state) == (to.enableInstanceServer ? [.running] : []))
        let disks = back.observation.seenDisks.filter { $0.tags?.role == .data }
        #expect(disks.count == (to.dataDiskState == .live ? 1 : 0))
    }
}

func manifest(_ runtime: Runtime = Runtime(), change: (inout Manifest) -> Void = { _ in }) -> Manifest {
    var manifest = Manifest(
        name: InstanceName("box")!, provider: "local", zone: "local",
        server: ServerManifest(type: "c1-m64", image: "counter"), dataDisk: DataDiskManifest(sizeGB: 1),
        runtime: runtime)
    change(&manifest)
    return manifest
}

func firstSight(_ manifest: Manifest) -> Situation {
    Situation(
        name: manifest.name, desired: .manifest(manifest), record: nil, observation: Observation(),
        owner: OwnerID("owner"),
        account: "account", now: Timestamp(seconds: 1_000_000), fresh: ("uid", "nonce"))
}

extension Situation {
    /// Where the plan leads.
    func arrived() -> Situation { Projection(of: self).situation }

    func wanting(_ runtime: Runtime) -> Situation {
        guard case .manifest(var manifest) = desired else { return self }
        manifest.runtime = runtime
        var situation = self
        situation.desired = .manifest(manifest)
        return situation
    }
}
