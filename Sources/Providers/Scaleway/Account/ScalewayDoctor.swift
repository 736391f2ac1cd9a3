import HTTP
public import Instances
import Reconciler

/// Looks at an account without changing anything and says what the operator could not do with it, and why.
public struct ScalewayDoctor: Sendable {
    public struct Check: Hashable, Sendable {
        public enum Outcome: String, Hashable, Sendable { case ok, warning, failure }

        public var name: String
        public var outcome: Outcome
        /// What was found and, unless all is well, the way out.
        public var text: String
    }

    private let provider: ScalewayProvider
    private let account: AccountAPI
    private let iam: IAMAPI
    private let accessKey: String
    private let client: Client

    public init(_ account: ScalewayAccount, provider: ScalewayProvider) {
        self.provider = provider
        self.account = AccountAPI(client: account.client)
        iam = IAMAPI(client: account.client)
        accessKey = account.configuration.accessKey
        client = account.client
    }

    /// - Parameter now: gives this machine's clock.
    /// - Returns: in the order of asking; what cannot be asked after a failure is left out.
    public func run(now: () -> Timestamp) async -> [Check] {
        let probe = Call.get(
            "/instance/v1/zones/\(provider.zone)/servers",
            query: [("project", provider.project.text), ("page", "1"), ("per_page", "1")],
            to: "list the servers of \(provider.zone)")
        let response: Response
        do throws(ProviderError) {
            response = try await client.send(probe)
        } catch {
            let way = "check the network, the proxy and SCW_API_URL"
            return [Check(name: "API", outcome: .failure, text: "\(error.message): \(way)")]
        }
        var checks = [Check(name: "API", outcome: .ok, text: "\(client.endpoint) answers")]
        checks.append(clock(response, now: now()))
        let credentials = credentials(response, of: probe)
        checks.append(credentials)
        guard credentials.outcome != .failure else { return checks }
        checks.append(await project())
        checks.append(zone())
        checks += await permissions()
        checks.append(await changes(now: now()))
        checks.append(await quota())
        return checks
    }

    /// Only an answer about servers, or about what may not be seen, says that the key was recognized.
    private func credentials(_ response: Response, of probe: Call) -> Check {
        let name = "credentials"
        if (200..<300).contains(response.status) {
            return Check(name: name, outcome: .ok, text: "the key is accepted")
        }
        let error = Refusal(response).error(of: probe)
        switch error.reason {
        case .forbidden:
            return Check(name: name, outcome: .ok, text: "the key is accepted, but may not do everything")
        case .unauthorized:
            return Check(name: name, outcome: .failure, text: error.message)
        default:
            let text = "whether the key is accepted cannot be told: \(error.message): try again later, and check "
            return Check(name: name, outcome: .failure, text: text + "SCW_API_URL and the zone")
        }
    }

    /// A clock that is wrong by more makes reports and suspensions wrong, and certificates too.
    private static let toleratedSkew: Int64 = 60

    private func clock(_ response: Response, now: Timestamp) -> Check {
        guard let theirs = response.headers.first("Date").flatMap(Timestamp.init(httpDate:)) else {
            return Check(name: "clock", outcome: .warning, text: "the answer has no date to compare with")
        }
        let ahead = now.seconds - theirs.seconds
        guard abs(ahead) > Self.toleratedSkew else {
            return Check(name: "clock", outcome: .ok, text: "within \(Self.toleratedSkew) s of Scaleway's")
        }
        let text =
            "this machine's clock is \(abs(ahead)) s \(ahead > 0 ? "ahead of" : "behind") Scaleway's: turn on NTP"
        return Check(name: "clock", outcome: .warning, text: text)
    }

    private func project() async -> Check {
        do throws(ProviderError) {
            let project = try await account.project(provider.project)
            return Check(name: "project", outcome: .ok, text: "\(printable(project.name, limit: 60)) (\(project.id))")
        } catch {
            switch error.reason {
            case .forbidden:
                let text = "the key may not read projects (ProjectReadOnly), so the project's id cannot be verified"
                return Check(name: "project", outcome: .warning, text: text)
            case .notFound:
                let text = "project \(provider.project) does not exist: check SCW_DEFAULT_PROJECT_ID"
                return Check(name: "project", outcome: .failure, text: text)
            default:
                return Check(name: "project", outcome: .warning, text: error.message)
            }
        }
    }

    private func zone() -> Check {
        guard Zone.known.contains(provider.zone) else {
            let text =
                "\(provider.zone) is not among the zones with servers and block storage that we know: "
                + Zone.known.map(\.text).joined(separator: ", ")
            return Check(name: "zone", outcome: .warning, text: text)
        }
        return Check(name: "zone", outcome: .ok, text: provider.zone.text)
    }

    private func permissions() async -> [Check] {
        let instances = "InstancesFullAccess"
        let block = "BlockStorageFullAccess"
        return [
            await reading("servers", needs: instances, try await provider.instance.servers().count),
            await reading("addresses", needs: instances, try await provider.instance.addresses().count),
            await reading("security groups", needs: instances, try await provider.instance.securityGroups().count),
            await reading("disks", needs: block, try await provider.block.volumes().count),
            await reading("snapshots", needs: block, try await provider.block.snapshots().count),
            await reading(
                "private networks", needs: "PrivateNetworksFullAccess", optional: true,
                try await provider.vpc.privateNetworks().count),
            await reading("server types", needs: instances, try await provider.instance.serverTypes().count),
        ]
    }

    /// - Parameters:
    ///   - set: the permission set that allows it.
    ///   - optional: only some manifests need it.
    private func reading(
        _ what: String, needs set: String, optional: Bool = false,
        _ count: @autoclosure () async throws(ProviderError) -> Int
    ) async -> Check {
        do throws(ProviderError) {
            return Check(name: what, outcome: .ok, text: "\(try await count()) found")
        } catch {
            let bad: Check.Outcome = optional ? .warning : .failure
            guard error.reason == .forbidden else { return Check(name: what, outcome: bad, text: error.message) }
            let text = "the key may not list \(what): give its application the permission set \(set) for this project"
            return Check(name: what, outcome: bad, text: optional ? text + ", or do without \(what)" : text)
        }
    }

    /// Sets without which machines can be looked at, but not started and stopped.
    private static let needed = [["InstancesFullAccess"], ["BlockStorageFullAccess"]]
    /// Sets for manifests that name private networks.
    private static let neededForNetworks = [["VPCFullAccess", "PrivateNetworksFullAccess"]]

    private func changes(now: Timestamp) async -> Check {
        let name = "changes"
        let permissions: KeyPermissions
        do throws(ProviderError) {
            permissions = try await .read(iam, accessKey: accessKey, project: provider.project)
        } catch {
            let why = error.reason == .forbidden ? "the key may not read its own policies (IAMReadOnly)" : error.message
            let text = "not tried, and not known, because \(why): a key that may only read would pass all checks here"
            return Check(name: name, outcome: .warning, text: text)
        }
        let missing = permissions.missing(Self.needed)
        guard missing.isEmpty else {
            let text = "the policies of the key lack \(missing.joined(separator: " and ")) for this project: "
            return permissions.isOfUser
                ? Check(
                    name: name, outcome: .warning,
                    text: text + "only the organization's owner needs none; give the operator an application of its own"
                )
                : Check(
                    name: name, outcome: .failure, text: text + "'operator plan' works, starting and stopping does not")
        }
        if let expires = permissions.expiresAt.flatMap({ Timestamp($0) }), expires.seconds - now.seconds < Self.notice {
            let text = "allowed, but the key expires at \(expires): create the next one"
            return Check(name: name, outcome: .warning, text: text)
        }
        let networks = permissions.missing(Self.neededForNetworks)
        guard networks.isEmpty else {
            let text = "allowed, but not of private networks: give the application VPCFullAccess, or do without them"
            return Check(name: name, outcome: .warning, text: text)
        }
        return Check(name: name, outcome: .ok, text: "allowed by the key's policies; nothing was tried")
    }

    /// How many seconds before its end a key is worth a word.
    private static let notice: Int64 = 14 * 86_400

    private func quota() async -> Check {
        let name = "quotas"
        do throws(ProviderError) {
            guard let quotas = try await provider.catalogue.quotas() else {
                let text =
                    "the key may not read the organization's quotas (IAMReadOnly), or not find the organization "
                    + "(set SCW_DEFAULT_ORGANIZATION_ID): they are noticed only when Scaleway refuses"
                return Check(name: name, outcome: .warning, text: text)
            }
            return Check(name: name, outcome: .ok, text: "\(quotas.count) can be read")
        } catch {
            return Check(name: name, outcome: .warning, text: error.message)
        }
    }
}

extension Timestamp {
    /// Reads the date of a response: `Tue, 04 Nov 2025 10:19:54 GMT`. Source: RFC 9110, 5.6.7, IMF-fixdate.
    init?(httpDate text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        self.init("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
