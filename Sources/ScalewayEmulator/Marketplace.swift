/// The images that everybody can use: one local image per label, zone, architecture and kind of storage.
enum Marketplace {
    struct Listing: Sendable {
        let label: String
        let name: String
        /// Bytes of the root volume.
        let size: Int
        let archs: [String]

        var id: String { Randomness.identifier(for: "image \(label)") }
    }

    struct LocalImage: Sendable {
        let listing: Listing
        let zone: String
        let arch: String
        /// `instance_sbs` or `instance_local`.
        let type: String

        var id: String { Randomness.identifier(for: "\(type) \(listing.label) \(zone) \(arch)") }
        var version: String { Randomness.identifier(for: "version \(listing.label)") }

        var compatibleTypes: [String] {
            Catalogue.types.filter { $0.arch == arch && (type == "instance_sbs" || $0.localStorage > 0) }.map(\.name)
        }

        var json: JSON {
            [
                "id": .string(id), "arch": .string(arch), "zone": .string(zone),
                "compatible_commercial_types": .strings(compatibleTypes), "label": .string(listing.label),
                "type": .string(type),
            ]
        }

        /// As the instance API shows it.
        var image: Image {
            Image(
                id: id, zone: zone, name: listing.name, organization: Marketplace.owner, project: Marketplace.owner,
                arch: arch, isPublic: true,
                rootSnapshot: type == "instance_sbs" ? Randomness.identifier(for: "root of \(id)") : nil,
                rootVolume: Randomness.identifier(for: "root volume of \(id)"), size: listing.size, tags: [],
                createdAt: Marketplace.released, updatedAt: Marketplace.released)
        }
    }

    /// Whose images they are.
    static let owner = "51b656e3-4865-41e8-adbc-0c45bdd780db"
    /// 2026-05-12T15:06:26.845576Z.
    static let released = Instant(microseconds: 1_778_598_386_845_576)

    static let listings = [
        Listing(
            label: "ubuntu_focal", name: "Ubuntu 20.04 Focal Fossa", size: 10_000_000_000, archs: ["x86_64", "arm64"]),
        Listing(
            label: "ubuntu_jammy", name: "Ubuntu 22.04 Jammy Jellyfish", size: 10_000_000_000,
            archs: ["x86_64", "arm64"]),
        Listing(
            label: "ubuntu_noble", name: "Ubuntu 24.04 Noble Numbat", size: 10_000_000_000, archs: ["x86_64", "arm64"]),
        Listing(label: "debian_bookworm", name: "Debian Bookworm", size: 10_000_000_000, archs: ["x86_64", "arm64"]),
        Listing(label: "debian_trixie", name: "Debian Trixie", size: 10_000_000_000, archs: ["x86_64", "arm64"]),
        Listing(label: "fedora_42", name: "Fedora 42", size: 10_000_000_000, archs: ["x86_64"]),
        Listing(
            label: "ubuntu_jammy_gpu_os_12", name: "Ubuntu Jammy GPU OS 12", size: 125_000_000_000, archs: ["x86_64"]),
        Listing(
            label: "ubuntu_noble_gpu_os_13_nvidia", name: "Ubuntu Noble GPU OS 13 (NVIDIA)", size: 125_000_000_000,
            archs: ["x86_64"]),
    ]

    /// Those that fit some type: there is no local storage for arm64.
    static let localImages: [LocalImage] = everyLocalImage.filter { !$0.compatibleTypes.isEmpty }

    private static let everyLocalImage: [LocalImage] = listings.flatMap { listing in
        Place.zones.flatMap { zone in
            listing.archs.flatMap { arch in
                ["instance_local", "instance_sbs"].map {
                    LocalImage(listing: listing, zone: zone, arch: arch, type: $0)
                }
            }
        }
    }

    private static let localImagesByID = [String: LocalImage](
        uniqueKeysWithValues: localImages.map { ($0.id, $0) })

    static let rootSnapshots = Set(localImages.compactMap(\.image.rootSnapshot))

    static func localImage(_ id: String) -> LocalImage? { localImagesByID[id] }

    /// The image that a label means for a type in a zone.
    static func resolve(label: String, zone: String, arch: String) -> LocalImage? {
        localImages.first {
            $0.listing.label == label && $0.zone == zone && $0.arch == arch && $0.type == "instance_sbs"
        }
    }
}
