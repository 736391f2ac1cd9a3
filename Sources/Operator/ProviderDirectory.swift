import HTTP
import Instances
import LocalProvider
import Reconciler
import ScalewayProvider
import Synchronization

/// The providers that this host offers, by the names that manifests use.
final class ProviderDirectory: Sendable {
    /// Names that need no entry in the host's configuration: the accounts of the environment.
    static let builtIn = ["local", "scaleway"]

    private let environment: Environment
    private let host: HostConfiguration
    private let settleTime: Duration
    private let made = Mutex<[String: Account]>([:])
    /// They remember what was asked of the catalogue, and what was made just now.
    private let zones = Mutex<[ProviderPlace: ScalewayProvider]>([:])

    /// What is shared by all zones of one name.
    private enum Account: Sendable {
        case local(LocalProvider)
        case scaleway(ScalewayAccount)
        case broken(String)
    }

    /// - Parameter settleTime: how long a listing may take to show what a lost call has made.
    init(environment: Environment, settleTime: Duration = PassOptions.usualSettleTime) throws {
        self.environment = environment
        self.settleTime = settleTime
        host = try HostConfiguration.load(environment)
    }

    /// All that manifests may name.
    var names: [String] { Self.builtIn + host.accounts.keys.sorted() }

    func lookup(_ place: ProviderPlace) -> ProviderLookup {
        switch account(place.provider) {
        case .broken(let why): return .missing(why)
        case .local(let provider):
            guard place.zone == "local" else {
                return .missing("provider \(place.provider) has one zone, 'local', not '\(terminalText(place.zone))'")
            }
            return .found(provider)
        case .scaleway(let account):
            if let known = zones.withLock({ $0[place] }) { return .found(known) }
            do {
                let provider = try account.provider(zone: place.zone)
                return .found(
                    zones.withLock { zones in
                        zones[place] = zones[place] ?? provider
                        return zones[place] ?? provider
                    })
            } catch {
                return .missing(error.message)
            }
        }
    }

    /// The account of Scaleway under a name, for the doctor.
    func scaleway(_ name: String) -> Result<ScalewayAccount, ProviderError> {
        switch account(name) {
        case .scaleway(let account): .success(account)
        case .broken(let why): .failure(ProviderError(.invalid, why))
        case .local: .failure(ProviderError(.invalid, "'\(name)' is a local provider"))
        }
    }

    /// Nobody waits for an answer any more.
    func shutdown() {
        for case .scaleway(let account) in made.withLock({ Array($0.values) }) { account.shutdown() }
    }

    /// One of each is made and kept: it holds connections and a rate limit.
    private func account(_ name: String) -> Account {
        made.withLock { made in
            if let known = made[name] { return known }
            let account = make(name)
            made[name] = account
            return account
        }
    }

    private func make(_ name: String) -> Account {
        switch (name, host.accounts[name]) {
        case ("local", nil): makeLocal(defaultDirectory, environment["OPERATOR_LOCAL_IMAGES"])
        case ("scaleway", nil): makeScaleway(environment.values)
        case (_, .local(let directory, let images)): makeLocal(directory, images)
        case (_, .scaleway(let profile, let file)): makeScaleway(values(profile: profile, file: file))
        default:
            .broken(
                "there is no provider '\(terminalText(name))' here; known are "
                    + names.joined(separator: ", ")
                    + ". More accounts are named in the file OPERATOR_CONFIG")
        }
    }

    private var defaultDirectory: String {
        let home = environment["XDG_DATA_HOME"] ?? environment["HOME"].map { $0 + "/.local/share" } ?? "/var/lib"
        return environment["OPERATOR_LOCAL_DIR"] ?? home + "/operator/local"
    }

    private func makeLocal(_ directory: String, _ images: String?) -> Account {
        .local(
            LocalProvider(
                directory: absolute(directory), images: images.map(absolute),
                programs: LocalProvider.Programs(searchPath: environment["PATH"] ?? ""), now: wallClock))
    }

    private func makeScaleway(_ values: [String: String]) -> Account {
        do {
            let configuration = try ScalewayConfiguration.load(environment: values) { path in
                do throws(FileError) {
                    return try readFile(path, limit: 1024 * 1024)
                } catch {
                    guard error.isMissing else { throw error }
                    return nil
                }
            }
            let environment = environment
            return .scaleway(
                ScalewayAccount(
                    configuration, http: HTTPClient(configuration: .fromEnvironment { environment[$0] }),
                    settleTime: settleTime))
        } catch {
            return .broken("provider scaleway: \(error)")
        }
    }

    /// A profile is taken as it is: the environment's own account must not leak into it.
    private func values(profile: String, file: String?) -> [String: String] {
        var values = environment.values.filter { !$0.key.hasPrefix("SCW_") || $0.key == "SCW_API_URL" }
        values["SCW_PROFILE"] = profile
        if let file = file ?? environment["SCW_CONFIG_PATH"] { values["SCW_CONFIG_PATH"] = file }
        return values
    }
}
