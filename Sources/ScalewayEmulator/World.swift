/// Everything that exists in the emulated account, and what will happen to it by itself.
struct World: Sendable, Codable {
    var configuration: Configuration
    var randomness: Randomness
    var agenda = Agenda()

    var servers = Table<Server>()
    var images = Table<Image>()
    var volumes = Table<Volume>()
    var snapshots = Table<Snapshot>()
    /// `l_ssd` and `scratch`, which the instance API keeps.
    var localVolumes = Table<LocalVolume>()
    var addresses = Table<Address>()
    var securityGroups = Table<SecurityGroup>()
    var interfaces = Table<PrivateInterface>()
    var networks = Table<Network>()
    var clouds = Table<PrivateCloud>()
    var bookings = Table<Booking>()
    var keys = Table<SSHKey>()
    var projects = Table<Project>()

    /// What was deleted; only `include_deleted` and the control API show it.
    var deletedVolumes = Table<Volume>()
    var deletedSnapshots = Table<Snapshot>()

    var lineages: [String: Lineage] = [:]
    var violations: [Violation] = []

    /// Types that cannot be had at the moment, as `fr-par-1/L4-1-24G`.
    var outOfStock: Set<String> = []
    /// Identifiers of resources that the provider's abuse team locked.
    var locked: Set<String> = []
    /// Names that resolve to whatever address is asked for: there is no DNS here.
    var resolvableNames: Set<String> = []
    /// Counts everything that needs a number of its own: hardware addresses, public addresses, subnets.
    var counter = 0

    init(configuration: Configuration, now: Instant) {
        self.configuration = configuration
        randomness = Randomness(seed: configuration.seed)
        for (index, id) in configuration.projects.enumerated() {
            let name = index == 0 ? "default" : "project-\(index)"
            projects.insert(Project(id: id, name: name, description: "", createdAt: now, updatedAt: now), id: id)
        }
    }

    var defaultProject: String { configuration.projects[0] }

    mutating func nextNumber() -> Int {
        counter += 1
        return counter
    }

    /// Plans a transition after a delay of the recordings, scaled.
    ///
    /// - Returns: when it is due.
    @discardableResult
    mutating func plan(_ transition: Transition, after delay: Delay, from now: Instant) -> Instant {
        let due = now.advanced(bySeconds: delay.sample(&randomness) * configuration.timeScale)
        agenda.plan(transition, at: due)
        return due
    }

    /// Refuses what would exceed a quota that was set.
    ///
    /// - Parameter current: how many there are; counted only where there is a quota.
    func checkQuota(_ resource: String, current: () -> Int, project: String) throws(Refusal) {
        guard let quota = configuration.quotas[resource] else { return }
        let current = current()
        guard current < quota else {
            throw .quotaExceeded(resource, quota: quota, current: current, project: project)
        }
    }

    /// The project of a request that creates something.
    ///
    /// - Throws: 403, as the instance and block APIs do, so that nobody learns which projects exist.
    func project(_ id: String?, _ resource: String) throws(Refusal) -> String {
        guard let id else { return defaultProject }
        guard projects[id] != nil else { throw .forbidden(resource, "write") }
        return id
    }

    /// Refuses to list a project that is not there, as the instance and block APIs refuse to create in it.
    func checkReader(of request: APIRequest) throws(Refusal) {
        guard request.path.hasPrefix("/instance/") || request.path.hasPrefix("/block/") else { return }
        for parameter in request.query where parameter.name == "project" || parameter.name == "project_id" {
            if !parameter.value.isEmpty, projects[parameter.value] == nil {
                throw .forbidden(request.path.hasPrefix("/block/") ? "volume" : "instance", "read")
            }
        }
    }

    /// The same for the APIs that answer 404.
    func visibleProject(_ id: String?) throws(Refusal) -> String {
        guard let id else { return defaultProject }
        guard projects[id] != nil else { throw .notFound("project_id", id) }
        return id
    }
}
