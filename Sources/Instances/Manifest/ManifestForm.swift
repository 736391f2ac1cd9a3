/// The fields of a document of kind `Instance`.
///
/// Besides its property, a new field takes one entry here: decoding, messages, and schema follow from it.
enum ManifestForm {
    static let kind = "Instance"
    /// The provider that has one zone, and its name.
    static let localProvider = "local"
    static let localZone = "local"

    private static let fresh: Manifest = {
        guard let placeholder = InstanceName("unnamed") else { preconditionFailure("not a name") }
        return Manifest(
            name: placeholder, provider: "", zone: localZone, server: ServerManifest(type: "", image: ""))
    }()

    static let document = Form(
        fresh,
        [
            .apiVersion, .kind(kind, "What this document describes: a machine and its disks."),
            .group("metadata", isRequired: true, metadata, "What the instance is called."),
            .group("spec", isRequired: true, spec, "What the instance shall be."),
        ])

    private static let metadata = Form(
        fresh,
        [
            .required("name", \.name, .instanceName, "Unique in the repository."),
            .defaulted(
                "labels", \.labels,
                .texts(by: .labelKey, .prose(ManifestLimits.label, lines: false), most: ManifestLimits.labels),
                "For people and scripts; the operator does nothing with them."),
        ])

    private static let spec = Form(
        fresh,
        [
            provider, zone,
            .required("server", \.server, .mapping(server), "The machine."),
            .defaulted("rootDisk", \.rootDisk, .mapping(rootDisk), "The disk that the machine boots from."),
            dataDisk,
            .defaulted(
                "deletionPolicy", \.deletionPolicy, .choice,
                "What removing this manifest does: retain leaves everything as it is, snapshot turns the data disk "
                    + "into a snapshot and deletes the rest, delete deletes everything and needs an approval."),
            .optional("suspend", \.suspend, .mapping(suspend), "Observe and report, change nothing."),
            runtime,
        ],
        rules: [zoneFitsProvider, snapshotNeedsDataDisk])

    private static let server = Form(
        ServerManifest(type: "", image: ""),
        [
            .required("type", \.type, .word(.serverType), "The provider's name of a machine size: L4-1-24G, c1-m256."),
            .required("image", \.image, .word(.image), "The provider's name of an image: ubuntu_jammy, counter."),
            .defaulted(
                "whenDisabled", \.whenDisabled, .choice,
                "What becomes of the server when it shall not run: deleted, or kept and powered off."),
            .optional(
                "cloudInit", \.cloudInit, .prose(ManifestLimits.cloudInit, lines: true),
                "Given to the guest at its first boot. Everybody who can read the repository can read it."),
            .defaulted(
                "publicIP", \.publicIP, .choice,
                "dynamic: an address that comes and goes with the power. reserved: one that survives stop and start."),
            .defaulted(
                "privateNetworks", \.privateNetworks,
                .list(of: .word(.resourceName), ManifestLimits.privateNetworks, unique: true),
                "Names of private networks in the order of the interfaces; made where they do not exist."),
            .optional("firewall", \.firewall, .mapping(firewall), "What may come in."),
            .defaulted(
                "protected", \.protected, .truth,
                "Have the provider refuse to power off or delete the server by hand."),
        ])

    private static let firewall = Form(
        Firewall(inbound: []),
        [
            .optional(
                "name", \.name, .word(.resourceName),
                "A firewall that all instances share that name it and give it the same rules; else one of its own."),
            .required(
                "inbound", \.inbound, .list(of: .mapping(firewallRule), ManifestLimits.firewallRules),
                "What is let in; everything else is dropped."),
        ])

    private static let firewallRule = Form(
        FirewallRule(transport: .tcp, ports: nil, from: ""),
        [
            transport, ports,
            .required("from", \.from, .networkBlock, "The senders, such as 0.0.0.0/0 for everybody."),
        ],
        rules: [portsNeedTransport])

    private static let rootDisk = Form(
        RootDiskManifest(),
        [
            .optional(
                "sizeGB", \.sizeGB, .whole(ManifestLimits.sizeGB),
                "Gigabytes of 1,000,000,000 bytes; grows, never shrinks. Without it the provider and the image decide."),
            .group("snapshot", isRequired: false, rootSnapshot, "The snapshot that later servers boot from."),
        ])

    private static let rootSnapshot = Form(
        RootDiskManifest(),
        [
            .defaulted(
                "enable", \.snapshotEnabled, .truth,
                "Take a snapshot after the first successful boot; later servers boot from a disk made from it.")
        ])

    private static let dataDiskForm = Form(
        DataDiskManifest(sizeGB: ManifestLimits.sizeGB.lowerBound),
        [
            .required(
                "sizeGB", \.sizeGB, .whole(ManifestLimits.sizeGB),
                "Gigabytes of 1,000,000,000 bytes; grows, never shrinks."),
            .group("snapshot", isRequired: false, dataSnapshot, "The snapshots of the data disk."),
            .optional(
                "iops", \.iops, .whole(ManifestLimits.iops),
                "Input and output operations a second, where the provider sells disks by them."),
        ])

    private static let dataSnapshot = Form(
        DataDiskManifest(sizeGB: ManifestLimits.sizeGB.lowerBound),
        [
            .defaulted(
                "keep", \.keep, .whole(ManifestLimits.snapshotsKept),
                "How many snapshots older than the newest are kept once that one is proven good.")
        ])

    private static let suspend = Form(
        Suspension(),
        [
            .optional(
                "reason", \.reason, .prose(ManifestLimits.suspensionReason, lines: false), "Shown in the status."),
            .optional("until", \.until, .moment, "When it ends by itself: 2026-12-31T18:00:00Z."),
        ])

    static let provider = Field<Manifest>.required(
        "provider", \.provider, .word(.provider),
        "local, scaleway, or the name of an account that the operator's host is configured with.")
    static let zone = Field<Manifest>.defaulted(
        "zone", \.zone, .word(.zone), "Where the machine and its disks are. Only the provider local can do without.")
    static let dataDisk = Field<Manifest>.optional(
        "dataDisk", \.dataDisk, .mapping(dataDiskForm), "The disk whose content is kept.")
    static let runtime = Field<Manifest>.defaulted(
        "runtime", \.runtime, .mapping(runtimeForm), "Whether the machine runs and whether the data disk exists.")
    static let transport = Field<FirewallRule>.required(
        "protocol", \.transport, .choice, "Which packets; any means all of them.")
    static let ports = Field<FirewallRule>.optional(
        "ports", \.ports, .ports, "A port, or a range such as 80-443. Without it all ports.")
    static let dataDiskState = Field<Runtime>.defaulted(
        "dataDiskState", \.dataDiskState, .choice,
        "live: the disk exists. snapshot: a snapshot of it exists, and the disk does not.")
    private static let enableInstanceServer = Field<Runtime>.defaulted(
        "enableInstanceServer", \.enableInstanceServer, .truth, "The server exists and runs.")
    private static let instanceServerState = Field<Runtime>.defaulted(
        "instanceServerState", \.enableInstanceServer, .words([("present", true), ("absent", false)]),
        "Another spelling of enableInstanceServer.")

    private static let runtimeForm = Form(
        Runtime(),
        [
            enableInstanceServer, instanceServerState, dataDiskState,
        ],
        rules: [.exclusive(enableInstanceServer, instanceServerState)])
}

extension Value where Result == InstanceName {
    static var instanceName: Self {
        Value<String>.word(.instanceName).map(mustBe: Word.instanceName.demand) { InstanceName($0) }
    }
}
