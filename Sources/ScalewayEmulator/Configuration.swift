/// What an emulated account looks like and how fast it is.
public struct Configuration: Sendable, Codable {
    public var organization: String
    /// The first is the default project of the key; the others exist from the start.
    public var projects: [String]
    public var accessKey: String
    public var secretKey: String
    /// Multiplies every delay of the recordings: 1 is as slow as the real API, 0.01 answers tests in milliseconds.
    public var timeScale: Double
    public var seed: UInt64
    /// A guest that is shut down from the outside writes once more before it stops, as a database does.
    public var writesAtShutdown: Bool
    /// Requests in one second after which the gateway refuses; nil for no limit. The recordings met a limit between 160
    /// and 195 and went on two to three seconds later.
    public var rateLimit: Int?
    /// How many of each kind one project may have; a kind that is not named is unlimited.
    public var quotas: [String: Int]

    /// The shape of an access key that the official clients insist on: `SCW` and 17 characters.
    public static let defaultAccessKey = "SCWEMULATOR000000000"
    public static let defaultSecretKey = "11111111-1111-4111-8111-111111111111"
    public static let defaultProject = "22222222-2222-4222-8222-222222222222"

    public init(
        projects: [String] = [Configuration.defaultProject], accessKey: String = Configuration.defaultAccessKey,
        secretKey: String = Configuration.defaultSecretKey, timeScale: Double = 1, seed: UInt64 = 1,
        writesAtShutdown: Bool = false, rateLimit: Int? = nil, quotas: [String: Int] = [:]
    ) {
        self.projects = projects
        // In a real account the default project has the identifier of the organization.
        self.organization = projects[0]
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.timeScale = timeScale
        self.seed = seed
        self.writesAtShutdown = writesAtShutdown
        self.rateLimit = rateLimit
        self.quotas = quotas
    }
}
