import HTTP
import Instances
import Testing

@testable import ScalewayProvider

/// The planner takes the ways that the real API was recorded to go.
@Suite(.enabled(if: Recordings.areHere, Comment(rawValue: Recordings.absent))) struct FlowTests {
    /// What is done, as far as recordings and plans have it in common.
    private enum Step: String {
        case createServer, powerOn, powerOff, cut, deleteServer, deleteDisk, restore
    }

    /// Another order than the recorded one, and why it is as good.
    private struct Inversion: Hashable {
        let before: Step
        let after: Step
    }

    private func recorded(_ name: String) throws -> [Step] {
        try Recordings.load(name + ".cassette.yaml").filter { $0.response.status < 300 }.compactMap { exchange in
            switch "\(exchange.method.rawValue) \(exchange.route.replacing("v1alpha1", with: "v1"))" {
            case "POST instance/v1/zones/Z/servers": .createServer
            case "POST instance/v1/zones/Z/servers/{}/action":
                exchange.body.contains("poweron") ? .powerOn : exchange.body.contains("poweroff") ? .powerOff : nil
            case "DELETE instance/v1/zones/Z/servers/{}": .deleteServer
            case "POST block/v1/zones/Z/snapshots": .cut
            case "POST block/v1/zones/Z/volumes": exchange.body.contains("from_snapshot") ? .restore : nil
            case "DELETE block/v1/zones/Z/volumes/{}": .deleteDisk
            default: nil
            }
        }
    }

    private func planned(_ situation: Situation) -> [Step] {
        Projection(of: situation).steps.compactMap { step in
            switch step.action {
            case .createServer: .createServer
            case .powerOn: .powerOn
            case .powerOff: .powerOff
            case .createSnapshot: .cut
            case .createDisk(let specification): specification.source == nil ? nil : .restore
            case .delete(let condemned):
                switch condemned.resource {
                case .server: .deleteServer
                case .disk: .deleteDisk
                case .snapshot, .companion: nil
                }
            default: nil
            }
        }
    }

    /// Pairs of steps, the first of each kind, that the plan has in another order than the recording.
    private func inversions(of plan: [Step], against recording: [Step]) -> Set<Inversion> {
        func first(_ step: Step, _ steps: [Step]) -> Int? { steps.firstIndex(of: step) }
        var inversions: Set<Inversion> = []
        for one in Set(recording) {
            for other in Set(recording) {
                guard let here = first(one, recording), let there = first(other, recording), here < there,
                    let planned = first(one, plan), let next = first(other, plan), planned > next
                else { continue }
                inversions.insert(Inversion(before: one, after: other))
            }
        }
        return inversions
    }

    private func situation(_ runtime: Runtime) throws -> Situation {
        Situation(
            name: try #require(InstanceName("box")), desired: .manifest(try manifest(runtime)), record: nil,
            observation: Observation(), owner: OwnerID("owner"), account: Sample.project,
            now: Timestamp(seconds: 1_000_000), fresh: ("uid", "nonce"))
    }

    private func manifest(_ runtime: Runtime) throws -> Manifest {
        var manifest = Manifest(
            name: try #require(InstanceName("box")), provider: "scaleway", zone: "fr-par-1",
            server: ServerManifest(type: "DEV1-S", image: "ubuntu_jammy"), dataDisk: DataDiskManifest(sizeGB: 1),
            runtime: runtime)
        manifest.rootDisk.snapshotEnabled = true
        return manifest
    }

    private static let saved = Runtime(enableInstanceServer: false, dataDiskState: .snapshot)

    @Test func `a stop goes the recorded way, but the server goes before the snapshot is cut`() throws {
        let recording = try recorded("packer-instance-packer-e2e-simple").drop { $0 != .powerOff }
        #expect(recording == [.powerOff, .cut, .deleteServer, .deleteDisk])
        var there = Projection(of: try situation(Runtime())).situation
        there.desired = .manifest(try manifest(Self.saved))
        let plan = planned(there)
        #expect(Set(plan).isSuperset(of: recording), "\(plan)")
        // A late call that still aims at the server then finds nothing that it could start.
        #expect(
            inversions(of: plan, against: Array(recording)) == [Inversion(before: .cut, after: .deleteServer)],
            "\(plan)")
    }

    @Test func `a start goes the recorded way`() throws {
        let recording = try recorded("tf-instance-server-root-volume-from-external-snapshot")
            .drop { $0 != .restore }.prefix { $0 != .deleteDisk }
        #expect(recording == [.restore, .createServer, .powerOn])
        var there = Projection(of: try situation(Runtime())).situation
        there.desired = .manifest(try manifest(Self.saved))
        there = Projection(of: there).situation
        there.desired = .manifest(try manifest(Runtime()))
        let plan = planned(there)
        #expect(Set(plan).isSuperset(of: recording), "\(plan)")
        #expect(inversions(of: plan, against: Array(recording)) == [])
    }

    @Test(arguments: [
        "packer-instance-packer-e2e-simple", "tf-instance-server-root-volume-from-external-snapshot",
        "cli-instance-test-create-server-volumes-valid-double-snapshot",
    ])
    func `a disk was deleted only after its snapshot was read as available`(name: String) throws {
        var states: [Snapshot.State] = []
        var deletions = 0
        for exchange in try Recordings.load(name + ".cassette.yaml") where exchange.response.status < 300 {
            let route = exchange.route.replacing("v1alpha1", with: "v1")
            if exchange.method == .get, route == "block/v1/zones/Z/snapshots/{}" {
                let call = Call(method: .get, path: exchange.path, purpose: "replay")
                states.append(Snapshot(try Client.decode(exchange.response, as: BlockSnapshot.self, of: call)).state)
            }
            if exchange.method == .delete, route == "block/v1/zones/Z/volumes/{}" {
                deletions += 1
                #expect(states.last == .available)
            }
        }
        #expect(deletions > 0 && states.contains(.creating))
    }
}
