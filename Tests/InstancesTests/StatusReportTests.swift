import Instances
import Testing
import YAML

@Suite struct StatusReportTests: StatusSample {
    private func shape(_ status: InstanceStatus) -> [String] {
        [status.conditions.ready, status.conditions.reconciling, status.conditions.stalled].map {
            "\($0.status.rawValue) \($0.reason)"
        } + [status.state.text]
    }

    @Test func `each decision has its conditions and its state`() {
        let why = Explanation("DataDiskMissing", "the data disk d2 is gone")
        let settled = "False Settled"
        let free = "False Unhindered"
        #expect(shape(status(converged)) == ["True Converged", settled, free, "running"])
        #expect(shape(status(stopping)) == ["False PoweringOff", "True PoweringOff", free, "reconciling"])
        #expect(
            shape(status(.wait(Explanation("Detaching", "detaching")))) == [
                "False Detaching", "True Detaching", free, "reconciling",
            ])
        #expect(
            shape(status(.publish(record, Explanation("Stopping", "stopping")))) == [
                "False Stopping", "True Stopping", free, "reconciling",
            ])
        #expect(
            shape(status(.halt(why))) == ["False DataDiskMissing", settled, "True DataDiskMissing", "stalled"])
        #expect(
            shape(status(.blocked(Block(.lastCopy, "approve it")))) == [
                "False NeedsApproval", settled, "True NeedsApproval", "needs approval",
            ])
        #expect(
            shape(status(.rest(.suspended(Suspension(reason: "holiday"))))) == [
                "Unknown Suspended", settled, free, "suspended",
            ])
        #expect(
            shape(status(.rest(.frozen), of: .some(nil))) == [
                "False InvalidManifest", settled, "True InvalidManifest", "invalid manifest",
            ])
        #expect(shape(status(.rest(.retained), of: .some(nil))) == ["True Retained", settled, free, "retained"])
        #expect(shape(status(nil, seeing: .some(nil))) == ["Unknown NotObserved", settled, free, "unknown"])
    }

    @Test func `a failed step is said, and that it is tried again`() {
        let failed = status(stopping, failure: Explanation("QuotaExceeded", "quota of servers reached"))
        #expect(shape(failed) == ["False QuotaExceeded", "True Retrying", "False Unhindered", "failing"])
        #expect(failed.conditions.reconciling.message == "quota of servers reached")
        #expect(failed.waiting == Explanation("QuotaExceeded", "quota of servers reached"))
        let halted = status(.halt(Explanation("Odd", "odd")), failure: Explanation("QuotaExceeded", ""))
        #expect(shape(halted) == ["False Odd", "False Settled", "True Odd", "stalled"])
    }

    @Test func `the activity of the record names the state`() {
        var record = record
        for (kind, word) in zip(
            Activity.Kind.allCases,
            ["starting", "stopping", "changing", "snapshotting root", "growing", "cleaning up", "deleting"])
        {
            record.activity = Activity(kind: kind, operation: operation, since: start)
            #expect(status(stopping, record: record).state.text == word)
        }
    }

    @Test func `where nothing can be observed the facts last known stay and Ready is unknown`() {
        let before = status(.halt(Explanation("Odd", "two servers")))
        let unreachable = Explanation("ProviderUnreachable", "connection refused")
        let after = status(nil, seeing: .some(nil), failure: unreachable, after: before, commit: "c2", at: 60)
        #expect(after.conditions.ready.status == .isUnknown)
        #expect(after.conditions.ready.explanation == unreachable)
        #expect(after.conditions.stalled == before.conditions.stalled)
        #expect(after.server == before.server)
        #expect(after.storages == before.storages)
        // Decided on an empty observation in place of one that failed, it would say that all is gone.
        #expect(
            status(converged, seeing: .some(nil), failure: unreachable, after: before).conditions.ready.status
                == .isUnknown)
    }

    @Test func `nothing changed means the same bytes, whatever the time and the commit`() {
        for seed in UInt64(0)..<300 {
            var generator = StatusGenerator(seed: seed)
            let previous = generator.maybe { $0.status(name: name) }
            let record = generator.maybe { $0.record(name: name) }
            let seen = generator.maybe { $0.observation(of: record, name: name) }
            let decision = generator.maybe { $0.decision(record: self.record) }
            let failure = generator.maybe { Explanation("Failed", $0.text()) }
            let manifest = generator.maybe { _ in self.manifest }
            func round(_ previous: InstanceStatus?, _ seconds: Int64) -> InstanceStatus {
                report(
                    name: name, manifest: manifest, record: record, observation: seen, decision: decision,
                    failure: failure, previous: previous, commit: "c\(seconds)", now: later(seconds))
            }
            let first = round(previous, 0)
            let bytes = write(first.node)
            let second = round(first, 1)
            #expect(write(second.node) == bytes, "seed \(seed)")
            #expect(InstanceStatus(node: first.node, name: name) == first, "seed \(seed)")
        }
    }

    @Test func `times date the status of a condition, not its words`() {
        let first = status(stopping)
        let second = status(.wait(Explanation("Detaching", "detaching disk d2")), after: first, at: 10)
        #expect(second.conditions.ready.lastTransitionTime == start)
        #expect(second.conditions.ready.message == "detaching disk d2")
        let third = status(converged, after: second, at: 20)
        #expect(third.conditions.ready.lastTransitionTime == later(20))
        #expect(third.conditions.reconciling.lastTransitionTime == later(20))
        #expect(third.conditions.stalled.lastTransitionTime == start)
        #expect(third.since == later(20))
    }

    @Test func `the commit is the last one that changed anything here`() {
        let first = status(converged)
        #expect(status(converged, after: first, commit: "c2").observedCommit == "c1")
        var manifest = manifest
        manifest.server.cloudInit = "#cloud-config"
        #expect(status(converged, of: manifest, after: first, commit: "c2").observedCommit == "c2")
        #expect(status(stopping, after: first, commit: "c2").observedCommit == "c2")
    }

    /// A commit that answers it would else seem to have come before the question.
    @Test func `a loss stays told under its commit until it is decided that it is none`() {
        let lost = status(.halt(Explanation("DataMissing", "snapshot p1 is gone")), commit: "c1")
        #expect(lost.tellsOfLoss)
        for undecided: Decision? in [
            nil, .wait(Explanation("SnapshotUnknown", "not listed")), .wait(Explanation("DataDiskUnknown", "503")),
        ] {
            let next = status(
                undecided, failure: undecided == nil ? Explanation("x", "503") : nil, after: lost, commit: "c2")
            #expect(next.tellsOfLoss)
            #expect(next.observedCommit == "c1")
            #expect(next.conditions.stalled == lost.conditions.stalled)
        }
        for decided: Decision in [converged, stopping, .wait(Explanation("Restoring", "making a disk"))] {
            let next = status(decided, after: lost, commit: "c2")
            #expect(!next.tellsOfLoss)
            #expect(next.observedCommit == "c2")
        }
        let other = status(.halt(Explanation("DataMissing", "snapshot p2 is gone")), after: lost, commit: "c2")
        #expect(other.observedCommit == "c2")
    }

    @Test func `the history tells reasons as they come, the last twenty`() {
        var current = status(converged)
        #expect(current.history.map(\.reason) == ["Converged"])
        for step in 1...30 {
            let decision = Decision.wait(Explanation("Step\(step)", "step"))
            current = status(decision, after: current, commit: "c\(step)", at: Int64(step))
            current = status(decision, after: current, commit: "x", at: Int64(step) + 1000)
        }
        #expect(current.history.count == 20)
        #expect(current.history.first == Transition(at: later(11), reason: "Step11", message: "step", commit: "c11"))
        #expect(current.history.last?.reason == "Step30")
    }

    @Test func `what changed by itself is told as drift, what a commit asked for is not`() {
        let first = status(converged)
        let starting = Decision.act(.powerOn(ServerID("s1")), Explanation("PoweringOn", "powering on server s1"))
        let drifted = status(starting, seeing: observation(.stoppedInPlace), after: first, at: 5)
        #expect(drifted.history.map(\.reason) == ["Converged", "Drift", "PoweringOn"])
        #expect(drifted.history[1].message == "not by the operator: server s1 was running and is stoppedInPlace")
        var off = manifest
        off.runtime.enableInstanceServer = false
        let asked = status(stopping, of: off, seeing: observation(.stopping), after: first, at: 5)
        #expect(asked.history.map(\.reason) == ["Converged", "PoweringOff"])
        var gone = observation()
        gone.disks[DiskID("d2")] = .missing(times: 2)
        let lost = status(.halt(Explanation("DataDiskMissing", "gone")), seeing: gone, after: first, at: 5)
        #expect(lost.history[1].message == "not by the operator: disk d2 is gone")
    }

    @Test func `intents are what the record has begun`() {
        var record = record
        record.activity = Activity(kind: .stop, operation: operation, since: start)
        record.server = .creating(operation)
        record.root = .creating(operation, from: SnapshotID("p1"))
        record.data = .snapshotting(DiskID("d2"), operation, detachedAt: nil)
        record.rootSnapshot = .cutting(operation, replacing: nil)
        record.condemned = [Condemned(resource: .disk(DiskID("d9")), operation: operation, ground: .abandoned)]
        #expect(
            status(stopping, record: record).intents.map(\.kind) == [
                "stop", "createServer", "createRootDisk", "createSnapshot", "createRootSnapshot", "delete",
            ])
        #expect(status(stopping, record: record).intents.last?.resource == .disk(DiskID("d9")))
        record.data = .restoring(SnapshotID("p1"), operation)
        #expect(status(stopping, record: record).intents.map(\.kind).contains("restoreDataDisk"))
        record.data = .creating(operation)
        #expect(status(stopping, record: record).intents.map(\.kind).contains("createDataDisk"))
    }

    @Test func `an invalid manifest keeps what was asked for last, a removed one asks for nothing`() {
        let before = status(converged)
        let frozen = status(.rest(.frozen), of: .some(nil), after: before)
        #expect(frozen.desired == before.desired)
        #expect(frozen.manifestFile == "web.yaml")
        #expect(frozen.labels == ["team": "ml"])
        // Whatever hides it: where the manifest was decides later whether it is surely removed.
        for decision in [nil, .halt(Explanation("TagsRemoved", "somebody took them"))] as [Decision?] {
            #expect(status(decision, of: .some(nil), after: before).manifestFile == "web.yaml")
        }
        let retained = status(.rest(.retained), of: .some(nil), after: before)
        #expect(retained.desired == nil)
        #expect(retained.manifestFile == "web.yaml")
    }

    @Test func `words from outside are visible and bounded`() {
        let page = String(repeating: "<p>", count: 10_000) + "\u{1b}[2J"
        let failed = status(stopping, failure: Explanation("CallFailed", "\u{1b}[31m\n" + page))
        #expect(failed.conditions.ready.message.hasPrefix("<U+001B>[31m<U+000A><p>"))
        #expect(failed.conditions.ready.message.count < 1100)
        #expect(failed.history.last?.message == failed.conditions.ready.message)
        #expect(failed.waiting?.message == failed.conditions.ready.message)
        let odd = status(converged, seeing: observation(.unknown("\u{202e}" + page)))
        #expect((odd.server?.state.count ?? 0) < 80)
    }

}
