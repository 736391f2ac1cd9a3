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
    private let known = Mutex(Known())

    private struct Known {
        var accounts: [String: Account] = [:]
        /// They remember what was asked of the catalogue, and what was made just now.
        var zones: [ProviderPlace: ScalewayProvider] = [:]
    }

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

    /// Called once for each look, so that what it finds holds for the whole of it.
    func lookup(_ place: ProviderPlace) -> ProviderLookup {
        known.withLock { known in
            switch account(place.provider, &known) {
            case .broken(let why): return .missing(why)
            case .local(let provider):
                guard place.zone == "local" else {
                    return .missing(
                        "provider \(place.provider) has one zone, 'local', not '\(terminalText(place.zone))'")
                }
                return .found(provider)
            case .scaleway(let account):
                if let provider = known.zones[place] { return .found(provider) }
                do throws(ProviderError) {
                    let provider = try account.provider(zone: place.zone)
                    known.zones[place] = provider
                    return .found(provider)
                } catch {
                    return .missing(error.message)
                }
            }
        }
    }

    /// The account of Scaleway under a name, for the doctor.
    func scaleway(_ name: String) -> Result<ScalewayAccount, ProviderError> {
        switch known.withLock({ account(name, &$0) }) {
        case .scaleway(let account): .success(account)
        case .broken(let why): .failure(ProviderError(.invalid, why))
        case .local: .failure(ProviderError(.invalid, "'\(name)' is a local provider"))
        }
    }

    /// Nobody waits for an answer any more.
    func shutdown() {
        for account in known.withLock({ Array($0.accounts.values) }) {
            switch account {
            case .local(let provider): provider.shutdown()
            case .scaleway(let account): account.shutdown()
            case .broken: break
            }
        }
    }

    /// One of each is made and kept: it holds connections and a rate limit.
    private func account(_ name: String, _ known: inout Known) -> Account {
        switch (name, host.accounts[name]) {
        case ("local", nil): local(name, defaultDirectory, environment["OPERATOR_LOCAL_IMAGES"], &known)
        case ("scaleway", nil): scaleway(name, environment.values, &known)
        case (_, .local(let directory, let images)): local(name, directory, images, &known)
        case (_, .scaleway(let profile, let file)): scaleway(name, values(profile: profile, file: file), &known)
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

    private func local(_ name: String, _ directory: String, _ images: String?, _ known: inout Known) -> Account {
        if let account = known.accounts[name] { return account }
        let account = Account.local(
            LocalProvider(
                directory: absolute(directory), images: images.map(absolute),
                programs: LocalProvider.Programs(searchPath: environment["PATH"] ?? ""), now: wallClock))
        known.accounts[name] = account
        return account
    }

    /// The configuration is read anew each time, because keys are rotated in files while the operator runs. What is wrong
    /// with it is said, even where the account of before might still do: it is put right before the next look.
    private func scaleway(_ name: String, _ values: [String: String], _ known: inout Known) -> Account {
        do {
            let configuration = try configuration(values)
            if case .scaleway(let account)? = known.accounts[name], account.configuration == configuration {
                return .scaleway(account)
            }
            let environment = environment
            let account = Account.scaleway(
                ScalewayAccount(
                    configuration, http: HTTPClient(configuration: .fromEnvironment { environment[$0] }),
                    settleTime: settleTime))
            known.accounts[name] = account
            known.zones = known.zones.filter { $0.key.provider != name }
            return account
        } catch {
            return .broken("provider scaleway: \(error)")
        }
    }

    private func configuration(_ values: [String: String]) throws(ScalewayConfigurationError) -> ScalewayConfiguration {
        try ScalewayConfiguration.load(environment: values) { path in
            do throws(FileError) {
                return try readFile(path, limit: 1024 * 1024)
            } catch {
                guard error.isMissing else { throw error }
                return nil
            }
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
