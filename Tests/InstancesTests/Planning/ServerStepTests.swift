import Instances
import Testing

/// The server and its root disk, one state at a time.
@Suite struct ServerStepTests {
    private let next = Operation(epoch: 3, nonce: "nonce")

    // MARK: What others did

    @Test func `a server is gone only once reading it by id has said so twice`() {
        #expect(Scene.live.bent { $0.situation.observation.servers = [:] }.reason == "ServerUnknown")
        #expect(
            Scene.live.bent { $0.situation.observation.servers[Scene.server] = .unknown("503") }.reason
                == "ServerUnknown")
        #expect(Scene.live.bent { $0.seeGone(.server(Scene.server), times: 1) }.reason == "ServerUnknown")
        let gone = Scene.live.bent { $0.seeGone(.server(Scene.server)) }
        #expect(gone.reason == "ServerVanished")
        #expect(gone.published?.server == .absent)
        #expect(gone.published?.data == .live(Scene.disk, Scene.made))
    }

    @Test func `so is a root disk`() {
        #expect(
            Scene.live.bent { $0.situation.observation.disks[Scene.root] = .unknown("503") }.reason
                == "RootDiskUnknown")
        #expect(Scene.live.bent { $0.seeGone(.disk(Scene.root), times: 1) }.reason == "RootDiskUnknown")
        let gone = Scene.live.bent { scene in
            scene.seeGone(.disk(Scene.root))
            scene.server { $0.bootDisk = nil }
        }
        #expect(gone.published?.root == .absent)
    }

    /// It is not the operator's, so it is neither tagged nor condemned with the server.
    @Test func `a disk that somebody put in the place of the root disk is left alone`() {
        let replaced = Scene.live.bent { scene in
            scene.seeGone(.disk(Scene.root))
            scene.server { $0.bootDisk = DiskID("theirs") }
        }
        #expect(replaced.reason == "RootDiskReplaced")
        #expect(replaced.bent { $0.desire { $0.runtime = Scene.stopped } }.reason == "RootDiskReplaced")
        #expect(replaced.bent { $0.server { $0.bootDisk = Scene.root } }.reason == "RootDiskUnknown")
    }

    @Test func `a root disk that the provider made is recorded, then tagged`() {
        let unclaimed = Scene.live.bent { scene in
            scene.record { $0.root = .absent }
            scene.disk(Scene.root) { $0.tags = nil }
        }
        #expect(unclaimed.published?.root == .present(Scene.root, Scene.made, image: "counter"))
        let untagged = Scene.live.bent { $0.disk(Scene.root) { $0.tags = nil } }
        #expect(untagged.action == .tag(.disk(Scene.root), Scene.tags(.root)))
        // One that was condemned belongs to the server before.
        let condemned = unclaimed.bent { scene in
            scene.record { $0.condemn(.disk(Scene.root), as: Scene.made, because: .unneededRoot) }
        }
        #expect(condemned.published?.root != .present(Scene.root, Scene.made, image: "counter"))
        #expect(unclaimed.bent { $0.server { $0.bootDisk = nil } }.reason == "Converged")
    }

    @Test func `a root disk that was not read yet is waited for, because afterwards nobody would know it`() {
        let unread = Scene.live.bent { scene in
            scene.record { $0.root = .absent }
            scene.situation.observation.disks[Scene.root] = nil
        }
        #expect(unread.reason == "RootDiskUnknown")
        #expect(unread.bent { $0.seeGone(.disk(Scene.root), times: 1) }.reason == "RootDiskUnknown")
        #expect(unread.bent { $0.seeGone(.disk(Scene.root)) }.reason == "Converged")
    }

    // MARK: Making

    private var creating: Scene {
        Scene.live.bent { scene in
            scene.record { ($0.server, $0.root) = (.creating(Scene.current), .absent) }
            scene.situation.observation.servers = [:]
            scene.situation.observation.disks[Scene.root] = nil
            scene.free()
        }
    }

    @Test func `a server is made once, from the image, with the configuration of the manifest`() {
        let wanted = creating.bent { $0.record { $0.server = .absent } }
        #expect(wanted.published?.server == .creating(next))
        #expect(creating.reason == "CreatingServer")
        #expect(creating.action == nil)
        let unsent = creating.bent { scene in
            scene.situation.attempt = .unsent
            scene.desire { $0.rootDisk.sizeGB = 7 }
        }
        #expect(
            unsent.action
                == .createServer(
                    ServerSpecification(
                        name: "box", tags: Scene.tags(.server, Scene.current), type: "c1-m64",
                        boot: .image("counter", rootBytes: 7 * bytesInGigabyte),
                        configuration: manifest().server.configuration)))
        #expect(creating.bent { $0.situation.attempt = .givenUp }.published?.server == .absent)
    }

    @Test func `a server that is not wanted any more is not made, but one that was made is recorded`() {
        let unwanted = creating.bent { $0.desire { $0.runtime.enableInstanceServer = false } }
        #expect(unwanted.bent { $0.situation.attempt = .refused }.published?.server == .absent)
        #expect(unwanted.reason == "CreatingServer")
        let made = unwanted.bent { $0.addServer(of: Scene.current) }
        #expect(made.published?.server == .present(ServerID("new"), Scene.current))
    }

    @Test func `two servers of one operation stop the instance, and one of another operation is not taken`() {
        let doubled = creating.bent { scene in
            scene.addServer(of: Scene.current)
            scene.addServer(ServerID("newer"), of: Scene.current)
        }
        #expect(doubled.reason == "Ambiguous")
        // That one was given up, and goes first.
        #expect(creating.bent { $0.addServer(of: Scene.made) }.reason == "CleaningUp")
        let condemned = creating.bent { scene in
            scene.addServer(of: Scene.current)
            scene.record { $0.condemn(.server(ServerID("new")), as: Scene.current, because: .unwantedServer) }
        }
        #expect(condemned.published == nil)
    }

    @Test func `a server boots from the recorded root disk, and not before that was seen`() {
        let rooted = creating.bent { scene in
            scene.record { $0.root = .present(Scene.root, Scene.made, image: "counter") }
            scene.situation.attempt = .unsent
        }
        #expect(rooted.reason == "RootDiskUnknown")
        let seen = rooted.bent { $0.addDisk(Scene.root, of: Scene.made) }
        guard case .createServer(let specification)? = seen.action else {
            Issue.record("no server is made")
            return
        }
        #expect(specification.boot == .disk(Scene.root))
    }

    // MARK: Up

    @Test(arguments: [
        (Server.State.starting, "Starting"), (.stopping, "Stopping"), (.deleting, "DeletingServer"),
        (.locked, "ServerLocked"), (.unknown("new"), "ServerStateUnknown"),
    ])
    func `a server in between is waited for, in both directions`(state: Server.State, reason: String) {
        let up = Scene.live.bent { $0.server { $0.state = state } }
        #expect(up.reason == reason)
        #expect(up.action == nil)
        let down = up.bent { $0.desire { $0.runtime.enableInstanceServer = false } }
        #expect(down.reason == (state == .starting ? "PoweringOff" : reason))
    }

    @Test func `a server at a standstill is waited for, and its power is cut once it is to be off`() {
        let up = Scene.live.bent { $0.server { $0.state = .unresponsive("deaf") } }
        #expect(up.reason == "ServerUnresponsive")
        #expect(up.action == nil)
        let down = up.bent { $0.desire { $0.runtime.enableInstanceServer = false } }
        #expect(down.action == .powerOff(Scene.server))
    }

    @Test func `a stopped server gets its type, configuration and disk, and is then powered on`() {
        let off = Scene.live.bent { scene in
            scene.server { $0.state = .stopped }
            scene.free()
        }
        #expect(off.bent { $0.desire { $0.server.type = "c2-m128" } }.action == .changeType(Scene.server, "c2-m128"))
        let unconfigured = off.bent { $0.server { $0.configurationDigest = nil } }
        #expect(
            unconfigured.action
                == .configureServer(Scene.server, Scene.tags(.server), manifest().server.configuration))
        #expect(off.action == .attachDisk(Scene.disk, Scene.server))
        let attached = Disk.Attachment(server: Scene.server, phase: .attached)
        #expect(off.bent { $0.disk { $0.attachment = attached } }.action == .powerOn(Scene.server))
        #expect(off.bent { $0.disk { $0.state = .busy } }.action == nil)
        for phase in [Disk.Attachment.Phase.attaching, .detaching] {
            let between = off.bent { $0.disk { $0.attachment = .init(server: Scene.server, phase: phase) } }
            #expect(between.action == nil)
        }
    }

    @Test func `a running server is powered off for what needs it to be off, and for nothing else`() {
        #expect(Scene.live.reason == "Converged")
        #expect(Scene.live.bent { $0.desire { $0.server.type = "c2-m128" } }.action == .powerOff(Scene.server))
        #expect(Scene.live.bent { $0.free() }.action == .powerOff(Scene.server))
        let cutting = Scene.live.bent { scene in
            scene.desire { $0.rootDisk.snapshotEnabled = true }
            scene.record { $0.rootSnapshot = .cutting(Scene.current, replacing: nil) }
            scene.situation.attempt = .unsent
        }
        #expect(cutting.action == .powerOff(Scene.server))
        #expect(Scene.live.bent { $0.server { $0.guestReady = false } }.reason == "Booting")
        #expect(Scene.live.bent { $0.server { $0.guestReady = nil } }.reason == "Converged")
        let configured = Scene.live.bent { $0.server { $0.configurationDigest = "old" } }
        #expect(configured.reason == "Configuring")
    }

    @Test func `a guest that shut itself down is powered on, or off where something needs that`() {
        let inside = Scene.live.bent { $0.server { $0.state = .stoppedInPlace } }
        #expect(inside.action == .powerOn(Scene.server))
        #expect(inside.bent { $0.desire { $0.server.type = "c2-m128" } }.action == .powerOff(Scene.server))
        let down = inside.bent { $0.desire { $0.runtime.enableInstanceServer = false } }
        #expect(down.action == .powerOff(Scene.server))
    }

    @Test func `a condemned disk is taken from the stopped server`() {
        let scene = Scene.live.bent { scene in
            scene.addDisk(DiskID("old"), of: Scene.made)
            scene.disk(DiskID("old")) { $0.attachment = .init(server: Scene.server, phase: .attached) }
            scene.record { $0.condemn(.disk(DiskID("old")), as: Scene.made, because: .abandoned) }
        }
        #expect(scene.action == .powerOff(Scene.server))
        let off = scene.bent { $0.server { $0.state = .stopped } }
        #expect(off.action == .detachDisk(DiskID("old"), Scene.server))
        let elsewhere = scene.bent { scene in
            scene.disk(DiskID("old")) { $0.attachment?.server = ServerID("x") }
        }
        #expect(elsewhere.action == nil)
    }

    // MARK: Down

    @Test func `a server that is to be off loses nothing, one that is to go loses its root disk last`() {
        let down = Scene.live.bent { $0.desire { $0.runtime.enableInstanceServer = false } }
        #expect(down.action == .powerOff(Scene.server))
        let off = down.bent { $0.server { $0.state = .stopped } }
        let kept = off.bent { $0.desire { $0.server.whenDisabled = .powerOff } }
        #expect(kept.reason == "Converged")
        #expect(off.action == .detachDisk(Scene.disk, Scene.server))
        let free = off.bent { $0.free() }
        #expect(free.published?.condemned.map(\.ground) == [.unwantedServer])
        let gone = free.bent { scene in
            scene.record { $0.server = .absent }
            scene.situation.observation.servers = [:]
        }
        #expect(gone.published?.root == .absent)
        #expect(gone.published?.condemned.map(\.ground) == [.unneededRoot])
    }

    // MARK: Condemned

    private func condemned(_ state: Server.State) -> Scene {
        Scene.live.bent { scene in
            scene.record { record in
                record.server = .absent
                record.condemn(.server(Scene.server), as: Scene.made, because: .unwantedServer)
            }
            scene.server { server in
                server.state = state
                server.tags?.condemned = true
            }
            scene.free()
        }
    }

    @Test func `a condemned server is stopped, freed of the data disk, deleted, and seen to be gone`() {
        for state: Server.State in [.running, .starting, .stoppedInPlace, .unresponsive("deaf")] {
            #expect(condemned(state).action == .powerOff(Scene.server))
        }
        for state: Server.State in [.stopping, .deleting, .locked, .unknown("new")] {
            #expect(condemned(state).action == nil)
            #expect(condemned(state).reason == "DeletingServer")
        }
        let deletion = condemned(.stopped).situation.record!.condemned[0]
        #expect(condemned(.stopped).action == .delete(deletion))
        let attached = condemned(.stopped).bent { scene in
            scene.disk { $0.attachment = .init(server: Scene.server, phase: .attached) }
        }
        #expect(attached.action == .detachDisk(Scene.disk, Scene.server))
        let detaching = attached.bent { $0.disk { $0.attachment?.phase = .detaching } }
        #expect(detaching.action == nil)
        // On the server that came after it the disk stays.
        let successor = attached.bent { scene in
            scene.addServer(of: Scene.current)
            scene.record { $0.server = .present(ServerID("new"), Scene.current) }
            scene.disk { $0.attachment?.server = ServerID("new") }
        }
        #expect(successor.action == .delete(deletion))
        let untagged = condemned(.stopped).bent { $0.server { $0.tags?.condemned = false } }
        guard case .tag(.server(Scene.server), let tags)? = untagged.action else {
            Issue.record("it is not tagged first")
            return
        }
        #expect(tags.condemned)
        #expect(condemned(.stopped).bent { $0.seeGone(.server(Scene.server), times: 1) }.published == nil)
        #expect(condemned(.stopped).bent { $0.seeGone(.server(Scene.server)) }.published?.condemned == [])
    }

    @Test func `nothing is made while a condemned server is still there`() {
        #expect(condemned(.deleting).published == nil)
        let gone = condemned(.deleting).bent { scene in
            scene.record { $0.condemned = [] }
            scene.situation.observation.servers = [:]
        }
        #expect(gone.published?.server == .creating(next))
    }
}

extension Scene {
    /// A stopped server that an operation has made.
    mutating func addServer(_ id: ServerID = ServerID("new"), of operation: Operation) {
        situation.observation.servers[id] = .seen(
            Server(id: id, name: "box", tags: Self.tags(.server, operation), state: .stopped, type: "c1-m64"))
    }
}
