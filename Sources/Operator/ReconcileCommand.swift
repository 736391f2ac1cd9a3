import ArgumentParser
import Instances
import Reconciler

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Make what exists what the manifests say, once.",
        discussion: """
            Reads the manifests, looks at the providers, does what is missing and waits until it is done; commits records \
            before it acts and the status at the end. Safe to kill at any moment and to run again.

              operator reconcile --once --repo https://git.example.org/team/machines.git
              operator reconcile --once --repo . --only gpu-box --timeout 30m
            """)

    @Flag(help: "One pass; the only way this command works. `operator run` goes on for ever.")
    var once = false

    @Flag(help: "Look and say what would be done; exits with 2 where there is something to do.")
    var dryRun = false

    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var pass: PassArguments
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard once || dryRun else {
            throw ValidationError("Add --once for a single pass, or use `operator run` to go on for ever.")
        }
    }

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
        var reconciler = Reconciler(
            repository: session.repository, surroundings: session.surroundings(), options: options)
        if dryRun {
            try tell(await reconciler.plan(), format)
            return
        }
        let report = await reconciler.pass()
        session.progress.finish()
        try finish(report, format)
    }
}

extension StateDirectory.Trouble {
    /// What is told of a pass that could not even begin.
    var report: PassReport {
        var report = PassReport()
        switch self {
        case .inUse: report.lockedBy = description
        case .unusable: report.unreachable = description
        }
        return report
    }
}

/// Prints a report and ends the command with its exit code.
func finish(_ report: PassReport, _ format: OutputFormat, steps: [InstanceName: [Projection.Step]]? = nil) throws {
    switch format {
    case .json: print(try ReportJSON(report, steps: steps).text(), to: 1)
    case .text: print(summary(of: report), to: 2)
    }
    let code = report.exitCodes.first ?? .success
    if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
}

/// What a person wants to know at the end: everything that is not as it should be, and how many are.
func summary(of report: PassReport) -> String {
    var lines = report.diagnostics.map { terminalText($0.description) }
    for instance in report.instances {
        let message = terminalText(instance.explanation.message)
        switch instance.outcome {
        case .settled, .pending: continue
        case .suspended: lines.append("\(instance.name): left alone: \(message)")
        case .retained: lines.append("\(instance.name): \(message)")
        case .converging: lines.append("\(instance.name): not done yet: \(message)")
        case .failed: lines.append("\(instance.name): failed: \(message)")
        case .blocked: lines.append("\(instance.name): needs approval: \(message)")
        case .invalid: lines.append("\(instance.name): left as it is: \(message)")
        case .unknown: lines.append("\(instance.name): not known: \(message)")
        }
    }
    if let why = report.misuse { lines.append("error: " + terminalText(why)) }
    if let why = report.unreachable { lines.append("error: " + terminalText(why)) }
    if let who = report.lockedBy { lines.append("error: gave up waiting for another operator: " + terminalText(who)) }
    if let why = report.unpublished { lines.append("error: the status could not be published: " + terminalText(why)) }
    if report.unreachable == nil, report.misuse == nil {
        // As the status counts them: nobody asks any more for one that is only kept.
        let wanted = report.instances.count { $0.outcome != .retained }
        let settled = report.instances.count { $0.outcome == .settled }
        lines.append("\(settled) of \(wanted) instances in the desired state")
    }
    return lines.map { $0 + "\n" }.joined()
}
