import ArgumentParser
import Instances
import Reconciler

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Make what exists what the manifests say, for ever.",
        discussion: """
            A pass as `operator reconcile --once` does it, again and again. Ends at SIGTERM or SIGINT after the step at \
            hand, with the status published; at a second signal at once.

              operator run --repo git@git.example.org:team/machines.git --interval 30s
            """)

    @Option(help: ArgumentHelp("Between two passes; default 30s. (OPERATOR_INTERVAL)", valueName: "time"))
    var interval: TimeSpan?

    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var pass: PassArguments
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let environment = Environment.process
        let settings = try RepositorySettings(repository, environment: environment)
        let format = try output.format(environment)
        let session: Session
        do {
            session = try await Session(
                settings: settings, environment: environment, isQuiet: format == .json, pass: pass)
        } catch let trouble as StateDirectory.Trouble {
            try finish(trouble.report, format)
            return
        }
        let options = try pass.options(
            acceptsRewrite: settings.acceptsRewrite, lock: session.lockHolder(environment: environment),
            environment: environment)
        let between = try interval ?? environment.option("OPERATOR_INTERVAL") ?? TimeSpan(argument: "30s")
        var reconciler = Reconciler(
            repository: session.repository, surroundings: session.surroundings(), options: options)
        let progress = session.progress
        let said = LastSaid()
        let last = await reconciler.run(every: between?.duration ?? .seconds(30)) { report in
            switch format {
            case .json: if let text = try? ReportJSON(report).text() { print(text, to: 1) }
            case .text:
                let text = summary(of: report)
                guard said.isNew(text) else { return }
                for line in text.split(separator: "\n") { progress.say(.note(String(line))) }
            }
        }
        session.progress.finish()
        // Being told to stop is no failure; whatever is unfinished goes on at the next start.
        let code = last.exitCodes.first { $0 != .timedOut && $0 != .changesPending } ?? .success
        if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
    }
}
