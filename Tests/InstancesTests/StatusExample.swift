import Instances
import YAML

/// A small fleet with one of each: all well, under way, stalled, and an invalid manifest.
enum StatusExample {
    private static let start = Timestamp(seconds: 1_785_416_175)
    private static let operation = Operation(epoch: 3, nonce: "8f2e6a0c41d7b953")
    static let commit = "4f2c1d2e9a"

    private static func conditions(
        _ ready: Condition.Status, _ why: Explanation, reconciling: Bool = false, stalled: Bool = false
    ) -> Conditions {
        func condition(_ isTrue: Bool, _ otherwise: String) -> Condition {
            Condition(
                status: isTrue ? .isTrue : .isFalse, reason: isTrue ? why.reason : otherwise,
                message: isTrue ? why.message : "", lastTransitionTime: start)
        }
        return Conditions(
            ready: Condition(status: ready, reason: why.reason, message: why.message, lastTransitionTime: start),
            reconciling: condition(reconciling, "Settled"), stalled: condition(stalled, "Unhindered"))
    }

    static let web = InstanceStatus(
        name: InstanceName("web")!, observedCommit: commit, manifestFile: "web.yaml", labels: ["team": "shop"],
        provider: "local", zone: "local",
        desired: DesiredSummary(
            enableInstanceServer: true, dataDiskState: .live, type: "c1-m256", image: "counter", rootDiskSizeGB: 1,
            dataDiskSizeGB: 2, whenDisabled: .delete, deletionPolicy: .retain, configuration: "00"),
        conditions: conditions(.isTrue, Explanation("Converged", "running with its data disk")),
        server: ServerStatus(id: ServerID("s-1"), state: "running", type: "c1-m256", publicIPv4: "192.0.2.1"),
        storages: [
            StorageStatus(
                id: DiskID("d-1"), role: .root, size: DiskSize(bytes: bytesInGigabyte), state: "attached", isBoot: true,
                deleteOnTerminate: true, attachedTo: ServerID("s-1")),
            StorageStatus(
                id: DiskID("d-2"), role: .data, size: DiskSize(bytes: 2 * bytesInGigabyte), state: "attached",
                isBoot: false, deleteOnTerminate: false, attachedTo: ServerID("s-1")),
        ],
        snapshots: [
            SnapshotStatus(
                id: SnapshotID("p-1"), role: .data, sourceVolume: DiskID("d-0"),
                size: DiskSize(bytes: 2 * bytesInGigabyte), createdAt: start, state: "available")
        ],
        history: [Transition(at: start, reason: "Converged", message: "running with its data disk", commit: commit)])

    static let gpu = InstanceStatus(
        name: InstanceName("gpu-box")!, observedCommit: commit, provider: "scaleway", zone: "fr-par-2",
        conditions: conditions(.isFalse, Explanation("PoweringOff", "powering off server s-2"), reconciling: true),
        server: ServerStatus(id: ServerID("s-2"), state: "stopping", type: "L4-1-24G"),
        storages: [
            StorageStatus(
                id: DiskID("d-3"), role: .data, size: DiskSize(bytes: 10_500_000_000), state: "busy", isBoot: false,
                deleteOnTerminate: false)
        ],
        intents: [Intent(kind: "stop", operation: operation, since: start)])

    static let database = InstanceStatus(
        name: InstanceName("database")!, observedCommit: commit, provider: "local", zone: "local",
        conditions: conditions(
            .isFalse, Explanation("DataDiskMissing", "data disk d-9 is gone | <nobody> knows why"), stalled: true))

    static let fleet = FleetStatus(
        lineage: OwnerID("0123456789abcdef"), commit: commit, instances: [web, gpu, database],
        diagnostics: [
            Diagnostic(
                file: "teams/ml.yaml", mark: Mark(line: 4, column: 7), text: "unknown key 'tpye': did you mean 'type'?")
        ],
        foreign: [
            ForeignResource(
                kind: .orphan, resource: .disk(DiskID("d-7")), name: "old-data", provider: "local", zone: "local",
                note: "of an instance that is not known here")
        ])

    static let readme = """
        # Status of the instances

        **1 of 3 instances ready**, 1 needs attention, 1 manifest error.

        Configuration commit: 4f2c1d2e9a. Times are UTC. This page is written by `operator`; what is edited here is \
        overwritten.

        ## Needs attention

        ### database: stalled since 2026-07-30 12:56:15

        **DataDiskMissing**: data disk d-9 is gone &#124; &#60;nobody&#62; knows why

        What to do: resolve what the message says. Nothing of this instance is changed or deleted until then.

        ## Manifests that need a change

        Instances in a file with an error are left as they are; all others go on.

        - error in teams/ml.yaml, line 4, column 7: unknown key 'tpye': did you mean 'type'?

        ## All instances

        | Instance | State | Since | Desired | Where | Server | Disks | Snapshots | Waiting for |
        |---|---|---|---|---|---|---|---|---|
        | [database](instances/database.yaml) | stalled | 2026-07-30 12:56:15 |  | local/local |  |  |  | data disk \
        d-9 is gone &#124; &#60;nobody&#62; knows why |
        | [gpu-box](instances/gpu-box.yaml) | stopping | 2026-07-30 12:56:15 |  | scaleway/fr-par-2 | L4-1-24G, s-2 \
        | data 10.5 GB (busy) |  | powering off server s-2 |
        | [web](instances/web.yaml) | running | 2026-07-30 12:56:15 | running, data live | local/local | c1-m256, \
        s-1, 192.0.2.1 | root 1 GB, data 2 GB | 1, newest 2026-07-30 12:56:15 |  |

        ## Not accounted for

        The provider's account also holds these. No instance here accounts for them, so they are never touched.

        | What | Id | Name | Where | Note |
        |---|---|---|---|---|
        | orphan disk | d-7 | old-data | local/local | of an instance that is not known here |

        ## What the words mean

        - **running**: the server runs, as the manifest says.
        - **stopped**: the server is powered off and kept, as the manifest says.
        - **off**: there is no server, as the manifest says; what data there is is kept on a disk or in a snapshot.
        - **starting, stopping, reconciling …**: it is being brought to what the manifest says.
        - **failing**: a step failed and is tried again.
        - **stalled**: something that should not be was found; a person has to look.
        - **needs approval**: a guard against accidents waits for an approval.
        - **invalid manifest**: the manifest has an error.
        - **record unreadable**: its file on this branch is damaged or was edited; nothing is done to it.
        - **suspended**: the manifest says to leave it alone for now.
        - **unknown**: the provider could not be asked; what is shown is what was last known.
        - **retained**: the manifest was removed; everything is kept and no longer touched.

        `instances/NAME.yaml` has everything about one instance, `index.json` has this page for scripts, and the \
        history of this branch has every state there ever was. To start or stop an instance, change its manifest \
        and commit.

        """
}
