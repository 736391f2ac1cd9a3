import Reconciler

/// What Scaleway sells in a zone: types of servers, images, and how much an organization may have of them.
struct Catalogue: Sendable {
    private let instance: InstanceAPI
    private let marketplace: MarketplaceAPI
    private let iam: IAMAPI
    private let account: AccountAPI
    private let configuredOrganization: ResourceUUID?

    private let types = Recent<Whole, [String: ServerType]>(lifetime: slow)
    private let stock = Recent<Whole, [String: String]>(lifetime: quick)
    private let images = Recent<String, [LocalImage]>(lifetime: slow)
    /// One of the project's own may be in the making.
    private let ownImages = Recent<ResourceUUID, InstanceImage>(lifetime: .zero)
    private let labels = Recent<Whole, [String]>(lifetime: slow)
    private let quotas = Recent<Whole, [Quotum]>(lifetime: slow)
    private let counts = Recent<Whole, ServerCounts>(lifetime: quick)

    /// Key of what there is one of.
    private struct Whole: Hashable, Sendable {}

    /// Types and images change with announcements.
    private static let slow: Duration = .seconds(600)
    /// What is sold out may be back any time, and servers come and go.
    private static let quick: Duration = .seconds(60)

    /// - Parameter organization: `nil`: the one that the project belongs to.
    init(
        instance: InstanceAPI, marketplace: MarketplaceAPI, iam: IAMAPI, account: AccountAPI,
        organization: ResourceUUID?
    ) {
        self.instance = instance
        self.marketplace = marketplace
        self.iam = iam
        self.account = account
        configuredOrganization = organization
    }

    func serverTypes() async throws(ProviderError) -> [String: ServerType] {
        try await types.value(Whole(), ask: try await instance.serverTypes())
    }

    /// - Returns: empty where there is no such label.
    func localImages(label: String) async throws(ProviderError) -> [LocalImage] {
        try await images.value(label, ask: try await marketplace.localImages(label: label))
    }

    func imageLabels() async throws(ProviderError) -> [String] {
        try await labels.value(Whole(), ask: try await marketplace.labels())
    }

    func ownImage(_ id: ResourceUUID) async throws(ProviderError) -> InstanceImage {
        try await ownImages.value(id, ask: try await instance.image(id))
    }

    /// - Returns: `nil` where the key may not read them, or the project that names the organization.
    func quotas() async throws(ProviderError) -> [Quotum]? {
        do throws(ProviderError) {
            return try await quotas.value(Whole(), ask: try await iam.quotas(of: try await organization()))
        } catch {
            guard error.reason == .forbidden else { throw error }
            return nil
        }
    }

    private func organization() async throws(ProviderError) -> ResourceUUID {
        if let configuredOrganization { return configuredOrganization }
        let project = try await account.project(instance.project)
        guard let organization = ResourceUUID(project.organization) else {
            throw ProviderError(.unavailable, "project \(instance.project) names no organization")
        }
        return organization
    }

    /// How many servers the project has in the zone.
    func serverCounts() async throws(ProviderError) -> ServerCounts {
        try await counts.value(Whole(), ask: try await instance.serverCounts())
    }

    /// The same as of now: a server may have gone since it was counted.
    func newServerCounts() async throws(ProviderError) -> ServerCounts {
        try await counts.renewed(Whole(), ask: try await instance.serverCounts())
    }

    /// The image of a name for a type: an id is taken as it is, a label is looked up.
    func image(_ name: String, for type: String) async throws(ProviderError) -> ResourceUUID {
        if let id = ResourceUUID(name) { return id }
        let images = try await localImages(label: name)
        let arch = try await serverTypes()[type]?.arch
        guard let image = images.first(where: { $0.fits(type: type, arch: arch) }), let id = ResourceUUID(image.id)
        else {
            throw ProviderError(
                .invalid, "there is no image '\(printable(name, limit: 60))' for \(type) in \(instance.zone)")
        }
        return id
    }

    /// Keeps a server from being half made: without stock it could be created, but not powered on.
    func requireStock(of type: String) async throws(ProviderError) {
        let known = await outcome(try await stock.value(Whole(), ask: try await instance.availability()))
        // Where the stock cannot be read, Scaleway itself refuses in time.
        guard case .success(let stock) = known, stock[type] == "shortage" else { return }
        throw ProviderError(.capacity, "\(instance.zone) has no \(type) left at the moment")
    }
}

extension LocalImage {
    /// - Parameter arch: of the type, where it is known.
    func fits(type: String, arch: String?) -> Bool {
        compatibleTypes.contains(type.uppercased()) && (arch == nil || arch == self.arch)
    }
}
