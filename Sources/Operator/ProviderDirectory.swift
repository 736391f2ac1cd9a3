import ArgumentParser
import Glibc
import Instances
import LocalProvider
import Reconciler

/// The providers that this host offers, by the names that manifests use.
struct ProviderDirectory: Sendable {
    private let local: LocalProvider

    init(environment: Environment) throws {
        let home = environment["XDG_DATA_HOME"] ?? environment["HOME"].map { $0 + "/.local/share" } ?? "/var/lib"
        let directory = absolute(environment["OPERATOR_LOCAL_DIR"] ?? home + "/operator/local")
        local = LocalProvider(
            directory: directory, images: environment["OPERATOR_LOCAL_IMAGES"].map(absolute),
            programs: LocalProvider.Programs(searchPath: environment["PATH"] ?? ""), now: wallClock)
    }

    func lookup(_ place: ProviderPlace) -> ProviderLookup {
        switch place.provider {
        case "local":
            guard place.zone == "local" else {
                return .missing("provider local has one zone, 'local', not '\(terminalText(place.zone))'")
            }
            return .found(local)
        default:
            return .missing(
                "there is no provider '\(terminalText(place.provider))' here; known are: \(Self.names.joined(separator: ", "))"
            )
        }
    }

    static let names = ["local"]
}
