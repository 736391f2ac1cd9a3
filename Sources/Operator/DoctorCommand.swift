import ArgumentParser
import Instances
import Reconciler
import ScalewayProvider

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check an account: credentials, project, zone, permissions, quota and clock. Read only.",
        discussion: """
              operator doctor --provider scaleway --zone fr-par-1

            Credentials come from SCW_ACCESS_KEY, SCW_SECRET_KEY and SCW_DEFAULT_PROJECT_ID, or from Scaleway's own \
            configuration file.
            """)

    @Option(help: "scaleway, or an account of the file OPERATOR_CONFIG.")
    var provider = "scaleway"

    @Option(help: "Default: SCW_DEFAULT_ZONE.")
    var zone: String?

    @OptionGroup var output: OutputOptions

    private struct CheckJSON: Encodable {
        var name: String
        var outcome: String
        var text: String
    }

    func run() async throws {
        let environment = Environment.process
        let directory = try ProviderDirectory(environment: environment)
        let checks: [ScalewayDoctor.Check]
        do {
            let account = try directory.scaleway(provider).get()
            guard let zone = zone ?? account.configuration.defaultZone else {
                throw ValidationError("Which zone? Give --zone, such as fr-par-1, or set SCW_DEFAULT_ZONE.")
            }
            checks = await ScalewayDoctor(account, provider: try account.provider(zone: zone)).run(now: wallClock)
        } catch let error as ProviderError {
            print("error: \(terminalText(error.message))\n", to: 2)
            throw ArgumentParser.ExitCode(8)
        }
        switch try output.format(environment) {
        case .json:
            print(
                try jsonText(checks.map { CheckJSON(name: $0.name, outcome: $0.outcome.rawValue, text: $0.text) }),
                to: 1)
        case .text:
            for check in checks {
                let mark = check.outcome == .ok ? "ok  " : check.outcome == .warning ? "warn" : "FAIL"
                print("\(mark)  \(check.name): \(terminalText(check.text))\n", to: 1)
            }
        }
        if checks.contains(where: { $0.outcome == .failure }) { throw ArgumentParser.ExitCode(8) }
    }
}
