public import HTTP
import Instances
public import Reconciler

/// One account: everything that shares its key and its rate limit.
public struct ScalewayAccount: Sendable {
    /// How many requests a second are sent on average, and how many at once after a rest.
    ///
    /// Scaleway publishes no limit. Support once said 100 a second; in recordings 160 were too many. With 50 and 50 no
    /// second sees more than 100, and what else uses the account still has room.
    public struct Rate: Hashable, Sendable {
        public var perSecond: Double
        public var burst: Int

        public init(perSecond: Double = 50, burst: Int = 50) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }

    public let configuration: ScalewayConfiguration
    let client: Client
    private let settleTime: Duration
    private let end: @Sendable () -> Void

    /// - Parameter settleTime: how long a listing may take to show what a lost call has made.
    public init(
        _ configuration: ScalewayConfiguration, http: HTTPClient, rate: Rate = Rate(),
        settleTime: Duration = PassOptions.usualSettleTime
    ) {
        let clock = InterruptibleClock()
        let bucket = TokenBucket(rate: rate.perSecond, burst: rate.burst, clock: clock)
        self.init(
            configuration, transport: HTTPTransport(http: http, bucket: bucket, clock: clock), settleTime: settleTime,
            end: {
                clock.interrupt()
                http.shutdown()
            })
    }

    init(
        _ configuration: ScalewayConfiguration, transport: any Transport,
        settleTime: Duration = PassOptions.usualSettleTime, end: @escaping @Sendable () -> Void = {}
    ) {
        self.end = end
        self.configuration = configuration
        self.settleTime = settleTime
        client = Client(endpoint: configuration.apiURL, token: configuration.secretKey, transport: transport)
    }

    /// Lets go of the requests that are under way or wait for their turn, and sends no more. What they did the next look
    /// finds out.
    public func shutdown() { end() }

    /// The account's resources in one zone.
    ///
    /// - Throws: `.invalid` where the text is not a zone.
    public func provider(zone: String) throws(ProviderError) -> ScalewayProvider {
        guard let place = Zone(zone) else {
            throw ProviderError(
                .invalid,
                "'\(printable(zone, limit: 60))' is not a zone of Scaleway"
                    + suggestion(for: zone, among: Zone.known.map(\.text)))
        }
        guard let project = ResourceUUID(configuration.projectID) else {
            throw ProviderError(
                .invalid, "'\(printable(configuration.projectID, limit: 60))' is not an id of a project")
        }
        let instance = InstanceAPI(client: client, zone: place, project: project)
        return ScalewayProvider(
            instance: instance, block: BlockAPI(client: client, zone: place, project: project),
            vpc: VPCAPI(client: client, region: place.region, project: project),
            catalogue: Catalogue(
                instance: instance, marketplace: MarketplaceAPI(client: client, zone: place),
                iam: IAMAPI(client: client),
                account: AccountAPI(client: client),
                organization: configuration.organizationID.flatMap(ResourceUUID.init)),
            made: RecentlyMade(settleTime: settleTime))
    }
}

/// Requests over the network, paced, and repeated where that is safe.
struct HTTPTransport: Transport {
    let http: HTTPClient
    let bucket: TokenBucket<InterruptibleClock>
    let clock: InterruptibleClock

    /// All attempts of one call together. Longer than this, and the next pass may as well ask anew.
    private static let overall: Duration = .seconds(90)
    /// A deletion rests on what was read just before it, and is not sent again on the strength of that: what there is
    /// then is for the next look to see.
    private static let once = RetryPolicy(attempts: 1)

    func send(_ request: Request) async throws(TransportFailure) -> Response {
        do throws(HTTPError) {
            return try await http.sendWithRetries(
                request, policy: request.method == .delete ? Self.once : RetryPolicy(), overall: Self.overall,
                bucket: bucket, clock: clock)
        } catch {
            throw error.surelyNotProcessed ? .notSent(error.description) : .lost(error.description)
        }
    }
}
