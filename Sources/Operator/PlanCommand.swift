import ArgumentParser
import Glibc
import Instances
import Reconciler

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a pass would do, without doing it.",
        discussion: """
            Prints the whole chain of steps of every instance. Only reads: neither providers nor git are changed, so \
            read-only credentials are enough.

              operator plan --repo https://git.example.org/team/machines.git --branch my-change
              operator plan --repo . --working-tree .      with the files as they lie on disk, before any commit

            A branch that lacks commits which were reconciled already is planned as it is, with a note.

            Exits with 0 where there is nothing to do and with 2 where there is.
            """)

    @Option(
        help: ArgumentHelp("Take the manifests from this folder on disk instead of from the branch.", valueName: "dir"))
    var workingTree: String?

    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var pass: PassArguments
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let environment = Environment.process
        let settings = try RepositorySettings(repository, environment: environment)
        let format = try output.format(environment)
        let progress = Progress(isQuiet: format == .json)
        let git = GitRepository(settings: settings, environment: environment, isReader: true, now: wallClock)
        let providers = try ProviderDirectory(environment: environment)
        let surroundings = Surroundings(
            clock: ContinuousClock(), now: wallClock, random: { UInt64.random(in: 0...UInt64.max) },
            providerNames: providers.names, provider: { providers.lookup($0) }, say: { progress.say($0) },
            isStopping: { false })
        let nobody = LockHolder(
            lock: Lock(holder: "", host: "", process: 0, started: wallClock(), nonce: randomNonce(), purpose: ""),
            isDead: { _ in false })
        let options = try pass.options(
            // Nothing is done, and a branch that is not merged yet need not hold the newest commits of the other.
            acceptsRewrite: true, lock: nobody, environment: environment)
        let source: any Repository =
            if let workingTree { WorkingTreeRepository(git: git, folder: workingTree, folders: settings.paths) } else {
                git
            }
        var reconciler = Reconciler(repository: source, surroundings: surroundings, options: options)
        try tell(await reconciler.plan(), format)
    }
}

/// Prints a plan and ends the command with its exit code.
func tell(_ plan: PlanReport, _ format: OutputFormat) throws {
    if format == .text { print(text(of: plan), to: 1) }
    try finish(plan.pass, format, steps: plan.steps)
}

private func text(of plan: PlanReport) -> String {
    var lines: [String] = []
    for instance in plan.pass.instances where instance.outcome == .pending || instance.outcome == .blocked {
        let steps = plan.steps[instance.name] ?? []
        lines.append("\(instance.name):")
        lines += steps.enumerated().map { "  \($0.offset + 1). \(terminalText($0.element.explanation.message))" }
        let end = instance.outcome == .blocked ? "needs approval" : steps.isEmpty ? "waiting" : "then"
        lines.append("  \(end): \(terminalText(instance.explanation.message))")
    }
    let isSettled = plan.pass.instances.allSatisfy { [.settled, .suspended, .retained].contains($0.outcome) }
    if lines.isEmpty, isSettled, plan.pass.unreachable == nil, plan.pass.misuse == nil { lines.append("nothing to do") }
    return lines.map { $0 + "\n" }.joined()
}
